package lint

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/rule"
)

// finding tells a finding apart from all others of a run.
type finding struct {
	rule, path, message string
	object              kube.ID
	at                  kube.Position
}

func identify(f *rule.Finding) finding {
	return finding{f.Rule, f.Path.String(), f.Message, f.Object, f.At}
}

// overlays notes, of findings in rendered objects, in which of the roots they were made.
type overlays map[finding][]occurrence

type occurrence struct {
	document *document
	root     *root
}

func (o overlays) note(f rule.Finding, d *document, r *root) {
	if d != nil && d.made != nil {
		key := identify(&f)
		o[key] = append(o[key], occurrence{d, r})
	}
}

func (o overlays) documents() map[finding]*document {
	documents := make(map[finding]*document, len(o))
	for key, list := range o {
		documents[key] = list[0].document
	}
	return documents
}

// merge says once what is found in several overlays at the same place: what stands in a base is wrong in all of them, if
// under other names. Findings come in order; the first of each stays, and names the overlays; one alone does not matter where the
// environment is named.
func (o overlays) merge(findings []rule.Finding, named bool) []rule.Finding {
	if len(o) == 0 {
		return findings
	}
	type where struct {
		rule, path string
		at         kube.Position
		action     rule.Action
		// source is the same for all that comes of one text; what has none is told apart by its name.
		source *document
		object kube.ID
	}
	first := map[where]int{}
	names := map[int][]string{}
	charts := map[int]bool{}
	done := map[finding]bool{}
	kept := findings[:0]
	for _, f := range findings {
		key := identify(&f)
		list := o[key]
		if len(list) == 0 {
			kept = append(kept, f)
			continue
		}
		if done[key] {
			continue
		}
		done[key] = true
		w := where{rule: f.Rule, path: f.Path.String(), at: f.At, action: f.Action, source: list[0].document.made.source}
		if w.source == nil {
			w.object = f.Object
		}
		index, said := first[w]
		if !said {
			index = len(kept)
			first[w] = index
			kept = append(kept, f)
		}
		charts[index] = list[0].document.made.by.chart
		for _, occurrence := range list {
			names[index] = append(names[index], occurrence.root.name)
		}
	}
	for index, roots := range names {
		slices.Sort(roots)
		roots = slices.Compact(roots)
		if len(roots) == 1 && (named || within(roots[0], kept[index].At.File)) {
			continue
		}
		kept[index].Related = append(kept[index].Related, rule.Related{Message: inRoots(roots, charts[index])})
	}
	return kept
}

// maxOverlays bounds the overlays that are named.
const maxOverlays = 3

// inRoots names the overlays, or charts, that a finding is in.
func inRoots(names []string, charts bool) string {
	noun := "overlay"
	if charts {
		noun = "chart"
	}
	slashed := make([]string, len(names))
	for i, name := range names {
		slashed[i] = filepath.ToSlash(name)
	}
	if len(slashed) == 1 {
		return "in the " + noun + " " + slashed[0]
	}
	in := fmt.Sprintf("in %d %ss: ", len(slashed), noun)
	if more := len(slashed) - maxOverlays; more > 1 { // "and 1 more" would take the room of a name
		return in + strings.Join(slashed[:maxOverlays], ", ") + fmt.Sprintf(" and %d more", more)
	}
	return in + strings.Join(slashed, ", ")
}
