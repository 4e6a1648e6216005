// Command bench measures what tlsward costs a cluster: an API server with it, without it, and with a webhook that does
// nothing, side by side; and the binary by itself. It prints a table with the budgets of docs/performance.md. Speed never
// fails it, since a busy machine is no defect. It reads /proc, so that it runs on Linux only.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/go-logr/logr"
	"k8s.io/klog/v2"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/tlsward/tlsward/test/e2e/controlplane"
	"github.com/tlsward/tlsward/test/e2e/install"
	"github.com/tlsward/tlsward/test/e2e/repository"
	"github.com/tlsward/tlsward/test/e2e/requester"
)

func main() {
	var o options
	flag.IntVar(&o.writes, "n", 1000, "writes of each kind")
	flag.IntVar(&o.reviews, "reviews", 5000, "reviews that CPU is measured over")
	flag.StringVar(&o.profile, "cpuprofile", "", "write a CPU profile of reviews of an Ingress with mTLS to this file")
	flag.IntVar(&o.objects, "objects", 0, "instead of all that, measure an audit of a cluster of so many objects, 200 to a namespace")
	flag.DurationVar(&o.soak, "soak", 0, "with -objects: go on for so long while they change")
	nothing := flag.String("nothing", "", "be the webhook that does nothing, with the files of this folder; bench starts it")
	flag.Parse()
	log.SetLogger(logr.Discard())
	klog.SetLogger(logr.Discard())
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := func() error {
		if *nothing != "" {
			return doNothing(*nothing)
		}
		if o.objects > 0 {
			return o.large(ctx)
		}
		return o.run(ctx)
	}()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

type options struct {
	writes, reviews int
	profile         string
	objects         int
	soak            time.Duration
}

// bench is what is measured with.
type bench struct {
	options
	folder string
	plane  *controlplane.Plane
	admin  *requester.Requester
	in     *install.Installation
	table  *table
	// binary is the tlsward that was built.
	binary string
	// authorities are the CAs of a large cluster.
	authorities []string
	// nothing is the webhook that does nothing, once it was started.
	nothing *nothing
}

func (o options) run(ctx context.Context) (err error) {
	b := &bench{options: o, table: &table{}}
	if b.folder, err = os.MkdirTemp("", "tlsward-bench-"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(b.folder)) }()
	if err := b.start(ctx); err != nil {
		return errors.Join(err, b.stop())
	}
	defer func() { err = errors.Join(err, b.stop()) }()
	steps := []struct {
		name string
		run  func(context.Context) error
	}{
		{"2,200 referenced objects", b.fill},
		{"memory", b.memory},
		{"latency", b.latency},
		{"CPU", b.cpu},
		{"one core", b.throughput},
		{"1,000 foreign Secrets", b.foreign},
	}
	for _, step := range steps {
		began := time.Now()
		if err := step.run(ctx); err != nil {
			return fmt.Errorf("%s: %w", step.name, err)
		}
		fmt.Fprintf(os.Stderr, "%s: %s\n", step.name, time.Since(began).Round(time.Second))
	}
	fmt.Print(b.table)
	return nil
}

// chart is what is installed: one replica, in enforce mode.
var chart = map[string]any{
	"config":   map[string]any{"apiVersion": "tlsward.dev/v1", "kind": "Config", "admission": map[string]any{"mode": "enforce", "liveReads": 1000}},
	"replicas": 1, "drainDelaySeconds": 1,
}

func (b *bench) start(ctx context.Context) error {
	if err := b.boot(ctx); err != nil {
		return err
	}
	return b.install(ctx, chart)
}

// boot starts an API server.
func (b *bench) boot(ctx context.Context) (err error) {
	if b.binary, err = repository.Build(ctx, b.folder); err != nil {
		return err
	}
	if b.plane, err = controlplane.Start(ctx, controlplane.Options{Folder: b.folder, Gateways: controlplane.Newest, CertManager: true}); err != nil {
		return err
	}
	b.admin, err = requester.New(b.plane.Config)
	return err
}

// install installs the chart.
func (b *bench) install(ctx context.Context, values map[string]any) (err error) {
	pods := filepath.Join(b.folder, "pods")
	if err := os.Mkdir(pods, 0o755); err != nil {
		return err
	}
	b.in, err = install.Install(ctx, install.Options{
		Plane: b.plane, Binary: b.binary, Folder: pods, Values: values, Arguments: []string{"--pprof-address=" + pprofAddress},
	})
	if err != nil {
		return err
	}
	return b.in.Ready(ctx)
}

func (b *bench) stop() error {
	var errs []error
	if b.nothing != nil {
		b.nothing.stop()
	}
	if b.in != nil {
		errs = append(errs, b.in.Stop())
	}
	if b.plane != nil {
		errs = append(errs, b.plane.Stop())
	}
	return errors.Join(errs...)
}
