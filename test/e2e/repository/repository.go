// Package repository finds what the end-to-end tests use of this checkout: its root, the chart, and the binary, which it
// builds. It knows no cluster.
package repository

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// marker is a file that stands at one place below the root and in no other repository.
const marker = "test/apiserver/build.sh"

// Root is the root of the checkout that the working directory is in.
func Root() (string, error) {
	start, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for dir := start; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, filepath.FromSlash(marker))); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("%s: no %s in it or above", start, marker)
		}
	}
}

// Assets is the folder with kube-apiserver, etcd and kubectl. It builds nothing: that takes minutes, which nobody expects
// of a test, and `go test` counts against its timeout.
func Assets() (string, error) {
	folder := os.Getenv("KUBEBUILDER_ASSETS")
	if folder == "" {
		return "", errors.New("KUBEBUILDER_ASSETS is not set: want the folder that test/apiserver/build.sh prints, as in\n\n" +
			"\tKUBEBUILDER_ASSETS=$(test/apiserver/build.sh) go test -C test/e2e ./...\n\nor `make e2e`, which does that")
	}
	for _, name := range []string{"kube-apiserver", "etcd", "kubectl"} {
		if _, err := os.Stat(filepath.Join(folder, name)); err != nil {
			return "", fmt.Errorf("KUBEBUILDER_ASSETS=%s: %w; test/apiserver/build.sh prints the right folder", folder, err)
		}
	}
	return folder, nil
}

// Build builds the binary into a folder, as `make build` does it, and returns its path. Go's cache makes the second
// build a matter of linking.
func Build(ctx context.Context, folder string) (string, error) {
	root, err := Root()
	if err != nil {
		return "", err
	}
	binary := filepath.Join(folder, "tlsward")
	command := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", "-s -w -X main.version=e2e", "-o", binary, "./cmd/tlsward")
	command.Dir = root
	if output, err := command.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%s: %w\n%s", command, err, output)
	}
	return binary, nil
}
