package webhook

import (
	"context"
	"time"

	"github.com/tlsward/tlsward/kube"
)

// Look judges pending objects again, as Run does every two seconds.
func (d *Door) Look(ctx context.Context) { d.pending.look(ctx) }

// MaxPending is how many objects are watched at most.
const MaxPending = maxPending

// Wait has an object watched, as one that was admitted pending.
func (d *Door) Wait(id kube.ID, until time.Time) { d.pending.add(id, until) }
