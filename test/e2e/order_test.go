package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/tlsward/tlsward/test/e2e/authority"
	"github.com/tlsward/tlsward/test/e2e/objects"
	"github.com/tlsward/tlsward/test/e2e/repository"
)

// tool is something that applies sets of objects: how it marks them, and in which order it goes.
type tool struct {
	name, manager string
	mark          func(*unstructured.Unstructured)
	// order is the tool's own.
	order func([]*unstructured.Unstructured) []*unstructured.Unstructured
	// dryRunFirst: the whole set is tried before anything of it is applied.
	dryRunFirst bool
}

var tools = []tool{
	{
		name: "Helm", manager: "helm", order: byKind(helmOrder),
		mark: func(o *unstructured.Unstructured) {
			objects.Label(o, "app.kubernetes.io/managed-by", "Helm")
			objects.Annotate(o, "meta.helm.sh/release-name", "shop")
			objects.Annotate(o, "meta.helm.sh/release-namespace", "shop")
		},
	},
	{
		name: "Argo CD", manager: "argocd-controller", order: byKind(argoOrder),
		mark: func(o *unstructured.Unstructured) {
			group := o.GroupVersionKind().Group
			objects.Annotate(o, "argocd.argoproj.io/tracking-id", "shop:"+group+"/"+o.GetKind()+":"+o.GetNamespace()+"/"+o.GetName())
		},
	},
	{
		name: "Flux", manager: "kustomize-controller", order: byKind(fluxOrder), dryRunFirst: true,
		mark: func(o *unstructured.Unstructured) {
			objects.Label(o, "kustomize.toolkit.fluxcd.io/name", "shop")
			objects.Label(o, "kustomize.toolkit.fluxcd.io/namespace", "flux-system")
		},
	},
}

// The orders in which tools apply, as far as the examples have these kinds; what is not named comes last, by kind and name.
var (
	// release/v1/util/kind_sorter.go, InstallOrder
	helmOrder = []string{"Secret", "ConfigMap", "Service", "IngressClass", "Ingress"}
	// gitops-engine, pkg/sync/sync_tasks.go
	argoOrder = []string{"Secret", "ConfigMap", "Service", "Ingress"}
	// fluxcd/pkg, ssa/utils: cluster definitions and classes, then kinds as kustomize's legacy order has them
	fluxOrder = []string{"IngressClass", "GatewayClass", "ConfigMap", "Secret", "Service", "Ingress"}
)

func byKind(order []string) func([]*unstructured.Unstructured) []*unstructured.Unstructured {
	rank := func(o *unstructured.Unstructured) string {
		i := slices.Index(order, o.GetKind())
		if i < 0 {
			i = len(order)
		}
		return fmt.Sprintf("%02d %s %s", i, o.GetKind(), o.GetName())
	}
	return func(objects []*unstructured.Unstructured) []*unstructured.Unstructured {
		return slices.SortedFunc(slices.Values(objects), func(a, b *unstructured.Unstructured) int { return strings.Compare(rank(a), rank(b)) })
	}
}

// randomOrders is how many orders of no tool's are tried of each example, by the tools in turn.
const randomOrders = 50

// TestOrder applies the examples in the order of each tool, with its marks: what is missing when an object comes, and comes
// later, is no reason to refuse it. In any other order nothing may be refused for good, and all end in the same state.
func TestOrder(t *testing.T) {
	deploy(t, setup{config: raceBudget})
	furnish(t)
	for _, example := range []string{"ingress-nginx", "gateway-api", "a CA that cert-manager makes"} {
		objects := exampleObjects(t, example)
		for _, name := range []string{"shop", "infra", "certs"} {
			namespace(t, name)
		}
		for _, tool := range tools {
			t.Run(example+" by "+tool.name, func(t *testing.T) {
				marked := make([]*unstructured.Unstructured, len(objects))
				for i, object := range objects {
					marked[i] = object.DeepCopy()
					tool.mark(marked[i])
				}
				own := tool.order(marked)
				want := tool.apply(t, own, 1)
				reversed := slices.Clone(own)
				slices.Reverse(reversed)
				orders := [][]*unstructured.Unstructured{reversed}
				random := rand.New(rand.NewPCG(3, 11))
				for range randomOrders/len(tools) + 1 {
					shuffled := slices.Clone(own)
					random.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
					orders = append(orders, shuffled)
				}
				for _, order := range orders {
					if got := tool.apply(t, order, rounds); got != want {
						t.Errorf("applied as %v\nends in\n%s\nand in the order of %s in\n%s", names(order), got, tool.name, want)
						return
					}
				}
			})
		}
	}
	t.Run("by hand", func(t *testing.T) {
		refused(t, "an Ingress before its CA", admin.Create(t.Context(), objects.Mutual("shop", "by-hand", "no-such-ca")), "ingress-nginx/client-ca-missing")
	})
}

// rounds is how often a set is applied until it must be accepted: tools try again.
const rounds = 3

