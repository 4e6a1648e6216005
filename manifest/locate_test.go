package manifest

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/tlsward/tlsward/kube"
)

const located = `# head
apiVersion: v1
kind: Secret
metadata:
  name:   "été"   # c
  "annotations":
    example.com/a: 'b'
    empty:
    flow: {x: 1, "y z": [2, é, 3], w: }
tls:
- hosts: [a, b]
  name: c
-
  name: d
- - e
data:
  ca.crt: |
    one
    two

    four
  folded: >-
    one
    two
  json: "one\ntwo\nthree\n"
  multi: one
    two
base: &base
  x: 1
  v: {z: 2}
use: *base
merged:
  <<: *base
  x: 3
alias: &s hello
again: *s
`

func TestLocate(t *testing.T) {
	docs := Read("f.yaml", []byte(located), Options{})
	if len(docs) != 1 || docs[0].Status != Object {
		t.Fatalf("%+v", docs)
	}
	library := withLibrary(t, located)
	for path, want := range map[string]string{
		"":                          `2:1 "apiVersion: v1"`,
		"kind":                      `3:7 "Secret"`,
		"metadata":                  `4:1 "metadata"`,
		"metadata.name":             `5:11 "\"été\""`,
		"metadata.annotations":      `6:3 "\"annotations\""`,
		"metadata.annotations.nope": `6:3 "\"annotations\""`,
		"metadata.annotations[\"example.com/a\"]": `7:20 "'b'"`,
		"metadata.annotations.empty":              `8:5 "empty"`,
		"metadata.annotations.flow":               `9:5 "flow"`,
		"metadata.annotations.flow.x":             `9:15 "1"`,
		"metadata.annotations.flow[\"y z\"]":      `9:18 "\"y z\""`,
		"metadata.annotations.flow[\"y z\"][1]":   `9:29 "é"`,
		"metadata.annotations.flow[\"y z\"][2]":   `9:32 "3"`,
		"metadata.annotations.flow.w":             `9:36 "w"`,
		"metadata.labels.a.b":                     `4:1 "metadata"`,
		"nope":                                    `2:1 "apiVersion: v1"`,
		"tls":                                     `10:1 "tls"`,
		"tls[0]":                                  `11:3 "hosts: [a, b]"`,
		"tls[0].hosts":                            `11:3 "hosts"`,
		"tls[0].hosts[1]":                         `11:14 "b"`,
		"tls[0].hosts[5]":                         `11:3 "hosts"`,
		"tls[0].secretName":                       `11:3 "hosts: [a, b]"`,
		"tls[1].name":                             `14:9 "d"`,
		"tls[2][0]":                               `15:5 "e"`,
		"tls[7]":                                  `10:1 "tls"`,
		`data["ca.crt"]`:                          `17:3 "ca.crt"`,
		"data.folded":                             `22:3 "folded"`,
		"data.json":                               `25:9 "\"one\\ntwo\\nthree\\n\""`,
		"data.multi":                              `26:10 "one"`,
		"use":                                     `31:1 "use"`,
		"use.x":                                   `29:6 "1"`,
		"use.v.z":                                 `30:10 "2"`,
		"merged.x":                                `34:6 "3"`,
		"merged.v":                                `30:3 "v"`,
		"alias":                                   `35:11 "hello"`,
		"again":                                   `35:11 "hello"`,
	} {
		p, err := kube.ParsePath(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := spanText(&docs[0], p); got != want {
			t.Errorf("%s: at %s, want %s", path, got, want)
		}
		// The library knows no ends, and counts an anchor to its node; else it must say the same.
		if a, b := docs[0].Locate(p), library.Locate(p); a != b && path != "alias" && path != "again" && b.Line != 9 {
			t.Errorf("%s: at %v, by the library at %v", path, a, b)
		}
	}
}

// withLibrary is a document of which our parser thinks that it cannot read it.
func withLibrary(t *testing.T, text string) *Document {
	t.Helper()
	text = strings.Replace(text, "apiVersion: v1", "apiVersion: !!str v1", 1)
	docs := Read("f.yaml", []byte(text), Options{})
	if docs[0].Status != Object || docs[0].tree().exact {
		t.Fatalf("%+v", docs)
	}
	return &docs[0]
}

// spanText is where a field is located and the text it is underlined for.
func spanText(d *Document, p kube.Path) string {
	start, end := d.Span(p)
	if end.Line != start.Line {
		return fmt.Sprintf("%v to %v", start, end)
	}
	line := []rune(d.SourceLine(start.Line))
	return fmt.Sprintf("%d:%d %q", start.Line, start.Column, string(line[start.Column-1:end.Column-1]))
}

func TestLocateIn(t *testing.T) {
	docs := Read("f.yaml", []byte(located), Options{})
	for _, c := range []struct {
		path string
		line int
		want string
	}{
		{`data["ca.crt"]`, 1, "18:5"},
		{`data["ca.crt"]`, 2, "19:5"},
		{`data["ca.crt"]`, 3, "20:1"},
		{`data["ca.crt"]`, 4, "21:5"},
		{`data["ca.crt"]`, 99, "21:5"},
		{`data["ca.crt"]`, 0, "18:5"},
		{"data.folded", 2, "22:3"},
		{"data.json", 1, "25:9"},
		{"data.json", 2, "25:15"},
		{"data.json", 3, "25:20"},
		{"data.json", 9, "25:20"},
		{"data.nope", 2, "16:1"},
		{"kind", 2, "3:7"},
	} {
		p, err := kube.ParsePath(c.path)
		if err != nil {
			t.Fatal(err)
		}
		if at := docs[0].LocateIn(p, c.line); fmt.Sprintf("%d:%d", at.Line, at.Column) != c.want {
			t.Errorf("%s line %d: at %v, want %s", c.path, c.line, at, c.want)
		}
	}
}

func TestLocateElsewhere(t *testing.T) {
	for name, c := range map[string]struct{ in, path, want string }{
		"JSON":            {"{\n  \"apiVersion\": \"v1\", \"kind\": \"A\",\n  \"a\": [{\"b\": \"c\"}]}", "a[0].b", `3:15 "\"c\""`},
		"JSON key":        {"{\n  \"apiVersion\": \"v1\", \"kind\": \"A\",\n  \"a\": [{\"b\": \"c\"}]}", "a", `3:3 "\"a\""`},
		"byte order mark": {"\ufeffapiVersion: v1\nkind: A\n", "apiVersion", `1:13 "v1"`},
		"CRLF":            {"apiVersion: v1\r\nkind: A\r\na: b\r\n", "a", `3:4 "b"`},
		"CR":              {"apiVersion: v1\rkind: A\ra: b\r", "a", `3:4 "b"`},
		"second document": {"a: b\n---\napiVersion: v1\nkind: A\n---\n", "kind", `4:7 "A"`},
		"item":            {"apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: A\n", "kind", `5:9 "A"`},
		"item itself":     {"apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: A\n", "spec.a", `4:3 "apiVersion: v1"`},
		"inferred kind":   {"apiVersion: v1\nkind: AList\nitems:\n- metadata: {name: a}\n", "kind", `4:3 "metadata: {name: a}"`},
		"duplicate key":   {"apiVersion: v1\nkind: A\na: 1\na: 2\n", "a", `4:4 "2"`},
		"number as key":   {"apiVersion: v1\nkind: A\na: {8080: b}\n", `a["8080"]`, `3:11 "b"`},
		"value below":     {"apiVersion: v1\nkind: A\na:\n  b\n", "a", `4:3 "b"`},
		"several lines":   {"apiVersion: v1\nkind: A\na: 'b\n  c'\n", "a", `3:4 "'b"`},
		"tagged":          {"apiVersion: v1\nkind: A\na: !!str 1 # c\n", "a", `3:4 "!!str 1"`},
		"question mark":   {"apiVersion: v1\nkind: A\n? a\n: \"b\" # c\n", "a", `4:3 "\"b\""`},
	} {
		t.Run(name, func(t *testing.T) {
			for _, d := range Read("f.yaml", []byte(c.in), Options{}) {
				if d.Status != Object {
					continue
				}
				p, _ := kube.ParsePath(c.path)
				if got := spanText(&d, p); got != c.want {
					t.Errorf("at %s, want %s", got, c.want)
				}
			}
		})
	}
	for _, d := range Read("f.yaml", []byte("a: [\n---\n\n# c\n---\nb: c\n"), Options{}) {
		if at := d.Locate(kube.Path{"x"}); at.Line != d.Line || at.Column != 1 {
			t.Errorf("%v: at %v, begins at %d", d.Status, at, d.Line)
		}
	}
	var zero Document
	if at := zero.Locate(kube.Path{"x"}); at.Line != 1 || zero.SourceLine(1) != "" {
		t.Errorf("zero: %v", at)
	}
}

// TestLocateConcurrently is for the race detector: reviews run side by side and share the file.
func TestLocateConcurrently(t *testing.T) {
	docs := Read("f.yaml", []byte(object+"---\n"+object), Options{})
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			d := docs[i%2]
			if at := d.Locate(kube.Path{"metadata", "name"}); at.Line != 4+5*(i%2) {
				t.Errorf("at %v", at)
			}
		})
	}
	group.Wait()
}
