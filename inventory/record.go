package inventory

import (
	"slices"
	"sync"

	"github.com/tlsward/tlsward/kube"
)

// Recorder notes what is asked of an inventory, so that a verdict can be confirmed by looking at the same things again.
// Safe for concurrent use.
type Recorder struct {
	Reader
	mu    sync.Mutex
	asked []kube.ID
}

// Record returns a recorder over an inventory.
func Record(base Reader) *Recorder { return &Recorder{Reader: base} }

// Asked lists the targets of all references that were resolved, in order, each once.
func (r *Recorder) Asked() []kube.ID {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.asked)
}

// Kind implements Reader. Of what has no namespace, which is classes, all are noted: one of them is the default.
func (r *Recorder) Kind(groupKind, namespace string, from kube.ID) []*Entry {
	found := r.Reader.Kind(groupKind, namespace, from)
	if namespace == "" {
		for _, entry := range found {
			r.note(entry.ID)
		}
	}
	return found
}

func (r *Recorder) note(id kube.ID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !slices.Contains(r.asked, id) {
		r.asked = append(r.asked, id)
	}
}

// Get implements Reader.
func (r *Recorder) Get(ref Ref) Lookup { return r.get(ref, nil) }

func (r *Recorder) get(ref Ref, hidden hides) Lookup {
	r.note(ref.To)
	return r.Reader.get(ref, hidden)
}
