package watch

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/tlsward/tlsward/kube"
)

// KindStatus is what is known of one kind.
type KindStatus struct {
	GroupKind string
	// Watched: objects of the kind are listed and watched, if the cluster serves it.
	Watched bool
	// Served is the version that is read; empty where the cluster serves none.
	Served string
	// Synced: what the store does not hold of the kind does not exist.
	Synced bool
	// Reason says why not, or that the kind is not installed; empty where all is well.
	Reason  string
	Objects int
	// LastEvent is when the API server last said something of the kind, if only that nothing has changed.
	LastEvent time.Time
}

// kind is one kind of objects, followed through being installed, moved to another version and removed.
type kind struct {
	watcher     *Watcher
	groupKind   string
	group, name string
	// client reads it; nil: it is not read at all.
	client kindClient
	// values: what is held is metadata and values that are dropped; its lists are read in small pages.
	values bool
	// labels selects the objects that are read; "" is all.
	labels string
	// namespaces are those that may be read; none means all.
	namespaces []string
	// streams is one for each of them; none: only live reads.
	streams []*stream

	mu     sync.Mutex
	sight  sight
	at     resource
	cancel context.CancelFunc // ends the running streams
	ended  sync.WaitGroup
}

func (w *Watcher) newKind(groupKind string, clients *clients) *kind {
	group, name := kube.SplitGroupKind(groupKind)
	k := &kind{watcher: w, groupKind: groupKind, group: group, name: name, client: clients.whole, namespaces: []string{""}}
	if typed, ok := clients.typed[groupKind]; ok {
		k.client = typed
	}
	watched := true
	switch {
	case groupKind == secretKind:
		watched = k.readSecrets(clients)
	case groupKind == configMapKind:
		k.values = true
	case w.options.Providers.Workload(groupKind):
		// Few of them run a controller, and only its flags are kept of these.
		k.labels = w.options.Providers.WorkloadSelector(groupKind)
	case !w.options.Providers.Reads(groupKind) && !w.options.Providers.Shows(groupKind):
		// Only referred to: that it exists is all anybody asks.
		k.client = clients.partial
	}
	if watched {
		for _, namespace := range k.namespaces {
			k.streams = append(k.streams, &stream{watcher: w, kind: k, namespace: namespace, since: w.clock.Now(), objects: map[key]struct{}{}})
		}
	}
	return k
}

// readSecrets sets a kind up as the options want Secrets to be read, and reports whether they are watched.
func (k *kind) readSecrets(clients *clients) (watched bool) {
	k.values = true
	if namespaces := k.watcher.options.SecretsNamespaces; len(namespaces) > 0 {
		k.namespaces = slices.Compact(slices.Sorted(slices.Values(namespaces)))
	}
	switch k.watcher.options.Secrets {
	case SecretsFull:
		return true
	case SecretsMetadata:
		k.client = clients.partial
		return true
	case SecretsLive:
		return false
	case SecretsNone:
		k.client = nil
	}
	return false
}

// follow does what discovery says: starts, moves to another version, or forgets. Only Start calls it.
func (k *kind) follow(ctx context.Context) {
	at, now := k.watcher.discovery.find(k.groupKind)
	k.mu.Lock()
	before, same := k.sight, now == k.sight && at == k.at
	k.mu.Unlock()
	if now == unseen || same || len(k.streams) == 0 {
		return
	}
	k.stop()
	k.mu.Lock()
	k.sight, k.at = now, at
	k.mu.Unlock()
	if now == absent {
		for _, s := range k.streams {
			s.forget()
		}
		k.watcher.options.Store.SetComplete(k.groupKind, "", true)
		if before == served {
			k.watcher.log.Info("kind has been removed", "kind", k.groupKind)
		}
		return
	}
	if before == absent {
		k.watcher.options.Store.SetComplete(k.groupKind, "", false)
		k.watcher.log.Info("kind has been installed", "kind", k.groupKind, "version", at.Version)
	}
	k.run(ctx, at)
}

func (k *kind) run(ctx context.Context, at resource) {
	ctx, cancel := context.WithCancel(ctx)
	k.mu.Lock()
	k.cancel = cancel
	k.mu.Unlock()
	for _, s := range k.streams {
		k.ended.Go(func() { s.run(ctx, at) })
	}
}

// stop returns when no stream can write any more.
func (k *kind) stop() {
	k.mu.Lock()
	cancel := k.cancel
	k.mu.Unlock()
	if cancel != nil {
		cancel()
	}
	k.ended.Wait()
}

// status sums up the streams: a kind has synced if all of them have.
func (k *kind) status() KindStatus {
	k.mu.Lock()
	at, now := k.at, k.sight
	k.mu.Unlock()
	status := KindStatus{GroupKind: k.groupKind, Watched: len(k.streams) > 0}
	switch {
	case !status.Watched:
		at, _ = k.watcher.discovery.find(k.groupKind)
		status.Served, status.Reason = at.Version, "not watched: Secrets are read in mode "+k.watcher.options.Secrets.String()
		return status
	case now == absent:
		status.Synced, status.Reason = true, "not installed"
		return status
	case now == unseen:
		status.Reason = "syncing: discovery has not told yet where it is served"
		if err := k.watcher.discovery.failure(); err != nil {
			status.Reason = "syncing: " + err.Error()
		}
		return status
	}
	status.Served, status.Synced = at.Version, true
	for _, s := range k.streams {
		reason := s.add(&status)
		if status.Reason == "" {
			status.Reason = reason
		}
	}
	return status
}

// Kinds says of every kind that a cluster may serve how much of it is in sight, in order of name.
func (w *Watcher) Kinds() []KindStatus {
	kinds := make([]KindStatus, 0, len(w.kinds))
	for _, k := range w.kinds {
		kinds = append(kinds, k.status())
	}
	return kinds
}
