package e2e

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/tlsward/tlsward/test/e2e/controlplane"
	"github.com/tlsward/tlsward/test/e2e/install"
	"github.com/tlsward/tlsward/test/e2e/repository"
)

// TestRollout follows docs/rollout.md from the first command to the last: kubectl and tlsward are the programs, and Helm is package
// install, which does the same with the chart. The text after a block is in what the block printed.
func TestRollout(t *testing.T) {
	wipe(t)
	furnish(t)
	root, err := repository.Root()
	check(t, err)
	page, err := os.ReadFile(filepath.Join(root, "docs", "rollout.md"))
	check(t, err)
	d := desk{t: t, folder: t.TempDir(), values: map[string]any{"drainDelaySeconds": 1}}
	d.kubectl = kubectl(t)
	check(t, controlplane.WriteKubeconfig(filepath.Join(d.folder, "kubeconfig"), plane.Config, "default"))
	for _, name := range []string{"storefront", "bank"} {
		used.Lock()
		used.names[name] = true
		used.Unlock()
	}
	t.Cleanup(func() {
		if d.in != nil {
			remove(t, d.in)
		}
	})
	blocks := regexp.MustCompile("(?ms)^```(sh|text|yaml) ?(\\S*)\n(.*?)^```$").FindAllStringSubmatch(string(page), -1)
	if len(blocks) < 20 {
		t.Fatalf("%d blocks", len(blocks))
	}
	for _, block := range blocks {
		switch language, file, text := block[1], block[2], block[3]; language {
		case "yaml":
			check(t, os.WriteFile(filepath.Join(d.folder, file), []byte(text), 0o600))
		case "sh":
			d.out = ""
			for line := range strings.Lines(text) {
				line, _, _ = strings.Cut(line, " #")
				d.enter(strings.TrimSpace(line))
			}
		default:
			for line := range strings.Lines(text) {
				if !strings.Contains(d.out, strings.TrimSpace(line)) {
					t.Fatalf("want %q in\n%s", strings.TrimSpace(line), d.out)
				}
			}
		}
	}
	if d.in == nil || d.installed {
		t.Error("the page neither installs nor uninstalls")
	}
}

// kubectl is where kubectl is; Debian's, if there is none yet.
func kubectl(t *testing.T) string {
	t.Helper()
	if path, err := exec.LookPath("kubectl"); err == nil {
		return path
	}
	for _, arguments := range [][]string{{"update"}, {"install", "--yes", "--no-install-recommends", "kubernetes-client"}} {
		command := exec.Command("apt-get", arguments...)
		command.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
		if output, err := command.CombinedOutput(); err != nil {
			t.Fatalf("kubectl is not installed, and apt-get %s: %v\n%s", arguments[0], err, output)
		}
	}
	path, err := exec.LookPath("kubectl")
	check(t, err)
	return path
}

// desk is where somebody follows the page.
type desk struct {
	t               *testing.T
	folder, kubectl string
	values          map[string]any
	in              *install.Installation
	installed       bool
	out             string // of the block so far
}

// enter runs a line of a block.
func (d *desk) enter(line string) {
	d.t.Helper()
	if line == "" {
		return
	}
	if strings.HasPrefix(line, "helm ") {
		d.helm(strings.Fields(line)[1:])
		return
	}
	ctx, cancel := context.WithTimeout(d.t.Context(), installTimeout)
	defer cancel()
	command := exec.CommandContext(ctx, "bash", "-o", "pipefail", "-c", line)
	command.Dir = d.folder
	command.Env = append(os.Environ(),
		"PATH="+filepath.Dir(binary)+":"+filepath.Dir(d.kubectl)+":"+os.Getenv("PATH"), "KUBECONFIG="+filepath.Join(d.folder, "kubeconfig"), "NO_COLOR=1")
	output, err := command.CombinedOutput()
	d.t.Logf("$ %s\n%s", line, output)
	d.out += string(output)
	if err != nil {
		d.t.Fatalf("%s: %v\n%s", line, err, output)
	}
	if strings.Contains(line, " label ") || strings.Contains(line, "delete validating") {
		time.Sleep(time.Second) // the API server watches namespaces and webhooks too
	}
}

// helm does what Helm does of a line.
func (d *desk) helm(arguments []string) {
	d.t.Helper()
	d.t.Log("$ helm", arguments)
	ctx, cancel := context.WithTimeout(d.t.Context(), installTimeout)
	defer cancel()
	changed, wait := false, false
	for i, a := range arguments {
		switch a {
		case "--wait":
			wait = true
		case "--set-file":
			key, file, _ := strings.Cut(arguments[i+1], "=")
			text, err := os.ReadFile(filepath.Join(d.folder, file))
			check(d.t, err)
			d.values[key], changed = string(text), true
		}
	}
	switch arguments[0] {
	case "install":
		own, err := os.MkdirTemp(folder, "install-")
		check(d.t, err)
		d.in, err = install.Install(ctx, install.Options{Plane: plane, Values: d.values, Binary: binary, Folder: own})
		check(d.t, err)
		check(d.t, d.in.Ready(ctx))
		d.installed = true
	case "upgrade":
		loads := func() (n int) {
			for _, pod := range d.in.Pods() {
				n += strings.Count(pod.Log(), `"msg":"loaded"`)
			}
			return n
		}
		before := loads()
		check(d.t, d.in.Upgrade(ctx, d.values))
		if changed {
			eventually(d.t, 10*time.Second, "all pods have the config", func() (bool, string) {
				return loads() >= before+len(d.in.Pods()), fmt.Sprint(loads() - before)
			})
		}
		if wait {
			check(d.t, d.in.Roll(ctx))
		} else {
			check(d.t, d.in.Ready(ctx))
		}
		time.Sleep(time.Second) // the API server watches webhooks too
	case "uninstall":
		check(d.t, d.in.Uninstall(ctx))
		d.installed = false
		time.Sleep(time.Second)
	default:
		d.t.Fatalf("helm %v: not known here", arguments)
	}
}
