package engine

import (
	"crypto/sha256"
	"encoding/hex"

	"github.com/tlsward/tlsward/engine/prefilter"
)

// FiltersFile is where a verified rulebook keeps what the prefilter knows of its rules: made by `make generate`, so that no rule is
// parsed or compiled that finds nothing. A rule that has changed since is compiled as if the file were not there.
const FiltersFile = "prefilters.txt"

// filtersFormat goes into the versions: who changes how filters are made or written makes all of them old.
const filtersFormat = "8"

func (b *book) loadFilters() (*prefilter.Set, error) {
	written, err := b.archive(FiltersFile)
	if err != nil {
		return nil, err
	}
	return prefilter.Read(written), nil
}

func (b *book) hashLibrary() (string, error) {
	files, err := b.libraryFiles()
	if err != nil {
		return "", err
	}
	hash := sha256.New()
	for _, file := range files {
		text, err := readBounded(b.FS, file)
		if err != nil {
			return "", err
		}
		hash.Write(text)
	}
	return string(hash.Sum([]byte(filtersFormat))), nil
}

// version changes with whatever a rule's filter is made of.
func (b *book) version(r *loadedRule) (string, error) {
	library, err := b.sources()
	hash := sha256.Sum256(append([]byte(library), r.text...))
	return hex.EncodeToString(hash[:8]), err
}

// versions are those of all rules, by their ids.
func (b *book) versions(of func(*loadedRule) (string, error)) (_ map[string]string, err error) {
	versions := make(map[string]string, len(b.rules))
	for _, r := range b.rules {
		if versions[r.ID], err = of(r); err != nil {
			return nil, err
		}
	}
	return versions, nil
}

// Filters is the text of FiltersFile, for the first rulebook.
func (e *Engine) Filters() (string, error) {
	b := e.books[0]
	w, err := e.whole(b)
	if err != nil {
		return "", err
	}
	versions, err := b.versions(b.version)
	if err != nil {
		return "", err
	}
	return w.filters.Text(func(id string) string { return versions[id] }), nil
}
