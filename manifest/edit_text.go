package manifest

import (
	"errors"
	"fmt"
	"strings"

	"github.com/tlsward/tlsward/kube"
)

// place is where an edit works: a node, and the entry it is the value of.
type place struct {
	// parent is the collection, -1 for the root; key its key's node, -1 for an item; value the node itself.
	parent, key, value int
	// rest is what is left of the path where it leads on to nothing.
	rest kube.Path
}

var (
	errShared  = errors.New("comes from an anchor or a merge key that others share; edit it by hand")
	errTwice   = errors.New("the key is written twice; remove one by hand")
	errComment = errors.New("there is a comment in the way; edit it by hand")
)

// find follows a path through what is written in this document itself. Aliases on the way are refused: what they stand for
// belongs to others too. A key that only a merge brings in counts as absent, since it can be overridden here.
func (e *editor) find(path kube.Path) (place, error) {
	at := place{parent: -1, key: -1}
	for n, s := range path {
		node := &e.t.nodes[at.value]
		if node.shape == alias {
			return at, errShared
		}
		key, value := -1, -1
		switch s := s.(type) {
		case string:
			if node.shape == mapping {
				key, value = e.ownField(at.value, s)
			}
		case int:
			if node.shape == sequence {
				value = e.t.child(at.value, s)
			}
		}
		if value < 0 {
			at.rest = path[n:]
			return at, nil
		}
		at = place{parent: at.value, key: key, value: value}
	}
	return at, nil
}

// ownField is the last entry of a mapping under a name, merges left aside.
func (e *editor) ownField(i int, name string) (key, value int) {
	key, value = -1, -1
	for k := i + 1; k < int(e.t.nodes[i].next); {
		v := int(e.t.nodes[k].next)
		if text, err := keyText(e.t, k); err == nil && text == name && !e.t.isMerge(k) {
			key, value = k, v
		}
		k = int(e.t.nodes[v].next)
	}
	return key, value
}

// changes is what an edit does to the text.
func (e *editor) changes(edit kube.Edit) ([]change, error) {
	at, err := e.find(edit.Path)
	if err != nil {
		return nil, err
	}
	switch {
	case edit.Op == kube.Set && len(at.rest) > 0:
		return e.add(at, edit.Value)
	case len(at.rest) > 0:
		return nil, errShared // it has a value, and none of its own
	case edit.Op == kube.Set:
		return e.replace(at, edit.Value)
	case e.anchors(at.key, at.value):
		return nil, errShared
	case at.key >= 0 && e.writtenTwice(at):
		return nil, errTwice
	case edit.Op == kube.Rename:
		return e.rename(at.key, edit.Value)
	}
	return e.remove(at)
}

// anchors reports whether a key or value holds an anchor that something else may refer to.
func (e *editor) anchors(key, value int) bool {
	first := value
	if key >= 0 {
		first = key
	}
	for i := first; i < int(e.t.nodes[value].next); i++ {
		if e.t.nodes[i].anchored {
			return true
		}
	}
	return false
}

func (e *editor) writtenTwice(at place) bool {
	name, _ := keyText(e.t, at.key)
	count := 0
	for k := at.parent + 1; k < int(e.t.nodes[at.parent].next); k = int(e.t.nodes[e.t.nodes[k].next].next) {
		if text, err := keyText(e.t, k); err == nil && text == name {
			count++
		}
	}
	return count > 1
}

func (e *editor) rename(key int, value any) ([]change, error) {
	n := &e.t.nodes[key]
	text, err := renderScalar(value, n.style, e.inFlow(n), e.layout().json)
	if err != nil || len(text) > maxKey {
		return nil, fmt.Errorf("cannot be renamed to %v", value)
	}
	return []change{{int(n.start), int(n.end), text}}, nil
}

// inFlow reports whether a node stands within brackets.
func (e *editor) inFlow(n *node) bool {
	for i := range e.t.nodes {
		o := &e.t.nodes[i]
		if o.style == flow && o.start < n.start && n.end < o.end {
			return true
		}
		if o.start > n.start {
			break
		}
	}
	return false
}

// lineStart and lineEnd are the borders of an offset's line; lineEnd is before the line break.
func (e *editor) lineStart(at int) int { return strings.LastIndexByte(e.text[:at], '\n') + 1 }

