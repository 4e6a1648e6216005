package watch

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"

	"github.com/tlsward/tlsward/inventory"
	"github.com/tlsward/tlsward/kube"
)

// freshEnough bounds how often discovery is asked for the sake of answers: ten times a second.
const freshEnough = 100 * time.Millisecond

// Get reads one object from the API server, now. It reports false only if the object certainly does not exist; whatever
// keeps it from telling is an error. Of a Secret in mode metadata it returns the metadata. The object is as the API
// server holds it, values included: inventory.Correct drops them, and nobody else is to keep it.
func (w *Watcher) Get(ctx context.Context, id kube.ID) (kube.Object, bool, error) {
	k, err := w.readable(id.GroupKind(), id.Namespace)
	if err != nil {
		return kube.Object{}, false, fmt.Errorf("%s: %w", id, err)
	}
	// No object has a name that is no segment of a path. To ask for it might ask for another one ("../x"), and to call it
	// unknown would let a reference with such a name pass for one that perhaps leads somewhere.
	if id.Name == "" || len(rest.IsValidPathSegmentName(id.Name)) > 0 || len(rest.IsValidPathSegmentName(id.Namespace)) > 0 {
		return kube.Object{}, false, nil
	}
	obj, found, err := w.get(ctx, k, id)
	if err != nil {
		return kube.Object{}, false, fmt.Errorf("%s: %w", id, err)
	}
	return obj, found, nil
}

func (w *Watcher) get(ctx context.Context, k *kind, id kube.ID) (kube.Object, bool, error) {
	var at resource
	for range 2 {
		before := at
		var exists bool
		var err error
		if at, exists, err = w.locate(ctx, k); err != nil || !exists {
			return kube.Object{}, false, err
		}
		if at == before {
			break // not found where discovery says it is
		}
		namespace := id.Namespace
		switch {
		case !at.namespaced:
			namespace = ""
		case namespace == "":
			return kube.Object{}, false, errors.New("want a namespace")
		}
		got, err := k.client.get(ctx, at, namespace, id.Name)
		switch {
		case err == nil:
			obj, err := object(k, at, got)
			return obj, err == nil, err
		case !apierrors.IsNotFound(err):
			return kube.Object{}, false, err
		case !apierrors.HasStatusCause(err, metav1.CauseTypeUnexpectedServerResponse):
			return kube.Object{}, false, nil
		}
		// Not the object was not found but the whole path: the kind has gone, or moved to another version.
		w.again()
		if err := w.discovery.refresh(ctx, w.timing.settle, 0); err != nil {
			return kube.Object{}, false, err
		}
	}
	return kube.Object{}, false, fmt.Errorf("%s is not served where discovery says", k.groupKind)
}

// List reads the objects of a kind in one namespace from the API server, now. More than limit is an error: a part of a
// list answers nothing. Secrets are never listed for an answer.
func (w *Watcher) List(ctx context.Context, groupKind, namespace string, limit int64) ([]kube.Object, error) {
	fail := func(err error) error { return fmt.Errorf("%s of namespace %s: %w", groupKind, namespace, err) }
	k, err := w.readable(groupKind, namespace)
	switch {
	case err != nil:
		return nil, fail(err)
	case groupKind == secretKind:
		return nil, fail(errors.New("want another kind: a Secret is read by its name"))
	case namespace == "" || len(rest.IsValidPathSegmentName(namespace)) > 0:
		return nil, fail(errors.New("want a namespace"))
	}
	at, exists, err := w.locate(ctx, k)
	switch {
	case err != nil:
		return nil, fail(err)
	case !exists:
		return nil, nil
	case !at.namespaced:
		return nil, fail(errors.New("the kind has no namespaces"))
	}
	page, meta, err := k.client.list(ctx, at, namespace, metav1.ListOptions{Limit: limit})
	if err != nil {
		if apierrors.IsNotFound(err) {
			w.again()
		}
		return nil, fail(err)
	}
	if meta.GetContinue() != "" || int64(len(page)) > limit {
		return nil, fail(fmt.Errorf("%w, more than %d", inventory.ErrTooMany, limit))
	}
	objects := make([]kube.Object, 0, len(page))
	for _, got := range page {
		obj, err := object(k, at, got)
		if err != nil {
			return nil, fail(err)
		}
		objects = append(objects, obj)
	}
	return objects, nil
}

// readable returns a kind that may be read in a namespace.
func (w *Watcher) readable(groupKind, namespace string) (*kind, error) {
	k, ok := w.byName[groupKind]
	switch {
	case !ok:
		return nil, fmt.Errorf("%s is no kind that a provider names", groupKind)
	case k.client == nil:
		return nil, fmt.Errorf("%s is not read in this mode (secrets: %s)", groupKind, w.options.Secrets)
	case k.namespaces[0] != "" && !slices.Contains(k.namespaces, namespace):
		return nil, fmt.Errorf("%s is not read in namespace %s", groupKind, namespace)
	}
	return k, nil
}

// locate says where a kind is served. That it is not served at all is asked anew, since the last answer may be older than
// the kind, and followed up at once if it has changed.
func (w *Watcher) locate(ctx context.Context, k *kind) (at resource, exists bool, err error) {
	at, now := w.discovery.find(k.groupKind)
	if now == served {
		return at, true, nil
	}
	if err := w.discovery.refresh(ctx, w.timing.settle, freshEnough); err != nil {
		return resource{}, false, err
	}
	switch at, now = w.discovery.find(k.groupKind); now {
	case served:
		w.again()
		return at, true, nil
	case absent:
		return resource{}, false, nil
	default:
		return resource{}, false, fmt.Errorf("discovery does not yet say whether %s is served", k.groupKind)
	}
}
