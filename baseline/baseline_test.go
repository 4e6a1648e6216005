package baseline

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/rule"
)

const head = `{"version": 1, "fingerprints": "tlsward/v1", `

func TestReadErrors(t *testing.T) {
	for name, test := range map[string]struct{ text, want string }{
		"empty":              {"", "b.json:1: no baseline: unexpected EOF"},
		"no JSON":            {"{\n\n  x", "b.json:3: no baseline: invalid character 'x' looking for beginning of object key string"},
		"torn":               {"{\n\"version\": 1,\n", "b.json:2: no baseline: unexpected EOF"},
		"a number too many":  {"{\n\"version\": \"1\"}", "b.json:2: no baseline: json: cannot unmarshal string into Go struct field document.version of type int"},
		"an unknown field":   {head + "\n\"found\": []}", `b.json:2: no baseline: json: unknown field "found"`},
		"another version":    {`{"version": 2}`, "b.json:1: version 2: want 1; remove it, and have --write-baseline make another"},
		"other fingerprints": {`{"version": 1, "fingerprints": "x", "findings": []}`, `b.json:1: fingerprints "x": want tlsward/v1; remove it, and have --write-baseline make another`},
		"an empty entry":     {head + `"findings": [{}]}`, "b.json:1: findings[0]: want a rule and a fingerprint"},
		"more after it":      {head + "\"findings\": []}\n{}", "b.json:2: want nothing after the baseline"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := parse("b.json", []byte(test.text)); err == nil || err.Error() != test.want {
				t.Errorf("got %v\nwant %s", err, test.want)
			}
		})
	}
	if _, err := Read(filepath.Join(t.TempDir(), "none.json")); err == nil || !strings.HasSuffix(err.Error(), "none.json: no such file or directory") {
		t.Errorf("a file that is not there: %v", err)
	}
}

