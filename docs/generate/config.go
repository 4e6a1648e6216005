package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/tlsward/tlsward/config"
)

// schemaNode is a JSON Schema whose keys keep the order in which they are written: JSON is YAML.
type schemaNode struct{ *yaml.Node }

// get is the value of a keyword; a node without content where there is none.
func (n schemaNode) get(keyword string) schemaNode {
	if n.Node != nil && n.Kind == yaml.MappingNode {
		for i := 0; i+1 < len(n.Content); i += 2 {
			if n.Content[i].Value == keyword {
				return schemaNode{n.Content[i+1]}
			}
		}
	}
	return schemaNode{}
}

func (n schemaNode) text(keyword string) string {
	if v := n.get(keyword); v.Node != nil && v.Kind == yaml.ScalarNode {
		return v.Value
	}
	return ""
}

func (n schemaNode) texts(keyword string) []string {
	var list []string
	if v := n.get(keyword); v.Node != nil && v.Kind == yaml.SequenceNode {
		for _, item := range v.Content {
			list = append(list, item.Value)
		}
	}
	return list
}

// configReference walks the schema of the config.
type configReference struct {
	defs schemaNode
	b    strings.Builder
	errs []error
}

// configPage writes the reference of the config: every key of its schema with meaning, type, default, bounds and an example.
func configPage() (string, error) {
	var document yaml.Node
	if err := yaml.Unmarshal(config.Schema, &document); err != nil {
		return "", err
	}
	root := schemaNode{document.Content[0]}
	r := &configReference{defs: root.get("$defs")}
	r.b.WriteString("# Every key of the config\n\nMade from [the schema](schemas/config.json), by which editors complete and check `.tlsward.yaml`. What the keys are for, and how " +
		"they\nplay together: [config.md](config.md).\n\n")
	properties := root.get("properties")
	for i := 0; i+1 < len(properties.Content); i += 2 {
		name := properties.Content[i].Value
		fmt.Fprintf(&r.b, "- [`%s`](#%s)\n", name, strings.ToLower(name))
	}
	for i := 0; i+1 < len(properties.Content); i += 2 {
		r.section(properties.Content[i].Value, r.resolved(schemaNode{properties.Content[i+1]}))
	}
	return r.b.String(), errors.Join(r.errs...)
}

// resolved follows a $ref into the definitions; keywords beside it count first.
func (r *configReference) resolved(n schemaNode) schemaNode {
	name, ok := strings.CutPrefix(n.text("$ref"), "#/$defs/")
	if !ok {
		return n
	}
	definition := r.resolved(r.defs.get(name))
	if definition.Node == nil {
		r.errs = append(r.errs, fmt.Errorf("config schema: no definition %s", name))
		return n
	}
	return schemaNode{&yaml.Node{Kind: yaml.MappingNode, Content: slices.Concat(n.Content, definition.Content)}}
}

func (r *configReference) section(name string, n schemaNode) {
	fmt.Fprintf(&r.b, "\n## %s\n\n%s\n\n| key | meaning | type | default | bounds | example |\n|---|---|---|---|---|---|\n", name, r.described(name, n))
	r.row(name, n, false)
	r.below(name, n)
	example := n.get("examples")
	if example.Node == nil || len(example.Content) == 0 {
		r.errs = append(r.errs, fmt.Errorf("config schema: %s has no example", name))
		return
	}
	var text strings.Builder
	encoder := yaml.NewEncoder(&text)
	encoder.SetIndent(2)
	if err := encoder.Encode(&yaml.Node{
		Kind: yaml.MappingNode, Content: []*yaml.Node{{Kind: yaml.ScalarNode, Value: name}, block(example.Content[0])},
	}); err != nil {
		r.errs = append(r.errs, err)
	}
	fmt.Fprintf(&r.b, "\n```yaml\n%s```\n", text.String())
}

// block is a value in YAML's block style, as people write it.
func block(n *yaml.Node) *yaml.Node {
	plain := &yaml.Node{Kind: n.Kind, Tag: n.Tag, Value: n.Value}
	for _, c := range n.Content {
		plain.Content = append(plain.Content, block(c))
	}
	if n.Kind == yaml.SequenceNode && !slices.ContainsFunc(n.Content, func(c *yaml.Node) bool { return c.Kind != yaml.ScalarNode }) {
		plain.Style = yaml.FlowStyle
	}
	return plain
}

