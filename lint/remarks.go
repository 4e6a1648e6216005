package lint

import (
	"context"
	"slices"

	"github.com/tlsward/tlsward/engine"
	"github.com/tlsward/tlsward/facts"
	"github.com/tlsward/tlsward/inventory"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/rule"
)

// remark is something to say of what suppresses findings: of an entry of the config or the baseline, a comment, an annotation.
type remark struct {
	kind    string // of defect, as facts has it
	message string
	about   kube.Object
	path    kube.Path // in it
	at      kube.Position
}

// maxRemarks is how many defects of a kind a review is told of at once: facts leaves out what is beyond its bound of lists.
const maxRemarks = 64

// say has rules speak about remarks, which come in order. They are judged as objects of a kind of their own, since what is wrong with
// them is no fault of the object they stand in, and become findings about that.
func (r *Result) say(ctx context.Context, o Options, kind string, remarks []remark) error {
	for len(remarks) > 0 {
		n := 1
		for n < min(len(remarks), maxRemarks) && remarks[n].about.ID == remarks[0].about.ID {
			n++
		}
		if err := r.sayOf(ctx, o, kind, remarks[:n]); err != nil {
			return err
		}
		remarks = remarks[n:]
	}
	return nil
}

// sayOf is say for one object.
func (r *Result) sayOf(ctx context.Context, o Options, kind string, remarks []remark) error {
	about := remarks[0].about
	source := map[string][]facts.Defect{}
	for i, remark := range remarks {
		source[remark.kind] = append(source[remark.kind], facts.Defect{Path: kube.Path{"remarks", i}, Message: remark.message})
	}
	decision, err := o.Reviewer.Review(ctx, engine.Request{
		Object: kube.Object{
			ID: kube.ID{Group: "tlsward.dev", Kind: kind, Namespace: about.ID.Namespace, Name: about.ID.Name}, Version: "v1", Fields: map[string]any{},
		},
		Now: o.Now, Door: rule.DoorLint, Source: source,
		Inventory: inventory.New(inventory.Options{Providers: o.Reviewer.Providers()}).Snapshot(),
	})
	if err != nil {
		return err
	}
	for _, f := range slices.Concat(decision.Findings, decision.Suppressed) {
		if index, ok := f.Path[1].(int); ok {
			f.Object, f.Version, f.Path, f.At = about.ID, about.Version, remarks[index].path, remarks[index].at
		}
		// Exemptions name the object that the report names.
		if f.Suppression == nil {
			f.Suppression = o.Reviewer.Settings().Exempted(f.Rule, f.Object, o.Now)
		}
		if f.Suppression == nil {
			r.Findings = append(r.Findings, f)
		} else {
			r.Suppressed = append(r.Suppressed, f)
		}
	}
	return nil
}
