package webhook_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	admissionv1 "k8s.io/api/admission/v1"
)

// FuzzReview: whatever is the body of a request, there is an HTTP answer with an AdmissionReview in it, and no panic; and it says
// the same when it is asked again.
func FuzzReview(f *testing.F) {
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) == 0 {
		f.Fatal(err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, ".answer.json") {
			continue
		}
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte(`{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"\u0000","operation":"UPDATE","object":{"apiVersion":"networking.k8s.io/v1","kind":"Ingress","metadata":{"annotations":{"tlsward.dev/defaulted":"{\"a\":true}","nginx.ingress.kubernetes.io/auth-tls-secret":"a/b/c"}}},"oldObject":{"apiVersion":"a/b","kind":"Ingress"}}}`))
	f.Add([]byte(`{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"a","operation":"DELETE","object":null,"oldObject":{"apiVersion":"v1","kind":"Secret","metadata":{"name":"ca","namespace":"shop","ownerReferences":[{"apiVersion":"a/b/c","kind":1}]},"data":{"ca.crt":"!"}}}}`))
	s := recordedCluster(f)
	post := func(path string, body []byte) (int, string) {
		r := httptest.NewRequest(http.MethodPost, path, bytes.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		s.mux.ServeHTTP(w, r)
		return w.Code, w.Body.String()
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, path := range []string{"/validate", "/validate/warn", "/mutate", "/guard", "/guard/warn"} {
			status, text := post(path, body)
			var review admissionv1.AdmissionReview
			if err := json.Unmarshal([]byte(text), &review); err != nil || review.Response == nil {
				t.Fatalf("%s: HTTP %d: %v\n%s", path, status, err, text)
			}
			a := answer{status, review.Response}
			if status != http.StatusOK && status != http.StatusBadRequest {
				t.Errorf("%s: %v", path, a)
			}
			if path != "/validate" && path != "/guard" && !a.Allowed && a.Result.Code == http.StatusForbidden {
				t.Errorf("%s refuses: %v", path, a)
			}
			checkWords(t, a)
			if _, again := post(path, body); again != text {
				t.Errorf("%s: %s\nand then %s", path, text, again)
			}
		}
		s.mu.Lock()
		s.outcomes, s.reads = nil, nil
		s.mu.Unlock()
	})
}
