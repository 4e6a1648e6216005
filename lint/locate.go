package lint

import (
	"fmt"
	"slices"

	"github.com/tlsward/tlsward/inventory"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/manifest"
	"github.com/tlsward/tlsward/rule"
)

// rootID tells an object in a root, by the root's name.
type rootID struct {
	root string
	id   kube.ID
}

// relatedIndex finds the document of an object that a finding names.
func relatedIndex(roots []*root) map[rootID]*document {
	index := map[rootID]*document{}
	for _, r := range roots {
		for _, d := range r.documents {
			if d.Status == manifest.Object {
				index[rootID{r.name, d.Object.ID}] = d
			}
		}
	}
	return index
}

// locate says where in the text a finding, and what it relates to, stands, and in which document.
func locate(f rule.Finding, j job, index func() map[rootID]*document) (rule.Finding, *document) {
	in := j.document
	f.At, f.End = in.span(f.Path)
	if f.BlamesTarget {
		f, in = blame(f, j, index)
	}
	if in.made != nil && in.made.template != "" {
		f.Related = append(f.Related, rule.Related{
			At: kube.Position{File: f.At.File}, Message: fmt.Sprintf("line %d of what this template renders to", in.Document.Locate(f.Path).Line),
		})
	}
	for i := range f.Related {
		if d := index()[rootID{j.root.name, f.Related[i].Object}]; d != nil {
			f.Related[i].At = d.Locate(f.Related[i].Path)
		}
	}
	return f, in
}

// blame says a finding where its cause stands: at the Secret or ConfigMap that the object refers to.
func blame(f rule.Finding, j job, index func() map[rootID]*document) (rule.Finding, *document) {
	if f.Subject.Name == "" {
		return f, j.document
	}
	found := j.view.Get(inventory.Ref{To: f.Subject, From: j.document.stored.ID})
	if found.Entry == nil {
		return f, j.document
	}
	target := index()[rootID{found.Entry.Root, found.Entry.ID}]
	if target == nil {
		return f, j.document
	}
	if f.Subject != f.Object {
		f.Related = append([]rule.Related{{Object: f.Object, Path: f.Path, At: f.At, Message: refersToIt}}, f.Related...)
	}
	f.Object, f.Version, f.Path = target.Object.ID, target.Object.Version, kube.Path{"data", f.SubjectKey}
	// What is not in the text is located at its nearest ancestor.
	if text := (kube.Path{"stringData", f.SubjectKey}); target.Locate(text) != target.Locate(text[:1]) {
		f.Path = text
	}
	f.At, f.End = target.span(f.Path)
	return f, target
}

const refersToIt = "refers to it"

// maxAlso bounds the other places named where a finding is said once for many.
const maxAlso = 3

// sayAlso adds who else refers to what a finding blames.
func sayAlso(related []rule.Related, f rule.Finding, count int) ([]rule.Related, int) {
	for _, r := range f.Related {
		said := slices.ContainsFunc(related, func(other rule.Related) bool { return other.Object == r.Object && other.At == r.At })
		if r.Message != refersToIt || said {
			continue
		}
		if slices.ContainsFunc(related, func(other rule.Related) bool { return other.Message == refersToIt }) {
			count++
			r.Message = "refers to it too"
		}
		if count <= maxAlso {
			related = append(related, r)
		}
	}
	return related, count
}

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
	places, subjects := map[place]int{}, map[about]int{}
	also := map[int]int{}
	kept := findings[:0]
	for _, f := range findings {
		where := place{f.Rule, f.Path.String(), f.Message, f.At}
		if first, said := places[where]; said {
			if f.BlamesTarget {
				kept[first].Related, also[first] = sayAlso(kept[first].Related, f, also[first])
			}
			continue
		}
		places[where] = len(kept)
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
