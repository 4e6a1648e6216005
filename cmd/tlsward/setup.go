package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/tlsward/tlsward/config"
	"github.com/tlsward/tlsward/config/remote"
	"github.com/tlsward/tlsward/engine"
	"github.com/tlsward/tlsward/inventory"
	"github.com/tlsward/tlsward/lint"
	"github.com/tlsward/tlsward/manifest"
	"github.com/tlsward/tlsward/schema/crd"
)

// common are the flags of every subcommand that reads a config and rules.
type common struct {
	config, profile  string
	clusterName      string
	rules            []string
	only, skip       []string
	now              string
	workers          int
	loaded           *config.Config
	configDiscovered bool
	books            []engine.Rulebook
	behind           clusterFlags
	// given is the config where none is to be looked for; past: paths that it names need not be there.
	given *config.Config
	past  bool
	// change, if set, makes others of the rulebooks that the config and the flags name.
	change func([]engine.Rulebook) ([]engine.Rulebook, error)
}

const (
	configHelp      = "config file (default: the nearest " + config.FileName + " upward from the first path)"
	clusterNameHelp = "name of the cluster that it is for: its part under `clusters` of the config counts, too"
	rulesHelp       = "directory or zip archive of further rules; may be repeated"
)

func (c *common) register(flags *pflag.FlagSet) {
	c.registerWorld(flags)
	flags.StringVar(&c.profile, "profile", "", "profile: default, strict or migration; overrides the config's")
	flags.StringSliceVar(&c.only, "only", nil, "judge by these rules only (globs, as ingress-nginx/*)")
	flags.StringSliceVar(&c.skip, "skip", nil, "leave these rules out (globs)")
}

// registerWorld adds the flags about what the world is like, whatever is judged in it.
func (c *common) registerWorld(flags *pflag.FlagSet) {
	flags.StringVar(&c.config, "config", "", configHelp)
	flags.StringArrayVar(&c.rules, "rules", nil, rulesHelp)
	flags.StringVar(&c.clusterName, "cluster-name", "", clusterNameHelp)
}

// check refuses arguments that mean nothing.
func (c *common) check(paths []string) error {
	if slices.Contains(paths, "") {
		return errors.New("empty path")
	}
	if c.workers < 0 {
		return fmt.Errorf("--workers %d: want a number of goroutines, or 0 for one per processor", c.workers)
	}
	return nil
}

// prepare checks the flags, reads config and rulebooks, and says how the paths are to be linted.
func (c *common) prepare(ctx context.Context, paths []string, s streams) (*engine.Engine, lint.Options, error) {
	if err := errors.Join(c.check(paths), c.behind.check()); err != nil {
		return nil, lint.Options{}, err
	}
	now, err := c.clock()
	if err != nil {
		return nil, lint.Options{}, err
	}
	e, err := c.load(paths)
	if err != nil {
		return nil, lint.Options{}, err
	}
	options, err := c.options(e, paths, now)
	if err != nil {
		return nil, lint.Options{}, err
	}
	options.ReadFile = readFile(ctx, s.in)
	if c.behind.alone {
		c.behind.external = externals(c.loaded)
	}
	options.Live, err = c.behind.live(e, s.err)
	return e, options, err
}

func profiles() []string { return []string{"default", "strict", "migration"} }

// load reads the config and the rulebooks. paths are what will be judged: the config is looked for from there upward.
func (c *common) load(paths []string) (*engine.Engine, error) {
	if err := c.loadConfig(paths); err != nil {
		return nil, err
	}
	e, err := c.compile()
	if err != nil {
		return nil, settingErrors(err, c.loaded)
	}
	return e, nil
}

// compile makes an engine of the config and the rulebooks.
func (c *common) compile() (*engine.Engine, error) {
	settings := c.loaded.Settings
	settings.Only, settings.Skip = c.only, c.skip
	if c.profile != "" {
		if err := oneOf("--profile", c.profile, profiles()); err != nil {
			return nil, err
		}
		settings.Profile = c.profile
	}
	var err error
	if c.books, err = rulebooks(c.loaded, c.rules); err != nil {
		return nil, err
	}
	if c.change != nil {
		if c.books, err = c.change(c.books); err != nil {
			return nil, err
		}
	}
	return engine.New(engine.Settings{
		Rules: settings, OnlyControllers: c.loaded.Controllers.Only, Classes: c.loaded.Controllers.Classes,
		ControllerSettings: c.loaded.Controllers.Settings, Scope: c.behind.scope(),
	}, c.books...)
}

