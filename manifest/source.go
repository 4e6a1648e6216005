package manifest

import (
	"encoding/binary"
	"strings"
	"sync"
	"unicode/utf16"
	"unicode/utf8"
	"weak"

	"github.com/tlsward/tlsward/kube"
)

// source is the text of one file, shared by its documents.
type source struct {
	name string
	text string
	// recoded files were UTF-16: positions are right, but edits would change every byte.
	recoded bool

	index sync.Once
	lines []int32

	// parsed is the document parsed last, for as long as nobody needs the memory: findings come in the order of the
	// documents, and several of them fall on one.
	mu     sync.Mutex
	parsed weak.Pointer[tree]
	span   span
}

// newSource decodes the file. A UTF-8 byte order mark stays in the text, so that offsets are the file's.
func newSource(name, data string) (*source, string) {
	if len(data) < 2 || data[0]^data[1] != 0xFE^0xFF || data[0] != 0xFE && data[0] != 0xFF {
		return &source{name: name, text: data}, ""
	}
	var order binary.ByteOrder = binary.LittleEndian
	if data[0] == 0xFE {
		order = binary.BigEndian
	}
	if len(data)%2 != 0 {
		return &source{name: name}, "UTF-16 text ends within a character"
	}
	units := make([]uint16, 0, len(data)/2)
	for i := 2; i < len(data); i += 2 {
		units = append(units, order.Uint16([]byte(data[i:i+2])))
	}
	return &source{name: name, text: string(utf16.Decode(units)), recoded: true}, ""
}

const utf8BOM = "\uFEFF"

// position is the line and column of an offset.
func (s *source) position(offset int) kube.Position {
	line := s.lineOf(offset)
	before := s.text[s.lines[line-1]:offset]
	if line == 1 {
		before = strings.TrimPrefix(before, utf8BOM)
	}
	return kube.Position{File: s.name, Line: line, Column: utf8.RuneCountInString(before) + 1}
}

// lineOf is the line of an offset, from 1. A line ends at a line feed, a carriage return or both, as editors count.
func (s *source) lineOf(offset int) int {
	s.index.Do(func() {
		s.lines = append(s.lines, 0)
		for i := 0; i < len(s.text); i++ {
			switch s.text[i] {
			case '\n':
				s.lines = append(s.lines, int32(i+1))
			case '\r':
				if i+1 == len(s.text) || s.text[i+1] != '\n' {
					s.lines = append(s.lines, int32(i+1))
				}
			}
		}
	})
	low, high := 0, len(s.lines)
	for high-low > 1 {
		if mid := (low + high) / 2; int(s.lines[mid]) <= offset {
			low = mid
		} else {
			high = mid
		}
	}
	return low + 1
}

// line is the text of a line, counted from 1, without its line break.
func (s *source) line(n int) string {
	s.lineOf(0)
	if n < 1 || n > len(s.lines) {
		return ""
	}
	end := len(s.text)
	if n < len(s.lines) {
		end = int(s.lines[n])
	}
	text := strings.TrimRight(s.text[s.lines[n-1]:end], "\r\n")
	if n == 1 {
		text = strings.TrimPrefix(text, utf8BOM)
	}
	return text
}

func (s *source) fail(p *problem) *Error {
	return &Error{At: s.position(p.offset), Message: p.message}
}

// tree parses the document at sp once more: its nodes are not kept while nobody asks for them.
func (s *source) tree(sp span) *tree {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.span == sp {
		if t := s.parsed.Value(); t != nil {
			return t
		}
	}
	t := &tree{}
	if withTree(s, sp, func(parsed *tree) { t = parsed.own() }) == nil {
		s.span, s.parsed = sp, weak.Make(t)
	}
	return t
}
