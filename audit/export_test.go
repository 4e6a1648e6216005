package audit

import (
	"context"

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
