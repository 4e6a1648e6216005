package crd

import "testing"

// BenchmarkJudge is what a further object of a kind costs.
func BenchmarkJudge(b *testing.B) {
	for name, text := range map[string]string{
		"Gateway": gateway + "spec: {gatewayClassName: eg, listeners: [" + listener + "]}\n",
		"HTTPRoute": "apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: web, namespace: shop}\n" +
			"spec: {parentRefs: [{name: edge}], hostnames: [www.shop.test], rules: [{matches: [{path: {type: PathPrefix, value: /}}], backendRefs: [{name: web, port: 8080}]}]}\n",
	} {
		b.Run(name, func(b *testing.B) {
			set, obj := newSet(b, Releases{}), readObject(b, text)
			set.Judge(obj)
			b.ReportAllocs()
			for b.Loop() {
				set.Judge(obj)
			}
		})
	}
}
