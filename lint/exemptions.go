package lint

import (
	"fmt"
	"time"

	"github.com/tlsward/tlsward/facts"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/rule"
)

// Exemptions are those of a config file, with the line of each; 0 is for those of a config that it extends, of which nothing is said.
type Exemptions struct {
	File  string
	Lines []int
	List  []rule.Exemption
}

// remarks tell of exemptions that have ended, and of those that excused nothing in this run: either would go on excusing in
// silence whatever matches next.
func (e *Exemptions) remarks(suppressed []rule.Finding, now time.Time) (list []remark) {
	used := map[int]bool{}
	for _, f := range suppressed {
		if f.Suppression.Kind == rule.ByConfig {
			used[f.Suppression.Exemption] = true
		}
	}
	config := kube.Object{ID: kube.ID{Group: "tlsward.dev", Kind: "Config", Name: e.File}, Version: "v1"}
	for i, exemption := range e.List {
		if e.Lines[i] == 0 {
			continue // of a config that others extend, too
		}
		where := remark{about: config, path: kube.Path{"exemptions", i}, at: kube.Position{File: e.File, Line: e.Lines[i], Column: 1}}
		switch {
		case !exemption.Until.IsZero() && now.After(exemption.Until):
			where.kind = facts.ExemptionExpired
			where.message = fmt.Sprintf("this exemption ended at %s and excuses nothing any more", exemption.Until.UTC().Format(time.RFC3339))
		case !used[i]:
			where.kind, where.message = facts.ExemptionUnused, "this exemption excused no finding"
		default:
			continue
		}
		list = append(list, where)
	}
	return list
}
