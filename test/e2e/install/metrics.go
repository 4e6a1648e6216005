package install

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Metrics are those of one or more pods at a moment.
type Metrics []map[string]*dto.MetricFamily

// Metrics reads what a pod measures.
func (p *Pod) Metrics(ctx context.Context) (Metrics, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+p.Address("metrics")+"/metrics", nil)
	if err != nil {
		return nil, err
	}
	response, err := prober.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close() //nolint:errcheck // it is read to its end
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("metrics of %s: %s", p.Name, response.Status)
	}
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(response.Body)
	if err != nil {
		return nil, fmt.Errorf("metrics of %s: %w", p.Name, err)
	}
	return Metrics{families}, nil
}

// Metrics reads what all pods measure.
func (in *Installation) Metrics(ctx context.Context) (Metrics, error) {
	var all Metrics
	for _, pod := range in.Pods() {
		metrics, err := pod.Metrics(ctx)
		if err != nil {
			return nil, err
		}
		all = append(all, metrics...)
	}
	return all, nil
}

// Sum adds up the counters or gauges of a name whose labels have these values; of histograms, the number of observations.
func (m Metrics) Sum(name string, labels map[string]string) float64 {
	sum := 0.0
	for _, families := range m {
		for _, metric := range families[name].GetMetric() {
			if !matches(metric, labels) {
				continue
			}
			sum += metric.GetCounter().GetValue() + metric.GetGauge().GetValue() + float64(metric.GetHistogram().GetSampleCount())
		}
	}
	return sum
}

func matches(metric *dto.Metric, labels map[string]string) bool {
	found := 0
	for _, label := range metric.GetLabel() {
		if value, ok := labels[label.GetName()]; ok {
			if value != label.GetValue() {
				return false
			}
			found++
		}
	}
	return found == len(labels)
}

// reviews is the metric that counts what the API server asked.
const reviews = "tlsward_admission_reviews_total"

// asked returns when the API server asks the pods: it has heard of the webhooks, and accepts their certificate.
func (in *Installation) asked(ctx context.Context) error {
	var last error
	err := wait.PollUntilContextCancel(ctx, 50*time.Millisecond, true, func(ctx context.Context) (bool, error) {
		before, err := in.Metrics(ctx)
		answer := in.admin.Create(ctx, probeObject(), client.DryRunAll)
		after, afterErr := in.Metrics(ctx)
		last = errors.Join(answer.Err, err, afterErr)
		return after.Sum(reviews, nil) > before.Sum(reviews, nil), nil
	})
	if err != nil {
		return fmt.Errorf("the API server does not ask tlsward: %w, and last: %w", err, last)
	}
	return nil
}

// probeObject is one that every installation judges, and that is never stored.
func probeObject() *unstructured.Unstructured {
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "networking.k8s.io/v1", "kind": "Ingress",
		"metadata": map[string]any{"name": "tlsward-probe", "namespace": "default"},
		"spec": map[string]any{
			"ingressClassName": "probe",
			"tls":              []any{map[string]any{"hosts": []any{"probe.test"}, "secretName": "probe"}},
			"defaultBackend":   map[string]any{"service": map[string]any{"name": "probe", "port": map[string]any{"number": int64(80)}}},
		},
	}}
}