// rulebookPaths are the directories and archives of further rules: the config's, then the flags'.
func (c *common) rulebookPaths() []string {
	paths := make([]string, 0, len(c.loaded.Rulebooks)+len(c.rules))
	for _, r := range c.loaded.Rulebooks {
		paths = append(paths, filepath.Join(c.loaded.Dir, r.Path))
	}
	return append(paths, c.rules...)
}

func (c *common) loadConfig(paths []string) error {
	if c.given != nil {
		c.loaded = c.given
		return nil
	}
	options := config.Options{Cluster: c.clusterName, Fetch: fetcher().Fetch}
	var err error
	if c.config != "" {
		c.loaded, err = config.Read(context.Background(), c.config, options)
		return err
	}
	if c.loaded, err = config.Nearest(context.Background(), startDir(paths), options); err != nil {
		return err
	}
	if c.configDiscovered = c.loaded != nil; !c.configDiscovered {
		if c.clusterName != "" {
			return fmt.Errorf("--cluster-name %s: no config names clusters", c.clusterName)
		}
		c.loaded = &config.Config{}
	}
	return nil
}

// fetcher reads what configs extend from elsewhere.
func fetcher() *remote.Fetcher { return remote.New("tlsward/"+versionText(), time.Now) }

// startDir is the folder of the first path: the config and the boundary are looked for from there upward.
func startDir(paths []string) string {
	if len(paths) == 0 || paths[0] == manifest.Stdin {
		return "."
	}
	if info, err := os.Stat(paths[0]); err == nil && !info.IsDir() {
		return filepath.Dir(paths[0])
	}
	return paths[0]
}

// boundary is how far kustomizations are followed: over the repository that the first path is in, else over what the
// config is for, else over the path itself.
func (c *common) boundary(paths []string) (string, error) {
	start, err := filepath.Abs(startDir(paths))
	if err != nil {
		return "", err
	}
	if dir := repository(start); dir != "" {
		return dir, nil
	}
	if c.loaded.File != "" {
		return filepath.Abs(c.loaded.Dir)
	}
	return start, nil
}

// repository is the Git repository that a folder is in; "" if it is in none.
func repository(start string) string {
	for dir := start; ; dir = filepath.Dir(dir) {
		if _, err := os.Lstat(filepath.Join(dir, ".git")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			return ""
		}
	}
}

// clock returns --now, or the time.
func (c *common) clock() (time.Time, error) {
	if c.now == "" {
		return time.Now(), nil
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, c.now); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("--now %s: want a time like 2026-01-31T12:00:00Z, or a date", c.now)
}

// options are lint's, as the config has them.
func (c *common) options(reviewer lint.Reviewer, paths []string, now time.Time) (lint.Options, error) {
	boundary, err := c.boundary(paths)
	if err != nil {
		return lint.Options{}, err
	}
	o := lint.Options{
		Reviewer: reviewer, Now: now, Complete: c.loaded.Complete, Workers: c.workers, Boundary: boundary, Repository: repository(boundary),
		Rulebooks: c.rulebookPaths(),
	}
	if o.Schemas, err = crd.New(crd.Releases(c.loaded.Schemas)); err != nil {
		return o, fmt.Errorf("%s: %w", c.loaded.File, err)
	}
	for _, x := range c.loaded.External {
		o.External = append(o.External, inventory.External{
			Group: x.Group, Kind: x.Kind, Namespace: x.Namespace, Name: x.Name, Keys: x.Keys,
		})
	}
	if c.loaded.File != "" {
		o.Exclude = []string{filepath.Clean(c.loaded.File)}
		for _, file := range c.loaded.Files() {
			o.Exclude = append(o.Exclude, filepath.Clean(file)) // of what is elsewhere, no path is like it
		}
		if len(c.only) == 0 && len(c.skip) == 0 {
			// A run of some rules says nothing about what the others need to be excused.
			o.Exemptions = &lint.Exemptions{File: c.loaded.File, Lines: c.loaded.ExemptionLines, List: c.loaded.Settings.Exemptions}
		}
	}
	for _, glob := range c.loaded.Roots {
		dirs, err := filepath.Glob(filepath.Join(c.loaded.Dir, glob))
		if err != nil {
			return o, fmt.Errorf("%s: roots: %s: %w", c.loaded.File, glob, err)
		}
		for _, dir := range dirs {
			if info, err := os.Stat(dir); err == nil && info.IsDir() {
				o.Roots = append(o.Roots, filepath.Clean(dir))
			}
		}
		if len(dirs) == 0 && !strings.ContainsAny(glob, "*?[") && !c.past {
			return o, fmt.Errorf("%s: roots: %s: no such directory", c.loaded.File, glob)
		}
	}
	return o, nil
}
