package memory

import (
	"os"
	"strconv"
	"strings"
)

// limitFile is the container's own, as it sees it: kubelets want version 2 of cgroups.
const limitFile = "/sys/fs/cgroup/memory.max"

// Limit is the memory in bytes past which the kernel ends the process; false where there is no limit.
func Limit() (int64, bool) { return limitIn(limitFile) }

func limitIn(file string) (int64, bool) {
	text, err := os.ReadFile(file)
	if err != nil {
		return 0, false
	}
	limit, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64) // "max" is none
	return limit, err == nil
}
