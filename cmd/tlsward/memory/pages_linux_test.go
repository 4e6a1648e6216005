package memory

import (
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// heapMapping begins the lines about one mapping, of which the Go runtime names those of its heap, or nobody does.
var heapMapping = regexp.MustCompile(`(?m)^([0-9a-f]+)-([0-9a-f]+) rw-p 00000000 00:00 0 .*\n`)

func TestLargePages(t *testing.T) {
	if !tuned {
		t.Skip("GOGC or GOMEMLIMIT is set")
	}
	if _, err := os.Stat("/sys/kernel/mm/transparent_hugepage/enabled"); err != nil {
		t.Skip("a kernel without pages of 2 MiB")
	}
	text, err := os.ReadFile("/proc/self/smaps")
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range heapMapping.FindAllStringSubmatchIndex(string(text), -1) {
		begin, _ := strconv.ParseUint(string(text[at[2]:at[3]]), 16, 64)
		end, _ := strconv.ParseUint(string(text[at[4]:at[5]]), 16, 64)
		_, flags, _ := strings.Cut(string(text[at[1]:]), "VmFlags:")
		flags, _, _ = strings.Cut(flags, "\n")
		if end-begin >= leastMemory && strings.Contains(flags+" ", " hg ") {
			return
		}
	}
	t.Errorf("no mapping of %d bytes in large pages:\n%s", leastMemory, text)
}

func TestNoLargePages(t *testing.T) {
	noLargePages()
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), "THP_enabled:\t0") {
		t.Errorf("still takes large pages:\n%s", text)
	}
}
