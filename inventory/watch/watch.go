// Package watch fills an inventory from a cluster: it answers what the cluster holds of the kinds that providers name, how
// much of it is in sight, and, by a live read, whether a single object is there right now. The doors that run in a
// cluster start it and ask it for readiness. It judges nothing, and refuses to know what it was not shown: a kind that
// has not synced, may not be read or is out of touch is said to be incomplete, so that what is missing from it counts as
// unknown and never as absent.
//
// Nothing is held twice: what a watch brings goes straight into the inventory, and of Secrets and ConfigMaps the values
// are read and dropped object by object, while the first list still streams. Only the connection's own buffers (tens of
// KiB) hold the last bytes received until others come. Memory therefore grows with the number of objects (1.2 KiB for a
// Secret that nobody refers to), with the whole of those kinds that providers read (Ingress, Gateway and so on, less
// status and managedFields), and with the certificates in the keys that references read (ca.crt, tls.crt), referred to or
// not: 3 KiB each, shared by all that hold the same one as long as the inventory's cache knows it. What is known of them
// stays as long as their object does, whatever the cache forgets. Of one Secret or ConfigMap 256 KiB are read and no more:
// full of small certificates that is 1.7 MiB, while a larger value is unknown and costs nothing. All other bytes of Secrets
// and ConfigMaps cost nothing either, but for the few keys that are settings of controllers. Of what is only referred to, as
// Services are, the metadata and the fields that rules see are kept. Of workloads only those are
// read that bear a controller's label, and only its flags are kept. The number of objects has no bound: to leave some out
// would be to call them absent; quotas of the cluster bound what a tenant may make.
package watch

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"k8s.io/client-go/rest"
	"k8s.io/klog/v2"
	"k8s.io/utils/clock"

	"github.com/tlsward/tlsward/inventory"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/provider"
)

// Options says what to watch, by whose permission, and whom to tell.
type Options struct {
	// Store is filled; it must have been made with Cluster and the same Providers.
	Store     *inventory.Store
	Providers *provider.Set
	// Config leads to the cluster. Its client-side rate limit is not used: a review must never queue behind a list, and
	// the API server has fair queues of its own.
	Config *rest.Config

	Secrets SecretsMode
	// SecretsNamespaces are those in which Secrets may be read; none means all.
	SecretsNamespaces []string

	// Needed lists the kinds that rules rest on which deny; Ready waits for them and for no other.
	Needed []string
	// ReadyTimeout bounds that wait, from Start; zero means DefaultReadyTimeout. What has not synced by then is unknown.
	ReadyTimeout time.Duration

	Logger *slog.Logger
	// OnChange is told of every object that was put into the store or deleted from it, afterwards. It must be quick.
	OnChange func(kube.ID)
}

// DefaultReadyTimeout is far above what a first list takes (2,200 Secrets: under a second) and below the time after which
// a Deployment's rollout is given up (progressDeadlineSeconds, 10 min).
const DefaultReadyTimeout = time.Minute

// timing holds what tests make shorter.
type timing struct {
	// poll is how often discovery is asked. An answer that has not changed is 304 and has no body.
	poll time.Duration
	// settle is how long an API server that starts may say what it does not mean: that a kind is not served (see
	// discovery), or that nobody is permitted anything, because its roles are not loaded yet. A local one takes 2 s.
	settle time.Duration
	// bound is how long a kind may be out of touch with the API server before what it holds no longer counts as all there
	// is. An API server that restarts is back well within it.
	bound time.Duration
	// check is how often the bound is looked at.
	check time.Duration
	// retry and retryMost are the first and the longest wait before a failed list or watch is tried again, to be doubled
	// at most by jitter. Permissions that are granted later are therefore seen within 20 s.
	retry, retryMost time.Duration
}

var defaultTiming = timing{
	poll: 5 * time.Second, settle: 10 * time.Second, bound: time.Minute,
	check: time.Second, retry: 800 * time.Millisecond, retryMost: 10 * time.Second,
}

// Watcher fills one store from one cluster.
type Watcher struct {
	options   Options
	timing    timing
	clock     clock.WithTicker
	log       *slog.Logger
	discovery *discovery
	kinds     []*kind // in order of name
	byName    map[string]*kind
	nudge     chan struct{}

	started atomic.Pointer[time.Time]
	ready   atomic.Bool
}