// apply applies objects until all are accepted, plays the controllers that make Secrets of what was applied, returns the
// state that all this ends in, and clears it away.
func (l tool) apply(t *testing.T, objects []*unstructured.Unstructured, rounds int) string {
	t.Helper()
	defer func() {
		for _, object := range objects {
			check(t, back.Delete(context.Background(), object))
			for _, made := range madeOf(object) {
				check(t, back.Delete(context.Background(), made))
			}
		}
	}()
	if l.dryRunFirst {
		for _, object := range objects {
			if answer := admin.Apply(t.Context(), object, l.manager, dryRun); answer.Err != nil {
				t.Errorf("dry run of %s: %v", name(object), answer.Err)
			}
		}
	}
	left := objects
	for round := 1; len(left) > 0; round++ {
		var refused []*unstructured.Unstructured
		for _, object := range left {
			answer := admin.Apply(t.Context(), object, l.manager)
			if answer.Err != nil {
				refused = append(refused, object)
				if round == rounds {
					t.Errorf("%s, in round %d of %v: %v", name(object), round, names(objects), answer.Err)
				}
			}
			for _, made := range madeOf(object) {
				if answer.Err == nil {
					create(t, made)
				}
			}
		}
		if left = refused; round == rounds {
			break
		}
	}
	return state(t, objects)
}

// madeOf are the Secrets that controllers would make of an object.
func madeOf(object *unstructured.Unstructured) []*unstructured.Unstructured {
	if object.GetKind() != "Certificate" {
		return nil
	}
	name, _, err := unstructured.NestedString(object.Object, "spec", "secretName")
	if err != nil {
		panic(err)
	}
	names, _, err := unstructured.NestedStringSlice(object.Object, "spec", "dnsNames")
	if err != nil {
		panic(err)
	}
	made := objects.TLSSecret(object.GetNamespace(), name, names...)
	data, _, _ := unstructured.NestedStringMap(made.Object, "stringData")
	data["ca.crt"] = authority.Root.PEM
	objects.SetData(made, "stringData", data)
	return []*unstructured.Unstructured{made}
}

// state writes down what the objects have become, but for what differs between any two creations.
func state(t *testing.T, objects []*unstructured.Unstructured) string {
	t.Helper()
	var lines []string
	for _, object := range objects {
		stored := object.DeepCopy()
		if err := back.Get(t.Context(), client.ObjectKeyFromObject(object), stored); err != nil {
			lines = append(lines, name(object)+": "+err.Error())
			continue
		}
		stored = unstored(stored)
		// Another one each time.
		unstructured.RemoveNestedField(stored.Object, "spec", "clusterIP")
		unstructured.RemoveNestedField(stored.Object, "spec", "clusterIPs")
		text, err := json.Marshal(stored.Object)
		check(t, err)
		lines = append(lines, string(text))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

func name(object *unstructured.Unstructured) string {
	return object.GetKind() + " " + object.GetNamespace() + "/" + object.GetName()
}

func names(objects []*unstructured.Unstructured) []string {
	list := make([]string, len(objects))
	for i, object := range objects {
		list[i] = name(object)
	}
	return list
}

func exampleObjects(t *testing.T, example string) []*unstructured.Unstructured {
	t.Helper()
	if example == "a CA that cert-manager makes" {
		object := objects.Mutual("shop", "made", "made-ca")
		objects.Annotate(object, "nginx.ingress.kubernetes.io/auth-tls-verify-depth", "1")
		return []*unstructured.Unstructured{object, objects.Read(`
{apiVersion: cert-manager.io/v1, kind: Certificate, metadata: {name: ca, namespace: shop}, spec: {secretName: made-ca, isCA: true, commonName: made, issuerRef: {name: corp}}}
`)}
	}
	root, err := repository.Root()
	check(t, err)
	files, err := filepath.Glob(filepath.Join(root, "examples", example, "mended", "*.yaml"))
	check(t, err)
	var all []*unstructured.Unstructured
	for _, file := range files {
		text, err := os.ReadFile(file)
		check(t, err)
		list, err := objects.Parse(text)
		check(t, err)
		all = append(all, list...)
	}
	if len(all) == 0 {
		t.Fatal("no examples")
	}
	return all
}

// TestPending follows an object that was admitted before what it refers to: it is counted while it waits, and no longer
// once that has come, or once its grace is over, which is an Event.
func TestPending(t *testing.T) {
	in := deploy(t, setup{config: "admission: {references: {onCreate: pending, pendingGrace: 5s}}\n"})
	furnish(t)
	namespace(t, "pending")
	pending := func() float64 {
		metrics, err := in.Metrics(t.Context())
		check(t, err)
		return metrics.Sum("tlsward_pending", nil)
	}
	for _, name := range []string{"comes", "never"} {
		answer := admin.Create(t.Context(), objects.Mutual("pending", name, name))
		accepted(t, name, answer)
		if got := rulesOf(answer.Warnings); !slices.Contains(got, "ingress-nginx/client-ca-missing") {
			t.Errorf("%s: admitted without a word: %q", name, answer.Warnings)
		}
	}
	if got := pending(); got != 2 {
		t.Errorf("%v objects are pending, want 2", got)
	}
	create(t, objects.Secret("pending", "comes", caData))
	eventually(t, 5*time.Second, "one of them is no longer", func() (bool, string) { got := pending(); return got == 1, fmt.Sprint(got) })
	eventually(t, 15*time.Second, "nor the other", func() (bool, string) { got := pending(); return got == 0, fmt.Sprint(got) })
	eventually(t, 5*time.Second, "an Event says so", func() (bool, string) {
		var events unstructured.UnstructuredList
		events.SetAPIVersion("v1")
		events.SetKind("EventList")
		check(t, back.List(t.Context(), &events, client.InNamespace("pending")))
		for i := range events.Items {
			about, _, _ := unstructured.NestedString(events.Items[i].Object, "involvedObject", "name")
			if about == "never" {
				return true, ""
			}
		}
		return false, fmt.Sprint(len(events.Items), " events")
	})
}
