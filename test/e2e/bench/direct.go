package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"sync"
	"time"

	admissionv1 "k8s.io/api/admission/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
)

// direct sends reviews to a webhook as the API server would, without one.
type direct struct {
	client *http.Client
	url    string
	body   []byte
}

func speakTo(address, path string, object, old *unstructured.Unstructured) (direct, error) {
	review := &admissionv1.AdmissionReview{
		TypeMeta: metav1.TypeMeta{APIVersion: "admission.k8s.io/v1", Kind: "AdmissionReview"},
		Request: &admissionv1.AdmissionRequest{
			UID: "bench", Name: object.GetName(), Namespace: object.GetNamespace(), Operation: admissionv1.Create,
			Kind: metav1.GroupVersionKind(object.GroupVersionKind()),
		},
	}
	var err error
	if review.Request.Object, err = raw(object); err != nil {
		return direct{}, err
	}
	if old != nil {
		review.Request.Operation = admissionv1.Update
		if review.Request.OldObject, err = raw(old); err != nil {
			return direct{}, err
		}
	}
	body, err := json.Marshal(review)
	return direct{
		client: &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{
			// Without HTTP/2, as the API server asks webhooks that are Services (apiserver, pkg/util/webhook/client.go).
			TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, //nolint:gosec // the API server checks it
		}},
		url: "https://" + address + path + "?timeout=5s", body: body,
	}, err
}

func raw(object *unstructured.Unstructured) (runtime.RawExtension, error) {
	text, err := object.MarshalJSON()
	return runtime.RawExtension{Raw: text}, err
}

// placeholder is a part of a name that is another one in each request.
const placeholder = "number-0000"

func (d direct) ask(n int) error {
	body := bytes.ReplaceAll(d.body, []byte(placeholder), fmt.Appendf(nil, "number-%04d", n))
	response, err := d.client.Post(d.url, "application/json", bytes.NewReader(body))
	if err != nil {
		return err
	}
	text, err := io.ReadAll(response.Body)
	err = errors.Join(err, response.Body.Close())
	if err == nil && response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", response.Status, text)
	}
	return err
}

// cpu has a pod judge one object again and again.
func (b *bench) cpu(ctx context.Context) error {
	pod, err := b.restart(ctx)
	if err != nil {
		return err
	}
	time.Sleep(2 * time.Second)
	idle, err := used(pod.PID(), func() error { time.Sleep(5 * time.Second); return nil })
	if err != nil {
		return err
	}
	b.table.row("CPU while nothing happens", fmt.Sprintf("%s a second", milliseconds(idle/5)), "")
	good, missing := withMutualTLS(judged, "direct"), withMissingCA(judged, placeholder)
	address := pod.Address("webhook")
	for _, test := range []struct {
		name, address, path string
		pid                 int
		object, old         *unstructured.Unstructured
		budget              string
	}{
		{"answer as a webhook that does nothing", b.nothing.address, "/", b.nothing.command.Process.Pid, withTLS(judged, "direct"), nil, ""},
		{"review an Ingress with TLS", address, "/validate", pod.PID(), withTLS(judged, "direct"), nil, "0.4 ms"},
		{"review an Ingress with mTLS", address, "/validate", pod.PID(), good, nil, "0.4 ms"},
		{"review an Ingress with mTLS, updated", address, "/validate", pod.PID(), good, good, "0.4 ms"},
		{"review an Ingress with mTLS, mutated", address, "/mutate", pod.PID(), good, nil, "0.4 ms"},
		{"review an Ingress whose CA is missing, refused", address, "/validate", pod.PID(), missing, nil, ""},
	} {
		d, err := speakTo(test.address, test.path, test.object, test.old)
		if err != nil {
			return err
		}
		const warmUp = 200
		for n := range warmUp {
			if err := d.ask(n); err != nil {
				return err
			}
		}
		began := time.Now()
		spent, err := used(test.pid, func() error {
			for n := range b.reviews {
				if err := d.ask(warmUp + n); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("%s: %w", test.name, err)
		}
		each := spent / time.Duration(b.reviews)
		b.table.row("CPU to "+test.name, fmt.Sprintf("%s, wall %s", milliseconds(each), milliseconds(time.Since(began)/time.Duration(b.reviews))), test.budget)
	}
	return nil
}

// used is the CPU time that a process uses meanwhile.
func used(pid int, while func() error) (time.Duration, error) {
	before, err := cpuTime(pid)
	if err != nil {
		return 0, err
	}
	if err := while(); err != nil {
		return 0, err
	}
	after, err := cpuTime(pid)
	return after - before, err
}

// throughput asks a pod that has one processor as fast as it answers.
func (b *bench) throughput(ctx context.Context) error {
	pod, err := b.restart(ctx, "GOMAXPROCS=1")
	if err != nil {
		return err
	}
	d, err := speakTo(pod.Address("webhook"), "/validate", withMutualTLS(judged, "direct"), nil)
	if err != nil {
		return err
	}
	const workers = 8
	var wait sync.WaitGroup
	var once sync.Once
	var failed error
	each := b.reviews / workers * 2
	began := time.Now()
	for range workers {
		wait.Go(func() {
			for n := range each {
				if err := d.ask(n); err != nil {
					once.Do(func() { failed = err })
					return
				}
			}
		})
	}
	wait.Wait()
	b.table.row("reviews of an Ingress with mTLS on one processor", fmt.Sprintf("%.0f a second", float64(each*workers)/time.Since(began).Seconds()), "")
	if failed != nil || b.profile == "" {
		return failed
	}
	return b.writeProfile(ctx, d)
}

// profileTime is how long a profile is taken.
const profileTime = 10 * time.Second

// writeProfile asks on while the pod is looked at.
func (b *bench) writeProfile(ctx context.Context, d direct) error {
	ctx, cancel := context.WithTimeout(ctx, 2*profileTime)
	defer cancel()
	done := make(chan error, 1)
	go func() {
		text, err := fetch(ctx, fmt.Sprintf("/debug/pprof/profile?seconds=%.0f", profileTime.Seconds()))
		if err == nil {
			err = os.WriteFile(b.profile, text, 0o644)
		}
		done <- err
	}()
	for {
		select {
		case err := <-done:
			return err
		default:
			if err := d.ask(0); err != nil {
				return err
			}
		}
	}
}
