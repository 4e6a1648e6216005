package manifest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tlsward/tlsward/kube"
)

// replaced makes a replacement in a text as whoever reads a report would: by lines and code points.
func replaced(t *testing.T, text string, r Replacement) string {
	t.Helper()
	offset := func(at kube.Position) int {
		lines := strings.SplitAfter(text, "\n")
		n := 0
		for _, line := range lines[:at.Line-1] {
			n += len(line)
		}
		runes := []rune(strings.TrimPrefix(lines[at.Line-1], utf8BOM))
		return n + len(lines[at.Line-1]) - len(string(runes)) + len(string(runes[:at.Column-1]))
	}
	return text[:offset(r.From)] + r.Text + text[offset(r.To):]
}

// TestReplace: a replacement says the same as Apply does.
func TestReplace(t *testing.T) {
	for name, c := range map[string]struct {
		in, from, text string
		edits          []kube.Edit
	}{
		"a value":            {"kind: A\napiVersion: v1\na: é one # why\n", "3:4", "two", []kube.Edit{set("a", "two")}},
		"a new key":          {"kind: A\napiVersion: v1\nmetadata:\n  name: x\nz: 1\n", "5:1", "  k: v\n", []kube.Edit{set("metadata.k", "v")}},
		"CRLF":               {"kind: A\r\napiVersion: v1\r\na: b\r\n", "3:4", "x", []kube.Edit{set("a", "x")}},
		"no end":             {"kind: A\napiVersion: v1", "2:15", "\nb: c", []kube.Edit{set("b", "c")}},
		"a byte order mark":  {"\ufeffkind: A\napiVersion: v1\na: b\n", "3:4", "c", []kube.Edit{set("a", "c")}},
		"half a character":   {"kind: A\napiVersion: v1\na: \"é\"\n", "3:5", "è", []kube.Edit{set("a", "è")}},
		"two places":         {"kind: A\napiVersion: v1\na: 1\nb: 2\n", "3:4", "3\nb: 4", []kube.Edit{set("a", int64(3)), set("b", int64(4))}},
		"removed":            {"kind: A\napiVersion: v1\na: 1\nb: 2\n", "3:1", "", []kube.Edit{edit(kube.Remove, "a", nil)}},
		"nothing to do":      {"kind: A\napiVersion: v1\na: b\n", "4:1", "", []kube.Edit{set("a", "b")}},
		"after another":      {"kind: B\napiVersion: v1\n---\nkind: A\napiVersion: v1\na: b\n", "6:4", "c", []kube.Edit{set("a", "c")}},
		"an item of a List":  {"kind: List\napiVersion: v1\nitems:\n- {kind: B, apiVersion: v1}\n- {kind: A, apiVersion: v1, a: b}\n", "5:32", "c", []kube.Edit{set("a", "c")}},
		"after a long emoji": {"kind: A\napiVersion: v1\na: {b: 😀, c: d}\n", "3:14", "e", []kube.Edit{set("a.c", "e")}},
	} {
		t.Run(name, func(t *testing.T) {
			docs := Read("f.yaml", []byte(c.in), Options{})
			d := docs[len(docs)-1]
			got, err := d.Replace(c.edits)
			if err != nil {
				t.Fatal(err)
			}
			want, err := Apply("f.yaml", []byte(c.in), []DocumentEdits{{d.Index, d.Item, c.edits}})
			if err != nil {
				t.Fatal(err)
			}
			if text := replaced(t, c.in, got); text != string(want) {
				t.Errorf("%+v makes\n%q, want\n%q", got, text, want)
			}
			if from := fmt.Sprintf("%d:%d", got.From.Line, got.From.Column); from != c.from || got.Text != c.text {
				t.Errorf("%q at %s, want %q at %s", got.Text, from, c.text, c.from)
			}
		})
	}
}

func TestReplaceRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"anchors":  "kind: A\napiVersion: v1\na: &x b\nc: *x\n",
		"too long": "kind: A\napiVersion: v1\na: b\n#" + strings.Repeat("x", maxReplaced) + "\n",
		"UTF-16":   "\xff\xfek\x00",
	} {
		d := Read("f.yaml", []byte(text), Options{})[0]
		if got, err := d.Replace([]kube.Edit{set("a", "c")}); err == nil {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
