package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/tlsward/tlsward/test/e2e/authority"
	"github.com/tlsward/tlsward/test/e2e/controlplane"
	"github.com/tlsward/tlsward/test/e2e/install"
	"github.com/tlsward/tlsward/test/e2e/objects"
)

// Of the objects of a large cluster most are Secrets and Services that are only referred to, or not even that; audit/large_test.go has
// the same, without an API server.
const (
	secretsEach   = 120
	servicesEach  = 40
	ingressesEach = 40
	objectsEach   = secretsEach + servicesEach + ingressesEach
)

// audited is the chart of a replica that audits; nothing is admitted by it.
var audited = map[string]any{
	"config":   map[string]any{"apiVersion": "tlsward.dev/v1", "kind": "Config", "admission": map[string]any{"mode": "off"}},
	"replicas": 1, "drainDelaySeconds": 1, "audit": map[string]any{"enabled": true},
}

// large measures an audit of a cluster of so many objects, and then, if asked for, for so long while it changes all the time.
func (o options) large(ctx context.Context) (err error) {
	b := &bench{options: o, table: &table{}}
	if b.folder, err = os.MkdirTemp("", "tlsward-bench-"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.stop(), os.RemoveAll(b.folder)) }()
	if err := b.boot(ctx); err != nil {
		return err
	}
	if err := b.plane.InstallPolicyReports(ctx); err != nil {
		return err
	}
	began := time.Now()
	namespaces := o.objects / objectsEach
	if err := b.crowd(ctx, namespaces); err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "%d objects: %s\n", namespaces*objectsEach, time.Since(began).Round(time.Second))
	if err := b.install(ctx, audited); err != nil {
		return err
	}
	pod, err := b.begin(ctx, namespaces)
	if err != nil {
		return err
	}
	if err := b.idle(ctx, pod); err != nil {
		return err
	}
	if err := b.oneChange(ctx, pod); err != nil {
		return err
	}
	if o.soak > 0 {
		if err := b.churn(ctx, pod, namespaces); err != nil {
			return err
		}
	}
	fmt.Print(b.table)
	return nil
}

// crowd makes the objects: Ingresses with mTLS, a CA and a Service for each, and Secrets that nobody refers to.
func (b *bench) crowd(ctx context.Context, namespaces int) error {
	if answer := b.admin.Create(ctx, objects.IngressClass("nginx", "k8s.io/ingress-nginx")); answer.Err != nil {
		return answer.Err
	}
	for range 50 {
		b.authorities = append(b.authorities, authority.Mint(fmt.Sprint("large ", len(b.authorities)), nil, time.Now(), authority.Year).PEM)
	}
	return atOnce(namespaces, func(n int) error {
		name := fmt.Sprint("team-", n)
		all := objects.ReadAll(`{apiVersion: v1, kind: Namespace, metadata: {name: ` + name + `}}`)
		for i := range secretsEach {
			if i < ingressesEach {
				all = append(all, b.ca(name, i, n))
			} else {
				all = append(all, objects.Secret(name, fmt.Sprint("other-", i), map[string]string{"password": "not-a-certificate"}))
			}
		}
		for i := range servicesEach {
			all = append(all, objects.Read(fmt.Sprintf(
				"{apiVersion: v1, kind: Service, metadata: {name: api-%d, namespace: %s}, spec: {clusterIP: None, ports: [{port: 8080}], selector: {app: api}}}", i, name)))
		}
		for i := range ingressesEach {
			all = append(all, b.ingress(name, i))
		}
		for _, object := range all {
			if answer := b.admin.Create(ctx, object); answer.Err != nil {
				return answer.Err
			}
		}
		return nil
	})
}

func (b *bench) ca(namespace string, i, which int) *unstructured.Unstructured {
	return objects.Secret(namespace, fmt.Sprint("ca-", i), map[string]string{"ca.crt": b.authorities[which%len(b.authorities)]})
}

func (b *bench) ingress(namespace string, i int) *unstructured.Unstructured {
	return objects.Mutual(namespace, fmt.Sprint("web-", i), fmt.Sprint("ca-", i))
}

