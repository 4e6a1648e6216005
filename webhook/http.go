package webhook

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	admissionv1 "k8s.io/api/admission/v1"
	"sigs.k8s.io/controller-runtime/pkg/webhook/admission"

	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/rule"
)

// Handlers returns the door's handlers by path. The mode of a namespace is in the path: the webhooks' own
// namespaceSelector chooses it, so that the label works while tlsward is down.
func (d *Door) Handlers() map[string]http.Handler {
	enforce, warn := Enforce, Warn
	return map[string]http.Handler{
		"/validate":         d.handler(question, d.validate, nil),
		"/validate/enforce": d.handler(question, d.validate, &enforce),
		"/validate/warn":    d.handler(question, d.validate, &warn),
		"/mutate":           d.handler(question, d.mutate, nil),
		"/mutate/enforce":   d.handler(question, d.mutate, &enforce),
		"/guard":            d.handler(guardQuestion, d.guarding, nil),
		"/guard/enforce":    d.handler(guardQuestion, d.guarding, &enforce),
		"/guard/warn":       d.handler(guardQuestion, d.guarding, &warn),
	}
}

func (d *Door) handler(ask asking, answer answering, mode *Mode) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		deepen(len(r.URL.Path) % stackDepth)
		asked, err := read(r)
		var response admission.Response
		if err != nil {
			response = refuse(err)
		} else {
			response = d.respond(r, asked, ask, answer, mode)
		}
		if err := reply(w, asked, response); err != nil {
			http.Error(w, "the answer could not be written", http.StatusInternalServerError)
		}
	})
}

func (d *Door) respond(r *http.Request, asked *review, ask asking, answer answering, mode *Mode) (response admission.Response) {
	ctx, cancel := context.WithTimeout(r.Context(), timeLeft(r))
	defer cancel()
	q, look, err := ask(asked.Request)
	// What went wrong here is no verdict; net/http would close the connection without a word.
	defer func() {
		if p := recover(); p != nil {
			d.tell(ctx, Outcome{Question: q.bare(), Error: fmt.Errorf("panic: %v\n%s", p, debug.Stack())})
			response = admission.Errored(http.StatusInternalServerError, errors.New("panic"))
		}
	}()
	if err != nil {
		return refuse(err)
	}
	if !look {
		return admission.Allowed("")
	}
	q.Mode = mode
	return answer(ctx, q)
}

// stackDepth is what a review's stack comes to.
const stackDepth = 112 << 10

// deepen makes the goroutine's stack as deep as a review needs, once. Each request has a goroutine of its own, whose stack of
// 8 KiB would otherwise be copied to a larger one three times in the depth of an evaluation: a seventh of a review.
//
//go:noinline
func deepen(at int) byte {
	var room [stackDepth]byte
	return room[at] // what is known beforehand would need no room
}

const (
	// defaultTimeout is the API server's, where it names none.
	defaultTimeout = 10 * time.Second
	// margin is what is left of the timeout for the way back. An answer too late is none, and the time it took was wasted.
	margin = 200 * time.Millisecond
)

// timeLeft reads the timeout that the API server puts into the URL (apiserver, pkg/admission/plugin/webhook).
func timeLeft(r *http.Request) time.Duration {
	timeout, err := time.ParseDuration(r.URL.Query().Get("timeout"))
	if err != nil || timeout <= 0 || timeout > 30*time.Second {
		timeout = defaultTimeout
	}
	return max(timeout-margin, timeout/2)
}

// question reads a request. look is false for what this door leaves alone: subresources, deletions, and objects that are
// being deleted, whose finalizers must come off whatever is wrong with them.
func question(req *request) (q Question, look bool, err error) {
	if req.SubResource != "" || req.Operation != admissionv1.Create && req.Operation != admissionv1.Update {
		return q, false, nil
	}
	q = Question{ID: string(req.UID), DryRun: req.DryRun != nil && *req.DryRun, Requester: req.UserInfo.Username}
	if q.Object, err = object(req.Object, req); err != nil {
		return q, false, err
	}
	if req.Operation == admissionv1.Update && req.OldObject != nil {
		old, err := object(req.OldObject, req)
		if err != nil {
			return q, false, err
		}
		q.Old = &old
	}
	metadata, _ := q.Object.Fields["metadata"].(map[string]any)
	q.Managers = managedBy(metadata)
	return q, metadata["deletionTimestamp"] == nil || q.Old != nil && changes(q.Object, *q.Old), nil
}