func (r *configReference) described(path string, n schemaNode) string {
	text := n.text("description")
	if text == "" {
		r.errs = append(r.errs, fmt.Errorf("config schema: %s has no description", path))
	}
	return strings.NewReplacer("|", "\\|", "*", "\\*", "<", "\\<").Replace(text)
}

// below writes a row for each key of what a value holds.
func (r *configReference) below(path string, n schemaNode) {
	if items := n.get("items"); items.Node != nil {
		r.below(path+"[]", r.resolved(items))
	}
	for _, choice := range r.choices(n) {
		r.below(path, choice)
	}
	required := n.texts("required")
	properties := n.get("properties")
	if properties.Node == nil {
		return
	}
	for i := 0; i+1 < len(properties.Content); i += 2 {
		name, value := properties.Content[i].Value, r.resolved(schemaNode{properties.Content[i+1]})
		r.row(path+"."+name, value, slices.Contains(required, name))
		r.below(path+"."+name, value)
	}
}

func (r *configReference) choices(n schemaNode) []schemaNode {
	var list []schemaNode
	if v := n.get("anyOf"); v.Node != nil {
		for _, c := range v.Content {
			list = append(list, r.resolved(schemaNode{c}))
		}
	}
	return list
}

func (r *configReference) row(path string, n schemaNode, required bool) {
	byDefault := n.text("default")
	switch {
	case required:
		byDefault = "required"
	case byDefault != "":
		byDefault = "`" + byDefault + "`"
	}
	example := ""
	if v := n.get("examples"); v.Node != nil && len(v.Content) > 0 {
		text, err := yaml.Marshal(flow(v.Content[0]))
		if err != nil {
			r.errs = append(r.errs, err)
		}
		if example = "`" + strings.TrimSpace(string(text)) + "`"; strings.Contains(path, ".") || v.Content[0].Kind == yaml.ScalarNode {
			example = strings.ReplaceAll(example, "|", "\\|")
		} else {
			example = "below"
		}
	} else {
		r.errs = append(r.errs, fmt.Errorf("config schema: %s has no example", path))
	}
	meaning := r.described(path, n)
	if !strings.Contains(path, ".") {
		meaning = n.text("title")
	}
	fmt.Fprintf(&r.b, "| `%s` | %s | %s | %s | %s | %s |\n", path, meaning, r.typed(n), byDefault, r.bounds(n), example)
}

func flow(n *yaml.Node) *yaml.Node {
	plain := block(n)
	plain.Style = yaml.FlowStyle
	return plain
}

// typed says what a value may be.
func (r *configReference) typed(n schemaNode) string {
	if words := n.texts("enum"); len(words) > 0 {
		return "`" + strings.Join(words, "`, `") + "`"
	}
	if word := n.text("const"); word != "" {
		return "`" + word + "`"
	}
	var several []string
	for _, c := range r.choices(n) {
		several = append(several, r.typed(c))
	}
	if len(several) > 0 {
		return strings.Join(several, " or ")
	}
	switch kind := n.text("type"); kind {
	case "array":
		return "list of " + r.typed(r.resolved(n.get("items")))
	case "object":
		if values := n.get("additionalProperties"); values.Node != nil && values.Kind == yaml.MappingNode {
			return "mapping of names to " + r.typed(r.resolved(values))
		}
		return "mapping"
	case "integer":
		return "whole number"
	case "boolean":
		return "`true` or `false`"
	default:
		return kind
	}
}

// bounds says how many entries a list or mapping may have, and between what a number must be.
func (*configReference) bounds(n schemaNode) string {
	between := func(least, most, what string) string {
		switch {
		case least != "" && least != "0" && most != "":
			return least + " to " + most + what
		case most != "":
			return "at most " + most + what
		}
		return ""
	}
	for _, found := range []string{
		between(n.text("minItems"), n.text("maxItems"), " entries"),
		between("", n.text("maxProperties"), " entries"),
		between(n.text("minimum"), n.text("maximum"), ""),
	} {
		if found != "" {
			return found
		}
	}
	return ""
}
