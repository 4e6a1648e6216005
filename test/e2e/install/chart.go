package install

import (
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/tlsward/tlsward/test/chart/render"
	"github.com/tlsward/tlsward/test/e2e/objects"
)

// Names that docs/install.md gives a release.
const (
	Release   = "tlsward"
	Namespace = "tlsward"
)

// Manifests are a rendered chart, in the order in which Helm applies it.
type Manifests []*unstructured.Unstructured

// Render renders the chart.
func Render(values map[string]any) (Manifests, error) {
	stream, err := render.Release{Name: Release, Namespace: Namespace}.Render(values)
	if err != nil {
		return nil, err
	}
	return objects.Parse(stream)
}

// find decodes the one manifest of a kind.
func (m Manifests) find(kind string, into any) error {
	for _, manifest := range m {
		if manifest.GetKind() == kind {
			return runtime.DefaultUnstructuredConverter.FromUnstructured(manifest.Object, into)
		}
	}
	return fmt.Errorf("the chart renders no %s", kind)
}

// workload is what the chart wants to run, and how it is reached.
type workload struct {
	deployment appsv1.Deployment
	service    corev1.Service
}

func (m Manifests) workload() (w workload, err error) {
	if err := m.find("Deployment", &w.deployment); err != nil {
		return w, err
	}
	if err := m.find("Service", &w.service); err != nil {
		return w, err
	}
	if n := len(w.deployment.Spec.Template.Spec.Containers); n != 1 {
		return w, fmt.Errorf("chart: Deployment %s: want one container, got %d", w.deployment.Name, n)
	}
	labels := w.deployment.Spec.Template.Labels
	for key, value := range w.service.Spec.Selector {
		if labels[key] != value {
			return w, fmt.Errorf("chart: Service %s selects %s=%s, and the pods of the Deployment have %q: nothing would ever answer",
				w.service.Name, key, value, labels[key])
		}
	}
	return w, nil
}

func (w *workload) container() *corev1.Container {
	return &w.deployment.Spec.Template.Spec.Containers[0]
}

// containerPort is the container's port that a Service's port leads to.
func (w *workload) containerPort(port corev1.ServicePort) (string, error) {
	for _, p := range w.container().Ports {
		if port.TargetPort.StrVal == p.Name && p.Name != "" || port.TargetPort.IntVal == p.ContainerPort && p.ContainerPort != 0 {
			return p.Name, nil
		}
	}
	return "", fmt.Errorf("chart: Service %s: port %s leads to %s, which the container has not", w.service.Name, port.Name, port.TargetPort.String())
}
