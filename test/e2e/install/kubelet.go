package install

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/apimachinery/pkg/watch"
)

// kubelet keeps the volumes of the pods as their ConfigMaps and Secrets are.
type kubelet struct {
	in     *Installation
	cancel context.CancelFunc
	wait   sync.WaitGroup

	mu         sync.Mutex // also held while a volume is written
	configMaps map[string]map[string][]byte
	secrets    map[string]map[string][]byte
}

func startKubelet(in *Installation) *kubelet {
	ctx, cancel := context.WithCancel(context.Background())
	k := &kubelet{in: in, cancel: cancel, configMaps: map[string]map[string][]byte{}, secrets: map[string]map[string][]byte{}}
	core := in.clients.CoreV1()
	k.wait.Go(func() { k.follow(ctx, core.ConfigMaps(Namespace).Watch) })
	k.wait.Go(func() { k.follow(ctx, core.Secrets(Namespace).Watch) })
	return k
}

func (k *kubelet) stop() {
	k.cancel()
	k.wait.Wait()
}

// follow watches until the kubelet stops. Without a version a watch begins with everything there is, so that one that was
// interrupted, as by an API server that restarts, misses nothing but deletions, and nothing here is deleted before its pods.
func (k *kubelet) follow(ctx context.Context, begin func(context.Context, metav1.ListOptions) (watch.Interface, error)) {
	for ctx.Err() == nil {
		stream, err := begin(ctx, metav1.ListOptions{})
		if err != nil {
			time.Sleep(100 * time.Millisecond)
			continue
		}
		for event := range stream.ResultChan() {
			if event.Type == watch.Added || event.Type == watch.Modified || event.Type == watch.Deleted {
				k.learn(event.Object, event.Type == watch.Deleted)
			}
		}
		stream.Stop()
	}
}

// learn takes note of an object, and has all volumes follow after the delay that a kubelet has.
func (k *kubelet) learn(object runtime.Object, deleted bool) {
	time.AfterFunc(k.in.options.MountDelay, func() {
		k.mu.Lock()
		switch o := object.(type) {
		case *corev1.ConfigMap:
			keep(k.configMaps, o.Name, configMapData(o), deleted)
		case *corev1.Secret:
			keep(k.secrets, o.Name, o.Data, deleted)
		}
		k.mu.Unlock()
		for _, pod := range k.in.Pods() {
			if _, err := k.mount(pod); err != nil {
				pod.note("kubelet: " + err.Error())
			}
		}
	})
}

func keep(all map[string]map[string][]byte, name string, data map[string][]byte, deleted bool) {
	if deleted {
		delete(all, name)
	} else {
		all[name] = data
	}
}

func configMapData(configMap *corev1.ConfigMap) map[string][]byte {
	data := map[string][]byte{}
	for key, value := range configMap.Data {
		data[key] = []byte(value)
	}
	for key, value := range configMap.BinaryData {
		data[key] = value
	}
	return data
}

// mountTimeout is how long a pod waits for what its volumes are made of: seconds, in a test.
const mountTimeout = 30 * time.Second

// mountAll waits until every volume of a new pod can be mounted, as kubelet does before it starts a container.
func (k *kubelet) mountAll(ctx context.Context, pod *Pod) error {
	var last error
	err := wait.PollUntilContextTimeout(ctx, 20*time.Millisecond, mountTimeout, true, func(context.Context) (bool, error) {
		var mounted bool
		mounted, last = k.mount(pod)
		return mounted, nil
	})
	if err != nil {
		return fmt.Errorf("its volumes cannot be mounted: %w", errors.Join(err, last))
	}
	return nil
}

// mount mounts the volumes of a pod as far as they can be; mounted is false if one can not.
func (k *kubelet) mount(pod *Pod) (mounted bool, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	mounted = true
	volumes := k.in.deployment.Spec.Template.Spec.Volumes
	for i := range volumes {
		files, ok, err := project(&volumes[i], k)
		if err != nil {
			return false, err
		}
		if !ok {
			mounted = false
			continue // a volume that was mounted stays as it is
		}
		if err := mount(pod.volume(volumes[i].Name), files); err != nil {
			return false, err
		}
	}
	return mounted, nil
}

func (k *kubelet) configMap(name string) (map[string][]byte, bool) {
	data, there := k.configMaps[name]
	return data, there
}

func (k *kubelet) secret(name string) (map[string][]byte, bool) {
	data, there := k.secrets[name]
	return data, there
}

func (p *Pod) volume(name string) string { return filepath.Join(p.folder, "volumes", name) }
