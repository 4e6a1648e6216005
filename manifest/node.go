package manifest

// shape is the kind of a node.
type shape uint8

const (
	scalar shape = iota
	mapping
	sequence
	alias
)

// style is how a node is written.
type style uint8

const (
	plain style = iota
	single
	double
	literal
	folded
	block // collections by indentation
	flow  // collections in brackets
)

// node is one node of a parsed document. Nodes lie in one slice in the order of the text: the children of node i begin at
// i+1, each subtree ends where its next says, and a mapping's children are key, value, key, value. That costs one
// allocation for a document, or none when the slice is reused.
type node struct {
	shape    shape
	style    style
	anchored bool
	// start and end are byte offsets in the file's text; an empty value has start == end. The end is known only in trees
	// that are exact.
	start, end int32
	// next is the index after the subtree.
	next int32
	// target is the node an alias stands for.
	target int32
	// tag is the explicit tag in its short form, "!!str", or empty. Only trees of the library have tags.
	tag   string
	value string
}

// tree is one parsed document.
type tree struct {
	nodes []node
	// exact trees come from our own parser and know where each node ends; only those are edited.
	exact bool
}

// add appends a node and returns its index; the caller sets end and next when the subtree is complete.
func (t *tree) add(n node) int {
	t.nodes = append(t.nodes, n)
	i := len(t.nodes) - 1
	t.nodes[i].next = int32(i + 1)
	return i
}

// close completes a collection.
func (t *tree) close(i, end int) {
	t.nodes[i].next = int32(len(t.nodes))
	t.nodes[i].end = int32(end)
}

// deref follows an alias; other nodes are returned as they are.
func (t *tree) deref(i int) int {
	if t.nodes[i].shape == alias {
		return int(t.nodes[i].target)
	}
	return i
}

// isMerge reports whether the key at i is the merge key of YAML 1.1.
func (t *tree) isMerge(i int) bool {
	n := &t.nodes[i]
	return n.shape == scalar && n.value == "<<" && (n.tag == "!!merge" || n.tag == "!" || n.tag == "" && n.style == plain)
}

// children counts the direct children of a collection, keys and values alike.
func (t *tree) children(i int) int {
	count := 0
	for c := i + 1; c < int(t.nodes[i].next); c = int(t.nodes[c].next) {
		count++
	}
	return count
}

// child returns the n-th child of a sequence, or -1.
func (t *tree) child(i, n int) int {
	for c := i + 1; c < int(t.nodes[i].next); c = int(t.nodes[c].next) {
		if n == 0 {
			return c
		}
		n--
	}
	return -1
}

// field returns the key and value nodes that decide what the mapping at i holds under name, with merge keys resolved as
// the converter does: whatever is written last wins, and of several merged mappings the first. Both are -1 where the
// mapping has no such key.
func (t *tree) field(i int, name string) (key, value int) {
	patience := maxAliased
	return t.fieldWithin(i, name, &patience)
}

// fieldWithin gives up when it has looked at too many keys: merges can nest as aliases do.
func (t *tree) fieldWithin(i int, name string, patience *int) (key, value int) {
	key, value = -1, -1
	for c := i + 1; c < int(t.nodes[i].next); {
		v := int(t.nodes[c].next)
		if t.isMerge(c) {
			if *patience--; *patience < 0 {
				return key, value
			}
			if k, merged := t.merged(v, name, patience); k >= 0 {
				key, value = k, merged
			}
		} else if text, err := keyText(t, c); err == nil && text == name {
			key, value = c, v
		}
		c = int(t.nodes[v].next)
	}
	return key, value
}

func (t *tree) merged(v int, name string, patience *int) (key, value int) {
	source := t.deref(v)
	switch t.nodes[source].shape {
	case mapping:
		if source < v && v < int(t.nodes[source].next) {
			return -1, -1 // it merges itself
		}
		return t.fieldWithin(source, name, patience)
	case sequence:
		for c := source + 1; c < int(t.nodes[source].next); c = int(t.nodes[c].next) {
			if d := t.deref(c); t.nodes[d].shape == mapping && (d >= c || c >= int(t.nodes[d].next)) {
				if key, value = t.fieldWithin(d, name, patience); key >= 0 {
					return key, value
				}
			}
		}
	case scalar, alias: // cannot be merged; the converter says so
	}
	return -1, -1
}

// own keeps the tree beyond the reuse of its slice.
func (t *tree) own() *tree {
	return &tree{nodes: append([]node(nil), t.nodes...), exact: t.exact}
}
