package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
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

var (
	policyReport = schema.GroupVersionKind{Group: controlplane.PolicyReports, Version: "v1alpha2", Kind: "PolicyReport"}
	openReport   = schema.GroupVersionKind{Group: controlplane.OpenReports, Version: "v1alpha1", Kind: "Report"}
)

// reported lists what the report of a namespace says: result, policy, object; nil without a report.
func reported(t testing.TB, namespace string) []string {
	t.Helper()
	return reportedAs(t, policyReport, namespace)
}

// reportedAs is reported for a kind of report.
func reportedAs(t testing.TB, kind schema.GroupVersionKind, namespace string) (lines []string) {
	t.Helper()
	list := &unstructured.UnstructuredList{}
	list.SetGroupVersionKind(kind.GroupVersion().WithKind(kind.Kind + "List"))
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

// TestOpenReports: where OpenReports are installed beside PolicyReports, or instead of them, they are what is written, and they go with
// what they tell. When their CRDs go, PolicyReports come back.
func TestOpenReports(t *testing.T) {
	for _, beside := range []bool{true, false} {
		t.Run(fmt.Sprint("beside PolicyReports: ", beside), func(t *testing.T) {
			if beside {
				withReports(t)
			}
			check(t, plane.InstallOpenReports(t.Context()))
			removed := false
			remove := func() {
				if !removed {
					check(t, plane.RemoveCRDs(context.WithoutCancel(t.Context()), controlplane.OpenReports))
				}
				removed = true
			}
			t.Cleanup(remove)
			in := deploy(t, setup{config: "admission: {mode: \"off\"}", values: auditValues(1)})
			furnish(t)
			namespace(t, "open")
			check(t, back.Create(t.Context(), objects.Mutual("open", "web", "lost")).Err)
			const line = "fail ingress-nginx/client-ca-missing Ingress/web"
			shows := func(what string, within time.Duration, kind schema.GroupVersionKind, want bool) {
				t.Helper()
				eventually(t, within, what, func() (bool, string) {
					lines := reportedAs(t, kind, "open")
					return slices.Contains(lines, line) == want, fmt.Sprint(lines)
				})
			}
			// The audit begins when the lease of the chart that was here before has ended.
			shows("a finding", 40*time.Second, openReport, true)
			whole := &unstructured.Unstructured{}
			whole.SetGroupVersionKind(openReport)
			check(t, back.Get(t.Context(), client.ObjectKey{Namespace: "open", Name: "tlsward"}, whole))
			results, _, err := unstructured.NestedSlice(whole.Object, "results")
			check(t, err)
			for _, element := range results {
				result := element.(map[string]any)
				for _, field := range []string{"source", "policy", "category", "severity", "scored", "message", "resources", "properties"} {
					if result[field] == nil {
						t.Errorf("%v: no %s", result["policy"], field)
					}
				}
			}
			if source, _, _ := unstructured.NestedString(whole.Object, "source"); source != "tlsward" {
				t.Errorf("source %q", source)
			}
			if beside {
				if lines := reported(t, "open"); lines != nil {
					t.Errorf("a PolicyReport says it too: %q", lines)
				}
			}
			ca := objects.Secret("open", "lost", caData)
			check(t, back.Create(t.Context(), ca).Err)
			shows("mended", promptly, openReport, false)
			check(t, back.Delete(t.Context(), ca))
			shows("lost again", promptly, openReport, true)
			// Nothing at all is left to be said of the namespace: the report itself goes.
			check(t, back.Delete(t.Context(), objects.Ingress("open", "web")))
			eventually(t, promptly, "no report", func() (bool, string) {
				err := back.Get(t.Context(), client.ObjectKey{Namespace: "open", Name: "tlsward"}, whole)
				return apierrors.IsNotFound(err), fmt.Sprint(err)
			})
			if !beside {
				return
			}
			remove()
			check(t, back.Create(t.Context(), objects.Mutual("open", "web", "lost")).Err)
			shows("a PolicyReport", 30*time.Second, policyReport, true)
			if log := in.Pods()[0].Log(); strings.Contains(log, "a report is not written") {
				t.Errorf("warned of each report:\n%s", log)
			}
		})
	}
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

// TestAuditRole: the permissions of docs/cluster.md are enough for an audit. Who has less hears what he may not list, and what rests
// on that is unknown to him, and not missing.
func TestAuditRole(t *testing.T) {
	wipe(t)
	furnish(t)
	for _, name := range []string{"audit-shop", "audit-edge", "audit-void"} {
		namespace(t, name)
	}
	for _, object := range []*unstructured.Unstructured{
		objects.Secret("audit-shop", "ca", caData), objects.Mutual("audit-shop", "web", "ca"), objects.Mutual("audit-shop", "lost", "no-such-ca"),
		objects.TLSSecret("audit-shop", "shown"), objects.Gateway("audit-edge", "edge", "audit-shop", "shown"),
		objects.BackendPolicy("audit-edge", "pay", "no-such-ca"),
	} {
		check(t, back.Create(t.Context(), object).Err)
	}
	lost, ungranted, blind := "ingress-nginx/client-ca-missing", "gateway-api/listener-certificate-missing", "references/unresolved"
	whole := withDocumentedRole(t, "arne")
	got := whole.call(t, "audit", "--cluster")
	got.wants(t, 1, lost, ungranted, "Ingress audit-shop/lost, ", `!Ingress audit-shop/web, metadata.annotations["nginx.ingress.kubernetes.io/auth-tls-secret"]`, "!"+blind)
	if got.err != "" {
		t.Errorf("standard error: %s", got.err)
	}
	whole.call(t, "audit", "--cluster", "--namespace", "audit-edge").wants(t, 1, ungranted, "!"+lost)
	whole.call(t, "audit", "--cluster", "--namespace", "audit-void").wants(t, 0, "nothing to judge")

	// The same role without Secrets, and, in one namespace, all of it.
	role := documentedRole(t)
	bare := strings.Replace(strings.Replace(role, ", secrets]", "]", 1), "tlsward-lint", "e2e-audit", 1)
	if bare == role {
		t.Fatal("the documented role is another than this test knows")
	}
	for _, object := range objects.ReadAll(bare + `---
{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRoleBinding, metadata: {name: e2e-audit}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: e2e-audit}, subjects: [{kind: User, name: beate, apiGroup: rbac.authorization.k8s.io}]}
---
{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: e2e-audit, namespace: audit-shop}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: tlsward-lint}, subjects: [{kind: User, name: carla, apiGroup: rbac.authorization.k8s.io}]}
`) {
		check(t, back.Create(t.Context(), object).Err)
		t.Cleanup(func() { check(t, back.Delete(context.WithoutCancel(t.Context()), object)) })
	}
	as := func(name string) somebody {
		config, err := plane.User(name)
		check(t, err)
		return withKubeconfig(t, config)
	}
	beate := as("beate")
	eventually(t, 10*time.Second, "the authorizer knows of the role", func() (bool, string) {
		got = beate.call(t, "audit", "--cluster")
		return got.err == "tlsward: cluster: secrets may not be listed: what rests on them is unknown\n", got.err
	})
	// That nothing is granted is seen without the Secret.
	got.wants(t, 1, ungranted, blind, "!"+lost)
	beate.call(t, "audit", "--cluster", "--namespace", "audit-shop").wants(t, 0, blind, "!"+lost)

	carla := as("carla")
	eventually(t, 10*time.Second, "the authorizer knows of the role", func() (bool, string) {
		got = carla.call(t, "audit", "--cluster", "--namespace", "audit-shop")
		return strings.Contains(got.out, lost), got.err + got.out
	})
	got.wants(t, 1, lost, "!"+ungranted)
	got = carla.call(t, "audit", "--cluster")
	got.wants(t, 2, "ingresses.networking.k8s.io: not judged", "!"+lost)
}
