package lint

import (
	"context"
	"sync/atomic"

	"github.com/tlsward/tlsward/parallel"
)

// What a run tells of its progress.
const (
	reading   = "reading files"
	inProcess = "rendering kustomizations and charts"
	judging   = "judging objects"
)

// each calls f for 0 to n-1 on all workers, as parallel.Each does, and tells how many of them are done.
func (o Options) each(ctx context.Context, doing string, n int, f func(i int)) {
	if o.Progress == nil || n == 0 {
		parallel.Each(ctx, n, o.Workers, f)
		return
	}
	var done atomic.Int64
	o.Progress(doing, 0, n)
	parallel.Each(ctx, n, o.Workers, func(i int) {
		f(i)
		o.Progress(doing, int(done.Add(1)), n)
	})
}
