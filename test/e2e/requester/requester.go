// Package requester speaks to an API server as a person or a controller does, with objects of any kind, and keeps what
// came back beside the object: the refusal, and the warnings. It knows no rule.
package requester

import (
	"context"
	"errors"
	"strings"
	"sync"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Requester is somebody who talks to the API server. Safe for concurrent use.
type Requester struct {
	client.Client
}

// New makes a requester. What it is not asked to wait for, it does not wait for: there is no limit on its rate.
func New(config *rest.Config) (*Requester, error) {
	config = rest.CopyConfig(config)
	config.QPS = -1
	config.WarningHandlerWithContext = collector{}
	c, err := client.New(config, client.Options{Scheme: runtime.NewScheme()})
	if err != nil {
		return nil, err
	}
	return &Requester{Client: c}, nil
}

// Answer is what came back.
type Answer struct {
	// Object is as the API server stored it, or would have.
	Object   *unstructured.Unstructured
	Warnings []string
	Err      error
}

// Create creates an object; the one given stays as it is.
func (r *Requester) Create(ctx context.Context, object *unstructured.Unstructured, options ...client.CreateOption) Answer {
	return r.ask(ctx, object, func(ctx context.Context, o *unstructured.Unstructured) error {
		return r.Client.Create(ctx, o, options...)
	})
}

// Update replaces an object.
func (r *Requester) Update(ctx context.Context, object *unstructured.Unstructured, options ...client.UpdateOption) Answer {
	return r.ask(ctx, object, func(ctx context.Context, o *unstructured.Unstructured) error {
		return r.Client.Update(ctx, o, options...)
	})
}

// Apply is a server-side apply by that field manager.
func (r *Requester) Apply(ctx context.Context, object *unstructured.Unstructured, manager string, options ...client.ApplyOption) Answer {
	return r.ask(ctx, object, func(ctx context.Context, o *unstructured.Unstructured) error {
		return r.Client.Apply(ctx, client.ApplyConfigurationFromUnstructured(o), append(options, client.FieldOwner(manager))...)
	})
}

// MergePatch changes the fields that the patch names.
func (r *Requester) MergePatch(ctx context.Context, object *unstructured.Unstructured, patch string, options ...client.PatchOption) Answer {
	return r.ask(ctx, object, func(ctx context.Context, o *unstructured.Unstructured) error {
		return r.Patch(ctx, o, client.RawPatch("application/merge-patch+json", []byte(patch)), options...)
	})
}

// Delete deletes an object. One that is not there is no error.
func (r *Requester) Delete(ctx context.Context, object *unstructured.Unstructured) error {
	return client.IgnoreNotFound(r.Client.Delete(ctx, object.DeepCopy()))
}

// Erase is Delete with what came back; one that is not there is an error.
func (r *Requester) Erase(ctx context.Context, object *unstructured.Unstructured) Answer {
	return r.ask(ctx, object, func(ctx context.Context, o *unstructured.Unstructured) error { return r.Client.Delete(ctx, o) })
}

func (r *Requester) ask(ctx context.Context, object *unstructured.Unstructured, do func(context.Context, *unstructured.Unstructured) error) Answer {
	heard := &warnings{}
	answer := Answer{Object: object.DeepCopy()}
	answer.Err = do(context.WithValue(ctx, warningsKey{}, heard), answer.Object)
	answer.Warnings = heard.list()
	return answer
}

// webhookSaid is how the API server introduces a webhook's refusal (apiserver, pkg/admission/plugin/webhook/errors).
const webhookSaid = "admission webhook "

// Refusal is the message of the webhook of that name's domain that refused the request, "" if none did.
func (a Answer) Refusal(domain string) string {
	var status apierrors.APIStatus
	if !errors.As(a.Err, &status) {
		return ""
	}
	message := status.Status().Message
	name, rest, ok := strings.Cut(strings.TrimPrefix(message, webhookSaid+`"`), `" denied the request: `)
	if !ok || !strings.HasPrefix(message, webhookSaid) || !strings.HasSuffix(name, domain) {
		return ""
	}
	return rest
}

// Unanswered reports whether a webhook could not be asked, and its failure policy refused the request.
func (a Answer) Unanswered() bool {
	return a.Err != nil && strings.Contains(a.Err.Error(), "failed calling webhook")
}

type warningsKey struct{}

type warnings struct {
	mu    sync.Mutex
	heard []string
}

func (w *warnings) list() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.heard
}

// collector hands warnings to the request that they answer.
type collector struct{}

func (collector) HandleWarningHeaderWithContext(ctx context.Context, code int, _, text string) {
	if w, ok := ctx.Value(warningsKey{}).(*warnings); ok && code == 299 {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.heard = append(w.heard, text)
	}
}
