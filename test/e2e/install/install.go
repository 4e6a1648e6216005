// Package install installs the rendered chart into a control plane that has no nodes: it applies what the chart renders as
// Helm does, and is the kubelet, the endpoints controller and kube-proxy of one Deployment and one Service itself. So the
// built binary runs with the chart's arguments, mounts and permissions, and the API server calls it as the chart's webhook
// configurations say. It knows nothing of what tlsward decides.
package install

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"github.com/tlsward/tlsward/test/e2e/controlplane"
	"github.com/tlsward/tlsward/test/e2e/requester"
)

// Options say what is installed.
type Options struct {
	Plane  *controlplane.Plane
	Values map[string]any
	// Binary is what runs in the container.
	Binary string
	// Folder takes volumes, kubeconfigs and logs. It must exist.
	Folder string
	// Arguments come after those of the chart.
	Arguments []string
	// MountDelay is how long a change of a ConfigMap or Secret takes to reach the volumes: up to a minute and more in a
	// cluster, none unless a test wants some.
	MountDelay time.Duration
	// AsHelm, if set, replaces the objects that the chart renders, before they are applied.
	AsHelm func(Manifests) Manifests
}

// Installation is an installed chart.
type Installation struct {
	// Skipped are the kinds that the chart renders and this API server does not serve: monitoring, mostly.
	Skipped []string
	options Options
	workload
	manifests Manifests
	admin     *requester.Requester
	clients   kubernetes.Interface
	kubelet   *kubelet
	service   *service
	mu        sync.Mutex
	pods      []*Pod
	started   int
}

// manager is under which name Helm 4 applies.
const manager = "helm"

// Install installs the chart and starts its pods. It does not wait for them: Ready does. Uninstall or Stop must be called
// also if it failed.
func Install(ctx context.Context, o Options) (*Installation, error) {
	in := &Installation{options: o}
	return in, in.install(ctx)
}

