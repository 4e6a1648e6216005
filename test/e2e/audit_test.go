package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/tlsward/tlsward/test/e2e/authority"
	"github.com/tlsward/tlsward/test/e2e/controlplane"
	"github.com/tlsward/tlsward/test/e2e/install"
	"github.com/tlsward/tlsward/test/e2e/objects"
)

// auditValues are those of a chart that audits. The webhooks stay out of the way.
func auditValues(replicas int) map[string]any {
	return map[string]any{"audit": map[string]any{"enabled": true}, "replicas": replicas, "logLevel": "debug"}
}

// withReports installs the CRDs of PolicyReports for the length of a test.
func withReports(t *testing.T) {
	t.Helper()
	check(t, plane.InstallPolicyReports(t.Context()))
	t.Cleanup(func() { check(t, plane.RemoveCRDs(context.WithoutCancel(t.Context()), controlplane.PolicyReports)) })
}

// reported lists what the report of a namespace says: result, policy, object; nil without a report.
func reported(t testing.TB, namespace string) (lines []string) {
	t.Helper()
	list := &unstructured.UnstructuredList{}
	list.SetGroupVersionKind(schema.GroupVersionKind{Group: "wgpolicyk8s.io", Version: "v1alpha2", Kind: "PolicyReportList"})
	check(t, back.List(t.Context(), list, client.InNamespace(namespace)))
	if len(list.Items) > 1 {
		t.Errorf("%d reports in %s", len(list.Items), namespace)
	}
	for i := range list.Items {
		results, _, err := unstructured.NestedSlice(list.Items[i].Object, "results")
		check(t, err)
		for _, element := range results {
			result := element.(map[string]any)
			about := result["resources"].([]any)[0].(map[string]any)
			lines = append(lines, fmt.Sprint(result["result"], " ", result["policy"], " ", about["kind"], "/", about["name"]))
		}
	}
	slices.Sort(lines)
	return lines
}

// told counts the Events about an object with a reason whose note names a rule.
func told(t testing.TB, object *unstructured.Unstructured, reason, rule string) (n int) {
	t.Helper()
	list := &unstructured.UnstructuredList{}
	list.SetGroupVersionKind(schema.GroupVersionKind{Group: "events.k8s.io", Version: "v1", Kind: "EventList"})
	check(t, back.List(t.Context(), list, client.InNamespace(object.GetNamespace())))
	for i := range list.Items {
		event := list.Items[i].Object
		name, _, _ := unstructured.NestedString(event, "regarding", "name")
		kind, _, _ := unstructured.NestedString(event, "regarding", "kind")
		note, _, _ := unstructured.NestedString(event, "note")
		if event["reason"] == reason && name == object.GetName() && kind == object.GetKind() && strings.Contains(note, rule) {
			n++
		}
	}
	return n
}

// promptly is within what time of its cause a drift is to show, and its mending.
const promptly = 2 * time.Second

// shown waits until a finding is in report, Event and metric, or is gone from report and metric and called mended.
func shown(t *testing.T, in *install.Installation, object *unstructured.Unstructured, result, rule, reason string, is bool) {
	t.Helper()
	began := time.Now()
	line := result + " " + rule + " " + object.GetKind() + "/" + object.GetName()
	if !is {
		reason += "Resolved"
	}
	eventually(t, promptly, fmt.Sprintf("%s: shown: %v", line, is), func() (bool, string) {
		report := reported(t, object.GetNamespace())
		metrics, err := in.Metrics(t.Context())
		check(t, err)
		findings := metrics.Sum("tlsward_audit_findings", map[string]string{"rule": rule, "namespace": object.GetNamespace()})
		events := told(t, object, reason, rule)
		return slices.Contains(report, line) == is && (findings > 0) == is && events > 0, fmt.Sprintf("report %q, metric %v, %d events %s", report, findings, events, reason)
	})
	t.Logf("%s: shown: %v after %s", line, is, time.Since(began).Round(10*time.Millisecond))
}

