package facts

import (
	"iter"
	"slices"
	"strings"

	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/provider"
)

// unread lists the annotations that an acting controller would read by their prefix, and does not by their name.
func (g *gathering) unread(a acting) []any {
	lists := map[string]any{}
	for c, annotations := range g.readers(a) {
		for _, key := range kube.SortedKeys(annotations) {
			name, ok := strings.CutPrefix(key, c.Reads.Prefix)
			if !ok || slices.Contains(c.Reads.Names, name) {
				continue
			}
			if !g.room(lists, "unread") {
				break
			}
			element := map[string]any{
				"path": []any{"metadata", "annotations", key}, "controller": c.Name, "name": name,
			}
			if near, ok := nearest(name, c.Reads.Names); ok {
				element["near"] = near
			}
			add(lists, "unread", element)
		}
	}
	list, _ := lists["unread"].([]any)
	return list
}

// readers are the acting controllers that read annotations by a prefix, each with those of the object.
func (g *gathering) readers(a acting) iter.Seq2[*provider.Controller, map[string]any] {
	return func(yield func(*provider.Controller, map[string]any) bool) {
		metadata, _ := g.Object.Fields["metadata"].(map[string]any)
		annotations, _ := metadata["annotations"].(map[string]any)
		if len(annotations) == 0 {
			return
		}
		for i := range g.Providers.Providers {
			for j := range g.Providers.Providers[i].Controllers {
				c := &g.Providers.Providers[i].Controllers[j]
				if a.acts(c.Name) && c.Reads.Prefix != "" && !yield(c, annotations) {
					return
				}
			}
		}
	}
}

// maxEdits is how far a misspelt name may be from the one that was meant, minName how short a name may be for that to say
// anything: of four letters, two are half.
const (
	maxEdits = 2
	minName  = 8
)

// nearest finds the name that was perhaps meant, the first of those that are equally near.
func nearest(name string, names []string) (near string, ok bool) {
	if len(name) < minName {
		return "", false
	}
	best := maxEdits + 1
	for _, candidate := range names {
		if d := len(candidate) - len(name); d > maxEdits || d < -maxEdits {
			continue
		}
		if d := distance(strings.ToLower(name), candidate); d < best {
			best, near = d, candidate
		}
	}
	return near, best <= maxEdits
}

// distance counts the letters to insert, drop, replace or swap with their neighbour (optimal string alignment).
func distance(a, b string) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			replaced := last[j-1]
			if a[i-1] != b[j-1] {
				replaced++
			}
			row[j] = min(last[j]+1, row[j-1]+1, replaced)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
