package e2e

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/tlsward/tlsward/test/e2e/install"
	"github.com/tlsward/tlsward/test/e2e/objects"
	"github.com/tlsward/tlsward/test/e2e/requester"
)

var dryRun = client.DryRunAll

// used are the namespaces that tests have used since the last wipe.
var used = struct {
	sync.Mutex
	names map[string]bool
}{names: map[string]bool{}}

// namespace makes sure that there is one.
func namespace(t testing.TB, name string) {
	t.Helper()
	used.Lock()
	known := used.names[name]
	used.names[name] = true
	used.Unlock()
	if known {
		return
	}
	object := objects.Read(`{apiVersion: v1, kind: Namespace, metadata: {name: ` + name + `}}`)
	if answer := back.Create(t.Context(), object); answer.Err != nil && !apierrors.IsAlreadyExists(answer.Err) {
		t.Fatal(answer.Err)
	}
}

// There is nobody in this control plane who would empty a namespace, so that tests do: of these kinds, in the namespaces
// that they used, and of the cluster-scoped ones everywhere.
var (
	namespaced = []schema.GroupVersionKind{
		{Version: "v1", Kind: "Secret"},
		{Version: "v1", Kind: "ConfigMap"},
		{Version: "v1", Kind: "Service"},
		{Group: "networking.k8s.io", Version: "v1", Kind: "Ingress"},
		{Group: "gateway.networking.k8s.io", Version: "v1", Kind: "Gateway"},
		{Group: "gateway.networking.k8s.io", Version: "v1", Kind: "ListenerSet"},
		{Group: "gateway.networking.k8s.io", Version: "v1", Kind: "BackendTLSPolicy"},
		{Group: "gateway.networking.k8s.io", Version: "v1", Kind: "HTTPRoute"},
		{Group: "gateway.networking.k8s.io", Version: "v1", Kind: "GRPCRoute"},
		{Group: "gateway.networking.k8s.io", Version: "v1beta1", Kind: "ReferenceGrant"},
		{Group: "cert-manager.io", Version: "v1", Kind: "Certificate"},
	}
	clusterScoped = []schema.GroupVersionKind{
		{Group: "networking.k8s.io", Version: "v1", Kind: "IngressClass"},
		{Group: "gateway.networking.k8s.io", Version: "v1", Kind: "GatewayClass"},
	}
)

// wipe removes what other tests left.
func wipe(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for _, kind := range clusterScoped {
		check(t, deleteAll(ctx, kind))
	}
	used.Lock()
	defer used.Unlock()
	for _, kind := range namespaced {
		for _, name := range holding(t, ctx, kind) {
			if used.names[name] && name != install.Namespace {
				check(t, deleteAll(ctx, kind, client.InNamespace(name)))
			}
		}
	}
	clear(used.names)
}

// holding lists the namespaces that hold objects of a kind.
func holding(t *testing.T, ctx context.Context, kind schema.GroupVersionKind) []string {
	t.Helper()
	var list metav1.PartialObjectMetadataList
	list.SetGroupVersionKind(kind.GroupVersion().WithKind(kind.Kind + "List"))
	if err := back.List(ctx, &list); err != nil {
		if notServed(err) {
			return nil
		}
		t.Fatal(err)
	}
	names := map[string]bool{}
	for i := range list.Items {
		names[list.Items[i].Namespace] = true
	}
	return slices.Sorted(maps.Keys(names))
}

// notServed reports whether an error says that there is no such kind; some tests install other CRDs.
func notServed(err error) bool { return meta.IsNoMatchError(err) || apierrors.IsNotFound(err) }

func deleteAll(ctx context.Context, kind schema.GroupVersionKind, options ...client.DeleteAllOfOption) error {
	object := &unstructured.Unstructured{}
	object.SetGroupVersionKind(kind)
	err := back.DeleteAllOf(ctx, object, options...)
	if notServed(err) {
		return nil
	}
	return err
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// domain is what the names of the chart's webhooks end in.
const domain = "tlsward.dev"

// refused asks that an answer is a refusal by a rule.
func refused(t testing.TB, what string, answer requester.Answer, rule string) {
	t.Helper()
	if refusal := answer.Refusal(domain); !slices.Contains(rulesIn(refusal), rule) {
		t.Errorf("%s: want it refused by %s, got %v", what, rule, answer.Err)
	}
}

// accepted asks that an answer is none.
func accepted(t testing.TB, what string, answer requester.Answer) {
	t.Helper()
	if answer.Err != nil {
		t.Errorf("%s: want it accepted, got %v", what, answer.Err)
	}
}

// rulesIn lists the rules that a refusal names, in their lines "more: rule, decision".
func rulesIn(refusal string) []string {
	var rules []string
	for line := range strings.Lines(refusal) {
		if more, ok := strings.CutPrefix(strings.TrimSpace(line), "more: "); ok {
			rule, _, _ := strings.Cut(more, ",")
			rules = append(rules, rule)
		}
	}
	slices.Sort(rules)
	return slices.Compact(rules)
}

// rulesOf lists the rules that warnings name, in brackets at their ends; a decision that is to be found in the log may follow.
func rulesOf(warnings []string) []string {
	var rules []string
	for _, warning := range warnings {
		if i := strings.LastIndexByte(warning, '('); i >= 0 && strings.HasSuffix(warning, ")") && strings.Contains(warning[i:], "/") {
			rule, _, _ := strings.Cut(warning[i+1:len(warning)-1], ",")
			rules = append(rules, rule)
		}
	}
	slices.Sort(rules)
	return slices.Compact(rules)
}

// eventually asks again until it is so, and fails after a while with what it was last told.
func eventually(t testing.TB, within time.Duration, what string, is func() (bool, string)) {
	t.Helper()
	for deadline := time.Now().Add(within); ; time.Sleep(20 * time.Millisecond) {
		ok, why := is()
		if ok {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within %s: %s", what, within, why)
		}
	}
}

var force = client.ForceOwnership

// furnish makes the classes that a cluster has. Without them rules assume who acts, and say so.
func furnish(t testing.TB) {
	t.Helper()
	for _, class := range []*unstructured.Unstructured{
		objects.IngressClass("nginx", "k8s.io/ingress-nginx"), objects.IngressClass("kong", "ingress-controllers.konghq.com/kong"),
		objects.Read(`{apiVersion: gateway.networking.k8s.io/v1, kind: GatewayClass, metadata: {name: istio}, spec: {controllerName: istio.io/gateway-controller}}`),
	} {
		if answer := back.Create(t.Context(), class); answer.Err != nil {
			t.Fatal(answer.Err)
		}
	}
}

// strict has fields that nobody knows refused.
var strict = client.FieldValidation("Strict")
