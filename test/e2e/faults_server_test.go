package e2e

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/tlsward/tlsward/test/e2e/objects"
)

const caMissing = "ingress-nginx/client-ca-missing"

// TestServerRestarts restarts the API server under load: what it cannot answer fails, and nothing fails because of us, then
// or afterwards.
func TestServerRestarts(t *testing.T) {
	in := deploy(t, setup{})
	furnish(t)
	l := startLoad(t, 50)
	time.Sleep(time.Second)
	check(t, plane.StopServer())
	check(t, plane.StartServer())
	up := time.Now()
	for _, pod := range in.Pods() {
		if pod.Exited() {
			t.Errorf("%s has ended:\n%s", pod.Name, pod.Log())
		}
	}
	time.Sleep(2 * time.Second)
	refused(t, "after the restart", admin.Create(t.Context(), bad("load", "after")), caMissing)
	l.end()
	for _, failure := range l.failures() {
		if failure.answer.Unanswered() || failure.answer.Refusal(domain) != "" {
			t.Errorf("at %s after the restart: %v", failure.at.Sub(up), failure.answer.Err)
		}
	}
	if n := len(l.since(up)); n < 50 {
		t.Errorf("only %d answers after the restart", n)
	}
	t.Log(l)
}

// TestStoreStalls has etcd neither answer nor refuse. What rests on no live read is judged; what does is admitted with a
// warning or ends in an error, and in time either way. Nothing is refused for what could not be looked at.
func TestStoreStalls(t *testing.T) {
	in := deploy(t, setup{})
	furnish(t)
	namespace(t, "stall")
	create(t, objects.Secret("stall", "ca", caData))
	door := speakTo(in.Pods()[0])
	eventually(t, 5*time.Second, "the CA is known", func() (bool, string) {
		response, err := door.review("/validate?timeout=5s", objects.Mutual("stall", "known", "ca"), nil)
		return err == nil && response.Allowed && len(response.Warnings) == 0, fmt.Sprint(response, err)
	})
	check(t, plane.StallStore())
	resume := func() { check(t, plane.ResumeStore()) }
	defer resume()
	const timeout = 3 * time.Second
	path := "/validate?timeout=" + timeout.String()
	for _, test := range []struct {
		name   string
		object *unstructured.Unstructured
		clean  bool
	}{
		{"what it refers to is in the caches", objects.Mutual("stall", "good", "ca"), true},
		{"what it refers to is not", bad("stall", "bad"), false},
	} {
		began := time.Now()
		response, err := door.review(path, test.object, nil)
		took := time.Since(began)
		if took > timeout {
			t.Errorf("%s: an answer after %s, of %s", test.name, took, timeout)
		}
		switch {
		case err != nil:
			t.Logf("%s: after %s: %v", test.name, took.Round(time.Millisecond), err)
			if test.clean {
				t.Errorf("%s: no verdict: %v", test.name, err)
			}
		case !response.Allowed:
			t.Errorf("%s: refused: %v", test.name, response.Result)
		case !test.clean && len(response.Warnings) == 0:
			t.Errorf("%s: admitted without a word", test.name)
		default:
			t.Logf("%s: after %s: admitted, warnings %q", test.name, took.Round(time.Millisecond), response.Warnings)
		}
	}
	// Through the API server, which itself waits for etcd to store the object.
	done := make(chan error, 1)
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		done <- admin.Create(ctx, objects.Mutual("stall", "through", "ca")).Err
	}()
	time.Sleep(time.Second)
	resume()
	if err := <-done; err != nil {
		t.Errorf("a write that began while etcd stood still: %v", err)
	}
	eventually(t, 10*time.Second, "denials are confirmed again", func() (bool, string) {
		answer := admin.Create(t.Context(), bad("stall", "later"), dryRun)
		_ = answer
		second := admin.Create(t.Context(), bad("stall", "later"))
		if second.Err == nil {
			check(t, back.Delete(t.Context(), bad("stall", "later")))
		}
		return second.Refusal(domain) != "", fmt.Sprint(second.Err, second.Warnings)
	})
}

