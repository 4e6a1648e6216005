package main

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/tlsward/tlsward/engine"
	"github.com/tlsward/tlsward/policies"
)

// rulebooks are ours, then those in some directories or archives.
func rulebooks(paths []string) ([]engine.Rulebook, error) {
	books := []engine.Rulebook{{Name: "tlsward", FS: policies.FS(), Verified: true}}
	for _, path := range paths {
		files, err := openRulebook(path)
		if err != nil {
			return nil, fmt.Errorf("rules %s: %w", path, err)
		}
		books = append(books, engine.Rulebook{Name: path, FS: files})
	}
	return books, nil
}

// maxArchive bounds a rulebook in an archive, in bytes: what a ConfigMap can hold (1 MiB), a few times over.
const maxArchive = 8 << 20

// openRulebook opens a directory, or a zip archive, which is how a folder of folders fits into one entry of a ConfigMap.
func openRulebook(path string) (fs.FS, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, errors.New("no such directory")
	case err != nil:
		return nil, err
	case !info.IsDir():
		return openArchive(path, info)
	}
	// A mounted ConfigMap is a folder of links into ..data, which is replaced as a whole: what is read there belongs together.
	if resolved, err := filepath.EvalSymlinks(filepath.Join(path, "..data")); err == nil {
		path = resolved
	}
	return os.DirFS(path), nil
}

func openArchive(path string, info fs.FileInfo) (fs.FS, error) {
	if info.Size() > maxArchive {
		return nil, fmt.Errorf("%d bytes, want at most %d", info.Size(), maxArchive)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, fmt.Errorf("want a directory or a zip archive: %w", err)
	}
	return archive, nil
}
