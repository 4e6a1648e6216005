package manifest

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
	"go.yaml.in/yaml/v4/plugin/loaderlimits"
)

// This file reads with the library what our own parser leaves alone: anything unusual, and anything broken, so that the
// library words the error. Its nodes know where they begin, not where they end.

var libraryOptions = yaml.WithPlugin(loaderlimits.New(loaderlimits.DepthValue(maxDepth), loaderlimits.AliasNone()))

// problem is an error whose place is still an offset in the file.
type problem struct {
	offset  int
	message string
}

// loadLibrary parses the text of src from start to end, which must hold one document.
func loadLibrary(src *source, start, end int) (*tree, *problem) {
	text := src.text[start:end]
	if p := checkText(text, start); p != nil {
		return nil, p
	}
	var root yaml.Node
	lines := yamlLines(text)
	f := flattener{t: &tree{}, base: start, lines: lines, text: text}
	if err := yaml.Load([]byte(text), &root, libraryOptions); err != nil {
		return nil, f.problem(src, err)
	}
	if len(root.Content) > 0 {
		f.node(root.Content[0])
		f.endOfText()
	}
	return f.t, f.ambiguous
}

// checkText finds what the library reports without a place: bytes that are no UTF-8, and control characters.
func checkText(text string, base int) *problem {
	for i, r := range text {
		switch {
		case r == utf8.RuneError && !strings.HasPrefix(text[i:], "\uFFFD"):
			return &problem{base + i, fmt.Sprintf("byte 0x%02x is not UTF-8", text[i])}
		case r < ' ' && r != '\t' && r != '\r' && r != '\n':
			return &problem{base + i, fmt.Sprintf("control characters are not allowed (0x%02x)", r)}
		}
	}
	return nil
}

func (f *flattener) problem(src *source, err error) *problem {
	var load *yaml.LoadError
	if !errors.As(err, &load) {
		return &problem{f.base, strings.TrimPrefix(err.Error(), "yaml: ")}
	}
	p := &problem{f.offset(load.Mark.Line, load.Mark.Column), strings.TrimPrefix(load.Message, "yaml: ")}
	if load.Mark.Line < 1 {
		p.offset = f.base
	}
	// The end of the text, after its last line break, is no line a reader can look at.
	if text := strings.TrimRight(f.text[:p.offset-f.base], " \t\r\n"); p.offset == f.base+len(f.text) && text != "" {
		p.offset = f.base + len(text)
	}
	if load.ContextMsg != "" && load.ContextMark.Line > 0 && load.ContextMark.Line < load.Mark.Line {
		// "while parsing a flow mapping": where it began is where the mistake usually is.
		began := src.position(f.offset(load.ContextMark.Line, load.ContextMark.Column))
		p.message += fmt.Sprintf(" (%s that starts at line %d)", load.ContextMsg, began.Line)
	}
	if strings.HasPrefix(p.message, "unknown anchor ") {
		// Its name may be a password that somebody forgot to quote, and reports are public.
		p.message = "an alias refers to an anchor that is not there; quote text that begins with *"
	}
	if load.Message == "found character that cannot start any token" && strings.HasPrefix(src.text[p.offset:], "\t") {
		p.message = "found a tab where indentation must be spaces"
	}
	return p
}

// flattener turns the library's nodes into ours.
type flattener struct {
	t     *tree
	base  int
	text  string
	lines []int32
	index map[*yaml.Node]int
	// brackets counts the flow collections around the current node.
	brackets int
	// ambiguous is the first place that go-yaml v2, and so the API server's clients, read unlike the library.
	ambiguous *problem
}

func (f *flattener) node(n *yaml.Node) {
	start := f.offset(n.Line, n.Column)
	i := f.t.add(node{start: int32(start), end: int32(start), value: n.Value, anchored: n.Anchor != ""})
	if n.Anchor != "" {
		if f.index == nil {
			f.index = map[*yaml.Node]int{}
		}
		f.index[n] = i
	}
	if name := n.Anchor; n.Kind == yaml.AliasNode || name != "" {
		if name == "" {
			name = n.Value
		}
		f.checkAnchor(name, start)
	}
	own := &f.t.nodes[i]
	if n.Style&yaml.TaggedStyle != 0 || n.Tag == "!" {
		own.tag = n.Tag
	}
	switch n.Kind {
	case yaml.ScalarNode:
		own.style = scalarStyle(n.Style)
		if f.brackets > 0 && own.style == plain && strings.Contains(n.Value, "?") && f.ambiguous == nil {
			// go-yaml v2 ends a scalar there, and begins a key.
			f.ambiguous = &problem{start, "a question mark within brackets means different things to YAML 1.1 and 1.2; quote it"}
		}
	case yaml.AliasNode:
		own.shape = alias
		own.target = int32(f.index[n.Alias])
	case yaml.MappingNode, yaml.SequenceNode:
		own.shape, own.style, own.value = mapping, block, ""
		if n.Kind == yaml.SequenceNode {
			own.shape = sequence
		}
		if n.Style&yaml.FlowStyle != 0 {
			own.style = flow
			f.brackets++
			defer func() { f.brackets-- }()
		}
		for c, child := range n.Content {
			if n.Kind == yaml.MappingNode && n.Style&yaml.FlowStyle != 0 && c%2 == 0 {
				f.checkFlowKey(child)
			}
			f.node(child)
		}
		f.t.close(i, start)
	case yaml.DocumentNode, yaml.StreamNode: // stand above what we are given
	}
}

