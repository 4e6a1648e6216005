package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/tlsward/tlsward/test/e2e/install"
)

// pprofAddress is where the pods offer their profiles; only one has it at a time.
const pprofAddress = "127.0.0.1:16060"

// ticks a second, as /proc counts CPU time: fixed for user space on every architecture of Linux (USER_HZ).
const ticks = 100

// cpuTime is what a process has used of processors.
func cpuTime(pid int) (time.Duration, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	// The second field is the name, in brackets, and may hold anything.
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	const user, system = 11, 12 // the 14th and 15th of all
	var sum int
	for _, i := range []int{user, system} {
		n, err := strconv.Atoi(fields[i])
		if err != nil {
			return 0, err
		}
		sum += n
	}
	return time.Duration(sum) * time.Second / ticks, nil
}

// memory is how much of it a process has, in bytes: resident, has had at most, and anonymous, which is what counts for the
// limit of a container: the kernel may drop the mapped pages of the binary at any time.
func memory(pid int) (now, most, anonymous float64, err error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, 0, 0, err
	}
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(line, ":")
		kib, convErr := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 64)
		switch {
		case name == "VmRSS" && convErr == nil:
			now = kib * 1024
		case name == "VmHWM" && convErr == nil:
			most = kib * 1024
		case name == "RssAnon" && convErr == nil:
			anonymous = kib * 1024
		}
	}
	return now, most, anonymous, nil
}

// fetch reads from the profiles that the pod offers.
func fetch(ctx context.Context, path string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+pprofAddress+path, nil)
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(response.Body)
	return text, errors.Join(err, response.Body.Close())
}

// liveHeap is what is in use after a collection, which asking for a heap profile brings about.
func liveHeap(ctx context.Context, pod *install.Pod) (float64, error) {
	if _, err := fetch(ctx, "/debug/pprof/heap?gc=1"); err != nil {
		return 0, err
	}
	metrics, err := pod.Metrics(ctx)
	if err != nil {
		return 0, err
	}
	return metrics.Sum("go_memstats_heap_alloc_bytes", nil), nil
}
