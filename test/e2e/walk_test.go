package e2e

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/rule"
	"github.com/tlsward/tlsward/test/e2e/authority"
	"github.com/tlsward/tlsward/test/e2e/objects"
	"github.com/tlsward/tlsward/test/e2e/requester"
	"github.com/tlsward/tlsward/test/e2e/scenes"
)

var (
	walkSeed  = flag.Uint64("walk.seed", 1, "where the random walk goes; 0 chooses")
	walkSteps = flag.Int("walk.steps", 1500, "how far it goes")
)

// walkConfig has an update judged as a creation is: what the other door knows nothing of is switched off.
const walkConfig = "admission: {ratchet: false, liveReads: 1000, references: {onCreate: deny}}\n"

// TestWalk creates, updates and deletes at random, through the webhooks and past them, and then has every stored object
// reviewed anew at both doors: where the way there has left something behind in the caches, they differ.
func TestWalk(t *testing.T) {
	in := deploy(t, setup{config: walkConfig})
	seed := *walkSeed
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("-walk.seed=%d -walk.steps=%d", seed, *walkSteps)
	w := &walker{t: t, random: rand.New(rand.NewPCG(seed, 1))}
	for _, name := range walkNamespaces {
		namespace(t, name)
	}
	for range *walkSteps {
		w.step()
	}
	time.Sleep(time.Second) // the caches' lag is another test's
	linter, err := scenes.NewLinter(whole(walkConfig))
	check(t, err)
	// Twice: what the mutating door fills in where it was gone past is part of what the neighbours are judged by.
	var stored []*unstructured.Unstructured
	var answers map[kube.ID]requester.Answer
	for round := range 2 {
		stored = w.stored()
		answers = map[kube.ID]requester.Answer{}
		for i, object := range stored {
			if linter.Judges(object) {
				objects.Label(object, "e2e.tlsward.dev/reviewed", fmt.Sprint(round))
				answer := admin.Update(t.Context(), object)
				answers[scenes.ID(object)] = answer
				if answer.Err == nil {
					stored[i] = answer.Object
				}
			}
		}
	}
	decisions, err := linter.Decisions(t.Context(), time.Now(), stored)
	check(t, err)
	counts := map[string]int{}
	for _, object := range stored {
		answer, judged := answers[scenes.ID(object)]
		if !judged {
			counts["not judged"]++
			continue
		}
		r := &trial{t: t, scene: &scenes.Scene{File: "walk"}, linter: linter}
		decision := withoutDefaults(linter, decisions[scenes.ID(object)])
		switch {
		case decision.Denied():
			counts["denied"]++
		case len(r.expected(decision, rule.Warn)) > 0:
			counts["warned about"]++
		default:
			counts["clean"]++
		}
		if complaint := r.compare(answer, decision); complaint != "" {
			t.Errorf("%s: %s", name(object), complaint)
		}
	}
	t.Logf("%d steps, %d refused on the way; stored: %v; %.0f live reads", *walkSteps, w.refused, counts, liveReads(t, in))
	if counts["denied"] == 0 || counts["clean"] == 0 {
		t.Errorf("the walk led nowhere: %v", counts)
	}
}

// withoutDefaults leaves out the findings that the mutating door mends before they are judged.
func withoutDefaults(l *scenes.Linter, decision rule.Decision) rule.Decision {
	definitions := l.Rules()
	decision.Findings = slices.DeleteFunc(slices.Clone(decision.Findings), func(f rule.Finding) bool { return definitions[f.Rule].Default })
	return decision
}

var walkNamespaces = []string{"walk-a", "walk-b", "walk-c"}

type walker struct {
	t       *testing.T
	random  *rand.Rand
	refused int
}

func pick[T any](w *walker, of ...T) T { return of[w.random.IntN(len(of))] }

func (w *walker) namespace() string { return pick(w, walkNamespaces...) }

// name is one of few, so that objects meet.
func (w *walker) name(of int) string { return fmt.Sprintf("n%d", w.random.IntN(of)) }

// step does one thing to one object.
func (w *walker) step() {
	object := w.object()
	by := pick(w, admin, admin, back)
	if w.random.IntN(8) == 0 {
		check(w.t, by.Delete(w.t.Context(), object))
		return
	}
	existing := object.DeepCopy()
	var answer requester.Answer
	if err := by.Get(w.t.Context(), client.ObjectKeyFromObject(object), existing); err == nil {
		object.SetResourceVersion(existing.GetResourceVersion())
		answer = by.Update(w.t.Context(), object)
	} else {
		answer = by.Create(w.t.Context(), object)
	}
	if answer.Refusal(domain) != "" {
		w.refused++
	} else if answer.Err != nil {
		w.t.Fatalf("%s: %v", name(object), answer.Err)
	}
}

