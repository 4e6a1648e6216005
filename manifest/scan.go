package manifest

import (
	"slices"
	"strings"
)

// span is where one document stands in its file, in byte offsets.
type span struct {
	// start is where its text begins, directives and the --- mark included; end is before the next --- or, with tail,
	// before a ... mark.
	start, end int32
	// body is where the content begins, after the mark.
	body int32
	// tail is the end with the line of a ... mark.
	tail int32
}

// split cuts a file at its document marks, before anything is parsed: so that one broken document breaks no other. A line
// that begins with --- or ... and white space is a mark wherever it stands, quoted and block scalars included. Comments
// before the first mark belong to the document after it.
func split(text string) []span {
	s := splitter{text: text, loneCR: hasLoneCR(text)}
	start := 0
	if strings.HasPrefix(text, utf8BOM) {
		start = len(utf8BOM)
	}
	s.open(start)
	for at := start; at < len(text) && len(s.spans) <= maxDocuments; {
		next := s.nextLine(at)
		switch {
		case isMark(text[at:], "---"):
			s.mark(at)
		case isMark(text[at:], "..."):
			s.close(at, next)
			s.open(next)
		case s.prefix && text[at] == '%':
			s.directives = true
		case s.prefix && !isComment(text[at:next]):
			s.prefix = false
		}
		at = next
	}
	if !s.prefix || s.directives || s.marked || len(s.spans) == 0 {
		s.close(len(text), len(text))
	}
	return s.spans
}

type splitter struct {
	text   string
	loneCR bool
	spans  []span
	now    span
	// prefix is true until the current document has content or a mark; directives, if it has one of those.
	prefix, directives, marked bool
}

func (s *splitter) open(at int) {
	s.now = span{start: int32(at), body: int32(at)}
	s.prefix, s.directives, s.marked = true, false, false
}

func (s *splitter) close(end, tail int) {
	s.now.end, s.now.tail = int32(end), int32(tail)
	s.spans = append(s.spans, s.now)
}

// mark begins a document at ---, unless the one before is only the comments and directives that belong to it.
func (s *splitter) mark(at int) {
	if !s.prefix || s.marked {
		s.close(at, at)
		s.open(at)
	}
	s.now.body = int32(at + len("---"))
	s.marked, s.prefix, s.directives = true, false, false
}

func (s *splitter) nextLine(at int) int {
	if s.loneCR {
		i := strings.IndexAny(s.text[at:], "\r\n")
		switch {
		case i < 0:
			return len(s.text)
		case strings.HasPrefix(s.text[at+i:], "\r\n"):
			return at + i + 2
		}
		return at + i + 1
	}
	if i := strings.IndexByte(s.text[at:], '\n'); i >= 0 {
		return at + i + 1
	}
	return len(s.text)
}

// hasLoneCR reports whether some carriage return ends a line by itself.
func hasLoneCR(text string) bool {
	for {
		i := strings.IndexByte(text, '\r')
		if i < 0 {
			return false
		}
		if i+1 == len(text) || text[i+1] != '\n' {
			return true
		}
		text = text[i+2:]
	}
}

func isMark(line, mark string) bool {
	return strings.HasPrefix(line, mark) && (len(line) == 3 || strings.IndexByte(" \t\r\n", line[3]) >= 0)
}

// isComment reports whether a line has no content.
func isComment(line string) bool {
	line = strings.TrimLeft(line, " \t\r\n")
	return line == "" || line[0] == '#'
}

// outline reads apiVersion and kind of a document by its lines alone. It answers only for a block mapping of plain keys at
// the left margin, where no line but a key's can begin a top-level field: the first content begins there, and every line at
// the margin is a comment, a list item or a plain key. A kind that is quoted, indented, in JSON, in a template or written
// twice is the parser's to read.
func outline(body string) (apiVersion, kind string, ok bool) {
	whole := false // apiVersion or kind was the last content, so an indented line would continue it
	first := true
	for at := 0; at < len(body); {
		line := body[at:]
		if i := strings.IndexByte(line, '\n'); i >= 0 {
			line = line[:i]
		}
		at += len(line) + 1
		line = strings.TrimSuffix(line, "\r")
		if line == "" {
			continue
		}
		switch line[0] {
		case ' ':
			if (whole || first) && !isComment(line) {
				return "", "", false
			}
		case '#':
		case '-':
			if first || whole || len(line) > 1 && line[1] != ' ' {
				return "", "", false
			}
		default:
			key, value, plainKey := outlineKey(line)
			if !plainKey {
				return "", "", false
			}
			first, whole = false, false
			switch key {
			case "kind":
				if kind != "" || value == "" {
					return "", "", false
				}
				kind, whole = value, true
			case "apiVersion":
				if apiVersion != "" || value == "" {
					return "", "", false
				}
				apiVersion, whole = value, true
			}
		}
	}
	return apiVersion, kind, apiVersion != "" && kind != ""
}

// outlineKey splits "key: value # comment" where both are words; the value is empty where it is anything else.
func outlineKey(line string) (key, value string, ok bool) {
	i := 0
	for i < len(line) && isWord(line[i]) {
		i++
	}
	if i == 0 || i == len(line) || line[i] != ':' || i+1 < len(line) && line[i+1] != ' ' {
		return "", "", false
	}
	key = line[:i]
	value = strings.TrimLeft(line[i+1:], " ")
	end := 0
	for end < len(value) && (isWord(value[end]) || value[end] == '/') {
		end++
	}
	rest := value[end:]
	if end == 0 || maybeSpecial(value[0]) && isSpecial(value[:end]) {
		return key, "", true
	}
	if trimmed := strings.TrimLeft(rest, " "); trimmed != "" && (trimmed[0] != '#' || len(trimmed) == len(rest)) {
		return key, "", true
	}
	return key, value[:end], true
}

func isSpecial(s string) bool {
	_, isString := plainValue(s, true).(string)
	return !isString
}

func isWord(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '.' || c == '_' || c == '-'
}

// splitJSON parts the spans that hold several JSON objects one after the other, as some tools write and kubectl reads.
func splitJSON(text string, spans []span) []span {
	var parted []span
	for i, sp := range spans {
		for {
			end := jsonEnd(text[sp.body:sp.end])
			if end == 0 {
				break
			}
			if parted == nil {
				parted = slices.Clone(spans[:i])
			}
			first := sp
			first.end = sp.body + int32(end)
			first.tail = first.end
			parted = append(parted, first)
			sp.start, sp.body = first.end, first.end
		}
		if parted != nil {
			parted = append(parted, sp)
		}
	}
	if parted != nil {
		return parted
	}
	return spans
}

// jsonEnd is where the object ends that the text begins with, if another one follows; else it is 0. It knows only JSON.
func jsonEnd(text string) int {
	start := len(text) - len(strings.TrimLeft(text, " \t\r\n"))
	if start == len(text) || text[start] != '{' {
		return 0
	}
	depth := 0
	for i := start; i < len(text); i++ {
		switch text[i] {
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				if strings.HasPrefix(strings.TrimLeft(text[i+1:], " \t\r\n"), "{") {
					return i + 1
				}
				return 0
			}
		case '"':
			for i++; i < len(text) && text[i] != '"'; i++ {
				if text[i] == '\\' {
					i++
				}
			}
		case '\'', '#':
			return 0 // YAML
		}
	}
	return 0
}
