package controlplane

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/dynamic"
	"sigs.k8s.io/controller-runtime/pkg/envtest"

	"github.com/tlsward/tlsward/test/e2e/repository"
)

// Gateways is one of the sets of CRDs that Gateway API publishes.
type Gateways struct {
	Release string // "1.6"
	Channel string // standard or experimental
}

func (g Gateways) String() string { return g.Release + " " + g.Channel }

// Releases are Gateway API's that tests know, each a module of crds/go.mod.
var Releases = []string{"1.3", "1.5", "1.6"}

// Newest is what clusters are heading for, with all kinds that there are.
var Newest = Gateways{"1.6", "experimental"}

const (
	certManagerModule  = "github.com/cert-manager/cert-manager"
	envoyGatewayModule = "github.com/envoyproxy/gateway"
	kyvernoModule      = "github.com/kyverno/kyverno"
	openReportsModule  = "github.com/openreports/reports-api"
)

// InstallGateways installs CRDs; of the zero value, none.
func (p *Plane) InstallGateways(ctx context.Context, g Gateways) error {
	if g == (Gateways{}) {
		return nil
	}
	folder, err := g.folder(ctx)
	if err != nil {
		return err
	}
	return p.installCRDs(folder)
}

// UninstallGateways removes Gateway API's CRDs, of whatever set, and with them all objects of their kinds.
func (p *Plane) UninstallGateways(ctx context.Context) error {
	return p.RemoveCRDs(ctx, "gateway.networking.k8s.io", "gateway.networking.x-k8s.io")
}

// RemoveCRDs removes the CRDs of some groups, and returns when they are gone.
func (p *Plane) RemoveCRDs(ctx context.Context, groups ...string) error {
	client, err := dynamic.NewForConfig(p.Config)
	if err != nil {
		return err
	}
	crds := client.Resource(schema.GroupVersionResource{Group: "apiextensions.k8s.io", Version: "v1", Resource: "customresourcedefinitions"})
	var stuck []string
	err = wait.PollUntilContextTimeout(ctx, 50*time.Millisecond, startTimeout, true, func(ctx context.Context) (bool, error) {
		list, err := crds.List(ctx, metav1.ListOptions{})
		if err != nil {
			return false, err
		}
		stuck = nil
		for i := range list.Items {
			crd := &list.Items[i]
			group, _, err := unstructured.NestedString(crd.Object, "spec", "group")
			if err != nil {
				return false, err
			}
			if !slices.Contains(groups, group) {
				continue
			}
			conditions, _, _ := unstructured.NestedSlice(crd.Object, "status", "conditions") // for the message only
			stuck = append(stuck, fmt.Sprint(crd.GetName(), " ", conditions))
			if crd.GetDeletionTimestamp() != nil {
				if err := remind(ctx, crds, crd); err != nil && !apierrors.IsNotFound(err) {
					return false, err
				}
				continue
			}
			if err := crds.Delete(ctx, crd.GetName(), metav1.DeleteOptions{}); err != nil && !apierrors.IsNotFound(err) {
				return false, err
			}
		}
		return len(stuck) == 0, nil
	})
	if err != nil {
		return fmt.Errorf("CRDs of %v: %w; left: %v", groups, err, stuck)
	}
	return nil
}

// remind has the API servers look again at a CRD whose deletion takes long. Both of them finalize it; where their updates of
// its status meet, each takes the conflict for news of which it will hear, and then leaves out what concerns the condition
// Terminating alone (apiextensions-apiserver, pkg/controller/finalizer/crd_finalizer.go): they would wait for a resync.
func remind(ctx context.Context, crds dynamic.ResourceInterface, crd *unstructured.Unstructured) error {
	const patience = 2 * time.Second
	if time.Since(crd.GetDeletionTimestamp().Time) < patience {
		return nil
	}
	// The same within the span, and then no change at all.
	now := time.Now().Truncate(patience).Format(time.RFC3339)
	patch := fmt.Sprintf(`{"metadata":{"annotations":{"e2e.tlsward.dev/reminded":%q}}}`, now)
	_, err := crds.Patch(ctx, crd.GetName(), types.MergePatchType, []byte(patch), metav1.PatchOptions{})
	return err
}