func (e *editor) lineEnd(at int) int {
	i := strings.IndexByte(e.text[at:], '\n')
	if i < 0 {
		return len(e.text)
	}
	if i > 0 && e.text[at+i-1] == '\r' {
		i--
	}
	return at + i
}

// nextLine is after the line break of an offset's line.
func (e *editor) nextLine(at int) int {
	if i := strings.IndexByte(e.text[at:], '\n'); i >= 0 {
		return at + i + 1
	}
	return len(e.text)
}

func (e *editor) column(at int32) int { return int(at) - e.lineStart(int(at)) }

// layout learns from the document how to write what is new in it.
func (e *editor) layout() layout {
	l := layout{eol: "\n", step: 2, json: e.t.nodes[0].style == flow && e.t.nodes[0].shape == mapping}
	if i := strings.IndexByte(e.text, '\n'); i > 0 && e.text[i-1] == '\r' {
		l.eol = "\r\n"
	} else if whole := e.src.text; i < 0 && strings.Contains(whole, "\r\n") {
		l.eol = "\r\n"
	}
	step, dash := false, false
	for i := range e.t.nodes {
		n := &e.t.nodes[i]
		if n.shape != mapping || n.style != block {
			continue
		}
		for k := i + 1; k < int(n.next); {
			v := &e.t.nodes[e.t.nodes[k].next]
			deeper := 0
			if v.style == block {
				deeper = e.column(v.start) - e.column(n.start)
			}
			if v.shape == mapping && v.style == block && !step && deeper > 0 {
				l.step, step = deeper, true
			}
			if v.shape == sequence && v.style == block && !dash && deeper >= 0 {
				l.dash, dash = deeper, true
			}
			k = int(v.next)
		}
	}
	return l
}

// afterColon is the offset just after the colon of a key, or after the dash of an item.
func (e *editor) afterColon(at place) (int, error) {
	n := &e.t.nodes[at.value]
	i := int(n.start)
	if at.key >= 0 {
		for i = int(e.t.nodes[at.key].end); i < len(e.text) && e.text[i] == ' '; i++ {
		}
		if i < len(e.text) && e.text[i] == ':' {
			return i + 1, nil
		}
		return 0, errShared
	}
	for i--; i >= 0 && e.text[i] == ' '; i-- {
	}
	if i >= 0 && e.text[i] == '-' {
		return i + 1, nil
	}
	return 0, errors.New("the item does not follow its dash; edit it by hand")
}

// isMissing reports whether a value is not written at all.
func isMissing(n *node) bool {
	return n.shape == scalar && n.style == plain && n.start == n.end
}

// replace writes a value in the place of another.
func (e *editor) replace(at place, value any) ([]change, error) {
	n := &e.t.nodes[at.value]
	if n.shape == alias || e.anchors(-1, at.value) {
		return nil, errShared
	}
	l := e.layout()
	inFlow := e.inFlow(n)
	if inFlow {
		text, err := renderFlow(value, l.json)
		if n.shape == scalar && isScalar(value) {
			text, err = renderScalar(value, n.style, true, l.json)
		}
		if isMissing(n) {
			text = " " + text
		}
		return []change{{int(n.start), int(n.end), text}}, err
	}
	onLine := n.shape == scalar && n.style != literal && n.style != folded || n.style == flow
	if onLine && isScalar(value) && isInline(value) {
		like := plain
		if n.shape == scalar {
			like = n.style
		}
		text, err := renderScalar(value, like, false, false)
		if isMissing(n) {
			text = " " + text
		}
		return []change{{int(n.start), int(n.end), text}}, err
	}
	colon, err := e.afterColon(at)
	if err != nil {
		return nil, err
	}
	indent := 0
	if at.parent >= 0 {
		indent = e.column(e.t.nodes[at.parent].start)
	}
	if at.key < 0 && !isInline(value) {
		return nil, errors.New("a whole item is not replaced; edit it by hand")
	}
	text, err := l.renderAfter(value, indent, l.dash)
	if err != nil {
		return nil, err
	}
	return e.replaceAfter(colon, n, text, l)
}

func isScalar(value any) bool {
	switch value.(type) {
	case map[string]any, []any:
		return false
	}
	return true
}

