package webhook

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/go-logr/logr"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/tlsward/tlsward/kube"
)

// Look judges pending objects again, as Run does every two seconds.
func (d *Door) Look(ctx context.Context) { d.pending.look(ctx) }

// MaxPending is how many objects are watched at most.
const MaxPending = maxPending

// Wait has an object watched, as one that was admitted pending.
func (d *Door) Wait(id kube.ID, until time.Time) { d.pending.add(id, until) }

func TestMain(m *testing.M) {
	log.SetLogger(logr.Discard()) // or controller-runtime complains that nobody did
	os.Exit(m.Run())
}
