// Package archive keeps named texts in one file, of which only what is asked for is read: what is made of 310 rules is 2 MB, of which
// most runs want little.
package archive

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Entry is a text of some name, made of something that has a version.
type Entry struct{ Name, Version, Text string }

// Archive is a file that Write has written. Safe for concurrent use.
type Archive struct {
	file   io.ReaderAt
	places map[string]place
}

type place struct {
	version string
	offset  int64
	length  int
}

// Write writes entries: the length of an index and the index, a line for each with its name, its version and the length of its text; then
// the texts, a line each. Names and versions are without tabs and ends of lines.
func Write(entries []Entry) string {
	var index, texts strings.Builder
	for _, e := range entries {
		fmt.Fprintf(&index, "%s\t%s\t%d\n", e.Name, e.Version, len(e.Text))
		texts.WriteString(e.Text + "\n")
	}
	return strconv.Itoa(index.Len()) + "\n" + index.String() + texts.String()
}

// maxHead is longer than the length of any index.
const maxHead = 16

// Read reads the index. An empty file is an archive of nothing.
func Read(file io.ReaderAt) (*Archive, error) {
	a := &Archive{file: file, places: map[string]place{}}
	head := make([]byte, maxHead)
	n, err := file.ReadAt(head, 0)
	if n == 0 && errors.Is(err, io.EOF) {
		return a, nil
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	first, _, _ := strings.Cut(string(head[:n]), "\n")
	length, err := strconv.Atoi(first)
	if err != nil || length < 0 {
		return nil, fmt.Errorf("want the length of the index, got %q", first)
	}
	offset := int64(len(first) + 1)
	index, err := read(file, offset, length)
	if err != nil {
		return nil, fmt.Errorf("index: %w", err)
	}
	offset += int64(length)
	for line := range strings.Lines(string(index)) {
		name, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		version, size, _ := strings.Cut(rest, "\t")
		length, err := strconv.Atoi(size)
		if err != nil || length < 0 {
			return nil, fmt.Errorf("want name, version and length, got %q", line)
		}
		a.places[name] = place{version, offset, length}
		offset += int64(length) + 1
	}
	if _, err := read(file, offset-1, 1); err != nil { // the end of the last text
		return nil, err
	}
	return a, nil
}

// maxLength bounds what is read at once, however a damaged index puts it: the longest text has 18 KB, the longest index 73.
const maxLength = 16 << 20

func read(file io.ReaderAt, offset int64, length int) ([]byte, error) {
	if length > maxLength {
		return nil, fmt.Errorf("%d bytes, want at most %d", length, maxLength)
	}
	text := make([]byte, length)
	if n, err := file.ReadAt(text, offset); n < length {
		return nil, fmt.Errorf("cut off: %w", err)
	}
	return text, nil
}

// Text is that of a name; ok is false where there is none, or one of another version.
func (a *Archive) Text(name, version string) (text []byte, ok bool, err error) {
	p, ok := a.places[name]
	if !ok || p.version != version {
		return nil, false, nil
	}
	if text, err = read(a.file, p.offset, p.length); err != nil {
		return nil, false, fmt.Errorf("%s: %w", name, err)
	}
	return text, true, nil
}