func (in *Installation) install(ctx context.Context) error {
	var err error
	if in.manifests, err = in.render(in.options.Values); err != nil {
		return err
	}
	if in.workload, err = in.manifests.workload(); err != nil {
		return err
	}
	if in.admin, err = requester.New(in.options.Plane.Config); err != nil {
		return err
	}
	fast := rest.CopyConfig(in.options.Plane.Config)
	fast.QPS = -1
	if in.clients, err = kubernetes.NewForConfig(fast); err != nil {
		return err
	}
	// helm install --create-namespace
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: Namespace}}
	if _, err := in.clients.CoreV1().Namespaces().Create(ctx, namespace, metav1.CreateOptions{}); err != nil && !apierrors.IsAlreadyExists(err) {
		return err
	}
	if err := in.Apply(ctx); err != nil {
		return err
	}
	if in.service, err = serve(ctx, in); err != nil {
		return err
	}
	in.kubelet = startKubelet(in)
	replicas := 1
	if in.deployment.Spec.Replicas != nil {
		replicas = int(*in.deployment.Spec.Replicas)
	}
	for range replicas {
		if _, err := in.StartPod(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (in *Installation) render(values map[string]any) (Manifests, error) {
	manifests, err := Render(values)
	if err == nil && in.options.AsHelm != nil {
		manifests = in.options.AsHelm(manifests)
	}
	return manifests, err
}

// Apply applies the chart as `helm upgrade` does: by server-side apply, in Helm's order, and without taking fields away
// from others.
func (in *Installation) Apply(ctx context.Context) error {
	var errs []error
	in.Skipped = nil
	for _, manifest := range in.manifests {
		answer := in.admin.Apply(ctx, manifest, manager)
		switch {
		case answer.Err == nil:
		case meta.IsNoMatchError(answer.Err):
			in.Skipped = append(in.Skipped, manifest.GetKind())
		default:
			errs = append(errs, fmt.Errorf("chart: %s %s: %w", manifest.GetKind(), manifest.GetName(), answer.Err))
		}
	}
	slices.Sort(in.Skipped)
	in.Skipped = slices.Compact(in.Skipped)
	return errors.Join(errs...)
}

// Upgrade applies the chart with other values. Where they change the pods, Roll replaces these.
func (in *Installation) Upgrade(ctx context.Context, values map[string]any) error {
	manifests, err := in.render(values)
	if err != nil {
		return err
	}
	in.manifests, in.options.Values = manifests, values
	if in.workload, err = manifests.workload(); err != nil {
		return err
	}
	return in.Apply(ctx)
}

// Roll replaces every pod as the Deployment's strategy says: a new one is ready before an old one goes.
func (in *Installation) Roll(ctx context.Context) error {
	for _, old := range in.Pods() {
		fresh, err := in.StartPod(ctx)
		if err != nil {
			return err
		}
		if err := fresh.Ready(ctx); err != nil {
			return err
		}
		if err := old.Stop(); err != nil {
			return err
		}
	}
	return nil
}

// uninstallFirst are what Helm removes before all else (release/v1/util, UninstallOrder); what is left goes in the reverse
// of the order in which it came.
var uninstallFirst = []string{"ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"}

// Uninstall removes the chart as `helm uninstall` does, and ends the pods once their Deployment is gone.
func (in *Installation) Uninstall(ctx context.Context) error {
	var errs []error
	remove := func(manifests Manifests, which func(kind string) bool) {
		for _, manifest := range slices.Backward(manifests) {
			if which(manifest.GetKind()) {
				if err := in.admin.Delete(ctx, manifest); err != nil && !meta.IsNoMatchError(err) {
					errs = append(errs, err)
				}
				if manifest.GetKind() == "Deployment" {
					for _, pod := range in.Pods() {
						pod.Terminate()
					}
				}
			}
		}
	}
	first := func(kind string) bool { return slices.Contains(uninstallFirst, kind) }
	if in.admin != nil {
		remove(in.manifests, first)
		remove(in.manifests, func(kind string) bool { return !first(kind) })
	}
	return errors.Join(append(errs, in.Stop())...)
}

// Stop ends the pods and whatever acted for them. What was applied stays.
func (in *Installation) Stop() error {
	var errs []error
	var wait sync.WaitGroup
	var mu sync.Mutex
	for _, pod := range in.Pods() {
		wait.Go(func() {
			err := pod.Stop()
			mu.Lock()
			defer mu.Unlock()
			errs = append(errs, err)
		})
	}
	wait.Wait()
	if in.kubelet != nil {
		in.kubelet.stop()
	}
	if in.service != nil {
		in.service.stop()
	}
	return errors.Join(errs...)
}

// Pods are those that run, oldest first.
func (in *Installation) Pods() []*Pod {
	in.mu.Lock()
	defer in.mu.Unlock()
	return slices.Clone(in.pods)
}

// StartPod starts one more pod, with these variables beside those of the chart.
func (in *Installation) StartPod(ctx context.Context, environment ...string) (*Pod, error) {
	in.mu.Lock()
	in.started++
	name := in.deployment.Name + "-" + strconv.Itoa(in.started)
	in.mu.Unlock()
	folder := filepath.Join(in.options.Folder, name)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, err
	}
	config, err := in.ServiceAccount(ctx)
	if err != nil {
		return nil, err
	}
	pod := &Pod{in: in, Name: name, folder: folder, extra: environment}
	if err := controlplane.WriteKubeconfig(pod.kubeconfig(), config, Namespace); err != nil {
		return nil, err
	}
	if err := in.kubelet.mountAll(ctx, pod); err != nil {
		return nil, fmt.Errorf("pod %s: %w", name, err)
	}
	if err := pod.start(); err != nil {
		return nil, fmt.Errorf("pod %s: %w", name, err)
	}
	in.mu.Lock()
	in.pods = append(in.pods, pod)
	in.mu.Unlock()
	go pod.watch()
	return pod, nil
}

func (in *Installation) forget(pod *Pod) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.pods = slices.DeleteFunc(in.pods, func(p *Pod) bool { return p == pod })
}

// ServiceAccount is how the pods reach the API server: with a token of the service account that the chart names.
func (in *Installation) ServiceAccount(ctx context.Context) (*rest.Config, error) {
	name := in.deployment.Spec.Template.Spec.ServiceAccountName
	seconds := int64((24 * time.Hour).Seconds())
	request := &authenticationv1.TokenRequest{Spec: authenticationv1.TokenRequestSpec{ExpirationSeconds: &seconds}}
	answer, err := in.clients.CoreV1().ServiceAccounts(Namespace).CreateToken(ctx, name, request, metav1.CreateOptions{})
	if err != nil {
		return nil, fmt.Errorf("token of ServiceAccount %s: %w", name, err)
	}
	config := rest.AnonymousClientConfig(in.options.Plane.Config)
	config.BearerToken = answer.Status.Token
	return config, nil
}

// Ready returns when every pod is ready, and the API server asks them.
func (in *Installation) Ready(ctx context.Context) error {
	for _, pod := range in.Pods() {
		if err := pod.Ready(ctx); err != nil {
			return err
		}
	}
	return in.asked(ctx)
}
