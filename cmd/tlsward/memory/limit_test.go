package memory

import (
	"os"
	"path/filepath"
	"testing"
)

func TestLimit(t *testing.T) {
	for text, want := range map[string]int64{"536870912\n": 512 << 20, "max\n": 0} {
		file := filepath.Join(t.TempDir(), "memory.max")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if limit, ok := limitIn(file); limit != want || ok != (want > 0) {
			t.Errorf("%q: limit %d, %t", text, limit, ok)
		}
	}
	if limit, ok := limitIn(filepath.Join(t.TempDir(), "none")); ok {
		t.Errorf("no file: limit %d", limit)
	}
}