func (w *walker) object() *unstructured.Unstructured {
	switch w.random.IntN(12) {
	case 0, 1:
		object := objects.Secret(w.namespace(), w.name(4), map[string]string{pick(w, "ca.crt", "ca.crt", "ca.crt", "tls.crt"): w.bundle()})
		object.Object["type"] = "Opaque"
		return object
	case 2:
		return objects.ConfigMap(w.namespace(), w.name(3), map[string]string{pick(w, "ca.crt", "ca.crt", "ca-bundle.crt"): w.bundle()})
	case 3:
		object := objects.Secret(w.namespace(), "tls-"+w.name(3), nil)
		certificate, key := authority.Root.Serving(pick(w, "*.walk.test", "*.walk.test", "*.walk.test", "walk.test"), time.Now(), authority.Year)
		objects.SetData(object, "stringData", map[string]string{"tls.crt": certificate, "tls.key": key})
		object.Object["type"] = "kubernetes.io/tls"
		return object
	case 4:
		if w.random.IntN(2) == 0 {
			return objects.IngressClass(pick(w, "nginx", "other"), "k8s.io/ingress-nginx")
		}
		return objects.Read(`{apiVersion: gateway.networking.k8s.io/v1, kind: GatewayClass, metadata: {name: istio}, spec: {controllerName: istio.io/gateway-controller}}`)
	case 5:
		return objects.Grant(w.namespace(), w.name(2), w.namespace(), "tls-"+w.name(3))
	case 6, 7:
		return w.gateway()
	case 8:
		object := objects.BackendPolicy(w.namespace(), w.name(12), w.name(3))
		check(w.t, unstructured.SetNestedField(object.Object, "walk.test", "spec", "validation", "hostname"))
		targets := []any{map[string]any{"group": "", "kind": "Service", "name": w.name(6)}}
		check(w.t, unstructured.SetNestedSlice(object.Object, targets, "spec", "targetRefs"))
		return object
	default:
		return w.ingress()
	}
}

func (w *walker) bundle() string {
	return pick(w, authority.ShallowBundle, authority.DeepBundle, authority.Other.PEM, authority.Expired.PEM, "no certificate", "")
}

func (w *walker) gateway() *unstructured.Unstructured {
	own := w.namespace()
	object := objects.Gateway(own, w.name(12), pick(w, own, w.namespace()), "tls-"+w.name(3))
	listeners, _, err := unstructured.NestedSlice(object.Object, "spec", "listeners")
	check(w.t, err)
	listeners[0].(map[string]any)["hostname"] = w.name(12) + ".walk.test"
	check(w.t, unstructured.SetNestedSlice(object.Object, listeners, "spec", "listeners"))
	return object
}

func (w *walker) ingress() *unstructured.Unstructured {
	own := w.namespace()
	object := objects.Ingress(own, w.name(40))
	switch w.random.IntN(4) {
	case 0: // no mTLS
	case 1:
		objects.Annotate(object, "nginx.ingress.kubernetes.io/auth-tls-secret", pick(w, own, w.namespace())+"/"+w.name(4))
		objects.Annotate(object, depthAnnotation, pick(w, "0", "1", "3", "-1", "many"))
	default:
		objects.Annotate(object, "nginx.ingress.kubernetes.io/auth-tls-secret", pick(w, own, own, w.namespace())+"/"+w.name(4))
		objects.Annotate(object, "nginx.ingress.kubernetes.io/auth-tls-verify-client", pick(w, "on", "on", "optional", "off"))
	}
	if w.random.IntN(6) == 0 {
		objects.Annotate(object, "nginx.ingress.kubernetes.io/ssl-passthrough", "true")
	}
	check(w.t, unstructured.SetNestedField(object.Object, pick(w, "nginx", "nginx", "nginx", "other", "kong"), "spec", "ingressClassName"))
	tls := []any{map[string]any{"hosts": []any{"walk.test"}, "secretName": "tls-" + w.name(3)}}
	check(w.t, unstructured.SetNestedSlice(object.Object, tls, "spec", "tls"))
	objects.SetHost(object, w.name(25)+".walk.test")
	return object
}

// stored are all objects of the walk as the API server holds them.
func (w *walker) stored() []*unstructured.Unstructured {
	var objects []*unstructured.Unstructured
	list := func(kind schema.GroupVersionKind, options ...client.ListOption) {
		var found unstructured.UnstructuredList
		kind.Kind += "List"
		found.SetGroupVersionKind(kind)
		check(w.t, back.List(w.t.Context(), &found, options...))
		for i := range found.Items {
			objects = append(objects, &found.Items[i])
		}
	}
	for _, kind := range clusterScoped {
		list(kind)
	}
	for _, name := range walkNamespaces {
		for _, kind := range namespaced {
			list(kind, client.InNamespace(name))
		}
	}
	return objects
}
