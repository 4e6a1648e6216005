package main

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/tlsward/tlsward/config"
	"github.com/tlsward/tlsward/manifest"
	"github.com/tlsward/tlsward/revision"
)

// extract writes the files of a revision into a folder, and has the paths lead there: first those of the paths and, if these reach
// beyond them, the whole repository. Most of a repository is seldom manifests.
func (s *source) extract(ctx context.Context, into string) error {
	if s.rev == "" {
		return nil
	}
	into = filepath.Join(realPath(filepath.Dir(into)), filepath.Base(into))
	// With .git, it is a repository to whoever looks how far a kustomization may reach.
	if err := os.MkdirAll(filepath.Join(into, ".git"), 0o700); err != nil {
		return err
	}
	inside := make([]string, len(s.paths))
	for i, path := range s.paths {
		in, err := filepath.Rel(s.repository, realPath(path))
		if err != nil || !filepath.IsLocal(in) {
			return fmt.Errorf("%s is not in the repository %s", path, s.repository)
		}
		inside[i] = in
	}
	if err := revision.Extract(ctx, s.repository, s.rev, into, manifest.MaxFileSize, slices.Concat(inside, above(inside))); err != nil {
		return err
	}
	beyond, err := reachesBeyond(into, inside)
	if err != nil {
		return err
	}
	if beyond {
		if err := revision.Extract(ctx, s.repository, s.rev, into, manifest.MaxFileSize, nil); err != nil {
			return err
		}
	}
	var paths []string
	for _, in := range inside {
		if there := filepath.Join(into, in); exists(there) {
			paths = append(paths, there)
		}
	}
	s.top, s.paths, s.empty = into, paths, len(paths) == 0
	return nil
}

// above lists what is looked for in the folders above paths: the config, and what is to be ignored.
func above(paths []string) (list []string) {
	seen := map[string]bool{}
	for _, path := range paths {
		for dir := path; dir != "." && !seen[dir]; {
			seen[dir] = true
			dir = filepath.Dir(dir)
			list = append(list, filepath.Join(dir, config.FileName), filepath.Join(dir, manifest.IgnoreFile))
		}
	}
	return list
}

// reachesBeyond reports whether what was extracted may name files elsewhere in the repository: a kustomization or chart by ../, a link,
// or a config by values and rulebooks.
func reachesBeyond(top string, paths []string) (bool, error) {
	upward := regexp.MustCompile(`(?:\.\./)+[^\s"',\]}]*|\.\.(?:[\s"',\]}]|$)`)
	among := func(path string) bool {
		return slices.ContainsFunc(paths, func(p string) bool { return below(filepath.Join(top, p), path) })
	}
	beyond := false
	err := filepath.WalkDir(top, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || beyond || entry.IsDir() {
			return err
		}
		if entry.Type()&fs.ModeSymlink != 0 {
			target, err := os.Readlink(path)
			beyond = err != nil || !among(filepath.Join(filepath.Dir(path), target))
			return err
		}
		switch entry.Name() {
		case "kustomization.yaml", "kustomization.yml", "Kustomization", "Chart.yaml", config.FileName:
		default:
			return nil
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		text := string(data)
		if entry.Name() == config.FileName {
			beyond = strings.Contains(text, "rulebooks") || strings.Contains(text, "values")
			return nil
		}
		for _, name := range upward.FindAllString(text, -1) {
			if !among(filepath.Join(filepath.Dir(path), strings.TrimRight(name, " \t\r\n\"',]}"))) {
				beyond = true
				return nil
			}
		}
		return nil
	})
	return beyond, err
}
