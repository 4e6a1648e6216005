package watch

import (
	"context"
	"errors"
	"math"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metainternal "k8s.io/apimachinery/pkg/apis/meta/internalversion"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	utilnet "k8s.io/apimachinery/pkg/util/net"
	"k8s.io/apimachinery/pkg/util/wait"
	apiwatch "k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/tools/cache"
	"k8s.io/klog/v2"
)

// stream follows one kind in one namespace, or in all, and knows whether it is in touch.
//
// In touch is who has an open watch that began where a full list ended. A watch that is quiet is in touch; connections
// that died unnoticed are the client's to find out (HTTP/2 pings). Each request for a list or a watch means that the
// watch before it has ended, whatever the reason, so that requests are all that needs to be observed.
type stream struct {
	watcher   *Watcher
	kind      *kind
	namespace string // "": all

	mu sync.Mutex
	// filled: a full list was put into the store. streaming: the last request brings the list through the watch.
	filled, streaming bool
	// inTouch as above; since when not, and the last error since then.
	inTouch bool
	since   time.Time
	err     error
	// complete is what the store was told. It is taken back after a while out of touch, and comes back with the next watch.
	complete bool
	// said is the last state that was logged.
	said      state
	objects   map[key]struct{}
	lastEvent time.Time
}

// key identifies an object of a stream.
type key struct{ namespace, name string }

const (
	// pageSize bounds the objects in one page of a list, where the API server cannot stream it. A Secret may have 1 MiB.
	pageSize       = 500
	valuesPageSize = 50
	// backoffReset is the reflector's own.
	backoffReset = 2 * time.Minute
)

// run lists and watches until the context ends. The reflector's Run would do the same but keep its errors to itself.
func (s *stream) run(ctx context.Context, at resource) {
	backoff := wait.Backoff{
		Duration: s.watcher.timing.retry, Cap: s.watcher.timing.retryMost, Factor: 2, Jitter: 1,
		Steps: int(math.Ceil(float64(s.watcher.timing.retryMost) / float64(s.watcher.timing.retry))),
	}
	requests := &cache.ListWatch{
		ListWithContextFunc: func(ctx context.Context, _ metav1.ListOptions) (runtime.Object, error) {
			return s.list(ctx, at)
		},
		WatchFuncWithContext: func(ctx context.Context, options metav1.ListOptions) (apiwatch.Interface, error) {
			return s.watch(ctx, at, options)
		},
	}
	s.begin()
	reflector := cache.NewReflectorWithOptions(requests, nil, &feed{s, at}, cache.ReflectorOptions{
		Name: "inventory/watch", TypeDescription: s.kind.groupKind, Logger: &klog.Logger{}, Clock: s.watcher.clock, Backoff: &backoff,
	})
	_ = backoff.DelayWithReset(s.watcher.clock, backoffReset).Until(ctx, true, true, func(ctx context.Context) (bool, error) {
		if err := reflector.ListAndWatchWithContext(ctx); ctx.Err() == nil {
			s.lost(err)
		}
		return false, nil
	})
}

// list reads everything. What the reflector asks for is of no use here: it starts with whatever the API server has in its
// cache, however old, for which pages are not honoured.
func (s *stream) list(ctx context.Context, at resource) (runtime.Object, error) {
	s.asked(false)
	all := &metainternal.List{}
	options := metav1.ListOptions{FieldSelector: selector(s.kind.groupKind), LabelSelector: s.kind.labels}
	version, err := s.kind.pages(ctx, s.kind.client, at, s.namespace, options, func(p *prepared) { all.Items = append(all.Items, p) })
	if err != nil {
		s.failed(ctx, err)
		return nil, err
	}
	all.ResourceVersion = version
	return all, nil
}

// pages lists page by page, and keeps of each page only what the inventory will hold: the pager of client-go would keep
// every page as it came until the last.
func (k *kind) pages(
	ctx context.Context, from kindClient, at resource, namespace string, options metav1.ListOptions, each func(*prepared),
) (version string, err error) {
	options.Limit = pageSize
	if k.values {
		options.Limit = valuesPageSize
	}
	for {
		page, meta, err := from.list(ctx, at, namespace, options)
		if err != nil {
			return "", err
		}
		for _, obj := range page {
			p, err := k.prepare(at, obj)
			if err != nil {
				return "", err
			}
			each(p)
		}
		if options.Continue = meta.GetContinue(); options.Continue == "" {
			return meta.GetResourceVersion(), nil
		}
	}
}

// watch opens a watch; the reflector asks first for one that brings the list (SendInitialEvents).
func (s *stream) watch(ctx context.Context, at resource, options metav1.ListOptions) (apiwatch.Interface, error) {
	streaming := options.SendInitialEvents != nil
	s.asked(streaming)
	options.FieldSelector, options.LabelSelector = selector(s.kind.groupKind), s.kind.labels
	w, err := s.kind.client.watch(ctx, at, s.namespace, options)
	switch {
	case err == nil && streaming:
		// In touch once the list is in; see Replace.
	case err == nil:
		s.found()
	case streaming && (utilnet.IsConnectionRefused(err) || apierrors.IsTooManyRequests(err)):
		// The reflector would wait and try again without looking at the context. Told only the words, it asks for a list,
		// and that error comes back here.
		err = errors.New(err.Error())
	case !streaming:
		s.failed(ctx, err)
	}
	return w, err
}

// forget drops everything after the kind has gone.
func (s *stream) forget() {
	s.mu.Lock()
	gone := s.objects
	s.objects = map[key]struct{}{}
	s.filled, s.inTouch, s.complete, s.err, s.since = false, false, false, nil, s.watcher.clock.Now()
	s.said = syncing
	s.mu.Unlock()
	for k := range gone {
		s.remove(k)
	}
	s.watcher.options.Store.SetComplete(s.kind.groupKind, s.namespace, false)
}
