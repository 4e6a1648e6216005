package lint

import (
	"context"
	"fmt"
	"time"

	"github.com/tlsward/tlsward/engine"
	"github.com/tlsward/tlsward/facts"
	"github.com/tlsward/tlsward/inventory"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/rule"
)

// Exemptions are those of a config file, with the line of each.
type Exemptions struct {
	File  string
	Lines []int
	List  []rule.Exemption
}

// judgeExemptions has the config file reviewed for exemptions that have ended, and for those that excused nothing in
// this run: either would go on excusing in silence whatever matches next.
func (r *Result) judgeExemptions(ctx context.Context, o Options) error {
	used := map[int]bool{}
	for _, s := range r.Suppressed {
		used[s.Exemption] = true
	}
	source := map[string][]facts.Defect{}
	for i, exemption := range o.Exemptions.List {
		path := kube.Path{"exemptions", i}
		switch {
		case !exemption.Until.IsZero() && o.Now.After(exemption.Until):
			source[facts.ExemptionExpired] = append(source[facts.ExemptionExpired], facts.Defect{
				Path:    path,
				Message: fmt.Sprintf("this exemption ended at %s and excuses nothing any more", exemption.Until.UTC().Format(time.RFC3339)),
			})
		case !used[i]:
			source[facts.ExemptionUnused] = append(source[facts.ExemptionUnused], facts.Defect{
				Path: path, Message: "this exemption excused no finding",
			})
		}
	}
	if len(source) == 0 {
		return nil
	}
	object := kube.Object{ID: kube.ID{Group: "tlsward.dev", Kind: "Config", Name: o.Exemptions.File}, Version: "v1", Fields: map[string]any{}}
	decision, err := o.Reviewer.Review(ctx, engine.Request{
		Object: object, Now: o.Now, Door: rule.DoorLint, Source: source,
		Inventory: inventory.New(inventory.Options{Providers: o.Reviewer.Providers()}).Snapshot(),
	})
	if err != nil {
		return err
	}
	for _, f := range decision.Findings {
		f.At = kube.Position{File: o.Exemptions.File, Column: 1}
		if index, ok := f.Path[1].(int); ok {
			f.At.Line = o.Exemptions.Lines[index]
		}
		r.Findings = append(r.Findings, f)
	}
	return nil
}
