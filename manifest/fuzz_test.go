package manifest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	kjson "k8s.io/apimachinery/pkg/util/json"
	"sigs.k8s.io/yaml"
	goyaml "sigs.k8s.io/yaml/goyaml.v2"

	"github.com/tlsward/tlsward/kube"
)

// judge reads a single document as the API server does. It reports false where that path refuses it.
func judge(text string) (any, bool) {
	data, err := yaml.YAMLToJSON([]byte(text))
	if err != nil {
		return nil, false
	}
	// It reads the first document and drops what follows it, even what is broken; we do not.
	stream := goyaml.NewDecoder(strings.NewReader(text))
	var first, second any
	if stream.Decode(&first) == nil && !errors.Is(stream.Decode(&second), io.EOF) {
		return nil, false
	}
	var value any
	if err := kjson.Unmarshal(data, &value); err != nil {
		return nil, false
	}
	return value, true
}

// ours reads a single document with both parsers. ok is false where the text is refused or is several documents.
func ours(t *testing.T, text string) (value any, ok bool) {
	spans := split(text)
	if len(spans) != 1 {
		return nil, false
	}
	src := &source{name: "f.yaml", text: text}
	lib, problem := loadLibrary(src, int(spans[0].start), int(spans[0].tail))
	if problem == nil && len(lib.nodes) > 0 && (lib.nodes[0].style == literal || lib.nodes[0].style == folded) {
		return nil, false // YAML 1.2 lets its lines begin at the margin; a block scalar is no object either way
	}
	var p parser
	own := p.parse(text, spans[0])
	if own && problem == nil && !p.json {
		sameTrees(t, text, &p.tree, lib)
	}
	tree := lib
	if own {
		tree = &p.tree
		checkEnds(t, text, tree)
	} else if problem != nil {
		return nil, false
	}
	if len(tree.nodes) == 0 {
		return nil, true
	}
	if mixedKeys(tree) {
		return nil, false
	}
	c := converter{t: tree}
	value, err := c.value(0)
	return value, err == nil
}

// mixedKeys reports whether some key is written both as a string and as a number or boolean. The API server's path keeps
// both apart until it makes strings of them, and then one of the two, at random.
func mixedKeys(t *tree) bool {
	types := map[string]string{}
	for i := range t.nodes {
		if t.nodes[i].shape != mapping {
			continue
		}
		for k := i + 1; k < int(t.nodes[i].next); k = int(t.nodes[t.nodes[k].next].next) {
			text, err := keyText(t, k)
			if err != nil {
				continue
			}
			value, _ := scalarValue(&t.nodes[t.deref(k)])
			is := fmt.Sprintf("%T", value)
			if before, seen := types[text]; seen && before != is {
				return true
			}
			types[text] = is
		}
	}
	return false
}

func sameTrees(t *testing.T, text string, a, b *tree) {
	t.Helper()
	if len(a.nodes) == 0 && len(b.nodes) == 1 && b.nodes[0].value == "" {
		return // nothing, and the null it stands for
	}
	if len(a.nodes) != len(b.nodes) {
		t.Fatalf("%q: our parser sees %d nodes, the library %d\n%+v\n%+v", text, len(a.nodes), len(b.nodes), a.nodes, b.nodes)
	}
	for i := range a.nodes {
		x, y := a.nodes[i], b.nodes[i]
		if x.shape != y.shape || x.style != y.style || x.value != y.value || x.next != y.next || x.target != y.target || x.anchored != y.anchored {
			t.Fatalf("%q: node %d is %#v, to the library %#v", text, i, x, y)
		}
		if x.start != y.start && x.value != "" && !x.anchored {
			t.Fatalf("%q: node %d %q starts at %d, to the library at %d", text, i, x.value, x.start, y.start)
		}
	}
}

