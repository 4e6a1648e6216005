package manifest

import (
	"strings"
	"sync"
	"unicode/utf8"
)

// This file and its two neighbours are our own parser. It reads what people write in manifests: block mappings and
// sequences, flow collections, JSON, plain, quoted and block scalars, anchors and aliases, comments. Everything else, and
// everything that might be an error, it leaves to the library by giving up; so it never has to word an error, and need not
// know what it does not see. It exists for two reasons: it knows where every node ends, without which text cannot be
// edited, and it costs a sixth of the library, which alone would take most of the time budget of a lint run. FuzzRead
// holds it equal to both the library and sigs.k8s.io/yaml.

type parser struct {
	tree
	s string
	// pos is the current offset and end the end of the document. lineStart is where the line of pos begins.
	pos, end, lineStart int
	// last is where the node read last ends.
	last int
	// broke is set when skip crosses a line break.
	broke bool
	depth int
	// json documents begin with a brace. kubectl decodes those as JSON, so JSON's own escapes are good in them.
	json    bool
	anchors []anchor
}

type anchor struct {
	name string
	node int
}

var parsers = sync.Pool{New: func() any { return new(parser) }}

// withTree parses one document and calls f with its tree, which f must not keep: its nodes are used again.
func withTree(src *source, sp span, f func(*tree)) *problem {
	p := parsers.Get().(*parser)
	defer parsers.Put(p)
	if p.parse(src.text, sp) {
		f(&p.tree)
		return nil
	}
	t, problem := loadLibrary(src, int(sp.start), int(sp.tail))
	if problem == nil {
		f(t)
	}
	return problem
}

// parse reads the document at sp. It reports false when it gives up.
func (p *parser) parse(text string, sp span) bool {
	*p = parser{
		tree: tree{nodes: p.nodes[:0], exact: true}, anchors: p.anchors[:0],
		s: text, pos: int(sp.body), end: int(sp.end), lineStart: int(sp.body),
	}
	head, body := text[sp.start:sp.body], text[sp.body:sp.end]
	if strings.IndexByte(head, '%') >= 0 || !usualText(body) {
		return false
	}
	marked := strings.HasSuffix(head, "---")
	if marked {
		p.lineStart -= len("---")
	}
	if !p.skip() {
		return false
	}
	if p.pos >= p.end {
		return true
	}
	p.json = p.s[p.pos] == '{'
	inline := marked && !p.broke
	if inline && !p.json || !p.node(-1, !inline) {
		return false
	}
	return p.skip() && p.pos >= p.end
}

// add and close are the tree's, and remember where the text read so far ends.
func (p *parser) add(n node) int {
	p.last = int(n.end)
	return p.tree.add(n)
}

func (p *parser) close(i, end int) {
	p.last = end
	p.tree.close(i, end)
}

// usualText reports whether the text has only characters that every reader takes alike: no control characters but tabs
// and line breaks, none of Unicode's other line breaks, no byte order marks, nothing that is no UTF-8.
func usualText(s string) bool {
	for i := 0; i < len(s); {
		switch c := s[i]; {
		case c < ' ' && c != '\n' && c != '\t':
			if c != '\r' || i+1 == len(s) || s[i+1] != '\n' {
				return false
			}
			i++
		case c < 0x7F:
			i++
		default:
			r, size := utf8.DecodeRuneInString(s[i:])
			switch {
			case r < 0xA0, r == '\u2028', r == '\u2029', r == '\uFEFF', r >= 0xFFFD && r <= 0xFFFF:
				return false
			}
			i += size
		}
	}
	return true
}

func (p *parser) at(i int) byte {
	if i < p.end {
		return p.s[i]
	}
	return 0
}

// blankAt reports whether white space, a line break or the end is at i.
func (p *parser) blankAt(i int) bool {
	switch p.at(i) {
	case ' ', '\t', '\n', '\r', 0:
		return true
	}
	return false
}

func (p *parser) column() int { return p.pos - p.lineStart }

// skip moves to the next token over spaces, line breaks and comments. It gives up at a tab, which is allowed here and
// there and forbidden in other places, and at a comment that touches what is before it.
func (p *parser) skip() bool {
	p.broke = false
	for p.pos < p.end {
		switch p.s[p.pos] {
		case ' ':
			p.pos++
		case '\r':
			p.pos++
		case '\n':
			p.pos++
			p.lineStart = p.pos
			p.broke = true
		case '#':
			if p.pos > p.lineStart && p.s[p.pos-1] != ' ' {
				return false
			}
			p.comment()
		default:
			return p.s[p.pos] != '\t'
		}
	}
	return true
}

func (p *parser) comment() {
	if i := strings.IndexByte(p.s[p.pos:p.end], '\n'); i >= 0 {
		p.pos += i
	} else {
		p.pos = p.end
	}
}

// firstOnLine reports whether only spaces are before the token.
func (p *parser) firstOnLine() bool {
	for i := p.lineStart; i < p.pos; i++ {
		if p.s[i] != ' ' {
			return false
		}
	}
	return true
}

