package config

import (
	"context"
	"os"
	"path/filepath"
	"slices"
)

// Nearest reads the file that Find finds from a directory, with what it extends; nil where there is none. A lock binds it also from a file
// above, as far as Find looks: a file that stood nearer and did not extend that one would undo the lock by being there.
func Nearest(ctx context.Context, dir string, o Options) (*Config, error) {
	file, err := Find(dir)
	if err != nil || file == "" {
		return nil, err
	}
	c, err := Read(ctx, file, o)
	if err != nil {
		return nil, err
	}
	o.Cluster = "" // locks are of whole files, and each file may know other clusters
	for at := c.Dir; !topmost(at); {
		file, err := Find(filepath.Join(at, ".."))
		if err != nil || file == "" {
			return c, err
		}
		above, err := Read(ctx, file, o)
		if err != nil {
			return nil, err
		}
		if err := c.bound(above); err != nil {
			return nil, err
		}
		at = above.Dir
	}
	return c, nil
}

// topmost reports whether Find looks no higher than this directory.
func topmost(dir string) bool {
	absolute, err := filepath.Abs(dir)
	if err != nil || absolute == filepath.Dir(absolute) {
		return true
	}
	_, err = os.Lstat(filepath.Join(absolute, ".git"))
	return err == nil
}

// bound returns an error where a config has a lock that this one has not read.
func (c *Config) bound(above *Config) error {
	for _, lock := range above.locks {
		same := func(own Lock) bool {
			return own.Key == lock.Key && identityOf(own.At.File, false) == identityOf(lock.At.File, false)
		}
		if slices.ContainsFunc(c.locks, same) {
			continue
		}
		own := c.layers[len(c.layers)-1]
		s := &source{name: own.file}
		return s.errorAt(Line(own.text, []any{"extends"}), "extends: %s is locked at %s:%d, which this file does not extend: add %s",
			lock.Key, lock.At.File, lock.At.Line, relativePath(c.Dir, above.File))
	}
	return nil
}

// relativePath is a file as a config in a directory names it.
func relativePath(dir, file string) string {
	from, err := filepath.Abs(dir)
	if err != nil {
		return file
	}
	to, err := filepath.Abs(file)
	if err != nil {
		return file
	}
	relative, err := filepath.Rel(from, to)
	if err != nil {
		return file
	}
	return filepath.ToSlash(relative)
}