// checkEnds holds that every node of our parser lies in the text and within its parent, and that scalars are what stands there.
func checkEnds(t *testing.T, text string, tr *tree) {
	t.Helper()
	for i, n := range tr.nodes {
		if n.start > n.end || int(n.end) > len(text) || n.start < 0 {
			t.Fatalf("%q: node %d %+v is outside of the text", text, i, n)
		}
		if n.shape == mapping || n.shape == sequence {
			for c := i + 1; c < int(n.next); c = int(tr.nodes[c].next) {
				if tr.nodes[c].start < n.start || tr.nodes[c].end > n.end {
					t.Fatalf("%q: node %d %+v is outside of its parent %+v", text, c, tr.nodes[c], n)
				}
			}
		}
		if n.shape == scalar && n.style == plain && !strings.Contains(text[n.start:n.end], "\n") && text[n.start:n.end] != n.value {
			t.Fatalf("%q: node %d %+v stands for %q", text, i, n, text[n.start:n.end])
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, seed := range seeds {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 1<<16 {
			return
		}
		watch := time.AfterFunc(5*time.Second, func() { panic(fmt.Sprintf("%q takes more than 5 s", text)) })
		defer watch.Stop()
		if want, ok := judge(text); ok && len(split(text)) == 1 {
			if got, accepted := ours(t, text); accepted && !sameValue(got, want) {
				t.Fatalf("%q:\n got %s\nwant %s", text, show(got), show(want))
			}
		} else {
			ours(t, text)
		}
		docs := Read("f.yaml", []byte(text), Options{})
		if len(docs) == 0 {
			t.Fatalf("%q: no documents", text)
		}
		relevant := Read("f.yaml", []byte(text), Options{Relevant: func(_, kind string) bool { return kind == "Ingress" }})
		checkOutline(t, text, docs, relevant)
		for i := range docs {
			checkDocument(t, text, &docs[i])
		}
	})
}

// checkOutline holds that not decoding irrelevant kinds hides no relevant object.
func checkOutline(t *testing.T, text string, all, relevant []Document) {
	t.Helper()
	var want, got []Document
	for _, d := range all {
		if d.Status == Object && d.Object.ID.Kind == "Ingress" {
			want = append(want, d)
		}
	}
	for _, d := range relevant {
		if d.Status == Object {
			got = append(got, d)
		}
	}
	if len(want) != len(got) {
		t.Fatalf("%q: %d relevant objects, want %d", text, len(got), len(want))
	}
	for i := range want {
		if !sameValue(got[i].Object.Fields, want[i].Object.Fields) || got[i].Line != want[i].Line || got[i].Index != want[i].Index {
			t.Fatalf("%q: relevant object %d differs", text, i)
		}
	}
}

func checkDocument(t *testing.T, text string, d *Document) {
	t.Helper()
	inside := func(at kube.Position) {
		t.Helper()
		if at.File != "f.yaml" || at.Line < 1 || at.Column < 1 {
			t.Fatalf("%q: position %+v", text, at)
		}
		if d.src.text == "" {
			return
		}
		if d.src.position(0); at.Line > len(d.src.lines) || at.Column > len([]rune(d.src.line(at.Line)))+1 {
			t.Fatalf("%q: position %+v is outside of the file", text, at)
		}
	}
	if d.Line < 1 || (d.Err != nil) != (d.Status != Object && d.Status != Irrelevant && d.Status != Empty) {
		t.Fatalf("%q: line %d, status %v, error %v", text, d.Line, d.Status, d.Err)
	}
	if d.Err != nil && d.src.text != "" {
		inside(d.Err.At)
	}
	patience := 200
	visit(d.Object.Fields, nil, &patience, func(p kube.Path) {
		start, end := d.Span(p)
		inside(start)
		inside(end)
		if start.Line != end.Line || end.Column < start.Column {
			t.Fatalf("%q: %v spans %+v to %+v", text, p, start, end)
		}
		inside(d.Locate(p.Append("absent")))
		inside(d.LocateIn(p, 3))
	})
	for _, dup := range d.Duplicates {
		inside(dup.At)
		inside(dup.First)
		if dup.At.Compare(dup.First) <= 0 {
			t.Fatalf("%q: duplicate %+v", text, dup)
		}
	}
}

// visit calls f for the paths of a value, as many as there is patience for.
func visit(value any, at kube.Path, patience *int, f func(kube.Path)) {
	if *patience--; *patience < 0 {
		return
	}
	f(at)
	switch v := value.(type) {
	case map[string]any:
		for _, key := range kube.SortedKeys(v) {
			visit(v[key], at.Append(key), patience, f)
		}
	case []any:
		for i := range v {
			visit(v[i], at.Append(i), patience, f)
		}
	}
}

func sameValue(a, b any) bool { return reflect.DeepEqual(a, b) }

func show(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(data)
}

func FuzzApply(f *testing.F) {
	for _, seed := range seeds {
		f.Add(seed, uint8(0), uint8(0), "on")
		f.Add(seed, uint8(1), uint8(1), "a\nb\n")
		f.Add(seed, uint8(3), uint8(2), "new key")
	}
	f.Fuzz(func(t *testing.T, text string, pick, op uint8, value string) {
		if len(text) > 1<<14 || !utf8.ValidString(value) {
			return
		}
		watch := time.AfterFunc(5*time.Second, func() { panic(fmt.Sprintf("%q takes more than 5 s", text)) })
		defer watch.Stop()
		docs := Read("f.yaml", []byte(text), Options{})
		d := &docs[int(pick)%len(docs)]
		if d.Status != Object {
			// What is edited need not be an object: make one of the first document for as long as it has fields.
			d = &docs[0]
		}
		fields := fieldsOf(d)
		if fields == nil {
			return
		}
		var paths []kube.Path
		patience := 50
		visit(fields, nil, &patience, func(p kube.Path) { paths = append(paths, p) })
		path := paths[int(pick)%len(paths)]
		e := kube.Edit{Op: kube.Op(op % 3), Path: path, Value: value}
		switch op / 3 % 4 {
		case 1:
			e.Path = path.Append(value)
		case 2:
			e.Path = path.Append("metadata", "annotations", value)
		case 3:
			e.Value = map[string]any{"a": []any{value, int64(1), nil}, value: map[string]any{}}
		}
		got, err := Apply("f.yaml", []byte(text), []DocumentEdits{{Index: d.Index, Edits: []kube.Edit{e}}})
		if err != nil {
			return
		}
		checkApplied(t, text, string(got), d.Index, fields, e)
	})
}

// fieldsOf is what the whole document that d is in means, or nil.
func fieldsOf(d *Document) any {
	if d.src.text == "" || d.Status == Broken || d.Status == Template {
		return nil
	}
	var value any
	_ = withTree(d.src, d.at, func(t *tree) {
		if len(t.nodes) > 0 {
			c := converter{t: t}
			value, _ = c.value(0)
		}
	})
	return value
}

// checkApplied holds that an edit is there, that sigs.k8s.io/yaml sees it too, and that the other documents are untouched.
func checkApplied(t *testing.T, before, after string, index int, fields any, e kube.Edit) {
	t.Helper()
	old, spans := splitJSON(before, split(before)), splitJSON(after, split(after))
	if len(old) != len(spans) {
		t.Fatalf("%q: %d documents of %d: %q", before, len(spans), len(old), after)
	}
	for i := range spans {
		if a, b := before[old[i].start:old[i].tail], after[spans[i].start:spans[i].tail]; i != index && a != b {
			t.Fatalf("%q: document %d is %q after the edit of another, was %q", before, i, b, a)
		}
	}
	want, err := kube.ApplyTo(fields, kube.Edit{Op: e.Op, Path: e.Path, Value: normal(e.Value)})
	if err != nil {
		t.Fatalf("%q: made an impossible edit %+v: %v", before, e, err)
	}
	if m, _ := fields.(map[string]any); m != nil {
		// The mutating door makes the same edits in the object itself; the two must agree.
		if object, ok := kube.FromFields(m); ok {
			same := kube.Edit{Op: e.Op, Path: e.Path, Value: normal(e.Value)}
			if patched, err := kube.Apply(object, []kube.Edit{same}); err == nil && !sameValue(patched.Fields, want) {
				t.Fatalf("%q: %+v makes %s of a file, %s of an object", before, e, show(want), show(patched.Fields))
			}
		}
	}
	text := after[spans[index].start:spans[index].tail]
	mixed := false
	_ = withTree(&source{text: text}, split(text)[0], func(t *tree) { mixed = mixedKeys(t) })
	if got, ok := judge(text); ok && !mixed && !sameValue(got, want) {
		t.Fatalf("%q: after %+v it is %q:\n got %s\nwant %s", before, e, after, show(got), show(want))
	}
	breaks, crlf := strings.Count(before, "\n"), strings.Count(before, "\r\n")
	if n := strings.Count(after, "\r\n"); crlf == 0 && n > 0 || crlf > 0 && crlf == breaks && n != strings.Count(after, "\n") {
		t.Fatalf("%q: line endings are mixed in %q", before, after)
	}
}