// node parses the node at pos. It belongs to a collection in column parent, or -1. Where collections may begin, nested is
// set: at the start of a line and after "- ", not after "key: ".
func (p *parser) node(parent int, nested bool) bool {
	if p.depth++; p.depth > maxDepth {
		return false
	}
	defer func() { p.depth-- }()
	switch c := p.s[p.pos]; c {
	case '-':
		if p.blankAt(p.pos + 1) {
			return nested && p.sequence(p.column())
		}
	case '[', '{':
		return p.flowNode() && !p.isValueNext()
	case '|', '>':
		return p.blockScalar(parent)
	case '*':
		return p.alias() && !p.isValueNext()
	case '&':
		return p.anchored(parent, nested)
	case '?', ':':
		if p.blankAt(p.pos + 1) {
			return false
		}
	case '!', '%', '@', '`', ',', ']', '}', '#':
		return false
	}
	if nested && p.keyEnd() > 0 {
		return p.mapping(p.column())
	}
	if c := p.s[p.pos]; c == '"' || c == '\'' {
		return p.quoted(parent) && !p.isValueNext()
	}
	return p.plain(parent)
}

// isValueNext reports whether a colon follows what was just read: then that was a key, in a place where we expect none.
func (p *parser) isValueNext() bool {
	i := p.pos
	for p.at(i) == ' ' {
		i++
	}
	return p.at(i) == ':'
}

// keyEnd finds the colon of the simple key at pos, or 0 where there is none.
func (p *parser) keyEnd() int {
	i := p.pos
	switch c := p.s[i]; c {
	case '"', '\'':
		for i++; ; i++ {
			switch p.at(i) {
			case 0, '\n':
				return 0
			case '\\':
				if c == '"' {
					i++
				}
				continue
			case c:
				if c == '\'' && p.at(i+1) == '\'' {
					i++
					continue
				}
			default:
				continue
			}
			break
		}
		for i++; p.at(i) == ' '; i++ {
		}
		if p.at(i) == ':' && p.blankAt(i+1) {
			return i
		}
		return 0
	}
	for ; i < p.end; i++ {
		switch p.s[i] {
		case '\n':
			return 0
		case '#':
			if p.s[i-1] == ' ' || p.s[i-1] == '\t' {
				return 0
			}
		case ':':
			if p.blankAt(i + 1) {
				return i
			}
		}
	}
	return 0
}

// mapping parses the block mapping whose keys are in the given column.
func (p *parser) mapping(column int) bool {
	i := p.add(node{shape: mapping, style: block, start: int32(p.pos)})
	for {
		if !p.entry(column) {
			return false
		}
		end := p.last
		if more, ok := p.more(column, func() bool { return p.s[p.pos] == '-' && p.blankAt(p.pos+1) }); !ok {
			return false
		} else if !more {
			p.close(i, end)
			return true
		}
	}
}

// more moves to the next entry of the block collection in the given column and reports whether it has one. ends tells an
// entry of another kind in the same column.
func (p *parser) more(column int, ends func() bool) (more, ok bool) {
	if !p.skip() {
		return false, false
	}
	if p.pos >= p.end {
		return false, true
	}
	if !p.firstOnLine() || p.column() > column {
		return false, false
	}
	return p.column() == column && !ends(), true
}

// entry parses one key and its value.
func (p *parser) entry(column int) bool {
	start := p.pos
	colon := p.keyEnd()
	if colon == 0 || colon-start > maxKey {
		return false
	}
	switch c := p.s[start]; c {
	case '"', '\'':
		if !p.quoted(-1) {
			return false
		}
	case '?', ':', '-':
		if p.blankAt(start + 1) {
			return false
		}
		p.plainKey(colon)
	case '[', '{', '|', '>', '*', '&', '!', '%', '@', '`', ',', ']', '}', '#':
		return false
	default:
		p.plainKey(colon)
	}
	if strings.IndexByte(p.s[start:colon], '\t') >= 0 {
		return false
	}
	p.pos = colon + 1
	return p.valueAfter(column, colon+1, false, true)
}

func (p *parser) plainKey(colon int) {
	end := colon
	for end > p.pos && p.s[end-1] == ' ' {
		end--
	}
	p.add(node{style: plain, start: int32(p.pos), end: int32(end), value: p.s[p.pos:end]})
}

// valueAfter parses what follows an indicator, or adds a null: in a line of its own the value must be deeper than the
// collection, but that a mapping's value may be a sequence in the mapping's own column.
func (p *parser) valueAfter(column, indicatorEnd int, nested, inMapping bool) bool {
	if !p.skip() {
		return false
	}
	if p.pos < p.end {
		switch {
		case !p.broke:
			return p.node(column, nested)
		case !p.firstOnLine():
			return false
		case p.column() > column:
			return p.node(column, true)
		case inMapping && p.column() == column && p.s[p.pos] == '-' && p.blankAt(p.pos+1):
			return p.node(column, true)
		}
	}
	p.add(node{style: plain, start: int32(indicatorEnd), end: int32(indicatorEnd)})
	return true
}

// sequence parses the block sequence whose dashes are in the given column.
func (p *parser) sequence(column int) bool {
	i := p.add(node{shape: sequence, style: block, start: int32(p.pos)})
	for {
		p.pos++
		if !p.valueAfter(column, p.pos, true, false) {
			return false
		}
		end := p.last
		if more, ok := p.more(column, func() bool { return p.s[p.pos] != '-' || !p.blankAt(p.pos+1) }); !ok {
			return false
		} else if !more {
			p.close(i, end)
			return true
		}
	}
}
