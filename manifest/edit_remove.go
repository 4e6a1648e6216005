package manifest

import (
	"errors"
	"strings"
)

// remove takes an entry out, its own line comment with it; comments on lines of their own stay. A collection that loses
// its last entry is written as {} or [], which means what is left.
func (e *editor) remove(at place) ([]change, error) {
	parent := &e.t.nodes[at.parent]
	first := &e.t.nodes[at.value]
	if at.key >= 0 {
		first = &e.t.nodes[at.key]
	}
	end := int(e.t.nodes[at.value].end)
	if parent.style == flow {
		return e.removeFlow(at, int(first.start), end)
	}
	if e.only(at) {
		return e.removeOnly(at)
	}
	begin := int(first.start)
	if at.key < 0 {
		colon, err := e.afterColon(at)
		if err != nil {
			return nil, err
		}
		begin = colon - 1
	}
	if strings.TrimLeft(e.text[e.lineStart(begin):begin], " ") == "" {
		return []change{e.lines(e.lineStart(begin), end)}, nil
	}
	// The first entry after a dash: the next one moves up to it.
	next := e.after(at)
	if next == nil || strings.TrimSpace(e.text[e.lineEnd(end):next.start]) != "" {
		return nil, errComment
	}
	if at.key < 0 {
		return nil, errors.New("an item on its parent's line; edit it by hand")
	}
	return []change{{begin, int(next.start), ""}}, nil
}

// lines removes whole lines, from the start of one to the end of another's; with the line break before them where they
// end a text that ends without one.
func (e *editor) lines(from, end int) change {
	to := e.nextLine(end)
	if to == len(e.text) && !strings.HasSuffix(e.text, "\n") && from > 0 {
		from--
		if from > 0 && e.text[from-1] == '\r' {
			from--
		}
	}
	return change{from, to, ""}
}

// only reports whether the entry is the collection's only one.
func (e *editor) only(at place) bool {
	want := 1
	if at.key >= 0 {
		want = 2
	}
	return e.t.children(at.parent) == want
}

// after is the first node of the entry that follows, or nil.
func (e *editor) after(at place) *node {
	if next := e.t.nodes[at.value].next; next < e.t.nodes[at.parent].next {
		return &e.t.nodes[next]
	}
	return nil
}

// removeOnly writes {} or [] for a block collection.
func (e *editor) removeOnly(at place) ([]change, error) {
	parent := &e.t.nodes[at.parent]
	if at.parent == 0 {
		return nil, errors.New("nothing would be left of the document")
	}
	if parent.anchored {
		return nil, errShared
	}
	holder := e.holder(at.parent)
	if holder.key < 0 {
		// An item: "- a: b" becomes "- {}".
		empty := "{}"
		if parent.shape == sequence {
			return nil, errors.New("a list within a list; edit it by hand")
		}
		return []change{{int(parent.start), int(parent.end), empty}}, nil
	}
	colon, err := e.afterColon(holder)
	if err != nil {
		return nil, err
	}
	empty := " {}"
	if parent.shape == sequence {
		empty = " []"
	}
	return e.replaceAfter(colon, parent, empty, e.layout())
}

// holder is the entry that a collection is the value of.
func (e *editor) holder(i int) place {
	at := place{parent: -1, key: -1, value: i}
	for p := i - 1; p >= 0; p-- {
		n := &e.t.nodes[p]
		if int(n.next) <= i {
			continue
		}
		at.parent = p
		if n.shape == mapping {
			for k := p + 1; k < i; k = int(e.t.nodes[e.t.nodes[k].next].next) {
				at.key = k
			}
		}
		break
	}
	return at
}

// removeFlow takes an entry out of brackets, with one of the commas beside it.
func (e *editor) removeFlow(at place, begin, end int) ([]change, error) {
	parent := &e.t.nodes[at.parent]
	var c change
	switch next := e.after(at); {
	case next != nil:
		c = change{begin, int(next.start), ""}
	case e.only(at):
		c = change{int(parent.start) + 1, int(parent.end) - 1, ""}
	default:
		previous := 0
		for i := at.parent + 1; i < at.value && i != at.key; i = int(e.t.nodes[i].next) {
			previous = int(e.t.nodes[i].end)
		}
		c = change{previous, end, ""}
	}
	if strings.Contains(e.text[c.from:begin]+e.text[end:c.to], "#") {
		return nil, errComment
	}
	return []change{c}, nil
}
