package archive_test

import (
	"strings"
	"testing"

	"github.com/tlsward/tlsward/engine/archive"
)

var entries = []archive.Entry{
	{Name: "acme/one", Version: "1", Text: "first"},
	{Name: "acme/two", Version: "", Text: ""},
	{Name: "acme/three", Version: "3", Text: "lines\nand\ttabs\n\x00\xff"},
}

func TestArchive(t *testing.T) {
	a, err := archive.Read(strings.NewReader(archive.Write(entries)))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if text, ok, err := a.Text(e.Name, e.Version); string(text) != e.Text || !ok || err != nil {
			t.Errorf("%s: got %q, %t, %v", e.Name, text, ok, err)
		}
		if text, ok, err := a.Text(e.Name, "2"); ok || err != nil {
			t.Errorf("%s of another version: got %q, %t, %v", e.Name, text, ok, err)
		}
	}
	if text, ok, err := a.Text("acme/four", ""); ok || err != nil {
		t.Errorf("a name that is not there: got %q, %t, %v", text, ok, err)
	}
}

func TestNothing(t *testing.T) {
	for _, text := range []string{"", archive.Write(nil)} {
		a, err := archive.Read(strings.NewReader(text))
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if _, ok, err := a.Text("acme/one", ""); ok || err != nil {
			t.Errorf("%q: got %t, %v", text, ok, err)
		}
	}
}

func TestDamaged(t *testing.T) {
	whole := archive.Write(entries)
	for n := 1; n < len(whole); n++ {
		if _, err := archive.Read(strings.NewReader(whole[:n])); err == nil {
			t.Errorf("cut off after %d of %d bytes, and taken", n, len(whole))
		}
	}
	for _, text := range []string{"x\n", "-1\n", "5\na\tb\n\n", "7\na\tb\tx\n\n", "8\na\tb\t-1\n\n", "99999999999\n", "15\na\t\t99999999999\n"} {
		if _, err := archive.Read(strings.NewReader(text)); err == nil {
			t.Errorf("taken: %q", text)
		}
	}
}
