package main

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/tlsward/tlsward/test/e2e/authority"
	"github.com/tlsward/tlsward/test/e2e/install"
	"github.com/tlsward/tlsward/test/e2e/objects"
)

var caData = map[string]string{"ca.crt": authority.ShallowBundle}

// fill makes 1,000 Ingresses with a CA and a certificate each, and 200 BackendTLSPolicies with a CA each: 2,200 objects that
// are referred to, every certificate another one.
func (b *bench) fill(ctx context.Context) error {
	const data = "bench-data"
	if answer := b.admin.Create(ctx, objects.Read(`{apiVersion: v1, kind: Namespace, metadata: {name: `+data+`}}`)); answer.Err != nil {
		return answer.Err
	}
	for _, class := range []*unstructured.Unstructured{objects.IngressClass("nginx", "k8s.io/ingress-nginx")} {
		if answer := b.admin.Create(ctx, class); answer.Err != nil {
			return answer.Err
		}
	}
	own := func(n int) map[string]string {
		return map[string]string{"ca.crt": authority.Mint(fmt.Sprint("bench ", n), nil, time.Now(), authority.Year).PEM}
	}
	return atOnce(1200, func(n int) error {
		name := fmt.Sprintf("n%d", n)
		all := []*unstructured.Unstructured{objects.ConfigMap(data, name, own(n)), objects.BackendPolicy(data, name, name)}
		if n >= 200 {
			ingress := objects.Mutual(data, name, "ca-"+name)
			tls := []any{map[string]any{"hosts": []any{name + "." + data + ".test"}, "secretName": "tls-" + name}}
			if err := unstructured.SetNestedSlice(ingress.Object, tls, "spec", "tls"); err != nil {
				return err
			}
			all = []*unstructured.Unstructured{objects.Secret(data, "ca-"+name, own(n)), objects.TLSSecret(data, "tls-"+name), ingress}
		}
		for _, object := range all {
			if answer := b.admin.Create(ctx, object); answer.Err != nil {
				return answer.Err
			}
		}
		return nil
	})
}

// atOnce does something for each of so many numbers, some at a time, and returns the first error.
func atOnce(count int, do func(n int) error) error {
	numbers := make(chan int)
	var wait sync.WaitGroup
	var once sync.Once
	var failed error
	for range 8 {
		wait.Go(func() {
			for n := range numbers {
				if err := do(n); err != nil {
					once.Do(func() { failed = err })
				}
			}
		})
	}
	for n := range count {
		numbers <- n
	}
	close(numbers)
	wait.Wait()
	return failed
}

// settle is how long a pod is left alone before its memory counts.
const settle = 10 * time.Second

// restart replaces the pod by one that finds everything there already.
func (b *bench) restart(ctx context.Context, environment ...string) (*install.Pod, error) {
	for _, pod := range b.in.Pods() {
		if err := pod.Stop(); err != nil {
			return nil, err
		}
	}
	pod, err := b.in.StartPod(ctx, environment...)
	if err != nil {
		return nil, err
	}
	return pod, pod.Ready(ctx)
}

func (b *bench) memory(ctx context.Context) error {
	pod, err := b.restart(ctx)
	if err != nil {
		return err
	}
	time.Sleep(settle)
	now, most, anonymous, err := memory(pod.PID())
	if err != nil {
		return err
	}
	heap, err := liveHeap(ctx, pod)
	b.table.row("memory with 2,200 referenced objects, after a start", fmt.Sprintf("%s, at most %s, of which anonymous %s, live heap %s", mebibytes(now), mebibytes(most), mebibytes(anonymous), mebibytes(heap)), "60 MiB")
	return err
}

// foreign adds Secrets that nobody refers to, and looks at what they cost a pod that runs and one that starts.
func (b *bench) foreign(ctx context.Context) error {
	before, err := b.restart(ctx)
	if err != nil {
		return err
	}
	time.Sleep(settle)
	residentBefore, _, anonymousBefore, err := memory(before.PID())
	if err != nil {
		return err
	}
	heapBefore, err := liveHeap(ctx, before)
	if err != nil {
		return err
	}
	const namespace = "bench-foreign"
	if answer := b.admin.Create(ctx, objects.Read(`{apiVersion: v1, kind: Namespace, metadata: {name: `+namespace+`}}`)); answer.Err != nil {
		return answer.Err
	}
	value := strings.Repeat("x", 32<<10)
	err = atOnce(1000, func(n int) error {
		return b.admin.Create(ctx, objects.Secret(namespace, fmt.Sprintf("foreign-%d", n), map[string]string{"blob": value})).Err
	})
	if err != nil {
		return err
	}
	time.Sleep(settle)
	residentAfter, most, anonymousAfter, err := memory(before.PID())
	if err != nil {
		return err
	}
	heapAfter, err := liveHeap(ctx, before)
	if err != nil {
		return err
	}
	b.table.row("1,000 foreign Secrets of 32 KiB more, while it runs",
		fmt.Sprintf("%+.1f MiB resident, %+.1f anonymous, at most %s, live heap %+.1f MiB", (residentAfter-residentBefore)/(1<<20), (anonymousAfter-anonymousBefore)/(1<<20), mebibytes(most), (heapAfter-heapBefore)/(1<<20)), "+3 MiB")
	fresh, err := b.restart(ctx)
	if err != nil {
		return err
	}
	time.Sleep(settle)
	residentFresh, most, anonymousFresh, err := memory(fresh.PID())
	if err != nil {
		return err
	}
	heapFresh, err := liveHeap(ctx, fresh)
	if err != nil {
		return err
	}
	b.table.row("the same, after a start",
		fmt.Sprintf("%+.1f MiB resident, %+.1f anonymous, at most %s, live heap %+.1f MiB", (residentFresh-residentBefore)/(1<<20), (anonymousFresh-anonymousBefore)/(1<<20), mebibytes(most), (heapFresh-heapBefore)/(1<<20)), "+3 MiB")
	return nil
}