// TestWrite: entries come back in order, with the line of each; nothing is written where nothing changes; a link stays one.
func TestWrite(t *testing.T) {
	dir := t.TempDir()
	file, link := filepath.Join(dir, "b.json"), filepath.Join(dir, "link.json")
	entries := []Entry{
		{File: "b.yaml", Rule: "a/b", Object: "X <y>", Fingerprint: "2"},
		{File: "b.yaml", Rule: "a/b", Object: "X <y>", Fingerprint: "1"},
		{File: "a.yaml", Rule: "c/d", Object: "X y", Path: "spec", Fingerprint: "3"},
	}
	if err := os.Symlink("b.json", link); err != nil {
		t.Fatal(err)
	}
	if err := Write(file, entries); err != nil {
		t.Fatal(err)
	}
	before, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	reversed := slices.Clone(entries)
	slices.Reverse(reversed)
	if err := Write(link, reversed); err != nil {
		t.Fatal(err)
	}
	if after, err := os.Stat(file); err != nil || !os.SameFile(before, after) {
		t.Errorf("what is the same was written again: %v", err)
	}
	if err := Write(link, entries[:2]); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link is gone: %v", err)
	}
	b, err := Read(file)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range b.Entries {
		got = append(got, fmt.Sprint(e.Fingerprint, " in line ", e.Line))
	}
	if want := []string{"1 in line 5", "2 in line 12"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func finding(file, path, fingerprint string) rule.Finding {
	return rule.Finding{
		Rule: "a/b", Object: kube.ID{Kind: "X", Namespace: "shop", Name: "y"}, Path: kube.Path{path}, Fingerprint: fingerprint,
		At: kube.Position{File: file, Line: 1},
	}
}

func entry(file, path, fingerprint string) Entry {
	return Entry{File: file, Rule: "a/b", Object: "X shop/y", Path: path, Fingerprint: fingerprint}
}

func TestMatch(t *testing.T) {
	mandatory := finding("a", "p", "1")
	mandatory.Mandatory = true
	overlay := entry("a", "p", "1")
	overlay.Object = "X shop/prod-y"
	for name, test := range map[string]struct {
		entries  []Entry
		findings []rule.Finding
		want     string // new | known | stale | next; those in file z are not of the run
	}{
		"nothing":                     {nil, nil, "| | |"},
		"new":                         {nil, []rule.Finding{finding("a", "p", "1")}, "a1 | | | a1"},
		"known":                       {[]Entry{entry("a", "p", "1")}, []rule.Finding{finding("a", "p", "1")}, "| a1 | | a1"},
		"mended":                      {[]Entry{entry("a", "p", "1")}, nil, "| | a1 |"},
		"of another run":              {[]Entry{entry("z", "p", "1")}, nil, "| | | z1"},
		"another name":                {[]Entry{entry("a", "p", "1")}, []rule.Finding{finding("b", "p", "1")}, "| b1 | | b1"},
		"another index":               {[]Entry{entry("a", "p", "1")}, []rule.Finding{finding("a", "q", "1")}, "| a1 | | a1"},
		"another rule":                {[]Entry{{File: "a", Rule: "c/d", Object: "X shop/y", Path: "p", Fingerprint: "1"}}, []rule.Finding{finding("a", "p", "1")}, "a1 | | a1 | a1"},
		"another element":             {[]Entry{entry("a", "p", "1")}, []rule.Finding{finding("a", "p", "2")}, "a2 | | a1 | a2"},
		"a third copy, first":         {[]Entry{entry("b", "p", "1"), entry("c", "p", "2")}, []rule.Finding{finding("a", "p", "1"), finding("b", "p", "2"), finding("c", "p", "3")}, "a1 | b2 c3 | | a1 b1 c2"},
		"one of two is mended":        {[]Entry{entry("a", "p", "1"), entry("b", "p", "2")}, []rule.Finding{finding("b", "p", "1")}, "| b1 | a1 | b2"},
		"one of two is not looked at": {[]Entry{entry("b", "p", "2"), entry("z", "p", "1")}, []rule.Finding{finding("b", "p", "1")}, "| b1 | | b2 z1"},
		"twice in a file, one new":    {[]Entry{entry("a", "p", "1")}, []rule.Finding{finding("a", "p", "1"), finding("a", "p", "2")}, "a2 | a1 | | a1 a2"},
		"of another overlay":          {[]Entry{overlay}, []rule.Finding{finding("a", "p", "1")}, "| a1 | | a1"},
		"what must not be":            {[]Entry{entry("a", "p", "1")}, []rule.Finding{mandatory}, "a1 | | a1 |"},
	} {
		t.Run(name, func(t *testing.T) {
			b := &Baseline{File: "b.json", Entries: test.entries}
			m := b.Match(test.findings, func(e Entry) bool { return e.File != "z" })
			texts := func(entries []Entry) string {
				var list []string
				for _, e := range entries {
					list = append(list, e.File+e.Fingerprint)
				}
				slices.Sort(list)
				return strings.Join(list, " ")
			}
			of := func(findings []rule.Finding) string {
				var entries []Entry
				for _, f := range findings {
					entries = append(entries, b.entry(f))
				}
				return texts(entries)
			}
			for _, f := range m.Known {
				if f.Suppression == nil || f.Suppression.Kind != rule.ByBaseline {
					t.Errorf("%v is known, and not suppressed", f)
				}
			}
			got := strings.Join([]string{of(m.New), of(m.Known), texts(m.Stale), texts(m.Next)}, " | ")
			if strings.Join(strings.Fields(got), " ") != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

// FuzzParse: what is taken for a baseline is written, and read again, as the same one.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{"", "{", head + `"findings": []}`, head + `"findings": [{"file": "a", "rule": "a/b", "object": "X y", "path": "p", "fingerprint": "1"}]}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		b, err := parse("b.json", data)
		if err != nil {
			return
		}
		first, err := text(b.Entries)
		if err != nil {
			t.Fatal(err)
		}
		again, err := parse("b.json", first)
		if err != nil {
			t.Fatalf("%v\n%s", err, first)
		}
		second, err := text(again.Entries)
		if err != nil || !bytes.Equal(first, second) {
			t.Errorf("%v\n%s\n%s", err, first, second)
		}
		for i, e := range again.Entries {
			if e.Line < 5 || i > 0 && e.Line <= again.Entries[i-1].Line {
				t.Errorf("entry %d stands in line %d", i, e.Line)
			}
		}
	})
}
