package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"

	"github.com/tlsward/tlsward/kube"
)

// decoder reads YAML nodes into the types of wire.go and collects every defect with its line. The YAML library's own
// decoding stops being of use there: it names Go types, passes over what it does not know and forgets positions.
type decoder struct {
	file  string
	data  []byte
	lines int
	errs  []*Error
	// set are the lines of the keys that are there, by path, but for those within lists.
	set map[string]int
}

// scalar is a type that reads itself from a node.
type scalar interface {
	read(d *decoder, at kube.Path, n *yaml.Node)
}

func (d *decoder) errorAt(line, column int, format string, args ...any) {
	// At the end of a text the YAML library points at a line that is not there any more, and where it has no position
	// it says 0.
	line = min(max(line, 1), max(d.lines, 1))
	d.errs = append(d.errs, &Error{
		At:      kube.Position{File: d.file, Line: line, Column: max(column, 1)},
		Message: oneLine(fmt.Sprintf(format, args...)),
	})
}

func (d *decoder) errorf(at kube.Path, n *yaml.Node, format string, args ...any) {
	thing := at.String()
	if thing == "" {
		thing = "config"
	}
	d.errorAt(n.Line, n.Column, "%s: %s", thing, fmt.Sprintf(format, args...))
}

// document reads the one document of a text into a struct. No document at all leaves it as it is.
func (d *decoder) document(data []byte, into any) {
	d.data, d.lines = data, bytes.Count(data, []byte("\n"))
	if !bytes.HasSuffix(data, []byte("\n")) {
		d.lines++
	}
	if len(data) > MaxSize {
		d.errorAt(1, 1, "config: want at most %d KiB", MaxSize>>10)
		return
	}
	// The YAML library gives no position for these.
	if offset := invalidText(data); offset >= 0 {
		d.errorAt(1+bytes.Count(data[:offset], []byte("\n")), 1, "config: want UTF-8 text without control characters, got byte 0x%02x", data[offset])
		return
	}
	loader, err := yaml.NewLoader(bytes.NewReader(data))
	if err != nil {
		d.errorAt(1, 1, "config: %v", err)
		return
	}
	var document, second yaml.Node
	if err := loader.Load(&document); err != nil {
		d.syntax(err)
		return
	}
	switch err := loader.Load(&second); {
	case err == nil:
		d.errorAt(second.Line, second.Column, "config: want one document, got a second one")
	case !errors.Is(err, io.EOF):
		d.syntax(err)
		return
	}
	if document.Kind != yaml.DocumentNode || len(document.Content) == 0 {
		return
	}
	// Nothing but comments, or "---": as good as empty.
	switch root := document.Content[0]; {
	case root.Kind == yaml.ScalarNode && root.Value != "":
		// It is not quoted: where extends leads to some other file, that may be a password.
		d.errorf(nil, root, "want a mapping, got a text")
	case root.ShortTag() != "!!null" || root.Value != "":
		d.value(reflect.ValueOf(into).Elem(), nil, root)
	}
}

func (d *decoder) syntax(err error) {
	if errors.Is(err, io.EOF) {
		return
	}
	var load *yaml.LoadError
	if !errors.As(err, &load) {
		d.errorAt(1, 1, "config: want YAML: %v", err)
		return
	}
	message, context := load.Message, ""
	if load.ContextMsg != "" {
		context = " " + load.ContextMsg
	}
	if message == "found character that cannot start any token" && d.tabAt(load.Mark.Line) {
		message, context = "found a tab where indentation must be spaces", ""
	}
	d.errorAt(load.Mark.Line, load.Mark.Column, "config: want YAML: %s%s", message, context)
}

// tabAt tells whether a line, counted from 1, is indented with a tab.
func (d *decoder) tabAt(line int) bool {
	lines := bytes.SplitN(d.data, []byte("\n"), line+1)
	return line >= 1 && line <= len(lines) && bytes.HasPrefix(bytes.TrimLeft(lines[line-1], " "), []byte("\t"))
}

