package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestArchive: the chart's archive holds every file of it, Chart.yaml first, and is the same wherever and whenever it is made.
func TestArchive(t *testing.T) {
	const created = "2026-05-04T05:06:07+02:00"
	chart := filepath.Join("..", "..", "charts", "tlsward")
	moved := filepath.Join(t.TempDir(), "elsewhere")
	if err := os.CopyFS(moved, os.DirFS(chart)); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(filepath.Join(moved, "values.yaml"), time.Unix(0, 0), time.Unix(0, 0)); err != nil {
		t.Fatal(err)
	}
	var archives [][]byte
	for _, from := range []string{chart, moved} {
		out := t.TempDir()
		if err := run([]string{"-created", created, "-out", out, from}, io.Discard); err != nil {
			t.Fatal(err)
		}
		made, err := filepath.Glob(filepath.Join(out, "tlsward-*.tgz"))
		if err != nil || len(made) != 1 {
			t.Fatalf("made %v (%v)", made, err)
		}
		content, err := os.ReadFile(made[0])
		if err != nil {
			t.Fatal(err)
		}
		archives = append(archives, content)
	}
	if !bytes.Equal(archives[0], archives[1]) {
		t.Error("the same chart in another place gives another archive")
	}
	compressed, err := gzip.NewReader(bytes.NewReader(archives[0]))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]bool{}
	for archive := tar.NewReader(compressed); ; {
		h, err := archive.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if len(files) == 0 && h.Name != "tlsward/Chart.yaml" {
			t.Errorf("the first file is %s", h.Name)
		}
		if files[h.Name] {
			t.Errorf("%s stands in it twice", h.Name)
		}
		files[h.Name] = true
		want, err := os.ReadFile(filepath.Join(chart, "..", filepath.FromSlash(h.Name)))
		got, readErr := io.ReadAll(archive)
		if err != nil || readErr != nil || !bytes.Equal(got, want) {
			t.Errorf("%s differs (%v, %v)", h.Name, err, readErr)
		}
	}
	for _, want := range []string{"tlsward/values.yaml", "tlsward/values.schema.json", "tlsward/files/kinds.yaml"} {
		if !files[want] {
			t.Errorf("%s is not in it", want)
		}
	}
	for _, wrong := range [][]string{{}, {"-created", "today", "-out", t.TempDir(), chart}, {"-created", created, "-out", t.TempDir(), t.TempDir()}} {
		if err := run(wrong, io.Discard); err == nil {
			t.Errorf("%v is taken", wrong)
		}
	}
}
