package lint

import (
	"context"
	"os"
	"path/filepath"
	"slices"

	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/manifest"
)

// bounds say how far a run may go by itself: a kustomization is input, and may name any file of the machine.
type bounds struct {
	// boundary is Options.Boundary without links; "" if there is none.
	boundary string
	// given are the real paths that the caller named.
	given []string
	// told are the paths that were reported to be outside.
	told map[string]bool
}

func newBounds(boundary string, paths []string) *bounds {
	b := &bounds{told: map[string]bool{}}
	if boundary != "" {
		b.boundary, _ = real(boundary)
	}
	for _, path := range paths {
		if path == manifest.Stdin || path == "" {
			continue
		}
		if path, ok := real(path); ok {
			b.given = append(b.given, path)
		}
	}
	return b
}

// real is a path without links, made absolute.
func real(path string) (string, bool) {
	path, err := filepath.EvalSymlinks(path)
	if err != nil {
		return "", false
	}
	path, err = filepath.Abs(path)
	return path, err == nil
}

// isGiven reports whether a real path is one that the caller named, or below one.
func (b *bounds) isGiven(path string) bool {
	return slices.ContainsFunc(b.given, func(given string) bool { return below(given, path) })
}

func (b *bounds) inside(path string) bool { return b.boundary != "" && below(b.boundary, path) }

func below(dir, path string) bool {
	inside, err := filepath.Rel(dir, path)
	return err == nil && filepath.IsLocal(inside)
}

// follow lists the files that kustomizations want read: those that are there, are files or folders, and stand where a run
// may go; the rest of what is there is named. What another tool makes first is no mistake.
func (b *bounds) follow(wanted []string, have []*file, o Options) (names []string, outside []Skipped) {
	var paths []string
	for _, path := range wanted {
		info, err := os.Stat(path)
		if err != nil || !info.Mode().IsRegular() && !info.IsDir() {
			continue
		}
		if b.mayRead(path) {
			paths = append(paths, path)
		} else if !b.told[path] {
			b.told[path] = true
			outside = append(outside, Skipped{kube.Position{File: path}, "named by a kustomization, but outside of what may be read"})
		}
	}
	found, _ := findNamed(paths, o)
	for _, name := range found {
		// A folder that is followed may hold links that lead out of it.
		if b.mayRead(name) && !slices.ContainsFunc(have, func(f *file) bool { return f.name == name }) {
			names = append(names, name)
		}
	}
	return names, outside
}

// mayFollow reports whether a symbolic link in a folder may lead to a real path: whoever writes manifests names no file of the machine.
func (b *bounds) mayFollow(real string) bool {
	return b.boundary == "" || b.inside(real) || b.isGiven(real)
}

func (b *bounds) mayRead(path string) bool {
	path, ok := real(path)
	return ok && (b.inside(path) || b.isGiven(path))
}

// readFollowed reads files of follow, and marks those that nobody named.
func (b *bounds) readFollowed(ctx context.Context, names []string, o Options) []*file {
	files := readAll(ctx, names, o)
	for _, f := range files {
		path, ok := real(f.name)
		f.followed, f.stray = !ok || !b.isGiven(path), false
	}
	return files
}

// unwritable says why a file that was read is not one to write; "" if it is.
func (b *bounds) unwritable(f *file) string {
	if f.name == manifest.Stdin {
		return ""
	}
	if f.followed {
		return "only a kustomization names this file; give its path too"
	}
	target, ok := real(f.name)
	if !ok {
		return "" // writing will say why
	}
	plain, err := filepath.Abs(f.name)
	if err == nil && b.boundary != "" && !b.inside(target) && plain != target {
		return "a symbolic link leads to " + target + ", outside of " + b.boundary
	}
	return ""
}