// invalidText is the offset of the first byte that is no text as YAML defines it, or -1.
func invalidText(data []byte) int {
	for i := 0; i < len(data); {
		r, size := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && size == 1 || r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0x7f {
			return i
		}
		i += size
	}
	return -1
}

// value reads a node into v, whose type says what is wanted.
func (d *decoder) value(v reflect.Value, at kube.Path, n *yaml.Node) {
	if !d.concrete(at, n) {
		return
	}
	if s, ok := v.Addr().Interface().(scalar); ok {
		s.read(d, at, n)
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		d.structure(v, at, n)
	case reflect.Slice:
		d.list(v, at, n)
	case reflect.Map:
		d.mapping(v, at, n)
	default:
		panic("config: " + v.Type().String() + " reads itself from no node")
	}
}

// concrete refuses what would make a file mean something other than it shows: aliases, by which a small file can also
// stand for one without bounds, and tags of somebody's own.
func (d *decoder) concrete(at kube.Path, n *yaml.Node) bool {
	switch tag := n.ShortTag(); {
	case n.Kind == yaml.AliasNode:
		d.errorf(at, n, "want the value itself, got the alias *%s", clip(n.Value))
	case !strings.HasPrefix(tag, "!!"):
		d.errorf(at, n, "want a plain value, got one with the tag %s", clip(tag))
	default:
		return true
	}
	return false
}

// key is one field of a struct that is read from a mapping, as its tag tells it: `key:"rules,required,nonempty"`.
type key struct {
	name               string
	required, nonempty bool
	index              []int
}

func keysOf(t reflect.Type) []key {
	var keys []key
	for _, field := range reflect.VisibleFields(t) {
		name, options, _ := strings.Cut(field.Tag.Get("key"), ",")
		if name != "" {
			keys = append(keys, key{
				name: name, index: field.Index,
				required: strings.Contains(options, "required"), nonempty: strings.Contains(options, "nonempty"),
			})
		}
	}
	return keys
}

// structureOf reads a mapping into the struct that s points to.
func (d *decoder) structureOf(s any, at kube.Path, n *yaml.Node) {
	d.structure(reflect.ValueOf(s).Elem(), at, n)
}

func (d *decoder) structure(v reflect.Value, at kube.Path, n *yaml.Node) {
	keys := keysOf(v.Type())
	if line := v.FieldByName("Line"); line.IsValid() {
		line.SetInt(int64(n.Line))
	}
	seen := d.pairs(at, n, func(name string, keyNode, value *yaml.Node) {
		i := slices.IndexFunc(keys, func(k key) bool { return k.name == name })
		if i < 0 {
			d.unknown(at, name, keyNode, keys)
			return
		}
		field, path := v.FieldByIndex(keys[i].index), at.Append(name)
		if !slices.ContainsFunc(at, func(step any) bool { _, element := step.(int); return element }) {
			d.note(path, keyNode.Line)
		}
		d.value(field, path, value)
		if keys[i].nonempty && value.Kind == yaml.SequenceNode && len(value.Content) == 0 {
			d.errorf(path, value, "want at least one, got an empty list")
		}
	})
	if seen == nil {
		return
	}
	for _, k := range keys {
		if _, ok := seen[k.name]; k.required && !ok {
			d.errorf(at.Append(k.name), n, "want it, got nothing")
		}
	}
}

func (d *decoder) note(path kube.Path, line int) {
	if d.set == nil {
		d.set = map[string]int{}
	}
	d.set[path.String()] = line
}

func (d *decoder) unknown(at kube.Path, name string, n *yaml.Node, keys []key) {
	names := make([]string, len(keys))
	for i, k := range keys {
		names[i] = k.name
	}
	if near, ok := kube.Near(name, names); ok {
		d.errorf(at.Append(clip(name)), n, "unknown key; did you mean %s?", near)
		return
	}
	d.errorf(at.Append(clip(name)), n, "unknown key; want one of %s", strings.Join(names, ", "))
}