// TestDrift: what is right when it is applied goes wrong in each of the ways in which it may, and is mended. Both show in report, Event
// and metric within two seconds.
func TestDrift(t *testing.T) {
	withReports(t)
	// Tomorrow, early in a minute. The clock of documents is cut to the minute: the CA ends within this one, and at its end that shows.
	now := time.Now().UTC().AddDate(0, 0, 1).Truncate(time.Minute).Add(5 * time.Second)
	in := deploy(t, setup{config: "admission: {mode: \"off\"}", values: auditValues(1), now: now})
	turns := started(t, in.Pods()[0]).Add(55 * time.Second)
	furnish(t)
	class := objects.Read(`{apiVersion: gateway.networking.k8s.io/v1, kind: GatewayClass, metadata: {name: corp}, spec: {controllerName: istio.io/gateway-controller}}`)
	check(t, back.Create(t.Context(), class.DeepCopy()).Err)
	for _, name := range []string{"drift", "drift-edge"} {
		namespace(t, name)
	}
	create := func(object *unstructured.Unstructured) *unstructured.Unstructured {
		t.Helper()
		answer := back.Create(t.Context(), object)
		check(t, answer.Err)
		return answer.Object
	}
	good := authority.Mint("audit good", nil, now, 10*authority.Year)
	short := authority.Mint("audit short", nil, now, 24*time.Hour+50*time.Second)
	secret := func(name, ca string) *unstructured.Unstructured {
		return create(objects.Secret("drift", name, map[string]string{"ca.crt": ca, "other": "x"}))
	}
	mutual := func(name string) *unstructured.Unstructured { return create(objects.Mutual("drift", name, name)) }
	expiring, lost, deleted := secret("expiring", short.PEM), secret("lost", good.PEM), secret("deleted", good.PEM)
	mutualExpiring, mutualLost, mutualDeleted := mutual("expiring"), mutual("lost"), mutual("deleted")
	create(objects.TLSSecret("drift", "shown"))
	grant := create(objects.Grant("drift", "shown", "drift-edge", "shown"))
	gateway := create(objects.Gateway("drift-edge", "edge", "drift", "shown"))
	classy := objects.Gateway("drift-edge", "classy", "drift", "shown")
	check(t, unstructured.SetNestedField(classy.Object, "corp", "spec", "gatewayClassName"))
	create(classy)
	eventually(t, 10*time.Second, "nothing denied", func() (bool, string) {
		metrics, err := in.Metrics(t.Context())
		check(t, err)
		all := append(reported(t, "drift"), reported(t, "drift-edge")...)
		queue := metrics.Sum("tlsward_audit_queue", nil)
		return queue == 0 && metrics.Sum("tlsward_audit_objects", nil) >= 5 && !slices.ContainsFunc(all, func(line string) bool { return strings.HasPrefix(line, "fail") }), fmt.Sprint(queue, all)
	})

	t.Run("lost ca.crt", func(t *testing.T) {
		patch := func(text string) {
			check(t, back.Patch(t.Context(), lost.DeepCopy(), client.RawPatch("application/merge-patch+json", []byte(text))))
		}
		patch(`{"data":{"ca.crt":null}}`)
		shown(t, in, mutualLost, "fail", "ingress-nginx/client-ca-without-certificate", "PolicyViolation", true)
		patch(`{"stringData":{"ca.crt":` + quoted(good.PEM) + `}}`)
		shown(t, in, mutualLost, "fail", "ingress-nginx/client-ca-without-certificate", "PolicyViolation", false)
	})
	t.Run("deleted CA", func(t *testing.T) {
		check(t, back.Delete(t.Context(), deleted))
		shown(t, in, mutualDeleted, "fail", "ingress-nginx/client-ca-missing", "PolicyViolation", true)
		secret("deleted", good.PEM)
		shown(t, in, mutualDeleted, "fail", "ingress-nginx/client-ca-missing", "PolicyViolation", false)
	})
	t.Run("revoked grant", func(t *testing.T) {
		check(t, back.Delete(t.Context(), grant))
		shown(t, in, gateway, "fail", "gateway-api/listener-certificate-missing", "PolicyViolation", true)
		create(objects.Grant("drift", "shown", "drift-edge", "shown"))
		shown(t, in, gateway, "fail", "gateway-api/listener-certificate-missing", "PolicyViolation", false)
	})
	t.Run("removed class", func(t *testing.T) {
		check(t, back.Delete(t.Context(), class.DeepCopy()))
		shown(t, in, classy, "skip", "references/controller-unknown", "PolicyNotJudged", true)
		create(class.DeepCopy())
		shown(t, in, classy, "skip", "references/controller-unknown", "PolicyNotJudged", false)
	})
	t.Run("expiry", func(t *testing.T) {
		if slices.Contains(reported(t, "drift"), "fail certificates/ca-expired Ingress/expiring") {
			t.Fatalf("expired %s before the minute is over", time.Until(turns))
		}
		time.Sleep(time.Until(turns))
		shown(t, in, mutualExpiring, "fail", "certificates/ca-expired", "PolicyViolation", true)
		check(t, back.Patch(t.Context(), expiring.DeepCopy(), client.RawPatch("application/merge-patch+json", []byte(`{"stringData":{"ca.crt":`+quoted(good.PEM)+`}}`))))
		shown(t, in, mutualExpiring, "fail", "certificates/ca-expired", "PolicyViolation", false)
	})
}

