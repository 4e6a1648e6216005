package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/tlsward/tlsward/config"
	"github.com/tlsward/tlsward/lint"
	"github.com/tlsward/tlsward/manifest"
	"github.com/tlsward/tlsward/revision"
	"github.com/tlsward/tlsward/rule"
)

// scopeFlags say which findings of a run are reported.
type scopeFlags struct {
	since      string
	namespaces []string
}

func (f *scopeFlags) register(flags *pflag.FlagSet) {
	flags.StringVar(&f.since, "changed-since", "", "report only what changed since this Git revision, and what the change affects; all is judged")
	flags.StringSliceVar(&f.namespaces, "namespace", nil, "report only objects of these namespaces (globs; unset for none); may be repeated")
}

// namespaceGlobs reads the values of --namespace; "" is an unset one.
func namespaceGlobs(values []string) (globs []string, err error) {
	for _, glob := range values {
		if err := rule.CheckNamespace(glob); err != nil || glob == "" {
			return nil, errors.Join(fmt.Errorf("--namespace %s: want a namespace, or a glob of them", glob), err)
		}
		if glob == "unset" {
			glob = ""
		}
		globs = append(globs, glob)
	}
	return globs, nil
}

// scope is lint's.
func (f *scopeFlags) scope(ctx context.Context, paths []string, c *common, errOut io.Writer) (*lint.Scope, error) {
	globs, err := namespaceGlobs(f.namespaces)
	if err != nil {
		return nil, err
	}
	scope := &lint.Scope{Namespaces: globs}
	if f.since == "" {
		return scope, nil
	}
	if slices.Contains(paths, manifest.Stdin) {
		return nil, errors.New("--changed-since: nobody knows what standard input was before")
	}
	changes, err := revision.Since(ctx, startDir(paths), f.since, wasManifest, manifest.MaxFileSize)
	if err != nil {
		return nil, fmt.Errorf("--changed-since: %w", err)
	}
	root := repository(realPath(startDir(paths)))
	for _, path := range paths {
		if in := repository(realPath(startDir([]string{path}))); in != root {
			return nil, fmt.Errorf("--changed-since: %s is in another repository than %s", path, paths[0])
		}
	}
	// Whoever changes what all is judged by, is to see what comes of it.
	if changed := f.judgedBy(paths, c, changes); changed != "" {
		complain(errOut, fmt.Sprintf("%s changed since %s: everything is reported", changed, f.since))
		return scope, nil
	}
	scope.Changes = changes
	return scope, nil
}

// judgedBy names the config, rulebook or ignore file that changed, is new or is there no more; "" if none is.
func (f *scopeFlags) judgedBy(paths []string, c *common, changes *revision.Changes) string {
	for _, file := range c.loaded.Files() {
		if changes.Changed(realPath(file)) {
			return file
		}
	}
	for _, dir := range c.rulebookPaths() {
		path := realPath(dir)
		if changes.Find(func(changed string) bool { return below(path, changed) }) != "" {
			return dir
		}
	}
	// Which config there was nobody knows once it is gone: one that would have been found from here.
	start := realPath(startDir(paths))
	for _, path := range changes.Lost() {
		if filepath.Base(path) == config.FileName && below(filepath.Dir(path), start) {
			return relative(path)
		}
	}
	return relative(changes.Find(func(path string) bool {
		dir := filepath.Dir(path)
		return filepath.Base(path) == manifest.IgnoreFile && slices.ContainsFunc(paths, func(read string) bool {
			read = realPath(read)
			return below(dir, read) || below(read, dir)
		})
	}))
}

// below reports whether a path is a folder or in it; both are absolute and without links.
func below(dir, path string) bool {
	inside, err := filepath.Rel(dir, path)
	return err == nil && filepath.IsLocal(inside)
}

// relative is a path as whoever stands here would name it.
func relative(path string) string {
	if path == "" {
		return ""
	}
	if inside, err := filepath.Rel(realPath("."), path); err == nil {
		return inside
	}
	return path
}

// wasManifest reports whether it matters what a file held: it may have been one that lint reads.
func wasManifest(path string) bool {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".yaml", ".yml", ".json":
		return true
	}
	return filepath.Base(path) == "Kustomization"
}

// realPath is a path without links, made absolute; as it stands where that fails.
func realPath(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	if absolute, err := filepath.Abs(path); err == nil {
		path = absolute
	}
	return path
}

// tell says that there is more than was asked for.
func (f *scopeFlags) tell(errOut io.Writer, outside int) {
	if outside == 0 {
		return
	}
	var by []string
	if f.since != "" {
		by = append(by, "--changed-since "+f.since)
	}
	if len(f.namespaces) > 0 {
		by = append(by, "--namespace "+strings.Join(f.namespaces, ","))
	}
	what := count(outside, "finding")
	if f.since != "" {
		// Documents elsewhere that cannot be read are among them.
		if what += " or error"; outside > 1 {
			what += "s"
		}
	}
	complain(errOut, fmt.Sprintf("%s elsewhere not reported (%s)", what, strings.Join(by, ", ")))
}
