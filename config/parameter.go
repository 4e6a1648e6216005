package config

import (
	"math"

	"go.yaml.in/yaml/v4"

	"github.com/tlsward/tlsward/kube"
)

func (p *parameter) read(d *decoder, at kube.Path, n *yaml.Node) { p.json = d.json(at, n) }

// maxDepth bounds the path of a value: parameters are lists and tables, no trees, and a path is copied at every level.
const maxDepth = 32

// json reads a value of any shape: nil, bool, int64, float64, string, []any or map[string]any. A date is the string that
// was written, as JSON has no dates.
func (d *decoder) json(at kube.Path, n *yaml.Node) any {
	if !d.concrete(at, n) {
		return nil
	}
	if len(at) > maxDepth {
		d.errorf(at, n, "want at most %d levels", maxDepth)
		return nil
	}
	switch n.Kind {
	case yaml.MappingNode:
		m := map[string]any{}
		d.pairs(at, n, func(name string, _, value *yaml.Node) { m[name] = d.json(at.Append(clip(name)), value) })
		return m
	case yaml.SequenceNode:
		if n.ShortTag() != "!!seq" || len(n.Content) > maxItems {
			d.errorf(at, n, "want a plain list of at most %d items", maxItems)
			return nil
		}
		list := make([]any, len(n.Content))
		for i, item := range n.Content {
			list[i] = d.json(at.Append(i), item)
		}
		return list
	case yaml.ScalarNode, yaml.AliasNode, yaml.DocumentNode, yaml.StreamNode:
	}
	switch n.ShortTag() {
	case "!!str", "!!timestamp":
		return n.Value
	case "!!null", "!!bool", "!!int", "!!float":
		var value any
		if err := n.Decode(&value); err != nil {
			break
		}
		switch v := value.(type) {
		case nil, bool:
			return v
		case int:
			return int64(v)
		case int64:
			return v
		case float64:
			if !math.IsNaN(v) && !math.IsInf(v, 0) {
				return v
			}
		}
	}
	d.errorf(at, n, "want what JSON can say, got %s", describe(n))
	return nil
}
