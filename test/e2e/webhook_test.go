package e2e

import (
	"bytes"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	admissionv1 "k8s.io/api/admission/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"

	"github.com/tlsward/tlsward/test/e2e/authority"
	"github.com/tlsward/tlsward/test/e2e/install"
)

// serveWebhook runs a webhook of a test's own, and returns its URL and its CA as a webhook configuration has them.
func serveWebhook(t testing.TB, answer func(*admissionv1.AdmissionRequest) *admissionv1.AdmissionResponse) (url, bundle string) {
	t.Helper()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var review admissionv1.AdmissionReview
		if err := json.NewDecoder(r.Body).Decode(&review); err != nil || review.Request == nil {
			http.Error(w, "no review", http.StatusBadRequest)
			return
		}
		review.Response = answer(review.Request)
		review.Response.UID = review.Request.UID
		review.Request = nil
		w.Header().Set("Content-Type", "application/json")
		if err := json.NewEncoder(w).Encode(review); err != nil {
			t.Error(err)
		}
	}))
	certificate, key := authority.Root.Serving("127.0.0.1", time.Now(), authority.Year)
	pair, err := tls.X509KeyPair([]byte(certificate), []byte(key))
	check(t, err)
	server.TLS = &tls.Config{Certificates: []tls.Certificate{pair}, NextProtos: []string{"h2", "http/1.1"}}
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	return server.URL, base64.StdEncoding.EncodeToString([]byte(authority.Root.PEM))
}

// direct speaks to a pod without an API server between.
type direct struct {
	client *http.Client
	pod    *install.Pod
}

func speakTo(pod *install.Pod) direct {
	return direct{&http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{
		ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, //nolint:gosec // the API server checks it
	}}, pod}
}

// post sends a body, and returns what came.
func (d direct) post(path string, body []byte) (status int, text string, err error) {
	response, err := d.client.Post("https://"+d.pod.Address("webhook")+path, "application/json", bytes.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close()
	if response.ProtoMajor != 1 {
		return 0, "", fmt.Errorf("answered over %s, want HTTP/1.1 alone to be offered", response.Proto)
	}
	answer, err := io.ReadAll(response.Body)
	return response.StatusCode, string(answer), err
}

// review has an object judged as the API server would have it, new or, with old, as an update.
func (d direct) review(path string, object, old *unstructured.Unstructured) (*admissionv1.AdmissionResponse, error) {
	body, err := json.Marshal(reviewOf(object, old))
	if err != nil {
		return nil, err
	}
	status, text, err := d.post(path, body)
	if err != nil {
		return nil, err
	}
	var answer admissionv1.AdmissionReview
	if err := json.Unmarshal([]byte(text), &answer); err != nil || answer.Response == nil {
		return nil, fmt.Errorf("%d %s", status, text)
	}
	return answer.Response, nil
}

func reviewOf(object, old *unstructured.Unstructured) *admissionv1.AdmissionReview {
	raw := func(o *unstructured.Unstructured) runtime.RawExtension {
		if o == nil {
			return runtime.RawExtension{}
		}
		text, err := o.MarshalJSON()
		if err != nil {
			panic(err)
		}
		return runtime.RawExtension{Raw: text}
	}
	kind := object.GroupVersionKind()
	operation := admissionv1.Create
	if old != nil {
		operation = admissionv1.Update
	}
	return &admissionv1.AdmissionReview{
		TypeMeta: metav1.TypeMeta{APIVersion: "admission.k8s.io/v1", Kind: "AdmissionReview"},
		Request: &admissionv1.AdmissionRequest{
			UID:  types.UID("e2e-" + object.GetName()),
			Kind: metav1.GroupVersionKind{Group: kind.Group, Version: kind.Version, Kind: kind.Kind},
			Name: object.GetName(), Namespace: object.GetNamespace(), Operation: operation, Object: raw(object), OldObject: raw(old),
		},
	}
}
