// Package render makes of a kustomization or a Helm chart what would be applied, in this process: it opens no connection,
// runs no program and no plugin, and reads only what it is let. What it makes still knows which files it came from. It
// judges nothing, and knows neither rules nor reports.
package render

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/manifest"
)

// Bounds of what is rendered. Each is several times what people keep, and keeps a mistake, or a trap, from taking the machine.
const (
	// maxFile bounds one file that is taken in. kustomize holds some fifty times a file's size while it works on it; the
	// largest manifests that are kept in one piece, the CRDs of an operator, are below 4 MiB.
	maxFile = 8 << 20
	// maxInput bounds all that one root takes in.
	maxInput = 64 << 20
	// maxObjects bounds what one root makes. The largest platform repositories have some thousand in one overlay.
	maxObjects = 20_000
	// maxDepth bounds how deep kustomizations take in one another: three or four levels are common.
	maxDepth = 16
	// maxVisits bounds the kustomizations that one root takes in, each counted as often as it is taken in: bases that take in
	// their own bases twice double at each level.
	maxVisits = 1000
	// maxNodes bounds what the aliases of one file stand for.
	maxNodes = 50_000
	// maxTime bounds the rendering of one root. An overlay takes some ten milliseconds, a large chart half a second.
	maxTime = 30 * time.Second
	// maxText bounds what one chart renders to.
	maxText = 64 << 20
)

// Files is how files are read. Paths are absolute and hold no links.
type Files struct {
	// Read returns the content of a file; nil reads the disk.
	Read func(path string) ([]byte, error)
	// May says whether a path may be looked at; nil allows everything.
	May func(path string) bool
}

// Refused is why something was not rendered although nothing is wrong with it: it takes in what is not here.
type Refused struct{ Reason string }

func (r *Refused) Error() string { return r.Reason }

func refuse(format string, args ...any) error { return &Refused{fmt.Sprintf(format, args...)} }

// errOutside is a file that may not be read.
var errOutside = errors.New("outside of what may be read")

// store reads files for one root, and notes which.
type store struct {
	files Files
	taken map[string]bool
	size  int
}

func newStore(files Files) *store { return &store{files: files, taken: map[string]bool{}} }

// resolve makes a path absolute, without links. What it leads to exists, and may be looked at.
func (s *store) resolve(path string) (string, os.FileInfo, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", nil, err
	}
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return "", nil, err
	}
	if s.files.May != nil && !s.files.May(real) {
		return "", nil, fmt.Errorf("%s: %w", path, errOutside)
	}
	info, err := os.Stat(real)
	if err != nil {
		return "", nil, err
	}
	return real, info, nil
}

// read reads a file within the bounds.
func (s *store) read(path string) ([]byte, error) {
	real, info, err := s.resolve(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: not a regular file", path)
	}
	if info.Size() > maxFile {
		return nil, fmt.Errorf("%s: larger than %d MiB", path, maxFile>>20)
	}
	read := s.files.Read
	if read == nil {
		read = os.ReadFile
	}
	data, err := read(real)
	if err != nil {
		return nil, err
	}
	if !s.taken[real] {
		s.taken[real] = true
		if s.size += len(data); s.size > maxInput {
			return nil, fmt.Errorf("takes in more than %d MiB", maxInput>>20)
		}
		if err := harmless(real, data); err != nil {
			return nil, err
		}
	}
	return data, nil
}

// harmless refuses a YAML text of which aliases make much more than stands there.
func harmless(path string, data []byte) error {
	if bytes.IndexByte(data, '&') < 0 || bytes.IndexByte(data, '*') < 0 || !isYAML(path) {
		return nil
	}
	nodes := 0
	for _, d := range manifest.Read(path, data, manifest.Options{}) {
		if d.Status == manifest.Broken && d.Err != nil && strings.Contains(d.Err.Message, "alias") {
			return fmt.Errorf("%s: %s", path, d.Err.Message)
		}
		nodes += count(d.Object.Fields)
	}
	if nodes > maxNodes && nodes > len(data) {
		return fmt.Errorf("%s: its aliases stand for %d values", path, nodes)
	}
	return nil
}

func count(value any) int {
	n := 1
	switch v := value.(type) {
	case map[string]any:
		for _, child := range v {
			n += count(child)
		}
	case []any:
		for _, child := range v {
			n += count(child)
		}
	}
	return n
}

func isYAML(path string) bool {
	switch filepath.Ext(path) {
	case ".yaml", ".yml", ".json":
		return true
	}
	return filepath.Base(path) == "Kustomization"
}

func (s *store) list() []string { return kube.SortedKeys(s.taken) }

// within calls f, and gives up waiting for it when ctx ends or the time is over: neither library can be stopped. A panic of
// theirs is an error of this root.
func within[T any](ctx context.Context, limit time.Duration, f func() (T, error)) (T, error) {
	type outcome struct {
		value T
		err   error
	}
	done := make(chan outcome, 1)
	go func() {
		var o outcome
		defer func() {
			if r := recover(); r != nil {
				o.err = fmt.Errorf("the renderer broke down: %v", r)
			}
			done <- o
		}()
		o.value, o.err = f()
	}()
	timer := time.NewTimer(limit)
	defer timer.Stop()
	var none T
	select {
	case o := <-done:
		return o.value, o.err
	case <-ctx.Done():
		return none, ctx.Err()
	case <-timer.C:
		return none, fmt.Errorf("rendering takes more than %s", limit)
	}
}