// TestLeaderKilled: of two replicas one audits. If it is killed, the other does within the time of the lease; until then and after it there
// is one report, which says what it said, and nothing is told twice. Replicas that do not lead answer all the while.
func TestLeaderKilled(t *testing.T) {
	withReports(t)
	in := deploy(t, setup{config: "admission: {mode: warn}", values: auditValues(2)})
	furnish(t)
	namespace(t, "led")
	answer := back.Create(t.Context(), objects.Mutual("led", "web", "missing"))
	check(t, answer.Err)
	web := answer.Object
	const line = "fail ingress-nginx/client-ca-missing Ingress/web"
	eventually(t, 20*time.Second, "reported", func() (bool, string) {
		report := reported(t, "led")
		return slices.Contains(report, line), fmt.Sprint(report)
	})
	leader, other := leading(t, in)
	if other == nil {
		t.Fatal("one replica only")
	}
	check(t, leader.Kill())
	killed := time.Now()
	// What happens while nobody leads is not lost. An object of its own, so that it is told which replica told of it.
	answer = back.Create(t.Context(), objects.Mutual("led", "second", "missing"))
	check(t, answer.Err)
	second := answer.Object
	for {
		report := reported(t, "led")
		if !slices.Contains(report, line) {
			t.Fatalf("%s after the leader was killed the report says %q", time.Since(killed), report)
		}
		if slices.Contains(report, "fail ingress-nginx/client-ca-missing Ingress/second") {
			break
		}
		// The lease, the time until it is looked at again with its jitter, and what a report may take.
		if time.Since(killed) > 15*time.Second+5*time.Second+promptly {
			t.Fatalf("%s after the leader was killed nobody has followed: %q", time.Since(killed), report)
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Logf("the other has followed after %s", time.Since(killed).Round(100*time.Millisecond))
	accepted(t, "while one replica is dead", admin.Create(t.Context(), objects.Ingress("led", "third")))
	for _, object := range []*unstructured.Unstructured{web, second} {
		eventually(t, promptly, "told", func() (bool, string) {
			n := told(t, object, "PolicyViolation", "ingress-nginx/client-ca-missing")
			return n > 0, fmt.Sprint(n)
		})
		if n := told(t, object, "PolicyViolation", "ingress-nginx/client-ca-missing"); n != 1 {
			t.Errorf("%s: told %d times", object.GetName(), n)
		}
	}
}

// leading tells the replica that audits from another one.
func leading(t testing.TB, in *install.Installation) (leader, other *install.Pod) {
	t.Helper()
	for _, pod := range in.Pods() {
		metrics, err := pod.Metrics(t.Context())
		check(t, err)
		switch metrics.Sum("tlsward_audit_leader", nil) {
		case 1:
			if leader != nil {
				t.Errorf("both %s and %s lead", leader.Name, pod.Name)
			}
			leader = pod
		default:
			other = pod
			if n := metrics.Sum("tlsward_audit_findings", nil); n > 0 {
				t.Errorf("%s does not lead and counts %v findings", pod.Name, n)
			}
		}
	}
	if leader == nil {
		t.Fatal("nobody leads")
	}
	return leader, other
}

// started is when a pod began to count its own time.
func started(t testing.TB, pod *install.Pod) time.Time {
	t.Helper()
	for line := range strings.Lines(pod.Log()) {
		var said struct {
			Time time.Time
			Msg  string
		}
		if json.Unmarshal([]byte(line), &said) == nil && said.Msg == "loaded" {
			return said.Time
		}
	}
	t.Fatal("the log does not say that the config was loaded")
	return time.Time{}
}

// quoted is a text as JSON.
func quoted(text string) string { return `"` + strings.ReplaceAll(text, "\n", `\n`) + `"` }
