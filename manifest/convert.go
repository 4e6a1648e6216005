package manifest

import (
	"fmt"

	"github.com/tlsward/tlsward/kube"
)

// converter turns nodes into the JSON shape of kube.Object.
type converter struct {
	t *tree
	// at is the node being converted, for errors.
	at int
	// aliasDepth is how many aliases lead to the current node, aliased how many nodes were reached through any.
	aliasDepth, aliased int
	depth               int
	// keys is the path to the current node. Indexes have no key.
	steps []step
	dups  []duplicateAt
}

type step struct {
	key   string
	index int // -1 for a key
}

// duplicateAt is a Duplicate whose positions are still nodes.
type duplicateAt struct {
	path      kube.Path
	at, first int
}

type convertError struct {
	node    int
	message string
}

func (e *convertError) Error() string { return e.message }

func (c *converter) fail(i int, format string, args ...any) error {
	return &convertError{i, fmt.Sprintf(format, args...)}
}

func (c *converter) value(i int) (any, error) {
	if c.aliasDepth > 0 {
		if c.aliased++; c.aliased > maxAliased {
			return nil, c.fail(c.at, "aliases stand for more than %d nodes", maxAliased)
		}
	}
	n := &c.t.nodes[i]
	switch n.shape {
	case scalar:
		if n.tag == "" && (n.style != plain || n.value != "" && !maybeSpecial(n.value[0])) {
			return n.value, nil
		}
		value, err := jsonScalar(n)
		if err != nil {
			return nil, c.fail(i, "%v", err)
		}
		return value, nil
	case alias:
		return c.alias(i, func(target int) (any, error) { return c.value(target) })
	case sequence:
		return c.sequence(i)
	default:
		fields := make(map[string]any, c.t.children(i)/2)
		return fields, c.mapping(i, fields, nil)
	}
}

func (c *converter) alias(i int, f func(target int) (any, error)) (any, error) {
	n := &c.t.nodes[i]
	if target := int(n.target); target < i && i < int(c.t.nodes[target].next) {
		return nil, c.fail(i, "the value of an anchor contains itself")
	}
	if c.aliasDepth == 0 {
		c.at = i
	}
	if c.aliasDepth++; c.aliasDepth > maxDepth {
		return nil, c.fail(c.at, "aliases nest deeper than %d levels", maxDepth)
	}
	value, err := f(int(n.target))
	c.aliasDepth--
	return value, err
}

// enter counts a level of nesting, and leave undoes it: aliases can nest deeper than the text does.
func (c *converter) enter(i int) error {
	if c.depth++; c.depth > maxDepth {
		return c.fail(i, "collections nest deeper than %d levels", maxDepth)
	}
	return nil
}

func (c *converter) leave() { c.depth-- }

func (c *converter) sequence(i int) (any, error) {
	if err := c.enter(i); err != nil {
		return nil, err
	}
	defer c.leave()
	list := make([]any, 0, c.t.children(i))
	c.steps = append(c.steps, step{})
	for e := i + 1; e < int(c.t.nodes[i].next); e = int(c.t.nodes[e].next) {
		c.steps[len(c.steps)-1].index = len(list)
		value, err := c.value(e)
		if err != nil {
			return nil, err
		}
		list = append(list, value)
	}
	c.steps = c.steps[:len(c.steps)-1]
	return list, nil
}

// mapping writes the entries of the mapping at i into fields. go-yaml v2 takes entries and merge keys in the order of the
// text, each overriding what is there already; so an entry before the merge key loses against it, unlike YAML's rule.
// merged holds the keys that came from a merge and so may be written once more without being duplicates.
func (c *converter) mapping(i int, fields map[string]any, merged map[string]bool) error {
	if err := c.enter(i); err != nil {
		return err
	}
	defer c.leave()
	var fromMerge map[string]bool
	var first map[string]int
	for k := i + 1; k < int(c.t.nodes[i].next); {
		v := int(c.t.nodes[k].next)
		next := int(c.t.nodes[v].next)
		if c.t.isMerge(k) {
			if fromMerge == nil {
				fromMerge = map[string]bool{}
			}
			if err := c.merge(v, fields, fromMerge); err != nil {
				return err
			}
			k = next
			continue
		}
		key, err := keyText(c.t, k)
		if err != nil {
			return c.fail(k, "%v", err)
		}
		if c.t.nodes[k].shape == alias {
			// The key's node counts against the bound, and its anchor must not contain the key.
			if _, err := c.alias(k, c.value); err != nil {
				return err
			}
		}
		if _, exists := fields[key]; exists && merged == nil && c.aliasDepth == 0 && len(c.dups) < maxDuplicates {
			if first == nil {
				first = c.firstKeys(i)
			}
			if before := first[key]; before < k {
				c.dups = append(c.dups, duplicateAt{append(c.path(), key), k, before})
			}
		}
		c.steps = append(c.steps, step{key, -1})
		value, err := c.value(v)
		if err != nil {
			return err
		}
		c.steps = c.steps[:len(c.steps)-1]
		fields[key] = value
		if merged != nil {
			merged[key] = true
		}
		k = next
	}
	return nil
}

// firstKeys are the nodes at which a mapping first has each of its own keys: one that only a merge wrote before is no
// duplicate.
func (c *converter) firstKeys(i int) map[string]int {
	first := map[string]int{}
	for k := i + 1; k < int(c.t.nodes[i].next); k = int(c.t.nodes[c.t.nodes[k].next].next) {
		if key, err := keyText(c.t, k); err == nil && !c.t.isMerge(k) {
			if _, seen := first[key]; !seen {
				first[key] = k
			}
		}
	}
	return first
}

func (c *converter) path() kube.Path {
	path := make(kube.Path, 0, len(c.steps)+1)
	for _, s := range c.steps {
		if s.index < 0 {
			path = append(path, s.key)
		} else {
			path = append(path, s.index)
		}
	}
	return path
}

// merge writes what the value of a merge key stands for into fields: one mapping, or several of which earlier ones win.
func (c *converter) merge(v int, fields map[string]any, merged map[string]bool) error {
	one := func(i int) error {
		n := &c.t.nodes[i]
		if c.t.nodes[c.t.deref(i)].shape != mapping {
			return c.fail(i, "map merge requires map or sequence of maps as the value")
		}
		if n.shape != alias {
			return c.mapping(i, fields, merged)
		}
		_, err := c.alias(i, func(target int) (any, error) { return nil, c.mapping(target, fields, merged) })
		return err
	}
	if c.t.nodes[v].shape != sequence {
		return one(v)
	}
	var items []int
	for e := v + 1; e < int(c.t.nodes[v].next); e = int(c.t.nodes[e].next) {
		items = append(items, e)
	}
	for j := len(items) - 1; j >= 0; j-- {
		if err := one(items[j]); err != nil {
			return err
		}
	}
	return nil
}
