package e2e

import (
	"crypto/sha256"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/tlsward/tlsward/test/e2e/authority"
	"github.com/tlsward/tlsward/test/e2e/install"
	"github.com/tlsward/tlsward/test/e2e/objects"
)

// certificateSecret is where the chart keeps the serving certificate.
const certificateSecret = install.Release + "-certificate"

// TestCertificateRenewed exchanges the serving certificate for another one of the same CA, under load.
func TestCertificateRenewed(t *testing.T) {
	in := deploy(t, setup{})
	furnish(t)
	stored := servingSecret(t)
	signer, err := authority.FromPair(field(t, stored, "ca.crt"), field(t, stored, "ca.key"))
	check(t, err)
	certificate, key := signer.Serving(install.Release+"."+install.Namespace+".svc", time.Now(), authority.Year)
	before := served(t, in.Pods()[0])
	l := startLoad(t, 200)
	time.Sleep(time.Second)
	put(t, stored, map[string]string{"tls.crt": certificate, "tls.key": key})
	eventually(t, 20*time.Second, "the new certificate is served", func() (bool, string) {
		now := served(t, in.Pods()[0])
		return now != before, now
	})
	time.Sleep(2 * time.Second)
	l.flawless(t, 500)
}

// TestAuthorityReplaced throws the CA away under load: tlsward makes another. Between the moment in which the API server
// trusts the new one alone and the moment in which every pod serves it lies the time that kubelet takes.
func TestAuthorityReplaced(t *testing.T) {
	for _, delay := range []time.Duration{0, 2 * time.Second} {
		t.Run("kubelet takes "+delay.String(), func(t *testing.T) {
			in := deploy(t, setup{values: map[string]any{"replicas": 2}, mountDelay: delay})
			furnish(t)
			stored := servingSecret(t)
			before := served(t, in.Pods()[0])
			l := startLoad(t, 200)
			time.Sleep(time.Second)
			replaced := time.Now()
			empty := stored.DeepCopy()
			empty.Object["data"] = map[string]any{}
			answer := admin.Update(t.Context(), empty)
			check(t, answer.Err)
			eventually(t, 60*time.Second, "another certificate is served", func() (bool, string) {
				now := served(t, in.Pods()[0])
				return now != before, now
			})
			// Until nothing has failed for a while.
			eventually(t, 60*time.Second, "writes succeed again", func() (bool, string) {
				for _, a := range l.since(time.Now().Add(-2 * time.Second)) {
					if a.answer.Err != nil {
						return false, a.answer.Err.Error()
					}
				}
				return true, ""
			})
			l.end()
			failures := l.failures()
			if len(failures) > 0 {
				gap := failures[len(failures)-1].at.Sub(failures[0].at)
				t.Logf("gap: %d of %d writes failed, from %s to %s after the CA was thrown away: %v", len(failures), len(l.since(time.Time{})),
					failures[0].at.Sub(replaced).Round(time.Millisecond), failures[len(failures)-1].at.Sub(replaced).Round(time.Millisecond), failures[0].answer.Err)
				if gap > delay+5*time.Second {
					t.Errorf("writes failed for %s", gap)
				}
			} else {
				t.Logf("none of %d writes failed", len(l.since(time.Time{})))
			}
		})
	}
}

func servingSecret(t *testing.T) *unstructured.Unstructured {
	t.Helper()
	stored := objects.Read(`{apiVersion: v1, kind: Secret, metadata: {name: ` + certificateSecret + `, namespace: ` + install.Namespace + `}}`)
	check(t, admin.Get(t.Context(), client.ObjectKeyFromObject(stored), stored))
	return stored
}

func field(t *testing.T, secret *unstructured.Unstructured, key string) []byte {
	t.Helper()
	encoded, _, err := unstructured.NestedString(secret.Object, "data", key)
	check(t, err)
	data, err := base64.StdEncoding.DecodeString(encoded)
	check(t, err)
	if len(data) == 0 {
		t.Fatalf("the Secret has no %s", key)
	}
	return data
}

func put(t *testing.T, secret *unstructured.Unstructured, data map[string]string) {
	t.Helper()
	changed := secret.DeepCopy()
	for key, value := range data {
		check(t, unstructured.SetNestedField(changed.Object, base64.StdEncoding.EncodeToString([]byte(value)), "data", key))
	}
	check(t, admin.Update(t.Context(), changed).Err)
}

// served is the fingerprint of the certificate that a pod shows.
func served(t *testing.T, pod *install.Pod) string {
	t.Helper()
	connection, err := tls.Dial("tcp", pod.Address("webhook"), &tls.Config{InsecureSkipVerify: true}) //nolint:gosec // to look at it
	if err != nil {
		return fmt.Sprint(err)
	}
	defer connection.Close()
	return fmt.Sprintf("%x", sha256.Sum256(connection.ConnectionState().PeerCertificates[0].Raw))
}
