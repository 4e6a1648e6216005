package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tlsward/tlsward/config"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/lint"
	"github.com/tlsward/tlsward/manifest"
)

// judge lints paths, or fixes them: as a whole, or each environment of the config by itself.
func (f *lintFlags) judge(
	ctx context.Context, paths []string, environments []lint.Environment, options lint.Options,
) (result *lint.Result, fixes *lint.Fixes, err error) {
	options.Given = paths
	switch {
	case len(environments) == 0 && (f.fix || f.diff):
		return lint.Fix(ctx, paths, options, f.fixes.options(f.fix))
	case f.fix || f.diff:
		return lint.FixEnvironments(ctx, environments, options, f.fixes.options(f.fix))
	}
	if len(environments) == 0 {
		result, err = lint.Run(ctx, paths, options)
	} else {
		result, err = lint.RunEnvironments(ctx, environments, options)
	}
	return result, nil, err
}

// environments are those of the config that paths have to do with, and what none of them takes in; none if the config names none. It
// also tells whether some are left out, or cut short by the paths.
func (f *lintFlags) environments(paths []string) (list []lint.Environment, part bool, err error) {
	declared := f.loaded.Environments
	if err := checkEnvironments(declared, f.environment, f.loaded.File); err != nil || len(declared) == 0 {
		return nil, false, err
	}
	if f.behind.cluster && len(f.environment) != 1 {
		return nil, false, errors.New("--cluster: a cluster is one environment: want --environment NAME with it")
	}
	for _, e := range declared {
		if len(f.environment) > 0 && !slices.Contains(f.environment, e.Name) {
			part = true
			continue
		}
		environment, whole, err := f.one(e, paths)
		if err != nil {
			return nil, false, err
		}
		part = part || !whole
		if len(environment.Paths) > 0 {
			list = append(list, environment)
		}
	}
	if len(f.environment) > 0 {
		if len(list) == 0 {
			return nil, false, fmt.Errorf("--environment %s: none of its paths is in %s", strings.Join(f.environment, ","), strings.Join(paths, ", "))
		}
		return list, part, nil
	}
	return append(list, lint.Environment{Paths: paths}), part, nil
}

func checkEnvironments(declared []config.Environment, chosen []string, file string) error {
	var names []string
	for _, e := range declared {
		names = append(names, e.Name)
	}
	for _, name := range chosen {
		switch near, ok := kube.Near(name, names); {
		case slices.Contains(names, name):
		case len(names) == 0:
			return fmt.Errorf("--environment %s: no config names environments", name)
		case ok:
			return fmt.Errorf("--environment %s: not in %s; did you mean %s?", name, file, near)
		default:
			return fmt.Errorf("--environment %s: not in %s: want one of %s", name, file, strings.Join(names, ", "))
		}
	}
	return nil
}

// one makes an environment of what stands in the config, as far as it lies within the paths, and tells whether all of it does.
func (f *lintFlags) one(e config.Environment, paths []string) (environment lint.Environment, whole bool, err error) {
	environment, whole = lint.Environment{Name: e.Name}, true
	for _, glob := range e.Paths {
		found, err := filepath.Glob(filepath.Join(f.loaded.Dir, filepath.FromSlash(glob)))
		if err != nil {
			return environment, false, fmt.Errorf("%s:%d: environment %s: %s: %w", f.loaded.File, e.Line, e.Name, glob, err)
		}
		if len(found) == 0 && !strings.ContainsAny(glob, "*?[") && !f.past {
			return environment, false, fmt.Errorf("%s:%d: environment %s: %s: no such file or directory", f.loaded.File, e.Line, e.Name, glob)
		}
		for _, path := range found {
			shared, all := within(path, paths)
			environment.Paths = append(environment.Paths, shared...)
			whole = whole && all
		}
	}
	for _, name := range e.Values {
		path := filepath.Join(f.loaded.Dir, filepath.FromSlash(name))
		if _, err := os.Stat(path); err != nil && f.past {
			continue
		} else if err != nil {
			return environment, false, fmt.Errorf("%s:%d: environment %s: values: %w", f.loaded.File, e.Line, e.Name, err)
		}
		environment.Values = append(environment.Values, path)
	}
	if !e.Differs {
		return environment, whole, nil
	}
	own, loaded := f.common, *f.loaded
	loaded.Controllers = e.Controllers
	own.loaded = &loaded
	reviewer, err := own.compile()
	if err != nil {
		return environment, false, fmt.Errorf("%s:%d: environment %s: %w", f.loaded.File, e.Line, e.Name, err)
	}
	environment.Reviewer = reviewer
	return environment, whole, nil
}

// within is what a path shares with those given, in the words in which these were given, and whether that is all of it.
func within(path string, given []string) (shared []string, all bool) {
	real := realPath(path)
	for _, g := range given {
		if g == manifest.Stdin {
			continue
		}
		top := realPath(g)
		if inside, err := filepath.Rel(top, real); err == nil && filepath.IsLocal(inside) {
			shared, all = append(shared, filepath.Join(g, inside)), true
		} else if inside, err := filepath.Rel(real, top); err == nil && filepath.IsLocal(inside) {
			shared = append(shared, g)
		}
	}
	return shared, all
}

// completeEnvironment completes names of environments of the config.
func (f *lintFlags) completeEnvironment(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if err := f.loadConfig(args); err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	var names []string
	for _, e := range f.loaded.Environments {
		names = append(names, e.Name)
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}
