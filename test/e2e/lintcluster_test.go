package e2e

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/yaml"

	"github.com/tlsward/tlsward/test/e2e/authority"
	"github.com/tlsward/tlsward/test/e2e/controlplane"
	"github.com/tlsward/tlsward/test/e2e/objects"
	"github.com/tlsward/tlsward/test/e2e/repository"
)

// somebody runs the binary with a kubeconfig and a folder of manifests.
type somebody struct {
	kubeconfig, folder string
}

func withKubeconfig(t *testing.T, config *rest.Config, files ...*unstructured.Unstructured) somebody {
	t.Helper()
	s := somebody{kubeconfig: filepath.Join(t.TempDir(), "kubeconfig"), folder: t.TempDir()}
	check(t, controlplane.WriteKubeconfig(s.kubeconfig, config, "default"))
	s.write(t, files...)
	return s
}

func (s somebody) write(t *testing.T, files ...*unstructured.Unstructured) {
	t.Helper()
	for _, object := range files {
		text, err := yaml.Marshal(object.Object)
		check(t, err)
		name := object.GetKind() + "-" + object.GetNamespace() + "-" + object.GetName() + ".yaml"
		check(t, os.WriteFile(filepath.Join(s.folder, name), text, 0o600))
	}
}

// said is what a run printed, and how it ended.
type said struct {
	out, err string
	code     int
}

func (s somebody) run(t *testing.T, arguments ...string) said {
	t.Helper()
	return s.call(t, append(arguments, s.folder)...)
}

// call is run without the folder.
func (s somebody) call(t *testing.T, arguments ...string) said {
	t.Helper()
	var out, errOut bytes.Buffer
	run := exec.CommandContext(t.Context(), binary, arguments...)
	run.Env = append(os.Environ(), "KUBECONFIG="+s.kubeconfig)
	run.Stdout, run.Stderr = &out, &errOut
	if err := run.Run(); err != nil && run.ProcessState == nil {
		t.Fatal(err)
	}
	return said{out.String(), errOut.String(), run.ProcessState.ExitCode()}
}

// wants asks for an exit code and for texts on standard output; those with ! before them must not be there.
func (s said) wants(t *testing.T, code int, texts ...string) {
	t.Helper()
	if s.code != code {
		t.Errorf("exit %d, want %d", s.code, code)
	}
	for _, text := range texts {
		text, not := strings.CutPrefix(text, "!")
		if strings.Contains(s.out, text) == not {
			t.Errorf("want (unless after !, which was %v) %q", not, text)
		}
	}
	if t.Failed() {
		t.Fatalf("standard output:\n%s\nstandard error:\n%s", s.out, s.err)
	}
}

// documentedRole is the ClusterRole of docs/cluster.md.
func documentedRole(t *testing.T) string {
	t.Helper()
	root, err := repository.Root()
	check(t, err)
	page, err := os.ReadFile(filepath.Join(root, "docs", "cluster.md"))
	check(t, err)
	_, documented, _ := strings.Cut(string(page), "```yaml\n")
	documented, _, _ = strings.Cut(documented, "```")
	return documented
}