// begin starts a replica beside all the objects, and measures how long it takes until it is ready and has judged them all.
func (b *bench) begin(ctx context.Context, namespaces int) (*install.Pod, error) {
	for _, pod := range b.in.Pods() {
		if err := pod.Stop(); err != nil {
			return nil, err
		}
	}
	began := time.Now()
	pod, err := b.in.StartPod(ctx)
	if err != nil {
		return nil, err
	}
	if err := pod.Ready(ctx); err != nil {
		return nil, err
	}
	b.table.row("ready after", fmt.Sprintf("%.1f s", time.Since(began).Seconds()), "10 s")
	want := float64(namespaces * (servicesEach + ingressesEach))
	if _, err := b.until(ctx, pod, func(m install.Metrics) bool {
		return m.Sum("tlsward_audit_objects", nil) >= want && m.Sum("tlsward_audit_queue", nil) == 0
	}); err != nil {
		return nil, err
	}
	used, err := cpuTime(pod.PID())
	b.table.row(fmt.Sprintf("%.0f objects judged after", want), fmt.Sprintf("%.1f s, CPU %.1f s", time.Since(began).Seconds(), used.Seconds()), "")
	return pod, err
}

// until waits for what the metrics of a pod are to say.
func (b *bench) until(ctx context.Context, pod *install.Pod, says func(install.Metrics) bool) (install.Metrics, error) {
	ctx, stop := context.WithTimeout(ctx, 10*time.Minute)
	defer stop()
	for {
		// A replica that has just started does not offer them yet, and a busy one is slow with ten thousand series.
		metrics, err := pod.Metrics(ctx)
		if err == nil && says(metrics) {
			return metrics, nil
		}
		select {
		case <-ctx.Done():
			return nil, errors.Join(ctx.Err(), err)
		case <-time.After(250 * time.Millisecond):
		}
	}
}

// anything waits for metrics, whatever they say.
func anything(install.Metrics) bool { return true }

// idle measures what a replica keeps and does when nothing happens, and when Prometheus asks twice a minute.
func (b *bench) idle(ctx context.Context, pod *install.Pod) error {
	time.Sleep(time.Minute)
	const times, every = 4, 30 * time.Second
	scrape := func() error {
		_, err := b.until(ctx, pod, anything)
		return err
	}
	for _, test := range []struct {
		what string
		do   func() error
	}{
		{"CPU when nothing happens", func() error { return nil }},
		{"CPU when Prometheus asks twice a minute", scrape},
	} {
		cpu, err := used(pod.PID(), func() error {
			for range times {
				if err := test.do(); err != nil {
					return err
				}
				time.Sleep(every)
			}
			return nil
		})
		if err != nil {
			return err
		}
		const long = times * every
		b.table.row(test.what, fmt.Sprintf("%s a second", milliseconds(cpu/time.Duration(long.Seconds()))), "")
	}
	now, most, anonymous, err := memory(pod.PID())
	b.table.row("memory", fmt.Sprintf("%s, of which anonymous %s; at most %s", mebibytes(now), mebibytes(anonymous), mebibytes(most)), "300 MiB")
	return err
}

// oneChange takes a CA away and brings it back.
func (b *bench) oneChange(ctx context.Context, pod *install.Pod) error {
	const namespace, i = "team-7", 7
	for _, change := range []struct {
		what string
		do   func() error
		is   bool
	}{
		{"a CA is deleted", func() error { return b.admin.Delete(ctx, b.ca(namespace, i, 7)) }, true},
		{"it is there again", func() error { return b.admin.Create(ctx, b.ca(namespace, i, 7)).Err }, false},
		{"a Secret is deleted to which nobody refers", func() error {
			return b.admin.Delete(ctx, objects.Secret(namespace, "other-50", nil))
		}, false},
	} {
		before, err := b.until(ctx, pod, anything)
		if err != nil {
			return err
		}
		began := time.Now()
		cpu, err := used(pod.PID(), func() error {
			if err := change.do(); err != nil {
				return err
			}
			for told := !change.is; told != change.is; {
				fails, err := b.fails(ctx, namespace)
				if err != nil {
					return err
				}
				told = len(fails) > 0
			}
			return nil
		})
		if err != nil {
			return err
		}
		shown := time.Since(began)
		time.Sleep(5 * time.Second)
		after, err := b.until(ctx, pod, anything)
		if err != nil {
			return err
		}
		const reviews = "tlsward_audit_reviews_total"
		b.table.row(change.what, fmt.Sprintf("%.0f reviews, in the report after %.2f s, CPU %s", after.Sum(reviews, nil)-before.Sum(reviews, nil), shown.Seconds(), milliseconds(cpu)), "")
	}
	return nil
}

// fails lists what the reports in a namespace or, with "", in all call failed.
func (b *bench) fails(ctx context.Context, namespace string) ([]string, error) {
	list := &unstructured.UnstructuredList{}
	list.SetGroupVersionKind(schema.GroupVersionKind{Group: controlplane.PolicyReports, Version: "v1alpha2", Kind: "PolicyReportList"})
	if err := b.admin.List(ctx, list, client.InNamespace(namespace)); err != nil {
		return nil, err
	}
	var reports []*unstructured.Unstructured
	for i := range list.Items {
		reports = append(reports, &list.Items[i])
	}
	return failed(reports)
}

