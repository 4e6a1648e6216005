// Command bench measures tlsward as its users run it, as a whole process over a tree of manifests, and checks that it
// finds exactly what is wrong with that tree. Speed never fails it, since a busy machine is no defect; a missed or a
// false finding, or output that differs from run to run, does. "make bench" runs it; docs/performance.md holds the
// trail of its numbers.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/tlsward/tlsward/test/bench/corpus"
)

func main() {
	// The processes that are measured are started by this very program, started anew: see launch.
	if len(os.Args) > 1 && os.Args[1] == launchCommand {
		os.Exit(launch(os.Args[2:], os.Stdout))
	}
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// options are the flags.
type options struct {
	runs                                  int
	keep, binary, only                    string
	huge                                  bool
	cpuProfile, allocProfile, heapProfile string
	profileTree                           string
	// module is where the module stands, dir where the trees are written.
	module, dir string
}

func run(args []string, out io.Writer) (err error) {
	o := options{}
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.IntVar(&o.runs, "n", 5, "runs of each row; the median counts")
	flags.StringVar(&o.keep, "keep", "", "write the trees into this directory and leave them there")
	flags.StringVar(&o.binary, "binary", "", "measure this tlsward instead of building one")
	flags.StringVar(&o.only, "only", "", "measure only the trees whose names contain this")
	flags.BoolVar(&o.huge, "huge", false, "measure 100,000 objects too, for linearity")
	flags.StringVar(&o.cpuProfile, "cpuprofile", "", "instead of measuring, write a CPU profile of a tree linted again and again")
	flags.StringVar(&o.allocProfile, "allocprofile", "", "the same for allocations")
	flags.StringVar(&o.heapProfile, "heapprofile", "", "the same for what is in memory when a run begins to review")
	flags.StringVar(&o.profileTree, "tree", "large", "the tree to profile")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 || o.runs < 1 {
		return errors.New("want flags only, and -n of at least 1")
	}
	if o.module, err = moduleDir(); err != nil {
		return err
	}
	if o.dir = o.keep; o.dir == "" {
		if o.dir, err = os.MkdirTemp("", "tlsward-bench-"); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(o.dir)) }()
	}
	if err := os.MkdirAll(o.dir, 0o755); err != nil {
		return err
	}
	if o.cpuProfile != "" || o.allocProfile != "" || o.heapProfile != "" {
		return profile(o)
	}
	return measure(o, out)
}

// moduleDir finds the module from wherever in it the program was started.
func moduleDir() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if data, err := os.ReadFile(filepath.Join(dir, "go.mod")); err == nil && strings.HasPrefix(string(data), "module github.com/tlsward/tlsward\n") {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", errors.New("want to be started within the module github.com/tlsward/tlsward")
		}
		dir = filepath.Dir(dir)
	}
}

// subject is one tree to measure, with what its row says.
type subject struct {
	name, label string
	spec        corpus.Spec
	rules       int // synthetic rules beside ours
	workers     int // 0: one per processor
	budget      budget
	shares      bool
}

// subjects are the rows of the table. The budgets are those of docs/performance.md.
func subjects(o options) []subject {
	large := budget{wall: 350, cpu: 600, memory: 80}
	list := []subject{
		{name: "large", label: "10,000 objects in 2,700 files", spec: corpus.Large, budget: large, shares: true},
		{name: "large-1", label: "the same, 1 worker", spec: corpus.Large, workers: 1},
		{name: "large-2", label: "the same, 2 workers", spec: corpus.Large, workers: 2},
		{name: "kustomized", label: "the same in some 200 roots", spec: corpus.Kustomized},
		{name: "overlays", label: "6,000 objects in 100 kustomize overlays", spec: corpus.Overlays},
		{name: "overlays-1", label: "the same, 1 worker", spec: corpus.Overlays, workers: 1},
		{name: "small", label: "200 objects in 55 files", spec: corpus.Small, budget: budget{wall: 40, memory: 40}},
		{name: "one", label: "one file", spec: corpus.One, budget: budget{wall: 30}},
		{name: "dense", label: "10,000 objects, 60% relevant", spec: corpus.Dense},
		{name: "dense-rules", label: "the same, 200 rules more", spec: corpus.Dense, rules: syntheticRules, shares: true},
	}
	if o.huge {
		list = append(list, subject{name: "huge", label: "100,000 objects in 27,000 files", spec: corpus.Huge})
	}
	kept := list[:0]
	for _, s := range list {
		if strings.Contains(s.name, o.only) {
			kept = append(kept, s)
		}
	}
	return kept
}

// syntheticRules is the size of a rulebook that somebody else might bring.
const syntheticRules = 200

// measure prints the tables and reports what is not as it must be.
func measure(o options, out io.Writer) error {
	if o.binary == "" {
		o.binary = filepath.Join(o.dir, "tlsward"+exeSuffix())
		if err := build(o); err != nil {
			return err
		}
	}
	fmt.Fprintf(out, "%s %s/%s, %d processors, median of %d runs, whole processes\n\n",
		runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), o.runs)
	table := newTable(out)
	var errs []error
	version, err := repeat(o, []string{"version"}, filepath.Join(o.dir, "version.out"))
	if err != nil {
		return err
	}
	table.row("tlsward version", version.cost, verdict{}, budget{wall: 30})
	trees := treeCache{dir: o.dir}
	var shared []subject
	for _, s := range subjects(o) {
		result, err := measureTree(o, &trees, s)
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		table.row(s.label, result.cost, result.verdict, s.budget)
		errs = append(errs, result.verdict.err(s.name))
		if s.shares {
			shared = append(shared, s)
		}
	}
	errs = append(errs, table.flush())
	for _, s := range shared {
		if err := printShares(&trees, s, out); err != nil {
			return fmt.Errorf("%s: shares: %w", s.name, err)
		}
	}
	return errors.Join(errs...)
}

func exeSuffix() string {
	if runtime.GOOS == "windows" {
		return ".exe"
	}
	return ""
}
