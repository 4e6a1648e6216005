package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/tlsward/tlsward/test/e2e/objects"
)

// large is an Ingress of about so many bytes.
func large(name string, size int) *unstructured.Unstructured {
	object := objects.Mutual("requests", name, "ca")
	rules, _, err := unstructured.NestedSlice(object.Object, "spec", "rules")
	if err != nil {
		panic(err)
	}
	rule := rules[0].(map[string]any)
	// One rule takes about 250 bytes.
	list := make([]any, 0, size/250)
	for i := range cap(list) {
		one := (&unstructured.Unstructured{Object: rule}).DeepCopy().Object
		one["host"] = fmt.Sprintf("h%d-%s.%s.test", i, name, strings.Repeat("a", 40))
		one["http"].(map[string]any)["paths"].([]any)[0].(map[string]any)["path"] = "/" + strings.Repeat("p", 40)
		list = append(list, one)
	}
	if err := unstructured.SetNestedSlice(object.Object, list, "spec", "rules"); err != nil {
		panic(err)
	}
	return object
}

// TestLargeObject has the largest objects judged that an API server takes, 3 MiB, as new ones and as updates, which hold
// them twice, and shows that what is larger yet does no harm.
func TestLargeObject(t *testing.T) {
	in := deploy(t, setup{})
	furnish(t)
	namespace(t, "requests")
	create(t, objects.Secret("requests", "ca", caData))
	// etcd takes half of it: a dry run goes through admission all the same.
	object := large("three", 3<<20-200<<10)
	text, err := object.MarshalJSON()
	check(t, err)
	began := time.Now()
	answer := admin.Create(t.Context(), object, dryRun)
	accepted(t, "a new object", answer)
	t.Logf("%d bytes in %s", len(text), time.Since(began).Round(time.Millisecond))
	door := speakTo(in.Pods()[0])
	began = time.Now()
	response, err := door.review("/validate?timeout=5s", object, object)
	if err != nil || !response.Allowed {
		t.Errorf("an update of it: %v %v", response, err)
	}
	t.Logf("an update in %s", time.Since(began).Round(time.Millisecond))
	response, err = door.review("/validate?timeout=5s", large("sixteen", 16<<20), nil)
	if err == nil && response.Allowed {
		t.Error("16 MiB are admitted: nobody can have read them")
	}
	status, said, err := door.post("/validate?timeout=5s", []byte(`{"request": {"object": "`+strings.Repeat("x", 64<<20)+`"}}`))
	if err == nil && status == http.StatusOK && strings.Contains(said, `"allowed":true`) {
		t.Errorf("64 MiB are admitted: %s", said)
	}
	refused(t, "afterwards", admin.Create(t.Context(), bad("requests", "after")), caMissing)
}

// TestMalformedReview sends what no API server sends: never an acceptance, and never the end of the pod.
func TestMalformedReview(t *testing.T) {
	in := deploy(t, setup{})
	furnish(t)
	namespace(t, "requests")
	door := speakTo(in.Pods()[0])
	good, err := json.Marshal(reviewOf(bad("requests", "x"), nil))
	check(t, err)
	text := string(good)
	replaced := func(old, new string) string {
		changed := strings.Replace(text, old, new, 1)
		if changed == text {
			panic(old) // the test would test nothing
		}
		return changed
	}
	for name, body := range map[string]string{
		"nothing":                  "",
		"no JSON":                  "\x00\xff{",
		"half of it":               text[:len(text)/2],
		"null":                     "null",
		"a list":                   "[]",
		"a string":                 `"AdmissionReview"`,
		"an empty mapping":         "{}",
		"no request":               `{"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview"}`,
		"an empty request":         `{"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {}}`,
		"a request that is a list": `{"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": []}`,
		"no object":                replaced(`"object":{`, `"objects":{`),
		"an object of null":        replaced(`"object":{`, `"object":null,"objects":{`),
		"an object that is a list": replaced(`"object":{`, `"object":[1],"objects":{`),
		"an object without kind":   replaced(`"kind":"Ingress","metadata"`, `"metadata"`),
		"another version of it":    replaced("admission.k8s.io/v1", "admission.k8s.io/v9"),
		"deep nesting":             `{"request": ` + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000) + "}",
	} {
		for _, path := range []string{"/validate", "/validate/enforce", "/mutate"} {
			status, answer, err := door.post(path, []byte(body))
			if err != nil {
				t.Errorf("%s to %s: no answer at all: %v", name, path, err)
				continue
			}
			var review struct {
				Response *struct {
					Allowed bool
					Patch   []byte
				}
			}
			if json.Unmarshal([]byte(answer), &review) == nil && review.Response != nil && review.Response.Allowed && path != "/mutate" {
				t.Errorf("%s to %s: %d, allowed: %s", name, path, status, answer)
			}
		}
	}
	for _, path := range []string{"/", "/validate/off", "/metrics", "/debug/pprof/"} {
		if status, answer, err := door.post(path, good); err != nil || status == http.StatusOK && strings.Contains(answer, `"allowed":true`) {
			t.Errorf("%s: %d %s %v", path, status, answer, err)
		}
	}
	if in.Pods()[0].Exited() {
		t.Fatal(in.Pods()[0].Log())
	}
	refused(t, "afterwards", admin.Create(t.Context(), bad("requests", "after")), caMissing)
}

