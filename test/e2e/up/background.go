package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/tlsward/tlsward/test/e2e/controlplane"
	"github.com/tlsward/tlsward/test/e2e/install"
	"github.com/tlsward/tlsward/test/e2e/objects"
	"github.com/tlsward/tlsward/test/e2e/requester"
)

// run is the process in the background.
func (d desk) run(ctx context.Context) (err error) {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	defer func() { err = errors.Join(err, removeIfThere(d.file(readyName))) }()
	plane, err := controlplane.Start(ctx, controlplane.Options{Folder: d.folder, Gateways: controlplane.Newest, CertManager: true})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, plane.Stop()) }()
	installed, err := install.Install(ctx, install.Options{
		Plane: plane, Binary: d.file("tlsward"), Folder: d.folder, Values: map[string]any{
			"config":            map[string]any{"apiVersion": "tlsward.dev/v1", "kind": "Config", "admission": map[string]any{"mode": "enforce"}},
			"drainDelaySeconds": 1,
		},
	})
	defer func() { err = errors.Join(err, installed.Stop()) }()
	if err != nil {
		return err
	}
	if err := installed.Ready(ctx); err != nil {
		return err
	}
	if err := furnish(ctx, plane); err != nil {
		return err
	}
	if err := controlplane.WriteKubeconfig(d.file("kubeconfig"), plane.Config, "default"); err != nil {
		return err
	}
	if err := os.WriteFile(d.file(readyName), []byte(d.words(plane, installed)), 0o644); err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}

// furnish makes what a cluster has before anybody applies the examples: their namespaces, and the classes of controllers.
func furnish(ctx context.Context, plane *controlplane.Plane) error {
	furniture := objects.ReadAll(`
{apiVersion: v1, kind: Namespace, metadata: {name: shop}}
---
{apiVersion: v1, kind: Namespace, metadata: {name: infra}}
---
{apiVersion: v1, kind: Namespace, metadata: {name: certs}}
---
{apiVersion: networking.k8s.io/v1, kind: IngressClass, metadata: {name: nginx}, spec: {controller: k8s.io/ingress-nginx}}
---
{apiVersion: gateway.networking.k8s.io/v1, kind: GatewayClass, metadata: {name: istio}, spec: {controllerName: istio.io/gateway-controller}}
`)
	admin, err := requester.New(plane.Config)
	if err != nil {
		return err
	}
	for _, object := range furniture {
		if answer := admin.Create(ctx, object); answer.Err != nil {
			return answer.Err
		}
	}
	return nil
}

// words tell how to go on.
func (d desk) words(plane *controlplane.Plane, installed *install.Installation) string {
	text := fmt.Sprintf(`A kube-apiserver with Gateway API and cert-manager CRDs, and tlsward in enforce mode.

  export KUBECONFIG=%s
  alias kubectl=%s
  cd %s
  kubectl apply -f broken                                        # refused: no such Secret, and a depth that nginx refuses
  kubectl apply -f mended/secrets.yaml -f mended/ingress.yaml   # accepted: by hand, the CA comes first

`, d.file("kubeconfig"), plane.Kubectl(), filepath.Join(d.root, "examples", "ingress-nginx"))
	for _, pod := range installed.Pods() {
		text += "Logs: " + pod.LogFile() + "\n"
	}
	return text + "To stop it: make down\n"
}

func removeIfThere(file string) error {
	if err := os.Remove(file); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}
