package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"time"

	"github.com/tlsward/tlsward/test/bench/corpus"
)

// cost is what one run of a process took.
type cost struct {
	Wall, CPU time.Duration
	// Memory is the peak of the resident set, in KiB.
	Memory int64
	// Anonymous is the part of it that no file backs, in KiB, as it was seen at most: what counts for a container's limit. The
	// rest is the program itself, of which the kernel maps as much as it has at hand.
	Anonymous int64
	Exit      int
}

// launchCommand makes this program start another one and say what it took.
const launchCommand = "launch"

// launch starts a process, writes its standard output to a file, and prints its cost as JSON. It is a process of its own
// because the runner, with whole trees in memory, would disturb what it measures.
func launch(args []string, out io.Writer) int {
	file, err := os.Create(args[0])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer file.Close()
	command := exec.Command(args[1], args[2:]...)
	command.Stdout, command.Stderr = file, os.Stderr
	start := time.Now()
	var c cost
	if err = command.Start(); err == nil {
		c.Memory, c.Anonymous, err = watch(command)
	}
	c.Wall = time.Since(start)
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	state := command.ProcessState
	c.CPU, c.Exit = state.UserTime()+state.SystemTime(), state.ExitCode()
	if err := json.NewEncoder(out).Encode(c); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// watchEvery is how often memory is looked at: a look takes 30 us.
const watchEvery = 2 * time.Millisecond

// watch waits for a process, and looks at its memory until it ends. What Linux tells of a child that has ended, ru_maxrss, is at least what
// its parent had when it was split from it: 50 MiB, were it asked here.
func watch(command *exec.Cmd) (resident, anonymous int64, err error) {
	ended := make(chan error, 1)
	go func() { ended <- command.Wait() }()
	status := fmt.Sprintf("/proc/%d/status", command.Process.Pid)
	ticker := time.NewTicker(watchEvery)
	defer ticker.Stop()
	for {
		select {
		case err := <-ended:
			return resident, anonymous, err
		case <-ticker.C:
		}
		text, err := os.ReadFile(status)
		if err != nil {
			continue // it has just ended, or this is not Linux
		}
		for name, peak := range map[string]*int64{"\nVmHWM:": &resident, "\nRssAnon:": &anonymous} {
			_, field, _ := bytes.Cut(text, []byte(name))
			var kib int64
			if _, err := fmt.Sscan(string(field), &kib); err == nil {
				*peak = max(*peak, kib)
			}
		}
	}
}

// start runs tlsward once.
func start(o options, args []string, output string) (cost, []byte, error) {
	self, err := os.Executable()
	if err != nil {
		return cost{}, nil, err
	}
	command := exec.Command(self, append([]string{launchCommand, output, o.binary}, args...)...)
	command.Stderr = os.Stderr
	text, err := command.Output()
	if err != nil {
		return cost{}, nil, fmt.Errorf("%s: %w", o.binary, err)
	}
	var c cost
	if err := json.Unmarshal(text, &c); err != nil {
		return cost{}, nil, fmt.Errorf("launch: %w", err)
	}
	data, err := os.ReadFile(output)
	return c, data, err
}

// repeated is the cost of several runs, and their output.
type repeated struct {
	cost   cost
	output []byte
	// differs: the output was not the same each time.
	differs bool
}

// repeat runs tlsward several times, after once to warm the disk cache.
func repeat(o options, args []string, output string) (repeated, error) {
	_, first, err := start(o, args, output)
	if err != nil {
		return repeated{}, err
	}
	r := repeated{output: first}
	costs := make([]cost, o.runs)
	for i := range costs {
		var data []byte
		if costs[i], data, err = start(o, args, output); err != nil {
			return repeated{}, err
		}
		r.differs = r.differs || !bytes.Equal(data, first)
	}
	r.cost = cost{
		Wall:   median(costs, func(c cost) time.Duration { return c.Wall }),
		CPU:    median(costs, func(c cost) time.Duration { return c.CPU }),
		Memory: median(costs, func(c cost) int64 { return c.Memory }), Anonymous: median(costs, func(c cost) int64 { return c.Anonymous }),
		Exit: costs[0].Exit,
	}
	return r, nil
}

func median[T cmp.Ordered](costs []cost, of func(cost) T) T {
	values := make([]T, len(costs))
	for i, c := range costs {
		values[i] = of(c)
	}
	slices.Sort(values)
	return values[len(values)/2]
}

// build makes the program as releases are made.
func build(o options) error {
	command := exec.Command("go", "build", "-tags", "kustomize_disable_go_plugin_support", "-trimpath", "-ldflags", "-s -w", "-o", o.binary, "./cmd/tlsward")
	command.Dir, command.Env = o.module, append(os.Environ(), "CGO_ENABLED=0")
	command.Stdout, command.Stderr = os.Stderr, os.Stderr
	if err := command.Run(); err != nil {
		return fmt.Errorf("go build: %w", err)
	}
	return nil
}

// outcome is what one row of the table says.
type outcome struct {
	cost    cost
	verdict verdict
}

// measureTree lints a tree again and again and compares what is found with what is wrong.
func measureTree(o options, trees *treeCache, s subject) (outcome, error) {
	tree, dir, err := trees.get(s.spec)
	if err != nil {
		return outcome{}, err
	}
	args := []string{"lint", "--output", "json", "--now", corpus.Now.Format(time.RFC3339)}
	if s.rules > 0 {
		rules, err := trees.rules(s.rules, s.spec.Synthetic)
		if err != nil {
			return outcome{}, err
		}
		args = append(args, "--rules", rules)
	}
	workers := func(n int) []string { return append(slices.Clone(args), "--workers", strconv.Itoa(n), dir) }
	output := dir + ".json"
	r, err := repeat(o, workers(s.workers), output)
	if err != nil {
		return outcome{}, err
	}
	result := outcome{cost: r.cost}
	if result.verdict, err = compare(tree, s, dir, r.output); err != nil {
		return outcome{}, err
	}
	result.verdict.differs = r.differs
	for _, n := range []int{1, 2, 4} {
		_, data, err := start(o, workers(n), output)
		if err != nil {
			return outcome{}, err
		}
		if !bytes.Equal(data, r.output) {
			result.verdict.byWorkers = append(result.verdict.byWorkers, n)
		}
	}
	return result, nil
}
