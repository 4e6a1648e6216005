package webhook

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"

	admissionv1 "k8s.io/api/admission/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	"sigs.k8s.io/controller-runtime/pkg/webhook/admission"
)

// maxReview is what controller-runtime reads of a review: two objects of 3 MiB, which is what an API server takes for one, and the
// rest of the request.
const maxReview = 7 << 20

// review is what this door reads of an AdmissionReview (admission.k8s.io/v1, of which v1beta1 has the same shape). The objects
// are decoded with the rest, once: controller-runtime's handler looks for the kind first, then decodes the request, and leaves
// the objects as text that is decoded again, which is three times as much work.
type review struct {
	APIVersion string   `json:"apiVersion"`
	Kind       string   `json:"kind"`
	Request    *request `json:"request"`
}

type request struct {
	UID         types.UID             `json:"uid"`
	Name        string                `json:"name"`
	Namespace   string                `json:"namespace"`
	Operation   admissionv1.Operation `json:"operation"`
	SubResource string                `json:"subResource"`
	DryRun      *bool                 `json:"dryRun"`
	UserInfo    struct {
		Username string `json:"username"`
	} `json:"userInfo"`
	Object    map[string]any `json:"object"`
	OldObject map[string]any `json:"oldObject"`
}

// badRequest is an error of whoever asks, with its HTTP status.
type badRequest struct {
	status int
	text   string
}

func (e *badRequest) Error() string { return e.text }

// read reads a review. The text of an error does not quote what was sent.
func read(r *http.Request) (*review, error) {
	if mediaType, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || mediaType != "application/json" {
		return nil, &badRequest{http.StatusUnsupportedMediaType, "request: want Content-Type application/json"}
	}
	var body bytes.Buffer
	if r.ContentLength > 0 {
		// One more than there is: so that the end is seen without making room for more.
		body.Grow(int(min(r.ContentLength, maxReview)) + bytes.MinRead)
	}
	switch n, err := body.ReadFrom(io.LimitReader(r.Body, maxReview+1)); {
	case err != nil:
		return nil, &badRequest{http.StatusBadRequest, "request: its body breaks off"}
	case n > maxReview:
		return nil, &badRequest{http.StatusRequestEntityTooLarge, fmt.Sprintf("request: want at most %d bytes", maxReview)}
	}
	var asked review
	if err := utiljson.Unmarshal(body.Bytes(), &asked); err != nil {
		return nil, &badRequest{http.StatusBadRequest, "request: want an AdmissionReview in JSON, whose objects are JSON mappings"}
	}
	known := asked.APIVersion == admissionv1.SchemeGroupVersion.String() || asked.APIVersion == "admission.k8s.io/v1beta1"
	if !known || asked.Kind != "AdmissionReview" || asked.Request == nil || asked.Request.UID == "" || asked.Request.Operation == "" {
		return nil, &badRequest{http.StatusBadRequest, "request: want an AdmissionReview with a request, of which uid and operation are set"}
	}
	return &asked, nil
}

// reply answers a review. The API server asks failurePolicy only about calls that failed: in an answer of status 200, "not
// allowed" is a refusal whatever code it bears (apiserver, plugin/webhook/validating/dispatcher.go). So an error is answered with
// its HTTP status.
func reply(w http.ResponseWriter, asked *review, response admission.Response) error {
	answer := admissionv1.AdmissionReview{
		TypeMeta: metav1.TypeMeta{APIVersion: admissionv1.SchemeGroupVersion.String(), Kind: "AdmissionReview"},
		Response: &response.AdmissionResponse,
	}
	if asked != nil {
		answer.APIVersion, response.UID = asked.APIVersion, asked.Request.UID
	}
	if response.Result.Code == 0 {
		response.Result.Code = http.StatusOK
	}
	text, err := json.Marshal(answer)
	if err != nil {
		return fmt.Errorf("answer: %w", err)
	}
	w.Header().Set("Content-Type", "application/json")
	if !response.Allowed && response.Result.Code != http.StatusForbidden {
		w.WriteHeader(int(response.Result.Code))
	}
	// Who does not wait for the answer has no use for an error either.
	_, _ = w.Write(append(text, '\n'))
	return nil
}

// refuse is the answer to what cannot be read.
func refuse(err error) admission.Response {
	if bad, ok := errors.AsType[*badRequest](err); ok {
		return admission.Errored(int32(bad.status), err) //nolint:gosec // an HTTP status
	}
	return admission.Errored(http.StatusBadRequest, err)
}

// asking makes a question of a request; look is false where there is none.
type asking func(*request) (q Question, look bool, err error)

type answering func(context.Context, Question) admission.Response