// replaceAfter puts text, which is what follows the colon, in the place of the value n. What is on the first line goes
// after the colon and the rest after its line, so that a comment on the key's line stays there.
func (e *editor) replaceAfter(colon int, n *node, text string, l layout) ([]change, error) {
	first, lines, broke := strings.Cut(text, l.eol)
	keyLineEnd := e.lineEnd(colon)
	if broke {
		lines = l.eol + lines
	}
	if int(n.start) <= keyLineEnd && int(n.end) <= keyLineEnd { // all on the key's line
		if broke && first != "" && strings.TrimSpace(e.text[n.end:keyLineEnd]) != "" {
			return nil, errComment // a comment after the header of a block scalar would be read, but moved
		}
		return []change{{colon, int(n.end), first}, {keyLineEnd, keyLineEnd, lines}}, nil
	}
	end := e.lineEnd(int(n.end))
	if int(n.start) <= keyLineEnd { // a block scalar, a quoted scalar or brackets over several lines
		tail := e.text[n.end:end]
		if strings.TrimSpace(tail) != "" {
			return nil, errComment
		}
		return []change{{colon, end, first + lines}}, nil
	}
	return []change{{colon, colon, first}, {keyLineEnd, end, lines}}, nil
}

// add writes a value where there is none, with the mappings that are missing on the way to it.
func (e *editor) add(at place, value any) ([]change, error) {
	for i := len(at.rest) - 1; i > 0; i-- {
		switch step := at.rest[i].(type) {
		case string:
			value = map[string]any{step: value}
		case int:
			value = []any{value}
		}
	}
	n := &e.t.nodes[at.value]
	if n.shape == alias || n.anchored {
		return nil, errShared
	}
	empty := n.next == int32(at.value+1) // null, {} or []
	key, isKey := at.rest[0].(string)
	switch {
	case empty && n.shape == scalar || empty && at.key >= 0 && !e.inFlow(n):
		var whole any = []any{value}
		if isKey {
			whole = map[string]any{key: value}
		}
		return e.replace(at, whole)
	case n.style == flow:
		return e.addFlow(at.value, key, isKey, value)
	}
	l := e.layout()
	column := e.column(n.start)
	var text string
	var err error
	if isKey {
		text, err = l.renderEntry(key, value, column)
	} else {
		text, err = l.renderItem(value, column)
	}
	if err != nil {
		return nil, err
	}
	text = strings.Repeat(" ", column) + text
	after := e.nextLine(int(n.end))
	if after == len(e.text) && !strings.HasSuffix(e.text, "\n") {
		return []change{{after, after, l.eol + text}}, nil
	}
	return []change{{after, after, text + l.eol}}, nil
}

// addFlow adds an entry to a collection in brackets.
func (e *editor) addFlow(i int, key string, isKey bool, value any) ([]change, error) {
	n := &e.t.nodes[i]
	json := e.layout().json
	if first := i + 1; isKey && first < int(n.next) {
		json = json || e.t.nodes[first].style == double
	}
	text, err := renderFlow(value, json)
	if err != nil {
		return nil, err
	}
	if isKey {
		name, err := renderScalar(key, plain, true, json)
		if err != nil {
			return nil, err
		}
		text = name + ": " + text
	}
	if int(n.next) == i+1 {
		return []change{{int(n.start) + 1, int(n.end) - 1, text}}, nil
	}
	last, lastKey := e.lastChild(i)
	gap := e.text[last.end : n.end-1]
	if rest := strings.TrimSpace(gap); rest != "" && rest != "," { // a comma after the last entry stays the last
		return nil, errComment
	}
	if strings.Contains(gap, "\n") {
		begin := e.lineStart(int(lastKey.start))
		indent := e.text[begin:lastKey.start]
		if strings.Trim(indent, " \t") == "" {
			return []change{{int(last.end), int(last.end), "," + e.layout().eol + indent + text}}, nil
		}
	}
	return []change{{int(last.end), int(last.end), ", " + text}}, nil
}

// lastChild is the last value of a collection, and its key or itself.
func (e *editor) lastChild(i int) (value, key *node) {
	step := 1
	if e.t.nodes[i].shape == mapping {
		step = 2
	}
	count := 0
	for c := i + 1; c < int(e.t.nodes[i].next); c = int(e.t.nodes[c].next) {
		if count%step == 0 {
			key = &e.t.nodes[c]
		}
		value = &e.t.nodes[c]
		count++
	}
	return value, key
}