// New returns a Watcher that does nothing until Start.
func New(options Options) (*Watcher, error) {
	if options.Store == nil || options.Providers == nil || options.Config == nil {
		return nil, errors.New("watch: want a store, providers and a config of the cluster")
	}
	if options.Logger == nil {
		options.Logger = slog.New(slog.DiscardHandler)
	}
	options.ReadyTimeout = cmp.Or(options.ReadyTimeout, DefaultReadyTimeout)
	clients, err := connect(options.Config)
	if err != nil {
		return nil, fmt.Errorf("watch: %w", err)
	}
	w := &Watcher{
		options: options, timing: defaultTiming, clock: clock.RealClock{}, log: options.Logger,
		byName: map[string]*kind{}, nudge: make(chan struct{}, 1),
	}
	wanted := options.Providers.Served()
	w.discovery = newDiscovery(clients, w.clock, wanted)
	for _, groupKind := range wanted {
		k := w.newKind(groupKind, clients)
		w.kinds = append(w.kinds, k)
		w.byName[groupKind] = k
	}
	return w, nil
}

// NeedLeaderElection implements controller-runtime's LeaderElectionRunnable: every replica answers, so every one watches.
func (w *Watcher) NeedLeaderElection() bool { return false }

// Start watches until the context ends, and returns once everything it started has ended too.
func (w *Watcher) Start(ctx context.Context) error {
	now := w.clock.Now()
	if !w.started.CompareAndSwap(nil, &now) {
		return errors.New("watch: started twice")
	}
	// What reflectors have to say is said here, once for each change; they say it at every attempt.
	ctx = klog.NewContext(ctx, klog.Logger{})
	var running sync.WaitGroup
	defer running.Wait()
	defer func() {
		for _, k := range w.kinds {
			k.stop()
		}
	}()
	running.Go(func() { w.every(ctx, w.timing.check, nil, w.settle) })
	w.every(ctx, w.timing.poll, w.nudge, func() { w.look(ctx) })
	return nil
}

// every calls f at once, then at an interval and whenever it is nudged.
func (w *Watcher) every(ctx context.Context, interval time.Duration, nudge <-chan struct{}, f func()) {
	ticker := w.clock.NewTicker(interval)
	defer ticker.Stop()
	for {
		f()
		select {
		case <-ctx.Done():
			return
		case <-ticker.C():
		case <-nudge:
		}
	}
}

// look asks which kinds are served, and follows.
func (w *Watcher) look(ctx context.Context) {
	before := w.discovery.failure()
	err := w.discovery.refresh(ctx, w.timing.settle, 0)
	switch {
	case ctx.Err() != nil:
		return
	case err != nil && before == nil:
		w.log.Warn("discovery fails, keeping what is known", "error", err)
	case err == nil && before != nil:
		w.log.Info("discovery works again")
	}
	for _, k := range w.kinds {
		k.follow(ctx)
	}
}

// settle takes completeness back from what has been out of touch for too long.
func (w *Watcher) settle() {
	for _, k := range w.kinds {
		for _, s := range k.streams {
			s.settle()
		}
	}
}

// again has discovery asked soon, after something showed that it has changed.
func (w *Watcher) again() {
	select {
	case w.nudge <- struct{}{}:
	default:
	}
}

// Ready is nil once every needed kind has synced or is known not to be served, and stays so: a kind that falls out of
// touch later makes its facts unknown, and to take every replica out of service for it would be worse.
func (w *Watcher) Ready() error {
	if w.ready.Load() {
		return nil
	}
	started := w.started.Load()
	if started == nil {
		return errors.New("inventory: not started")
	}
	var waiting []string
	for _, k := range w.kinds {
		status := k.status()
		if slices.Contains(w.options.Needed, k.groupKind) && status.Watched && !status.Synced {
			waiting = append(waiting, fmt.Sprintf("%s (%s)", k.groupKind, status.Reason))
		}
	}
	if len(waiting) > 0 && w.clock.Since(*started) < w.options.ReadyTimeout {
		return fmt.Errorf("inventory: waiting for %s", strings.Join(waiting, ", "))
	}
	if !w.ready.Swap(true) && len(waiting) > 0 {
		w.log.Warn("ready though not everything has synced: it is unknown", "waiting", waiting)
	}
	return nil
}
