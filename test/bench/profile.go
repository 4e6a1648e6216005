package main

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"runtime/pprof"

	"github.com/tlsward/tlsward/lint"
	"github.com/tlsward/tlsward/test/bench/corpus"
)

// profileRuns is enough for a few thousand samples.
const profileRuns = 20

// profile lints a tree again and again in this process.
func profile(o options) error {
	trees := treeCache{dir: o.dir}
	for _, s := range subjects(options{huge: true}) {
		if s.name != o.profileTree {
			continue
		}
		tree, dir, err := trees.get(s.spec)
		if err != nil {
			return err
		}
		rules := ""
		if s.rules > 0 {
			if rules, err = trees.rules(s.rules, s.spec.Synthetic); err != nil {
				return err
			}
		}
		return profileTree(o, tree, dir, rules)
	}
	return fmt.Errorf("-tree %s: no such tree", o.profileTree)
}

func profileTree(o options, tree *corpus.Tree, dir, rules string) error {
	e, err := newEngine(tree, rules)
	if err != nil {
		return err
	}
	once := func(phase func(string)) error {
		options := lintOptions(tree, dir, e)
		options.Phase = phase
		_, err := lint.Run(context.Background(), []string{dir}, options)
		return err
	}
	if o.allocProfile != "" || o.heapProfile != "" {
		// One sample in 4 KiB: every list and mapping of note is in it.
		runtime.MemProfileRate = 4 << 10
	}
	if o.cpuProfile != "" {
		file, err := os.Create(o.cpuProfile)
		if err != nil {
			return err
		}
		defer file.Close()
		if err := pprof.StartCPUProfile(file); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	if o.cpuProfile != "" || o.allocProfile != "" {
		for range profileRuns {
			if err := once(nil); err != nil {
				return err
			}
		}
	}
	if o.allocProfile != "" {
		if err := writeProfile("allocs", o.allocProfile); err != nil {
			return err
		}
	}
	if o.heapProfile == "" {
		return nil
	}
	// The second time the rules are compiled: what is then in memory is what a run holds while it reviews.
	if err := once(nil); err != nil {
		return err
	}
	if runErr := once(func(name string) {
		if name == "review" {
			// The profile is of the last collection but one.
			runtime.GC()
			runtime.GC()
			err = writeProfile("heap", o.heapProfile)
		}
	}); runErr != nil {
		return runErr
	}
	return err
}

func writeProfile(name, file string) error {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	defer f.Close()
	return pprof.Lookup(name).WriteTo(f, 0)
}