// endOfText reads a block scalar that ends with the text, and without a line break, once more: there the library adds a
// line break and go-yaml v2 does not.
func (f *flattener) endOfText() {
	n := &f.t.nodes[len(f.t.nodes)-1]
	if n.style != literal && n.style != folded || strings.HasSuffix(f.text, "\n") {
		return
	}
	at := int(n.start) - f.base
	for f.text[at] != '|' && f.text[at] != '>' { // a tag or an anchor
		space := strings.IndexAny(f.text[at:], " \t\r\n")
		if space < 0 || at+space+1 == len(f.text) {
			return
		}
		at += space + 1
	}
	p := parser{s: f.text, pos: at, end: len(f.text)}
	header, _, _ := strings.Cut(f.text[at:], "\n")
	header, _, _ = strings.Cut(header, "#")
	switch {
	case strings.ContainsAny(header, "123456789") || !usualText(f.text[at:]) || !p.blockScalar(-1):
		f.ambiguous = &problem{int(n.start), "the block scalar at the end needs a line break after it"}
	case p.pos >= p.end:
		n.value = p.nodes[0].value
	}
}

// checkAnchor finds anchors like &a:b, which to go-yaml v2 is the anchor a of the scalar :b.
func (f *flattener) checkAnchor(name string, at int) {
	for i := range len(name) {
		if c := name[i]; (!isWord(c) || c == '.') && f.ambiguous == nil {
			f.ambiguous = &problem{at, "an anchor's name must be of letters, digits, - and _"}
		}
	}
}

// checkFlowKey finds {a:} and [a:]: a null under "a" to YAML 1.2, the string "a:" to go-yaml v2.
func (f *flattener) checkFlowKey(n *yaml.Node) {
	if n.Kind != yaml.ScalarNode || scalarStyle(n.Style) != plain || n.Value == "" || f.ambiguous != nil {
		return
	}
	at := f.offset(n.Line, n.Column) - f.base
	i := strings.Index(f.text[at:], n.Value)
	if i >= 0 {
		rest := strings.TrimLeft(f.text[at+i+len(n.Value):], " \t\r\n")
		if len(rest) < 2 || rest[0] != ':' || strings.IndexByte(",[]{}", rest[1]) < 0 {
			return
		}
	}
	f.ambiguous = &problem{f.base + at, "a colon right before a comma or bracket means different things to YAML 1.1 and 1.2; put a space after it"}
}

func scalarStyle(s yaml.Style) style {
	switch {
	case s&yaml.DoubleQuotedStyle != 0:
		return double
	case s&yaml.SingleQuotedStyle != 0:
		return single
	case s&yaml.LiteralStyle != 0:
		return literal
	case s&yaml.FoldedStyle != 0:
		return folded
	}
	return plain
}

// offset turns the library's line and column, both from 1 and in code points, into an offset in the file.
func (f *flattener) offset(line, column int) int {
	if line < 1 || line > len(f.lines) {
		return f.base + len(f.text)
	}
	at := int(f.lines[line-1])
	for ; column > 1 && at < len(f.text); column-- {
		_, size := utf8.DecodeRuneInString(f.text[at:])
		at += size
	}
	return f.base + at
}

// yamlLines are the offsets at which lines begin to the library, which ends them as YAML 1.1 says.
func yamlLines(text string) []int32 {
	starts := []int32{0}
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '\n':
		case '\r':
			if i+1 < len(text) && text[i+1] == '\n' {
				i++
			}
		case 0xC2: // NEL
			if i+1 >= len(text) || text[i+1] != 0x85 {
				continue
			}
			i++
		case 0xE2: // LS, PS
			if i+2 >= len(text) || text[i+1] != 0x80 || text[i+2]&^1 != 0xA8 {
				continue
			}
			i += 2
		default:
			continue
		}
		starts = append(starts, int32(i+1))
	}
	return starts
}
