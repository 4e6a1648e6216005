package main

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/tlsward/tlsward/config"
	"github.com/tlsward/tlsward/engine"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/policies"
	"github.com/tlsward/tlsward/rule"
)

// ours is the rulebook that is built in.
func ours() engine.Rulebook {
	return engine.Rulebook{Name: "tlsward", FS: policies.FS(), Verified: true}
}

// rulebooks are ours, then the config's, then those that flags name, each at the version that the config pins.
func rulebooks(c *config.Config, flags []string) ([]engine.Rulebook, error) {
	first := ours()
	first.Pin, first.PinnedAt = c.Rulebook, kube.Path{"rulebook"}
	books := []engine.Rulebook{first}
	add := func(book engine.Rulebook) error {
		files, err := openRulebook(book.Name)
		if err != nil {
			return fmt.Errorf("rules %s: %w", book.Name, err)
		}
		if tooDeep(files) {
			return fmt.Errorf("rules %s: no rule: want folders like provider/rule/rule.rego in it; name a folder above", book.Name)
		}
		book.FS = files
		books = append(books, book)
		return nil
	}
	for _, r := range c.Rulebooks {
		if err := add(engine.Rulebook{Name: filepath.Join(c.Dir, r.Path), Pin: r.Version, PinnedAt: r.At}); err != nil {
			return nil, err
		}
	}
	for _, path := range flags {
		if err := add(engine.Rulebook{Name: path}); err != nil {
			return nil, err
		}
	}
	return books, nil
}

// tooDeep reports whether a folder is one inside a rulebook: a provider's, or a rule's. As a rulebook it would have no rules.
func tooDeep(files fs.FS) bool {
	holds := func(glob string) bool {
		found, err := fs.Glob(files, glob)
		return err == nil && len(found) > 0
	}
	return !holds("*/*/rule.rego") && (holds("*/rule.rego") || holds("rule.rego"))
}

// currentVersion is that of a rulebook as it stands, zero if it has no versions.
func currentVersion(files fs.FS) (rule.Version, error) {
	versions, err := engine.Versions(files)
	if err != nil || len(versions) == 0 {
		return rule.Version{}, err
	}
	return versions[len(versions)-1].Version, nil
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