func failed(reports []*unstructured.Unstructured) (lines []string, err error) {
	for _, report := range reports {
		results, _, err := unstructured.NestedSlice(report.Object, "results")
		if err != nil {
			return nil, err
		}
		for _, element := range results {
			result := element.(map[string]any)
			about := result["resources"].([]any)[0].(map[string]any)
			if result["result"] == "fail" {
				lines = append(lines, fmt.Sprint(about["namespace"], " ", result["policy"], " ", about["kind"], "/", about["name"]))
			}
		}
	}
	slices.Sort(lines)
	return lines, nil
}

// churn changes CAs, Ingresses and what Secrets hold, some changes a second, looks at the memory, and in the end compares the reports with those
// of a replica that starts from scratch.
func (b *bench) churn(ctx context.Context, pod *install.Pod, namespaces int) error {
	random := rand.New(rand.NewPCG(7, 11))
	began, changes := time.Now(), 0
	samples := []string{}
	next := began
	for time.Since(began) < b.soak {
		if time.Now().After(next) {
			now, _, anonymous, err := memory(pod.PID())
			if err != nil {
				return err
			}
			samples = append(samples, fmt.Sprintf("%.0f/%.0f", now/(1<<20), anonymous/(1<<20)))
			next = next.Add(b.soak / 8)
		}
		namespace, i := fmt.Sprint("team-", random.IntN(namespaces)), random.IntN(ingressesEach)
		var err error
		switch random.IntN(5) {
		case 0:
			err = b.admin.Delete(ctx, b.ca(namespace, i, 0))
		case 1, 2:
			err = b.put(ctx, b.ca(namespace, i, random.IntN(len(b.authorities))))
		case 3:
			err = b.admin.Delete(ctx, b.ingress(namespace, i))
		default:
			err = b.put(ctx, b.ingress(namespace, i))
		}
		if err != nil && !apierrors.IsNotFound(err) && !apierrors.IsConflict(err) {
			return err
		}
		changes++
		time.Sleep(100 * time.Millisecond)
	}
	quiet := func(m install.Metrics) bool { return m.Sum("tlsward_audit_queue", nil) == 0 }
	time.Sleep(10 * time.Second)
	metrics, err := b.until(ctx, pod, quiet)
	if err != nil {
		return err
	}
	drifted, err := b.fails(ctx, "")
	if err != nil {
		return err
	}
	cpu, err := cpuTime(pod.PID())
	if err != nil {
		return err
	}
	for _, pod := range b.in.Pods() {
		if err := pod.Stop(); err != nil {
			return err
		}
	}
	scratch, err := b.scratch(ctx)
	if err != nil {
		return err
	}
	b.table.row(fmt.Sprintf("%d changes in %s", changes, b.soak),
		fmt.Sprintf("memory/anonymous, in MiB: %s; %.0f reviews in all, CPU %.0f s in all", strings.Join(samples, ", "), metrics.Sum("tlsward_audit_reviews_total", nil), cpu.Seconds()), "flat")
	verdict := "the same"
	if !slices.Equal(drifted, scratch) {
		verdict = fmt.Sprintf("%d", len(scratch))
	}
	b.table.row(fmt.Sprintf("%d failures in reports; from scratch", len(drifted)), verdict, "the same")
	return nil
}

// put replaces an object, or creates it.
func (b *bench) put(ctx context.Context, object *unstructured.Unstructured) error {
	return b.admin.Apply(ctx, object, "bench", client.ForceOwnership).Err
}

// scratch is what `tlsward audit --cluster` calls failed.
func (b *bench) scratch(ctx context.Context) ([]string, error) {
	kubeconfig, written := filepath.Join(b.folder, "kubeconfig"), filepath.Join(b.folder, "reports.yaml")
	if err := controlplane.WriteKubeconfig(kubeconfig, b.plane.Config, "default"); err != nil {
		return nil, err
	}
	command := exec.CommandContext(ctx, b.binary, "audit", "--cluster", "--kubeconfig", kubeconfig, "--output", "policyreport="+written)
	command.Dir = b.folder // where no config is
	var exit *exec.ExitError
	if text, err := command.CombinedOutput(); err != nil && (!errors.As(err, &exit) || exit.ExitCode() != 1) {
		return nil, fmt.Errorf("%s: %w\n%s", command, err, text)
	}
	text, err := os.ReadFile(written)
	if err != nil {
		return nil, err
	}
	reports, err := objects.Parse(text)
	if err != nil {
		return nil, err
	}
	return failed(reports)
}