// changes reports whether an update of an object that is being deleted does more than let finalizers off: until it is gone
// it is in force.
func changes(obj, old kube.Object) bool {
	annotations := func(o kube.Object) any {
		metadata, _ := o.Fields["metadata"].(map[string]any)
		return metadata["annotations"]
	}
	return !reflect.DeepEqual(obj.Fields["spec"], old.Fields["spec"]) || !reflect.DeepEqual(annotations(obj), annotations(old))
}

// object identifies an object. What generateName will name has none yet, and what a client left out of the metadata stands in
// the request.
func object(fields map[string]any, req *request) (kube.Object, error) {
	obj, ok := kube.FromFields(fields)
	if !ok {
		return kube.Object{}, errors.New("request: the object has no apiVersion and kind")
	}
	if obj.ID.Namespace == "" {
		obj.ID.Namespace = req.Namespace
	}
	if obj.ID.Name == "" {
		obj.ID.Name = req.Name
	}
	if obj.ID.Name == "" {
		metadata, _ := fields["metadata"].(map[string]any)
		generate, _ := metadata["generateName"].(string)
		obj.ID.Name = generate + "(new)"
	}
	return obj, nil
}

func managedBy(metadata map[string]any) []string {
	list, _ := metadata["managedFields"].([]any)
	var names []string
	for _, element := range list {
		entry, _ := element.(map[string]any)
		if name, ok := entry["manager"].(string); ok && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

func (d *Door) validate(ctx context.Context, q Question) admission.Response {
	outcome, err := d.Validate(ctx, q)
	if err != nil {
		d.tell(ctx, Outcome{Question: q, Mode: outcome.Mode, Error: err})
		if outcome.Mode == Warn {
			return admission.Allowed("").WithWarnings("tlsward could not judge this: " + clip(err.Error(), 200))
		}
		return admission.Errored(http.StatusInternalServerError, err)
	}
	return outcome.response()
}

func (o Outcome) response() admission.Response {
	response := admission.Allowed("")
	if o.Denied {
		response = admission.Denied(o.denial())
		// The API server prints the reason alone where a message is missing; both are there then.
		response.Result.Message = o.denial()
	}
	response.Warnings = o.warnings()
	response.AuditAnnotations = o.audit()
	return response
}

// audit is what the API server's audit log shall hold: which rules spoke, and how to find the decision.
func (o Outcome) audit() map[string]string {
	var denied, warned []string
	for _, f := range worst(o.Decision.Findings) {
		switch f.Action {
		case rule.Deny:
			denied = append(denied, f.Rule)
		case rule.Warn:
			warned = append(warned, f.Rule)
		default:
		}
	}
	if len(denied)+len(warned) == 0 {
		return nil
	}
	annotations := map[string]string{"decision": o.decisionID()}
	if len(denied) > 0 {
		name := "denied"
		if !o.Denied {
			name = "would-deny"
		}
		annotations[name] = clip(strings.Join(slices.Compact(denied), ","), 500)
	}
	if len(warned) > 0 {
		annotations["warned"] = clip(strings.Join(slices.Compact(warned), ","), 500)
	}
	return annotations
}

func (d *Door) mutate(ctx context.Context, q Question) admission.Response {
	changed, err := d.Mutate(ctx, q)
	if err != nil {
		d.tell(ctx, Outcome{Question: q, Mutation: true, Error: err})
		return admission.Errored(http.StatusInternalServerError, err)
	}
	edits := diff(nil, q.Object.Fields, changed.Fields)
	d.tell(ctx, Outcome{Question: q, Mutation: true, Mutated: len(edits) > 0})
	if len(edits) == 0 {
		return admission.Allowed("")
	}
	patch, err := json.Marshal(edits)
	if err != nil {
		return admission.Errored(http.StatusInternalServerError, err)
	}
	response := admission.Allowed("")
	response.Patch, response.PatchType = patch, new(admissionv1.PatchTypeJSONPatch)
	return response
}
