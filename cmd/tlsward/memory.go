package main

import (
	"os"
	"runtime/debug"
)

// tuneMemory lets short runs finish before the collector starts: a heap of a few megabytes is collected dozens of times
// at the default setting (a quarter of the processor time of a lint run), and the limit keeps large runs lean. Whoever
// sets GOGC or GOMEMLIMIT means it.
func tuneMemory() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(64 << 20)
	}
}