// mapping reads a mapping whose keys are the writer's own.
func (d *decoder) mapping(v reflect.Value, at kube.Path, n *yaml.Node) {
	v.Set(reflect.MakeMap(v.Type()))
	d.pairs(at, n, func(name string, keyNode, value *yaml.Node) {
		k, element, path := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem(), at.Append(clip(name))
		d.value(k, path, keyNode)
		d.value(element, path, value)
		v.SetMapIndex(k, element)
	})
}

// pairs calls f for each pair of a mapping whose key is a string not met before, and returns the keys met with their
// lines; nil if the node is no mapping.
func (d *decoder) pairs(at kube.Path, n *yaml.Node, f func(name string, keyNode, value *yaml.Node)) map[string]int {
	if n.Kind != yaml.MappingNode || n.ShortTag() != "!!map" {
		d.errorf(at, n, "want a mapping, got %s", describe(n))
		return nil
	}
	if len(n.Content)/2 > maxItems {
		d.errorf(at, n, "want at most %d keys, got %d", maxItems, len(n.Content)/2)
		return nil
	}
	seen := make(map[string]int, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, value := n.Content[i], n.Content[i+1]
		if k.Kind != yaml.ScalarNode || k.ShortTag() != "!!str" {
			d.errorf(at, k, "want a string for a key, got %s", describe(k))
			continue
		}
		if line, ok := seen[k.Value]; ok {
			d.errorf(at.Append(clip(k.Value)), k, "want it once, got it on line %d too", line)
			continue
		}
		seen[k.Value] = k.Line
		f(k.Value, k, value)
	}
	return seen
}

func (d *decoder) list(v reflect.Value, at kube.Path, n *yaml.Node) {
	if n.Kind != yaml.SequenceNode || n.ShortTag() != "!!seq" {
		hint := ""
		if n.Kind == yaml.ScalarNode && n.ShortTag() == "!!str" && n.Value != "" {
			hint = "; write [" + clip(n.Value) + "]"
		}
		d.errorf(at, n, "want a list, got %s%s", describe(n), hint)
		return
	}
	if len(n.Content) > maxItems {
		d.errorf(at, n, "want at most %d items, got %d", maxItems, len(n.Content))
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), len(n.Content), len(n.Content)))
	for i, item := range n.Content {
		d.value(v.Index(i), at.Append(i), item)
	}
}

// text reads a string, and reports what is none.
func (d *decoder) text(at kube.Path, n *yaml.Node) (string, bool) {
	switch {
	case n.Kind != yaml.ScalarNode || n.ShortTag() != "!!str":
		hint := ""
		if n.Kind == yaml.ScalarNode && n.ShortTag() != "!!null" {
			hint = "; quote it"
		}
		d.errorf(at, n, "want a string, got %s%s", describe(n), hint)
		return "", false
	case n.Value == "":
		d.errorf(at, n, "want some text, got an empty string")
		return "", false
	default:
		return n.Value, true
	}
}

// describe names a node by the words of YAML, with its text where that helps to find it.
func describe(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	case yaml.AliasNode:
		return "the alias *" + clip(n.Value)
	case yaml.ScalarNode, yaml.DocumentNode, yaml.StreamNode:
	}
	what := map[string]string{
		"!!str": "the string", "!!bool": "the boolean", "!!int": "the number", "!!float": "the number", "!!timestamp": "the date",
		"!!merge": "the merge key",
	}[n.ShortTag()]
	switch {
	case n.ShortTag() == "!!null":
		return "nothing"
	case what == "":
		return "a value with the tag " + clip(n.ShortTag())
	default:
		return what + " " + clip(n.Value)
	}
}

// clip shortens what a message quotes.
func clip(s string) string {
	const most = 60
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most]) + "..."
}

// oneLine keeps a message on one line, whatever it quotes.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == 0x2028 || r == 0x2029 {
			return ' '
		}
		return r
	}, s)
}
