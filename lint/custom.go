package lint

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/tlsward/tlsward/facts"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/manifest"
	"github.com/tlsward/tlsward/parallel"
	"github.com/tlsward/tlsward/pki"
	"github.com/tlsward/tlsward/schema"
	"github.com/tlsward/tlsward/schema/crd"
)

// customResources makes of custom resources what the API server would store. It comes after all files are read, since a CRD
// may stand in any of them.
func (r *Result) customResources(ctx context.Context, files []*file, o Options) {
	if o.Schemas == nil {
		return
	}
	definitions, places := r.definitions(files)
	set := o.Schemas.With(definitions)
	readDefined(ctx, files, set, o)
	patches, changed := patched(files), changedByKustomize(files)
	type judged struct {
		document *document
		verdict  crd.Verdict
		changed  bool
	}
	var waiting []judged
	for _, f := range files {
		for _, d := range f.documents {
			if d.custom && d.Status == manifest.Object && !patches[f.name] {
				waiting = append(waiting, judged{document: d, changed: changed[f]})
			}
		}
	}
	parallel.Each(ctx, len(waiting), o.Workers, func(i int) {
		d := waiting[i].document
		if !d.Encrypted {
			waiting[i].verdict = set.Judge(d.Object)
			d.take(waiting[i].verdict, waiting[i].changed)
		}
	})
	first := map[string]*document{}
	for _, w := range waiting {
		if w.verdict.Beyond && first[w.verdict.Schema] == nil {
			first[w.verdict.Schema] = w.document
			w.document.defect(facts.ReleaseAssumed, kube.Path{"apiVersion"}, fmt.Sprintf(
				"%s %s is read by the CRDs of %s, as those assumed of everybody lack this kind, its version or one of its fields",
				w.document.Object.ID.Kind, w.document.Object.Version, w.verdict.Schema))
		}
	}
	judgedKinds := map[string]bool{}
	for _, w := range waiting {
		judgedKinds[w.document.Object.ID.GroupKind()] = true
		w.document.slim(o.Reviewer)
	}
	for i, definition := range definitions {
		if kind := definition.GroupKind(); judgedKinds[kind] {
			// Of several for one kind the first counts.
			delete(judgedKinds, kind)
			for _, rule := range definition.Limits() {
				r.Skipped = append(r.Skipped, Skipped{places[i], "rule of this CustomResourceDefinition that is not judged: " + rule})
			}
		}
	}
}

// definitions takes the CRDs out of the documents: nothing is to be judged about them.
func (r *Result) definitions(files []*file) (found []crd.Definition, places []kube.Position) {
	for _, f := range files {
		f.documents = slices.DeleteFunc(f.documents, func(d *document) bool {
			if d.Object.ID.Group != crd.Group || d.Object.ID.Kind != crd.Kind || d.Status != manifest.Object {
				return false
			}
			f.irrelevant++
			at := kube.Position{File: f.name, Line: d.Line}
			definition, err := crd.Read(d.Object)
			if err != nil {
				r.Skipped = append(r.Skipped, Skipped{at, "CustomResourceDefinition that cannot be used: " + err.Error()})
				return true
			}
			found, places = append(found, definition), append(places, at)
			return true
		})
	}
	return found, places
}

// readDefined reads files again that hold objects of kinds which only a CRD of the tree made known.
func readDefined(ctx context.Context, files []*file, set *crd.Set, o Options) {
	var again []*file
	for _, f := range files {
		for groupKind := range f.passedOver {
			if set.Knows(groupKind) {
				again = append(again, f)
				break
			}
		}
	}
	if len(again) == 0 {
		return
	}
	known := relevantKinds(o)
	relevant := func(group, kind string) bool {
		groupKind := kube.GroupKind(group, kind)
		return known(group, kind) && groupKind != crdGroupKind || set.Knows(groupKind)
	}
	parallel.Each(ctx, len(again), o.Workers, func(i int) {
		f := again[i]
		if fresh := read(f.name, relevant, o); fresh.err == nil {
			f.documents, f.irrelevant = fresh.documents, fresh.irrelevant
		}
	})
}

// take notes what the API server would say of a document's object, and how it would store it.
func (d *document) take(v crd.Verdict, changed bool) {
	d.stored = v.Stored
	if v.Schema == "" {
		d.stored = schema.Stored(d.Object)
	}
	for _, violation := range v.Violations {
		kind, message := sourceKinds[violation.Kind], violation.Message
		switch {
		case violation.Kind == schema.UnknownField && len(violation.Path) > 0 && violation.Path[0] == "metadata":
			kind = facts.UnknownField
		case violation.Kind == schema.UnknownField:
			message += " (" + v.Schema + ")"
		case holdsPlaceholder(d.Object, violation.Path):
			continue
		case changed && (violation.Kind == crd.Missing || violation.Kind == crd.Rule):
			// What a base lacks, a patch may add.
			continue
		}
		d.note(kind, facts.Defect{Path: violation.Path, Message: message, Assumed: v.Assumed})
	}
}

// sourceKinds are the kinds of violations as rules know them.
var sourceKinds = map[schema.Kind]string{
	schema.UnknownField: facts.PrunedField,
	schema.WrongType:    facts.WrongType,
	schema.InvalidValue: facts.InvalidValue,
	crd.Missing:         facts.MissingField,
	crd.Duplicate:       facts.ListDuplicate,
	crd.Rule:            facts.RuleViolated,
	crd.Unserved:        facts.VersionUnserved,
}

// holdsPlaceholder reports whether a value, or one within it, is filled in by something else before the API server sees it.
func holdsPlaceholder(obj kube.Object, path kube.Path) bool {
	value, _ := kube.Lookup(obj.Fields, path)
	return anyOpaque(value)
}

func anyOpaque(value any) bool {
	switch value := value.(type) {
	case string:
		return pki.Opaque(value)
	case []any:
		return slices.ContainsFunc(value, anyOpaque)
	case map[string]any:
		for _, inner := range value {
			if anyOpaque(inner) {
				return true
			}
		}
	}
	return false
}

var crdGroupKind = kube.GroupKind(crd.Group, crd.Kind)

// relevantKinds are those that somebody here reads.
func relevantKinds(o Options) func(group, kind string) bool {
	relevant := map[string]bool{
		kube.GroupKind(kustomizationGroup, "Kustomization"): true, kube.GroupKind(kustomizationGroup, "Component"): true,
	}
	for _, groupKind := range o.Reviewer.Providers().Relevant() {
		relevant[groupKind] = true
	}
	for _, groupKind := range o.wantedKinds {
		relevant[groupKind] = true
	}
	if o.Schemas != nil {
		relevant[crdGroupKind] = true
	}
	return func(group, kind string) bool {
		groupKind := kube.GroupKind(group, kind)
		return relevant[groupKind] || o.Schemas.Knows(groupKind)
	}
}

// isCustom reports whether an object may be one that a CRD defines: groups of CRDs have a dot.
func isCustom(obj kube.Object) bool {
	return strings.Contains(obj.ID.Group, ".") && obj.ID.Group != kustomizationGroup && !schema.Knows(obj)
}
