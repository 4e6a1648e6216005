package lint

import (
	"fmt"
	"runtime"

	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/manifest"
	"github.com/tlsward/tlsward/rule"
)

type rootID struct {
	root *root
	id   kube.ID
}

// relatedIndex finds the document of an object that a finding names.
func relatedIndex(roots []*root) map[rootID]*document {
	index := map[rootID]*document{}
	for _, r := range roots {
		for _, d := range r.documents {
			if d.Status == manifest.Object {
				index[rootID{r, d.Object.ID}] = d
			}
		}
	}
	return index
}

// locate says where in the text a finding, and what it relates to, stands.
func locate(f rule.Finding, j job, index func() map[rootID]*document) rule.Finding {
	f.At = j.document.Locate(f.Path)
	for i := range f.Related {
		if d := index()[rootID{j.root, f.Related[i].Object}]; d != nil {
			f.Related[i].At = d.Locate(f.Related[i].Path)
		}
	}
	return f
}

// maxAlso bounds the other places named where a finding is said once for many.
const maxAlso = 3

// sayOnce drops what was found again at the same place in another root, and says once for each subject what could not be
// judged because of it: the same missing Secret behind forty Ingresses is one thing to look up.
func sayOnce(findings []rule.Finding) []rule.Finding {
	type place struct {
		rule, path, message string
		at                  kube.Position
	}
	type about struct {
		rule    string
		subject kube.ID
	}
	places, subjects := map[place]bool{}, map[about]int{}
	also := map[int]int{}
	kept := findings[:0]
	for _, f := range findings {
		where := place{f.Rule, f.Path.String(), f.Message, f.At}
		if places[where] {
			continue
		}
		places[where] = true
		if f.Unknown && f.Subject.Name != "" {
			key := about{f.Rule, f.Subject}
			if first, said := subjects[key]; said {
				also[first]++
				if also[first] <= maxAlso {
					kept[first].Related = append(kept[first].Related, rule.Related{
						Object: f.Object, Path: f.Path, At: f.At, Message: "refers to it too",
					})
				}
				continue
			}
			subjects[key] = len(kept)
		}
		kept = append(kept, f)
	}
	for i, count := range also {
		if count > maxAlso {
			last := &kept[i].Related[len(kept[i].Related)-1]
			last.Message = fmt.Sprintf("refers to it too, and so do %d more", count-maxAlso)
		}
	}
	return kept
}

func workersOr(n int) int {
	if n > 0 {
		return n
	}
	return runtime.GOMAXPROCS(0)
}
