package audit

import (
	"context"
	"time"

	"github.com/tlsward/tlsward/kube"
)

// Follow has the audit follow its store without running.
func (a *Auditor) Follow() {
	a.begin()
	a.store.Follow(a.note)
}

// Settle judges until nothing is left to be.
func (a *Auditor) Settle(ctx context.Context) {
	a.take(ctx)
	for a.judge(ctx) {
		a.take(ctx)
	}
}

// Verdicts are all, by object.
func (a *Auditor) Verdicts() map[kube.ID]Verdict {
	all := map[kube.ID]Verdict{}
	a.Each(func(v Verdict) bool { all[v.Object] = v; return true })
	return all
}

// Kept is how much is remembered beside the verdicts: keys asked for, by how many objects each, and moments of the clock.
func (a *Auditor) Kept() (keys, askers, moments int) {
	for _, list := range a.asking {
		askers += len(list)
	}
	return len(a.asking), askers, len(a.clock)
}

// Next is the first moment of the clock.
func (a *Auditor) Next() (time.Time, bool) {
	if len(a.clock) == 0 {
		return time.Time{}, false
	}
	return a.clock[0].turns, true
}
