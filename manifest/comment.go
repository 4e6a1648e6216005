package manifest

import (
	"slices"
	"strings"

	"github.com/tlsward/tlsward/kube"
)

// Comment is a comment of a file.
type Comment struct {
	// At is the place of its #.
	At kube.Position
	// Text is what follows the #, up to the end of the line.
	Text string
	// From and To are the lines it is about: the one it ends, or if it has a line to itself the next one that has content. A
	// comment about the line on which a document, or an item of a list, begins is about all of its lines. Both are 0 where
	// nothing follows that it could be about.
	From, To int
	// Whole: it is about a document or item.
	Whole bool
	// Index is the document's, as Document.Index.
	Index int
}

// Comments lists the comments of a file that hold a word, in order, given all documents of the file. A text that looks like a
// comment and is a part of a value is none; of documents that cannot be parsed, nothing is listed.
func Comments(documents []Document, word string) []Comment {
	var comments []Comment
	for i := 0; i < len(documents); {
		next := i + 1
		for next < len(documents) && documents[next].Index == documents[i].Index {
			next++
		}
		d := documents[i]
		// JSON has no comments.
		if d.src != nil && (d.Status == Object || d.Status == Foreign || d.Status == Values || d.Status == Irrelevant) {
			comments = append(comments, commentsOf(documents[i:next], word)...)
		}
		i = next
	}
	return comments
}

// commentsOf lists the comments of one document, given all of its items.
func commentsOf(items []Document, word string) (comments []Comment) {
	d := items[0]
	if int(d.at.end) > len(d.src.text) {
		return nil // a document that was not decoded keeps no text
	}
	t := d.tree()
	for at := int(d.at.start); at < int(d.at.end); {
		i := strings.Index(d.src.text[at:d.at.end], word)
		if i < 0 {
			break
		}
		at += i
		line := d.src.lineOf(at)
		begin, end := int(d.src.lines[line-1]), int(d.at.end)
		if line < len(d.src.lines) {
			end = min(end, int(d.src.lines[line]))
		}
		hash := hashBefore(d.src.text, begin, at)
		if hash >= 0 && !t.inScalar(d.src.text, hash) {
			c := Comment{At: d.src.position(hash), Text: strings.TrimRight(d.src.text[hash+1:end], "\r\n \t"), Index: d.Index}
			c.From = line
			if before := strings.TrimPrefix(d.src.text[begin:hash], utf8BOM); strings.TrimSpace(before) == "" || isMark(before, "---") {
				if n := len(comments); n > 0 && comments[n-1].From > line {
					c.From = comments[n-1].From // nothing but comments between the two
				} else {
					c.From = d.contentAfter(line)
				}
			}
			c.To = c.From
			if n, begins := slices.BinarySearchFunc(items, c.From, func(item Document, line int) int { return item.Line - line }); begins {
				c.Whole, c.To = true, d.lastLine(items, n)
			}
			comments = append(comments, c)
		}
		at = end
	}
	return comments
}

// hashBefore is the offset of the # that makes a comment of what stands at an offset, with nothing but blanks between; -1 if
// there is none.
func hashBefore(text string, begin, at int) int {
	blanks := strings.TrimRight(text[begin:at], " \t")
	hash := begin + len(blanks) - 1
	if hash < begin || text[hash] != '#' {
		return -1
	}
	if hash == begin || text[hash-1] == ' ' || text[hash-1] == '\t' || strings.HasSuffix(text[:hash], utf8BOM) {
		return hash
	}
	return -1
}

// inScalar reports whether an offset is within a value. Trees of the library do not know ends: there nothing is.
func (t *tree) inScalar(text string, offset int) bool {
	after, _ := slices.BinarySearchFunc(t.nodes, offset+1, func(n node, offset int) int { return int(n.start) - offset })
	if after == 0 {
		return false
	}
	n := &t.nodes[after-1]
	if n.shape != scalar || offset >= int(n.end) {
		return false
	}
	// The line of a block scalar's indicator may end in a comment.
	return n.style != literal && n.style != folded || strings.ContainsAny(text[n.start:offset], "\r\n")
}

// contentAfter is the next line of the document that is neither blank nor a comment nor its mark; 0 if there is none.
func (d *Document) contentAfter(line int) int {
	for line++; line <= len(d.src.lines) && d.src.lines[line-1] < d.at.end; line++ {
		if text := d.src.line(line); !isComment(text) && !isMark(text, "---") {
			return line
		}
	}
	return 0
}

// lastLine is the last line of the n-th item of a document.
func (d *Document) lastLine(items []Document, n int) int {
	for _, next := range items[n+1:] {
		if next.Line > items[n].Line {
			return next.Line - 1
		}
	}
	last := d.src.lineOf(max(int(d.at.end)-1, int(d.at.start)))
	return max(last, items[n].Line)
}

// Covers reports whether the comment is about a line.
func (c Comment) Covers(line int) bool { return 0 < c.From && c.From <= line && line <= c.To }
