package watch

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/klog/v2"
)

// Filled is how much of a kind Fill has brought.
type Filled struct {
	GroupKind string
	// Resource is what the API calls it, as in secrets or ingresses.networking.k8s.io; empty where it is not served.
	Resource string
	Objects  int
	// All: every object of the kind is in the store. Namespaces are those in which it is so where All is not.
	All        bool
	Namespaces []string
	// Err is why All is not; nil where the cluster does not serve the kind, or it was not to be read.
	Err error
}

// Forbidden reports whether permission is all that lacks.
func (f Filled) Forbidden() bool { return apierrors.IsForbidden(f.Err) }

// listTries is how often a list is begun: one may break off, and its continuation expire.
const (
	listTries = 3
	listWait  = 500 * time.Millisecond
)

// Fill reads a cluster once, for who looks and leaves: lists only, so that nothing but the permission to list is needed, and
// none of the patience that a server has. An error means that the cluster could not be reached at all. A kind that could not
// be read is unknown, and said to be; who may list a kind only in some namespaces sees it in those of the namespaces given.
// A kind that is not served is unknown too, not absent: what installs it may not have been applied yet.
//
// When ctx ends, what has not been read by then is unknown. Progress, if set, is told how many kinds of all are done.
func Fill(ctx context.Context, options Options, namespaces []string, progress func(done, of int)) ([]Filled, error) {
	w, err := New(options)
	if err != nil {
		return nil, err
	}
	defer w.discovery.http.CloseIdleConnections()
	ctx = klog.NewContext(ctx, klog.Logger{})
	if err := w.reach(ctx); err != nil {
		return nil, err
	}
	filled := make([]Filled, len(w.kinds))
	var done atomic.Int64
	var wait sync.WaitGroup
	for i, k := range w.kinds {
		wait.Go(func() {
			filled[i] = k.fill(ctx, namespaces)
			if n := done.Add(1); progress != nil {
				progress(int(n), len(w.kinds))
			}
		})
	}
	wait.Wait()
	return filled, nil
}

// reach asks which kinds there are. Who logs in by a program, perhaps in a browser, may take longer for it than an answer
// does; the second question then has what the first waited for.
func (w *Watcher) reach(ctx context.Context) error {
	err := w.discovery.refresh(ctx, w.timing.settle, 0)
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil && w.options.Config.ExecProvider != nil {
		err = w.discovery.refresh(ctx, w.timing.settle, 0)
	}
	return err
}

func (k *kind) fill(ctx context.Context, namespaces []string) Filled {
	f := Filled{GroupKind: k.groupKind}
	at, now := k.watcher.discovery.find(k.groupKind)
	if now != served {
		return f
	}
	f.Resource = at.GroupResource().String()
	if len(k.streams) == 0 {
		return f
	}
	if k.namespaces[0] == "" {
		if f.Objects, f.Err = k.take(ctx, at, ""); f.Err == nil {
			f.All = true
			return f
		}
		if !at.namespaced || !f.Forbidden() {
			return f
		}
	} else {
		namespaces = k.namespaces
	}
	for _, namespace := range namespaces {
		objects, err := k.take(ctx, at, namespace)
		if err == nil {
			f.Objects += objects
			f.Namespaces = append(f.Namespaces, namespace)
		}
	}
	return f
}

// take puts into the store what a list holds, if it comes to its end.
func (k *kind) take(ctx context.Context, at resource, namespace string) (objects int, err error) {
	for range listTries {
		var all []*prepared
		if all, err = k.everything(ctx, at, namespace); err == nil {
			store := k.watcher.options.Store
			for _, p := range all {
				store.PutEntry(p.entry)
			}
			store.SetComplete(k.groupKind, namespace, true)
			return len(all), nil
		}
		if apierrors.IsForbidden(err) || apierrors.IsNotFound(err) || ctx.Err() != nil {
			return 0, err
		}
		select {
		case <-ctx.Done():
		case <-k.watcher.clock.After(listWait):
		}
	}
	return 0, err
}

func (k *kind) everything(ctx context.Context, at resource, namespace string) (all []*prepared, err error) {
	keep := func(p *prepared) { all = append(all, p) }
	options := metav1.ListOptions{FieldSelector: selector(k.groupKind), LabelSelector: k.labels}
	if _, err := k.pages(ctx, k.client, at, namespace, options, keep); err != nil || k.groupKind != secretKind {
		return all, err
	}
	// Nobody confirms an absence later, so that the types left out must not seem absent: they are there, and nothing more
	// is read of them.
	taken := make(map[key]bool, len(all))
	for _, p := range all {
		taken[key{p.Namespace, p.Name}] = true
	}
	options.FieldSelector = seldom()
	_, err = k.pages(ctx, k.watcher.discovery.partial, at, namespace, options, func(p *prepared) {
		if !taken[key{p.Namespace, p.Name}] {
			keep(p)
		}
	})
	return all, err
}

// seldom selects the types of Secrets among which are those left out, but for Helm's, which are most of all and which nobody
// refers to. Selectors know no "or".
func seldom() string {
	var terms []string
	for _, t := range []string{"Opaque", "kubernetes.io/tls", "helm.sh/release.v1"} {
		terms = append(terms, "type!="+fields.EscapeValue(t))
	}
	return strings.Join(terms, ",")
}
