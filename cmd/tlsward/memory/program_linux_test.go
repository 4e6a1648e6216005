package memory

import (
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// residentOfFiles is how much of what is resident is pages of files, in KiB.
func residentOfFiles(t *testing.T) int {
	t.Helper()
	text, err := os.ReadFile("/proc/self/smaps_rollup")
	if err != nil {
		t.Skip(err)
	}
	value := func(name string) int {
		match := regexp.MustCompile(`(?m)^` + name + `: +([0-9]+) kB$`).FindSubmatch(text)
		if match == nil {
			t.Fatalf("no %s in\n%s", name, text)
		}
		n, err := strconv.Atoi(string(match[1]))
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	return value("Rss") - value("Anonymous")
}

// TestUnmapProgram: the program goes from memory, and on.
func TestUnmapProgram(t *testing.T) {
	before := residentOfFiles(t)
	unmapProgram()
	if after := residentOfFiles(t); after > before*3/4 {
		t.Errorf("%d KiB of files are resident, %d before", after, before)
	}
}

// TestProgramMappings: what was written to stays.
func TestProgramMappings(t *testing.T) {
	mapping := func(line, anonymous, swap string) string {
		return line + "\nRss: 8 kB\nAnonymous: " + anonymous + " kB\nSwap: " + swap + " kB\nVmFlags: rd mr\n"
	}
	for name, test := range map[string]struct {
		smaps string
		want  []int
	}{
		"text and constants": {mapping("00400000-00403000 r-xp 00000000 08:01 7 /tlsward", "0", "0") + mapping("00403000-00404000 r--p 00003000 08:01 7 /tlsward", "0", "0"), []int{0x3000, 0x1000}},
		"data":               {mapping("00404000-00405000 rw-p 00004000 08:01 7 /tlsward", "0", "0"), nil},
		"relocated":          {mapping("7f0000001000-7f0000002000 r--p 00001000 08:01 9 /lib/libc.so.6", "4", "0"), nil},
		"relocated, swapped": {mapping("7f0000001000-7f0000002000 r--p 00001000 08:01 9 /lib/libc.so.6", "0", "4"), nil},
		"of no file":         {mapping("7ffc00000000-7ffc00001000 r-xp 00000000 00:00 0 [vdso]", "0", "0"), nil},
		"without a name":     {mapping("7ffc00000000-7ffc00001000 r--p 00000000 00:00 0", "0", "0"), nil},
		"cut off":            {strings.TrimSuffix(mapping("00400000-00403000 r-xp 00000000 08:01 7 /tlsward", "0", "0"), "VmFlags: rd mr\n"), nil},
	} {
		got := programMappings([]byte(test.smaps))
		if len(got) != len(test.want) {
			t.Errorf("%s: %d mappings, want %d", name, len(got), len(test.want))
			continue
		}
		for i := range got {
			if len(got[i]) != test.want[i] {
				t.Errorf("%s: %#x bytes, want %#x", name, len(got[i]), test.want[i])
			}
		}
	}
}
