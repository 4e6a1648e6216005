// Package e2e tests tlsward as it runs in a cluster: a real API server, the chart as Helm renders it, the built binary as
// a process. Each file is one promise of docs/install.md and house rules; README.md says how to run one alone.
package e2e

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/go-logr/logr"
	"k8s.io/klog/v2"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/tlsward/tlsward/test/e2e/controlplane"
	"github.com/tlsward/tlsward/test/e2e/install"
	"github.com/tlsward/tlsward/test/e2e/objects"
	"github.com/tlsward/tlsward/test/e2e/repository"
	"github.com/tlsward/tlsward/test/e2e/requester"
)

// One control plane for all tests of the package: it takes seconds and half a gigabyte.
var (
	plane  *controlplane.Plane
	binary string
	folder string
	// admin is who asks; back goes past every webhook, and makes what was there before.
	admin, back *requester.Requester
)

func TestMain(m *testing.M) {
	flag.Parse()
	// What matters is returned.
	log.SetLogger(logr.Discard())
	klog.SetLogger(logr.Discard())
	os.Exit(run(m))
}

func run(m *testing.M) (code int) {
	var err error
	if folder, err = os.MkdirTemp("", "tlsward-e2e-"); err != nil {
		return fail(err)
	}
	defer func() {
		if code == 0 {
			_ = os.RemoveAll(folder) // it is in the system's own folder for such things
		} else {
			fmt.Fprintln(os.Stderr, "logs are in", folder)
		}
	}()
	ctx := context.Background()
	if binary, err = repository.Build(ctx, folder); err != nil {
		return fail(err)
	}
	plane, err = controlplane.Start(ctx, controlplane.Options{
		Folder: folder, Gateways: controlplane.Newest, CertManager: true, BackDoor: true,
	})
	if err != nil {
		return fail(err)
	}
	defer func() {
		if err := plane.Stop(); err != nil {
			code = fail(err)
		}
	}()
	if admin, err = requester.New(plane.Config); err != nil {
		return fail(err)
	}
	if back, err = requester.New(plane.BackDoor()); err != nil {
		return fail(err)
	}
	return m.Run()
}

func fail(err error) int {
	fmt.Fprintln(os.Stderr, "e2e:", err)
	return 1
}

// setup is what a test installs; the zero value is one replica in enforce mode, with the chart's defaults for the rest.
type setup struct {
	// config is the text of .tlsward.yaml; apiVersion and kind may be left out.
	config string
	// values are further ones of the chart.
	values map[string]any
	// arguments come after the chart's.
	arguments []string
	// now is the clock of the binary; zero is the machine's.
	now time.Time
	// mountDelay is that of install.Options.
	mountDelay time.Duration
}

// configHeader is what every config begins with.
const configHeader = "apiVersion: tlsward.dev/v1\nkind: Config\n"

func whole(config string) string {
	if strings.Contains(config, "kind: Config") {
		return config
	}
	return configHeader + config
}

func (s setup) chartValues() map[string]any {
	values := map[string]any{"config": whole(s.config), "replicas": 1, "drainDelaySeconds": 1}
	maps.Copy(values, s.values)
	return values
}

// installTimeout is for a machine that does other things beside.
const installTimeout = time.Minute

// deploy installs the chart for the length of a test, in a cluster without anything of other tests.
func deploy(t *testing.T, s setup) *install.Installation {
	t.Helper()
	wipe(t)
	ctx, cancel := context.WithTimeout(t.Context(), installTimeout)
	defer cancel()
	in := deployUnready(t, s)
	if err := in.Ready(ctx); err != nil {
		t.Fatal(err)
	}
	return in
}

// deployUnready is deploy of something that may never become ready.
func deployUnready(t *testing.T, s setup) *install.Installation {
	t.Helper()
	own, err := os.MkdirTemp(folder, "install-")
	if err != nil {
		t.Fatal(err)
	}
	arguments := s.arguments
	if !s.now.IsZero() {
		arguments = append(arguments, "--now="+s.now.Format(time.RFC3339))
	}
	in, err := install.Install(t.Context(), install.Options{
		Plane: plane, Values: s.chartValues(), Binary: binary, Folder: own, Arguments: arguments, MountDelay: s.mountDelay,
	})
	t.Cleanup(func() { remove(t, in) })
	if err != nil {
		t.Fatal(err)
	}
	return in
}

// remove uninstalls, and returns when the API server has forgotten the webhooks.
func remove(t *testing.T, in *install.Installation) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), installTimeout)
	defer cancel()
	pods := in.Pods()
	if err := in.Uninstall(ctx); err != nil {
		t.Error(err)
	}
	for calm := 0; calm < 5; time.Sleep(20 * time.Millisecond) {
		if answer := admin.Create(ctx, objects.Ingress("default", "tlsward-forgotten"), dryRun); answer.Unanswered() {
			calm = 0
		} else {
			calm++
		}
		if ctx.Err() != nil {
			t.Fatal("the API server still asks the webhooks of a chart that was uninstalled")
		}
	}
	if t.Failed() {
		for _, pod := range pods {
			t.Logf("log of %s: %s", pod.Name, pod.LogFile())
		}
	}
}
