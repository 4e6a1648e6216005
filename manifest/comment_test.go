package manifest_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/tlsward/tlsward/manifest"
)

// TestComments: which comments are found, and which lines each is about.
func TestComments(t *testing.T) {
	const word = "mark:me"
	tests := map[string]struct {
		text string
		want []string // line:column text -> from-to
	}{
		"at the end of a line": {
			"apiVersion: v1\nkind: Secret\nmetadata:\n  name: a # mark:me one\n",
			[]string{"4:11 mark:me one -> 4-4"},
		},
		"on a line of its own, with others between": {
			"apiVersion: v1\nkind: Secret\n# mark:me one\n# plain\n\n  # mark:me two\nmetadata: {name: a}\n",
			[]string{"3:1 mark:me one -> 7-7", "6:3 mark:me two -> 7-7"},
		},
		"before an object: all of it": {
			"# mark:me one\n---\n# mark:me two\n\napiVersion: v1\nkind: Secret\nmetadata: {name: a}\n--- # mark:me three\napiVersion: v1\nkind: Secret # mark:me four\nmetadata: {name: b}\n",
			[]string{"1:1 mark:me one -> whole 5-7", "3:1 mark:me two -> whole 5-7", "8:5 mark:me three -> whole 9-11", "10:14 mark:me four -> 10-10"},
		},
		"on the line where the object begins": {
			"apiVersion: v1 # mark:me one\nkind: Secret\nmetadata: {name: a}\n",
			[]string{"1:16 mark:me one -> whole 1-3"},
		},
		"at the end, about nothing": {
			"apiVersion: v1\nkind: Secret\nmetadata: {name: a}\n# mark:me one\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: b}\n",
			[]string{"4:1 mark:me one -> 0-0"},
		},
		"items of a list": {
			"apiVersion: v1\nkind: List\nitems:\n  # mark:me one\n  - apiVersion: v1\n    kind: Secret\n    metadata: {name: a}\n  - apiVersion: v1 # mark:me two\n    kind: Secret\n    metadata: {name: b} # mark:me three\n",
			[]string{"4:3 mark:me one -> whole 5-7", "8:20 mark:me two -> whole 8-10", "10:25 mark:me three -> 10-10"},
		},
		"in values, no comments": {
			"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  a: |\n    # mark:me one\n    b: c # mark:me two\n  c: \"x\n    # mark:me three\"\n  d: >-\n    text # mark:me four\n  # mark:me five\n  e: x# mark:me six\n",
			[]string{"12:3 mark:me five -> 13-13"},
		},
		"a comment after a block, outside of it": {
			"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  a: | # mark:me one\n    text\n# mark:me two\n  b: c\n",
			[]string{"5:8 mark:me one -> 5-5", "7:1 mark:me two -> 8-8"},
		},
		"behind another comment": {
			"apiVersion: v1\nkind: Secret # other # mark:me one # last\nmetadata: {name: a}\n",
			[]string{"2:22 mark:me one # last -> 2-2"},
		},
		"with odd line breaks": {
			"\uFEFF# mark:me one\r\napiVersion: v1\r\nkind: Secret\r\nmetadata: # mark:me two\r\n  name: a\r\n",
			[]string{"1:1 mark:me one -> whole 2-5", "4:11 mark:me two -> 4-4"},
		},
		"json": {
			`{"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "a # mark:me one"}}` + "\n",
			nil,
		},
		"what cannot be parsed": {
			"apiVersion: v1\nkind: [ # mark:me one\n---\napiVersion: v1\nkind: Secret # mark:me two\nmetadata: {name: a}\n",
			[]string{"5:14 mark:me two -> 5-5"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, c := range manifest.Comments(manifest.ReadText("f.yaml", test.text, manifest.Options{}), word) {
				whole := ""
				if c.Whole {
					whole = "whole "
				}
				got = append(got, fmt.Sprintf("%d:%d %s -> %s%d-%d", c.At.Line, c.At.Column, strings.TrimSpace(c.Text), whole, c.From, c.To))
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("got %q\nwant %q", got, test.want)
			}
		})
	}
}

// FuzzComments: whatever the text, each comment stands in it, holds the word, and is about lines that are there.
func FuzzComments(f *testing.F) {
	for _, seed := range []string{
		"a: b # x\n", "# x\n---\n# x\r\na: |\n  # x\n", "- a # x\n# x\n- b", "\uFEFF# x\r# x\ra: {b: 'c # x', # x\n d: e}", "a: &b [x] # x\nc: *b # x", "!t a: # x\n ? b # x\n",
		"apiVersion: v1\nkind: List\nitems: # x\n- {apiVersion: v1, kind: A} # x\n# x\n- apiVersion: v1\n  kind: B\n",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		documents := manifest.ReadText("f.yaml", text, manifest.Options{})
		last := 0
		for _, c := range manifest.Comments(documents, "x") {
			var line string
			for _, d := range documents {
				if d.Index == c.Index {
					line = d.SourceLine(c.At.Line)
				}
			}
			runes := []rune(line)
			if c.At.Column < 1 || c.At.Column > len(runes) || runes[c.At.Column-1] != '#' || !strings.Contains(c.Text, "x") {
				t.Fatalf("%+v stands not in %q", c, line)
			}
			if c.At.Line < last {
				t.Errorf("%+v after one of line %d", c, last)
			}
			last = c.At.Line
			if c.From != 0 && c.From < c.At.Line || c.To < c.From || c.Whole && c.From == 0 {
				t.Errorf("%+v is about no lines", c)
			}
		}
	})
}