// TestLintCluster: files are judged over what is live, and nothing is written there.
func TestLintCluster(t *testing.T) {
	wipe(t)
	furnish(t)
	for _, name := range []string{"lint-shop", "lint-other"} {
		namespace(t, name)
	}
	ca := map[string]string{"ca.crt": authority.Root.PEM}
	web := objects.Mutual("lint-shop", "web", "client-ca")

	t.Run("references", func(t *testing.T) {
		s := withKubeconfig(t, plane.Config, web)
		s.run(t, "lint").wants(t, 0, "nothing here tells whether it exists")
		missing := s.run(t, "lint", "--cluster")
		missing.wants(t, 1, caMissing, "Secret lint-shop/client-ca is neither in this tree nor in the cluster", "!assuming")
		if missing.err != "" {
			t.Errorf("standard error: %s", missing.err)
		}
		secret := objects.Secret("lint-shop", "client-ca", ca)
		check(t, back.Create(t.Context(), secret).Err)
		s.run(t, "lint", "--cluster").wants(t, 0, "!"+caMissing, "!references/unresolved")
		s.run(t, "lint", "--cluster", "--diff").wants(t, 0, `+    nginx.ingress.kubernetes.io/auth-tls-verify-depth: "1"`)
		// Its content counts, and that of the file before it.
		empty := objects.Secret("lint-shop", "client-ca", map[string]string{"tls.crt": "x"})
		s.write(t, empty)
		s.run(t, "lint", "--cluster").wants(t, 1, "ca.crt")
		check(t, back.Delete(t.Context(), secret))
		check(t, os.Remove(filepath.Join(s.folder, "Secret-lint-shop-client-ca.yaml")))
		check(t, back.Create(t.Context(), empty).Err)
		s.run(t, "lint", "--cluster").wants(t, 1, "ca.crt")
		s.run(t, "lint", "--cluster", "--secrets", "none").wants(t, 0, "what the cluster shows does not tell whether it exists")
		s.run(t, "facts", "--cluster").wants(t, 0, `"presence": "present"`, `"certainty": "known"`)
		check(t, back.Delete(t.Context(), empty))
	})

	t.Run("conflict", func(t *testing.T) {
		check(t, back.Create(t.Context(), objects.Secret("lint-shop", "client-ca", ca)).Err)
		check(t, back.Create(t.Context(), objects.Secret("lint-other", "client-ca", ca)).Err)
		theirs := objects.Mutual("lint-other", "theirs", "client-ca")
		objects.SetHost(theirs, "web.lint-shop.test")
		check(t, back.Create(t.Context(), theirs).Err)
		s := withKubeconfig(t, plane.Config, web)
		s.run(t, "lint", "--cluster").wants(t, 1, "ingress-nginx/client-ca-conflict", "Ingress lint-other/theirs")
		// Who was there first is not blamed for who comes later.
		first := withKubeconfig(t, plane.Config, theirs, web)
		first.run(t, "lint", "--cluster").wants(t, 1, "Ingress-lint-shop-web.yaml:5:50: error", "!Ingress-lint-other-theirs.yaml:5:50: error")
		// Theirs moves to another host in the same change.
		objects.SetHost(theirs, "elsewhere.lint-shop.test")
		s.write(t, theirs)
		s.run(t, "lint", "--cluster").wants(t, 0, "!client-ca-conflict")
		// What is live already is no peer of its file.
		check(t, back.Delete(t.Context(), theirs))
		check(t, back.Create(t.Context(), web).Err)
		withKubeconfig(t, plane.Config, web).run(t, "lint", "--cluster").wants(t, 0, "!client-ca-conflict")
		check(t, back.Delete(t.Context(), web))
	})

	t.Run("restricted", func(t *testing.T) {
		documented := documentedRole(t)
		withoutSecrets := strings.Replace(strings.Replace(documented, ", secrets]", "]", 1), "tlsward-lint", "e2e-lint", 1)
		for _, object := range objects.ReadAll(documented + "---\n" + withoutSecrets + `---
{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRoleBinding, metadata: {name: tlsward-lint}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: tlsward-lint}, subjects: [{kind: User, name: lena, apiGroup: rbac.authorization.k8s.io}]}
---
{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRoleBinding, metadata: {name: e2e-lint}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: e2e-lint}, subjects: [{kind: User, name: linda, apiGroup: rbac.authorization.k8s.io}]}
---
{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: e2e-lint, namespace: lint-other}, rules: [{apiGroups: [""], resources: [secrets], verbs: [list]}]}
---
{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: e2e-lint, namespace: lint-other}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: e2e-lint}, subjects: [{kind: User, name: linda, apiGroup: rbac.authorization.k8s.io}]}
`) {
			check(t, back.Create(t.Context(), object).Err)
			defer func() { check(t, back.Delete(context.WithoutCancel(t.Context()), object)) }()
		}
		// Who has the documented permissions sees everything.
		lena, err := plane.User("lena")
		check(t, err)
		all := withKubeconfig(t, lena, objects.Mutual("lint-shop", "web", "no-such-ca"))
		eventually(t, 10*time.Second, "the documented role is enough", func() (bool, string) {
			got := all.run(t, "lint", "--cluster")
			return got.code == 1 && got.err == "" && strings.Contains(got.out, "Secret lint-shop/no-such-ca is neither"), got.err + got.out
		})
		linda, err := plane.User("linda")
		check(t, err)
		s := withKubeconfig(t, linda, objects.Mutual("lint-shop", "web", "no-such-ca"))
		eventually(t, 10*time.Second, "the authorizer knows of the roles", func() (bool, string) {
			got := s.run(t, "lint", "--cluster")
			return got.err == "tlsward: cluster: secrets may not be listed: what rests on them is unknown\n", got.err
		})
		s.run(t, "lint", "--cluster").wants(t, 0, "!"+caMissing, "what the cluster shows does not tell whether it exists")
		s.write(t, objects.Mutual("lint-other", "web", "no-such-ca"))
		got := s.run(t, "lint", "--cluster")
		got.wants(t, 1, "Secret lint-other/no-such-ca is neither", "!Secret lint-shop/no-such-ca is neither")
		if want := "tlsward: cluster: secrets may be listed in namespaces lint-other only: what rests on others is unknown\n"; got.err != want {
			t.Errorf("standard error: %s", got.err)
		}
	})

	t.Run("unreachable", func(t *testing.T) {
		gone := rest.CopyConfig(plane.Config)
		gone.Host = "https://127.0.0.1:1"
		s := withKubeconfig(t, gone, web)
		began := time.Now()
		got := s.run(t, "lint", "--cluster")
		got.wants(t, 2)
		if !strings.Contains(got.err, "connection refused") || strings.Count(got.err, "\n") != 1 || got.out != "" {
			t.Errorf("got %s%s", got.out, got.err)
		}
		stranger := rest.AnonymousClientConfig(plane.Config)
		stranger.BearerToken = "nobody's"
		got = withKubeconfig(t, stranger, web).run(t, "lint", "--cluster")
		got.wants(t, 2)
		if !strings.Contains(got.err, "status 401") {
			t.Errorf("a stranger: %s%s", got.out, got.err)
		}
		if got = s.run(t, "lint", "--cluster", "--context", "no-such-context"); got.code != 2 || !strings.Contains(got.err, `context "no-such-context" does not exist`) {
			t.Errorf("a wrong context: exit %d, %s", got.code, got.err)
		}
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("took %s", took)
		}
	})
}
