package main

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/tlsward/tlsward/test/e2e/authority"
	"github.com/tlsward/tlsward/test/e2e/install"
	"github.com/tlsward/tlsward/test/e2e/objects"
)

// The webhook that does nothing is a process of its own, reached by a Service like tlsward: what it adds is what any webhook
// adds.
const (
	nothingName    = "nothing"
	addressFile    = "address"
	nothingTimeout = 20 * time.Second
)

// doNothing answers yes to everything.
func doNothing(folder string) error {
	pair, err := tls.LoadX509KeyPair(filepath.Join(folder, "tls.crt"), filepath.Join(folder, "tls.key"))
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{
		TLSConfig:         &tls.Config{Certificates: []tls.Certificate{pair}, NextProtos: []string{"h2", "http/1.1"}},
		ReadHeaderTimeout: nothingTimeout,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			var review struct {
				Request struct {
					UID string `json:"uid"`
				} `json:"request"`
			}
			if err := json.NewDecoder(r.Body).Decode(&review); err != nil {
				http.Error(w, err.Error(), http.StatusBadRequest)
				return
			}
			w.Header().Set("Content-Type", "application/json")
			// A client that has gone needs no answer.
			_, _ = fmt.Fprintf(w, `{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","response":{"uid":%q,"allowed":true}}`, review.Request.UID)
		}),
	}
	if err := os.WriteFile(filepath.Join(folder, addressFile), []byte(listener.Addr().String()), 0o600); err != nil {
		return err
	}
	return server.ServeTLS(listener, "", "")
}

// nothing is the running process.
type nothing struct {
	command *exec.Cmd
	address string
}

func (n *nothing) stop() {
	_ = n.command.Process.Kill() // there is nothing in it to be lost
	_ = n.command.Wait()
}

// startNothing starts it, and has it called for Ingresses of one namespace to validate, and of another to mutate too.
func (b *bench) startNothing(ctx context.Context, once, twice string) error {
	folder := filepath.Join(b.folder, nothingName)
	if err := os.Mkdir(folder, 0o755); err != nil {
		return err
	}
	certificate, key := authority.Root.Serving(nothingName+"."+install.Namespace+".svc", time.Now(), authority.Year)
	for name, text := range map[string]string{"tls.crt": certificate, "tls.key": key} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			return err
		}
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	command := exec.Command(self, "-nothing", folder)
	command.Stderr = os.Stderr
	if err := command.Start(); err != nil {
		return err
	}
	b.nothing = &nothing{command: command}
	if err := b.route(ctx, folder); err != nil {
		return err
	}
	bundle := base64.StdEncoding.EncodeToString([]byte(authority.Root.PEM))
	for _, configuration := range []*unstructured.Unstructured{
		nothingConfiguration("ValidatingWebhookConfiguration", bundle, once, twice),
		nothingConfiguration("MutatingWebhookConfiguration", bundle, twice),
	} {
		if answer := b.admin.Create(ctx, configuration); answer.Err != nil {
			return answer.Err
		}
	}
	return nil
}

// route makes a Service, and leads its address to the process.
func (b *bench) route(ctx context.Context, folder string) error {
	service := objects.Read(`{apiVersion: v1, kind: Service, metadata: {name: ` + nothingName + `, namespace: ` + install.Namespace + `}, spec: {ports: [{port: 443}]}}`)
	answer := b.admin.Create(ctx, service)
	if answer.Err != nil {
		return answer.Err
	}
	clusterIP, _, err := unstructured.NestedString(answer.Object.Object, "spec", "clusterIP")
	if err != nil {
		return err
	}
	var address []byte
	for deadline := time.Now().Add(nothingTimeout); len(address) == 0; time.Sleep(20 * time.Millisecond) {
		if address, err = os.ReadFile(filepath.Join(folder, addressFile)); err != nil && time.Now().After(deadline) {
			return err
		}
	}
	b.plane.Network.Route(net.JoinHostPort(clusterIP, "443"), func(ctx context.Context) (net.Conn, error) {
		var dialer net.Dialer
		return dialer.DialContext(ctx, "tcp", string(address))
	})
	b.nothing.address = string(address)
	return nil
}

func nothingConfiguration(kind, bundle string, namespaces ...string) *unstructured.Unstructured {
	return objects.Read(fmt.Sprintf(`
apiVersion: admissionregistration.k8s.io/v1
kind: %s
metadata: {name: nothing}
webhooks:
  - name: %s.nothing.test
    admissionReviewVersions: [v1]
    clientConfig: {service: {name: nothing, namespace: %s}, caBundle: %s}
    sideEffects: None
    namespaceSelector: {matchExpressions: [{key: kubernetes.io/metadata.name, operator: In, values: [%s]}]}
    rules: [{apiGroups: [networking.k8s.io], apiVersions: ["*"], operations: [CREATE, UPDATE], resources: [ingresses]}]
`, kind, strings.ToLower(strings.TrimSuffix(kind, "WebhookConfiguration")), install.Namespace, bundle, strings.Join(namespaces, ", ")))
}