// InstallCertManager installs cert-manager's CRDs, and nobody who acts on them.
func (p *Plane) InstallCertManager(ctx context.Context) error {
	module, err := moduleFolder(ctx, certManagerModule)
	if err != nil {
		return err
	}
	return p.installCRDs(filepath.Join(module, "deploy", "crds"))
}

// InstallEnvoyGateway installs Envoy Gateway's CRDs, and nobody who acts on them.
func (p *Plane) InstallEnvoyGateway(ctx context.Context) error {
	module, err := moduleFolder(ctx, envoyGatewayModule)
	if err != nil {
		return err
	}
	return p.installCRDs(filepath.Join(module, "charts", "gateway-helm", "charts", "crds", "crds", "generated"))
}

// PolicyReports and OpenReports are the groups of the reports that InstallPolicyReports and InstallOpenReports install.
const (
	PolicyReports = "wgpolicyk8s.io"
	OpenReports   = "openreports.io"
)

// InstallPolicyReports installs the CRDs of PolicyReports, which nobody acts on.
func (p *Plane) InstallPolicyReports(ctx context.Context) error {
	module, err := moduleFolder(ctx, kyvernoModule)
	if err != nil {
		return err
	}
	return p.installCRDs(filepath.Join(module, "config", "crds", "policyreport"))
}

// InstallOpenReports installs the CRDs of what follows PolicyReports.
func (p *Plane) InstallOpenReports(ctx context.Context) error {
	module, err := moduleFolder(ctx, openReportsModule)
	if err != nil {
		return err
	}
	return p.installCRDs(filepath.Join(module, "config", "crd"))
}

// Examples are the folders in which the projects keep manifests as they are meant to be, and some that are not.
func Examples(ctx context.Context) ([]string, error) {
	gateways, err := moduleFolder(ctx, "gateway-api-"+Newest.Release+".test/crds")
	if err != nil {
		return nil, err
	}
	envoyGateway, err := moduleFolder(ctx, envoyGatewayModule)
	if err != nil {
		return nil, err
	}
	return []string{
		filepath.Join(gateways, "examples"), filepath.Join(gateways, "hack", "invalid-examples"),
		filepath.Join(envoyGateway, "examples", "kubernetes"),
	}, nil
}

func (p *Plane) installCRDs(folder string) error {
	_, err := envtest.InstallCRDs(p.Config, envtest.CRDInstallOptions{
		Paths: []string{folder}, ErrorIfPathMissing: true, MaxTime: startTimeout, PollInterval: 50 * time.Millisecond,
	})
	if err != nil {
		return fmt.Errorf("CRDs of %s: %w", folder, err)
	}
	return nil
}

func (g Gateways) folder(ctx context.Context) (string, error) {
	module, err := moduleFolder(ctx, "gateway-api-"+g.Release+".test/crds")
	if err != nil {
		return "", err
	}
	return filepath.Join(module, "config", "crd", g.Channel), nil
}

// moduleFolder is where the module cache holds a module of crds/go.mod. What is not there yet is fetched; go.sum vouches
// for it in either case.
func moduleFolder(ctx context.Context, module string) (string, error) {
	root, err := repository.Root()
	if err != nil {
		return "", err
	}
	command := exec.CommandContext(ctx, "go", "mod", "download", "-json", module)
	command.Dir = filepath.Join(root, "test", "e2e", "crds")
	output, runErr := command.Output()
	var answer struct{ Dir, Error string }
	if err := json.Unmarshal(output, &answer); err != nil {
		return "", fmt.Errorf("%s in %s: %w", command, command.Dir, errors.Join(runErr, err))
	}
	if answer.Error != "" || answer.Dir == "" {
		return "", fmt.Errorf("%s in %s: %s", command, command.Dir, answer.Error)
	}
	return answer.Dir, nil
}