// slowRule judges Gateways, and does not come to an end.
const slowRule = `# METADATA
# title: A rule that does not end
# description: Counts to a trillion.
# custom:
#   severity: error
#   kinds: [Gateway.gateway.networking.k8s.io]
#   since: v1
package policies.acme.slow

findings contains {"path": ["metadata", "name"], "message": "it came to an end"} if {
	some i in numbers.range(1, 1000000)
	some j in numbers.range(1, 1000000)
	i * j == 0
}
`

// TestSlowRule installs a rule of the user's that does not come to an end: the kinds that it judges get an error, in time
// and by the failure policy, and all others are served.
func TestSlowRule(t *testing.T) {
	for _, policy := range []string{"Fail", "Ignore"} {
		t.Run(policy, func(t *testing.T) {
			rules := objects.Read(`{apiVersion: v1, kind: ConfigMap, metadata: {name: acme-rules, namespace: tlsward}}`)
			check(t, unstructured.SetNestedField(rules.Object, slowRule, "data", "slow.rego"))
			check(t, unstructured.SetNestedField(rules.Object, "title: Acme\n", "data", "provider.yaml"))
			namespace(t, "tlsward")
			check(t, back.Delete(t.Context(), rules))
			check(t, back.Create(t.Context(), rules).Err)
			in := deploy(t, setup{values: map[string]any{
				"webhooks": map[string]any{"failurePolicy": policy},
				"rulebooks": []any{map[string]any{"name": "acme-rules", "configMap": "acme-rules", "items": []any{
					map[string]any{"key": "slow.rego", "path": "acme/slow/rule.rego"},
					map[string]any{"key": "provider.yaml", "path": "acme/provider.yaml"},
				}}},
			}})
			furnish(t)
			namespace(t, "slow")
			create(t, objects.TLSSecret("slow", "web"))
			began := time.Now()
			answer := admin.Create(t.Context(), objects.Gateway("slow", "edge", "slow", "web"))
			took := time.Since(began)
			t.Logf("a Gateway, after %s: %v %q", took.Round(time.Millisecond), answer.Err, answer.Warnings)
			if took > 6*time.Second {
				t.Errorf("an answer after %s: the API server gave up waiting", took)
			}
			if policy == "Fail" && !answer.Unanswered() {
				t.Errorf("want the API server to say that the webhook failed, got %v", answer.Err)
			}
			if policy == "Ignore" && answer.Err != nil {
				t.Errorf("want it ignored, got %v", answer.Err)
			}
			refused(t, "an Ingress", admin.Create(t.Context(), bad("slow", "bad")), caMissing)
			metrics, err := in.Metrics(t.Context())
			check(t, err)
			if metrics.Sum(reviewsTotal, map[string]string{"result": "error"}) == 0 {
				t.Errorf("no error is counted in %s", reviewsTotal)
			}
		})
	}
}

const reviewsTotal = "tlsward_admission_reviews_total"

// TestCallsNobodyNeeds writes objects and kinds that no rule can judge: they cost no call.
func TestCallsNobodyNeeds(t *testing.T) {
	in := deploy(t, setup{})
	furnish(t)
	namespace(t, "calls")
	calls := func() float64 {
		metrics, err := in.Metrics(t.Context())
		check(t, err)
		return metrics.Sum(reviewsTotal, nil)
	}
	before := calls()
	// Every Gateway has listeners, which may conflict with others; not every Ingress has to do with TLS.
	plain := objects.Read(`
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: plain, namespace: calls, annotations: {external-dns.alpha.kubernetes.io/ttl: "60"}}
spec: {ingressClassName: nginx, rules: [{host: plain.test}]}
`)
	for _, object := range slices.Concat([]*unstructured.Unstructured{
		objects.Secret("calls", "ca", caData), objects.ConfigMap("calls", "ca", caData), objects.TLSSecret("calls", "web"), plain,
		objects.Read(`{apiVersion: v1, kind: Service, metadata: {name: api, namespace: calls}, spec: {ports: [{port: 80}]}}`),
	}) {
		create(t, object)
		check(t, admin.MergePatch(t.Context(), object, `{"metadata": {"labels": {"a": "b"}}}`).Err)
		check(t, admin.Delete(t.Context(), object))
	}
	if after := calls(); after != before {
		t.Errorf("%v calls for objects that no rule can judge", after-before)
	}
	// Also one that is about to lose what a rule looked at.
	create(t, objects.TLSSecret("calls", "web"))
	create(t, objects.Gateway("calls", "edge", "calls", "web"))
	if after := calls(); after == before {
		t.Error("no call for one that rules judge")
	}
}
