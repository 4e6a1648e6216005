package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/tlsward/tlsward/engine"
	"github.com/tlsward/tlsward/kube"
)

// What injections.Removing says.
const (
	removalPlanned = "planned"
	removalDone    = "done"
)

// defaultsPage is how many objects are asked for at once: some megabytes at the most that an object usually has.
const defaultsPage = 500

// ofCluster looks at the objects of a cluster, and takes away what tlsward has set in them if that is wanted.
func (f *defaultsFlags) ofCluster(ctx context.Context, globs []string, found *injections) (problems []error, err error) {
	e, err := f.load(nil)
	if err != nil {
		return nil, err
	}
	config, err := f.behind.config()
	if err != nil {
		return nil, fmt.Errorf("cluster: %w", err)
	}
	// What the webhooks have to say of the objects, they say to who writes them.
	config.WarningHandler = rest.NoWarnings{}
	c, err := client.New(config, client.Options{Scheme: runtime.NewScheme()})
	if err != nil {
		return nil, fmt.Errorf("cluster %s: %w", config.Host, err)
	}
	for _, kind := range defaultKinds(e) {
		err := f.listKind(ctx, c, kind, globs, found)
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case meta.IsNoMatchError(err): // not served here
		case apierrors.IsForbidden(err), apierrors.IsUnauthorized(err):
			problems = append(problems, fmt.Errorf("cluster: %s may not be listed: %w", kind, err))
		case err != nil:
			return nil, fmt.Errorf("cluster %s: %s: %w", config.Host, kind, err)
		}
	}
	found.sort()
	if f.remove {
		problems = append(problems, f.removeAll(ctx, c, found)...)
	}
	return problems, ctx.Err()
}

// listKind lists the objects of a kind, in the namespaces asked for.
func (f *defaultsFlags) listKind(ctx context.Context, c client.Client, groupKind string, globs []string, found *injections) error {
	kind, group, _ := strings.Cut(groupKind, ".")
	mapping, err := c.RESTMapper().RESTMapping(schema.GroupKind{Group: group, Kind: kind})
	if err != nil {
		return err
	}
	within := []string{""}
	if mapping.Scope.Name() == meta.RESTScopeNameNamespace && plainNames(globs) {
		within = globs // somebody may be allowed to list in these alone
	}
	for _, namespace := range within {
		token := ""
		for first := true; first || token != ""; first = false {
			list := &unstructured.UnstructuredList{}
			list.SetGroupVersionKind(mapping.GroupVersionKind.GroupVersion().WithKind(kind + "List"))
			if err := c.List(ctx, list, client.InNamespace(namespace), client.Limit(defaultsPage), client.Continue(token)); err != nil {
				return err
			}
			for i := range list.Items {
				obj, ok := kube.FromFields(list.Items[i].Object)
				if !ok || !matchesAny(globs, obj.ID.Namespace) {
					continue
				}
				if injected := injectedIn(obj); injected != nil {
					found.add(*injected)
				}
			}
			token = list.GetContinue()
		}
	}
	return nil
}

// plainNames reports whether globs are names, and there are some.
func plainNames(globs []string) bool {
	return len(globs) > 0 && !strings.ContainsAny(strings.Join(globs, ""), `*?[\`)
}

// removeAll tries with every object what would become of it, and with --yes does it. An object that is refused stays as it is.
func (f *defaultsFlags) removeAll(ctx context.Context, c client.Client, found *injections) (problems []error) {
	found.Removing = removalPlanned
	if f.yes {
		found.Removing = removalDone
	}
	for i := range found.Objects {
		o := &found.Objects[i]
		err := take(ctx, c, o.object, client.DryRunAll)
		if err == nil && f.yes {
			err = take(ctx, c, o.object)
		}
		if ctx.Err() != nil {
			return append(problems, fmt.Errorf("interrupted: %s and what comes after it are as they were", o.object.ID))
		}
		if err != nil {
			o.Refused = err.Error()
			problems = append(problems, fmt.Errorf("%s: %w", o.object.ID, err))
		}
	}
	return problems
}

// errSetAgain: the webhook is there, and enforces.
var errSetAgain = errors.New("the webhook sets them again: uninstall it first, or set the namespace's label tlsward.dev/mode to off")

// jsonPatch is an operation of RFC 6902.
type jsonPatch struct {
	Op    string `json:"op"`
	Path  string `json:"path"`
	Value any    `json:"value,omitempty"`
}

// take takes away what is ours in an object. The patch holds only for the object as it was read: whoever has changed it meanwhile may have
// made a value theirs.
func take(ctx context.Context, c client.Client, obj kube.Object, options ...client.PatchOption) error {
	edits, err := engine.RemoveDefaults(obj)
	if err != nil {
		return err
	}
	metadata, _ := obj.Fields["metadata"].(map[string]any)
	operations := []jsonPatch{{Op: "test", Path: "/metadata/resourceVersion", Value: metadata["resourceVersion"]}}
	for _, edit := range edits {
		operations = append(operations, jsonPatch{Op: "remove", Path: edit.Path.Pointer()})
	}
	patch, err := json.Marshal(operations)
	if err != nil {
		return err
	}
	target := &unstructured.Unstructured{}
	target.SetGroupVersionKind(schema.GroupVersionKind{Group: obj.ID.Group, Version: obj.Version, Kind: obj.ID.Kind})
	target.SetNamespace(obj.ID.Namespace)
	target.SetName(obj.ID.Name)
	options = append(options, client.FieldOwner("tlsward-defaults"))
	err = c.Patch(ctx, target, client.RawPatch(types.JSONPatchType, patch), options...)
	switch {
	case apierrors.IsNotFound(err):
		return errors.New("it is gone meanwhile")
	case changedMeanwhile(err):
		return errors.New("somebody has changed it meanwhile: run this again")
	case err != nil:
		return err
	}
	if left, ok := kube.FromFields(target.Object); ok && len(engine.InjectedIn(left)) > 0 {
		return errSetAgain
	}
	return nil
}

// changedMeanwhile reports whether the test in a patch failed: the API server then names no field, as it does for what is not valid.
func changedMeanwhile(err error) bool {
	if apierrors.IsConflict(err) {
		return true
	}
	var status apierrors.APIStatus
	if !apierrors.IsInvalid(err) || !errors.As(err, &status) {
		return false
	}
	details := status.Status().Details
	return details == nil || len(details.Causes) == 0
}