// TestCacheNotSynced starts a pod while nothing can be listed: it is not ready, and whoever asks it nevertheless gets no
// verdict that rests on an empty cache.
func TestCacheNotSynced(t *testing.T) {
	in := deploy(t, setup{})
	furnish(t)
	namespace(t, "unsynced")
	create(t, objects.Secret("unsynced", "ca", caData))
	create(t, objects.TLSSecret("unsynced", "web"))
	revoke(t, "tlsward-secrets")
	pod, err := in.StartPod(t.Context())
	check(t, err)
	door := speakTo(pod)
	asked := 0
	for deadline := time.Now().Add(3 * time.Second); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if pod.IsReady() {
			t.Fatal("ready, without having seen what the cluster holds")
		}
		response, err := door.review("/validate?timeout=2s", objects.Mutual("unsynced", "api", "ca"), nil)
		if err != nil {
			continue // it does not listen yet, or gives no verdict
		}
		asked++
		if !response.Allowed && response.Result.Code == 403 {
			t.Fatalf("refused, by a cache that is empty: %v", response.Result)
		}
	}
	if asked == 0 {
		t.Error("it gave no answer at all, so that nothing is shown")
	}
	t.Logf("not ready; %d answers, none of them a refusal", asked)
	check(t, in.Apply(t.Context())) // gives the permissions back
	ctx, cancel := context.WithTimeout(t.Context(), installTimeout)
	defer cancel()
	check(t, pod.Ready(ctx))
	response, err := door.review("/validate?timeout=2s", bad("unsynced", "api"), nil)
	check(t, err)
	if response.Allowed {
		t.Errorf("synced now, and admits a missing CA: %q", response.Warnings)
	}
}

// revoke takes all rules out of a ClusterRole, until the chart is applied again.
func revoke(t *testing.T, name string) {
	t.Helper()
	role := objects.Read(`{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: ` + name + `}}`)
	// As whoever owns the rules, or applying the chart again would be a conflict.
	patch := admin.Apply(t.Context(), role, "helm")
	check(t, patch.Err)
	time.Sleep(200 * time.Millisecond) // the authorizer watches roles
}

// TestPermissionRevoked takes away the permission to read Secrets while a pod runs: its caches age, and nobody is refused
// for what can no longer be confirmed.
func TestPermissionRevoked(t *testing.T) {
	in := deploy(t, setup{})
	furnish(t)
	namespace(t, "revoked")
	refused(t, "before", admin.Create(t.Context(), bad("revoked", "before")), caMissing)
	revoke(t, "tlsward-secrets")
	answer := admin.Create(t.Context(), objects.Mutual("revoked", "after", "another-ca"))
	accepted(t, "after", answer)
	if got := rulesOf(answer.Warnings); len(got) == 0 {
		t.Errorf("admitted without a word: %q", answer.Warnings)
	}
	t.Logf("%q", answer.Warnings)
	// Kinds that may still be read are judged as before.
	refusedPolicy := admin.Create(t.Context(), objects.BackendPolicy("revoked", "policy", "no-such-ca"))
	refused(t, "a BackendTLSPolicy, whose CA is in a ConfigMap", refusedPolicy, "gateway-api/backend-ca-missing")
	if !in.Pods()[0].IsReady() {
		t.Error("not ready any more: other kinds are no longer judged either")
	}
	check(t, in.Apply(t.Context()))
	eventually(t, 15*time.Second, "refused once more", func() (bool, string) {
		answer := admin.Create(t.Context(), objects.Mutual("revoked", "again", "a-third-ca"), strict)
		if answer.Err == nil {
			check(t, back.Delete(t.Context(), answer.Object))
		}
		return strings.Contains(answer.Refusal(domain), caMissing), fmt.Sprint(answer.Err, answer.Warnings)
	})
}
