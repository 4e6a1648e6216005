package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/tlsward/tlsward/test/e2e/objects"
)

// The namespaces of the writes that are compared: with no webhook, with one that does nothing called once or twice, and
// with tlsward.
const (
	none, once, twice, judged = "bench-none", "bench-once", "bench-twice", "bench-judged"
)

// variant is one kind of write.
type variant struct {
	name, namespace string
	object          func(namespace, name string) *unstructured.Unstructured
	refused         bool
	took            []time.Duration
}

// latency creates Ingresses, one after the other, of all kinds by turns: whatever else the machine does hits all alike.
func (b *bench) latency(ctx context.Context) error {
	for _, name := range []string{none, once, twice, judged} {
		mode := ""
		if name != judged {
			mode = `, labels: {tlsward.dev/mode: "off"}`
		}
		namespace := objects.Read(`{apiVersion: v1, kind: Namespace, metadata: {name: ` + name + mode + `}}`)
		for _, object := range []*unstructured.Unstructured{namespace, objects.Secret(name, "ca", caData), objects.TLSSecret(name, "tls")} {
			if answer := b.admin.Create(ctx, object); answer.Err != nil {
				return answer.Err
			}
		}
	}
	if err := b.startNothing(ctx, once, twice); err != nil {
		return err
	}
	time.Sleep(2 * time.Second) // the API server hears of the configurations
	variants := []*variant{
		{name: "TLS, no webhook", namespace: none, object: withTLS},
		{name: "TLS, a webhook that does nothing", namespace: once, object: withTLS},
		{name: "TLS, tlsward", namespace: judged, object: withTLS},
		{name: "mTLS, no webhook", namespace: none, object: withMutualTLS},
		{name: "mTLS, two webhooks that do nothing", namespace: twice, object: withMutualTLS},
		{name: "mTLS, tlsward, validating and mutating", namespace: judged, object: withMutualTLS},
		{name: "mTLS, refused by tlsward", namespace: judged, object: withMissingCA, refused: true},
	}
	reads, err := b.liveReads(ctx)
	if err != nil {
		return err
	}
	const warmUp = 50
	for n := range b.writes + warmUp {
		rand.Shuffle(len(variants), func(i, j int) { variants[i], variants[j] = variants[j], variants[i] })
		for _, v := range variants {
			object := v.object(v.namespace, fmt.Sprintf("w%d", n))
			object.SetName(object.GetName() + "-" + map[bool]string{true: "r", false: "a"}[v.refused])
			began := time.Now()
			answer := b.admin.Create(ctx, object)
			took := time.Since(began)
			if refused := answer.Refusal("tlsward.dev") != ""; refused != v.refused || !refused && answer.Err != nil {
				return fmt.Errorf("%s: %w", v.name, answer.Err)
			}
			if n >= warmUp {
				v.took = append(v.took, took)
			}
		}
	}
	after, err := b.liveReads(ctx)
	if err != nil {
		return err
	}
	slices.SortFunc(variants, func(a, b *variant) int {
		return slices.Index(latencyOrder, a.name) - slices.Index(latencyOrder, b.name)
	})
	var base *variant
	for _, v := range variants {
		slices.Sort(v.took)
		if v.namespace == none {
			base = v
			b.table.row("create an Ingress with "+v.name, "p50 "+milliseconds(v.at(0.5))+", p99 "+milliseconds(v.at(0.99)), "")
			continue
		}
		b.table.row("added: "+v.name, "p50 "+milliseconds(v.at(0.5)-base.at(0.5))+", p99 "+milliseconds(v.at(0.99)-base.at(0.99)), latencyBudgets[v.name])
	}
	b.table.row("live reads for one refusal", fmt.Sprintf("%.1f", (after-reads)/float64(b.writes+warmUp)), "")
	return nil
}

func (b *bench) liveReads(ctx context.Context) (float64, error) {
	metrics, err := b.in.Metrics(ctx)
	sum := 0.0
	// What was over the budget or remembered was not read.
	for _, result := range []string{"found", "absent", "failed"} {
		sum += metrics.Sum("tlsward_live_reads_total", map[string]string{"result": result})
	}
	return sum, err
}

var latencyOrder = []string{
	"TLS, no webhook", "TLS, a webhook that does nothing", "TLS, tlsward",
	"mTLS, no webhook", "mTLS, two webhooks that do nothing", "mTLS, tlsward, validating and mutating", "mTLS, refused by tlsward",
}

var latencyBudgets = map[string]string{"TLS, tlsward": "p50 1.3 ms"}

func (v *variant) at(quantile float64) time.Duration {
	return v.took[min(len(v.took)-1, int(quantile*float64(len(v.took))))]
}

func withTLS(namespace, name string) *unstructured.Unstructured {
	object := objects.Ingress(namespace, name+"-tls")
	tls := []any{map[string]any{"hosts": []any{object.GetName() + "." + namespace + ".test"}, "secretName": "tls"}}
	if err := unstructured.SetNestedSlice(object.Object, tls, "spec", "tls"); err != nil {
		panic(err)
	}
	return object
}

func withMutualTLS(namespace, name string) *unstructured.Unstructured {
	return objects.Mutual(namespace, name+"-mtls", "ca")
}

func withMissingCA(namespace, name string) *unstructured.Unstructured {
	return objects.Mutual(namespace, name+"-bad", "missing-"+name)
}
