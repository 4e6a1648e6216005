package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	batchv1 "k8s.io/api/batch/v1"
	"sigs.k8s.io/yaml"
)

const (
	openIngress = `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: api
  namespace: shop
  annotations: {nginx.ingress.kubernetes.io/auth-tls-secret: client-ca}
spec:
  ingressClassName: nginx
  rules:
    - host: api.shop.test
      http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: api, port: {number: 80}}}}]}
`
	plainService = "apiVersion: v1\nkind: Service\nmetadata: {name: api, namespace: shop}\nspec: {ports: [{port: 80}]}\n"
)

// parse reads a YAML file of the repository.
func parse(t *testing.T, file string, into any) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", file))
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(text, into); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}

// program puts this test in the place of the program: it is that where it goes by its name.
func program(t *testing.T, folder string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(self, filepath.Join(folder, "tlsward")); err != nil {
		t.Fatal(err)
	}
}

// shell runs a script in a folder, as a CI server would.
func shell(t *testing.T, dir, script string, env map[string]string) (output string, code int) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "bash", "-e", "-o", "pipefail", "-c", script)
	cmd.Dir = dir
	cmd.Env = os.Environ()
	for name, value := range env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestGitHubAction runs the action's own script, with its inputs as GitHub passes them.
func TestGitHubAction(t *testing.T) {
	type step struct {
		ID, Run string
		Env     map[string]string
	}
	var action struct {
		Inputs map[string]struct{ Default string }
		Runs   struct{ Steps []step }
	}
	parse(t, "action.yml", &action)
	lint := action.Runs.Steps[slices.IndexFunc(action.Runs.Steps, func(s step) bool { return s.ID == "lint" })]
	tree := map[string]string{"clusters/a/ingress.yaml": openIngress, "apps/with space/service.yaml": plainService}
	for name, test := range map[string]struct {
		inputs map[string]string
		code   int
		log    string
	}{
		"denied": {inputs: map[string]string{"paths": "clusters\napps/with space\n"}, code: exitDenied, log: "::error "},
		"clean":  {inputs: map[string]string{"paths": "apps"}},
		"further arguments": {
			inputs: map[string]string{"paths": "clusters", "arguments": "--skip=ingress-nginx/*\n\n--skip\nreferences/*\n"},
		},
		"no command": {inputs: map[string]string{"paths": "$(touch taken)"}, code: exitUnjudged, log: "$(touch taken)"},
		"no repository": {
			inputs: map[string]string{"changed-since": "nowhere"}, code: exitUnjudged, log: "not in a Git repository",
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir, temp := writeFiles(t, tree), t.TempDir()
			program(t, temp)
			env := map[string]string{
				"RUNNER_TEMP": temp, "GITHUB_STEP_SUMMARY": filepath.Join(temp, "summary"), "GITHUB_OUTPUT": filepath.Join(temp, "output"),
			}
			for variable, expression := range lint.Env {
				env[variable] = regexp.MustCompile(`\$\{\{ inputs\.([a-z-]+) \}\}`).ReplaceAllStringFunc(expression, func(match string) string {
					input := strings.TrimSuffix(strings.TrimPrefix(match, "${{ inputs."), " }}")
					declared, known := action.Inputs[input]
					if !known {
						t.Errorf("%s: no such input", input)
					}
					if value, given := test.inputs[input]; given {
						return value
					}
					return declared.Default
				})
			}
			log, code := shell(t, dir, lint.Run, env)
			if code != test.code || !strings.Contains(log, test.log) {
				t.Errorf("exit %d, want %d and %q in:\n%s", code, test.code, test.log, log)
			}
			outputs := read(t, env["GITHUB_OUTPUT"])
			if !strings.Contains(outputs, "exit-status="+string(rune('0'+test.code))+"\n") {
				t.Errorf("outputs: %s", outputs)
			}
			if test.code == exitUnjudged {
				return
			}
			if sarif := filepath.Join(temp, "tlsward.sarif"); !strings.Contains(outputs, "sarif="+sarif+"\n") || !strings.Contains(read(t, sarif), `"2.1.0"`) {
				t.Errorf("no report for code scanning; outputs: %s", outputs)
			}
			if summary := read(t, env["GITHUB_STEP_SUMMARY"]); summary == "" {
				t.Error("no summary")
			}
			if _, err := os.Stat(filepath.Join(dir, "taken")); err == nil {
				t.Error("an input was run")
			}
		})
	}
}

// TestGitLabTemplate runs the job's script.
func TestGitLabTemplate(t *testing.T) {
	var template struct {
		Tlsward struct {
			Variables map[string]string
			Script    []string
			Artifacts struct{ Reports map[string]string }
		}
	}
	parse(t, "integrations/gitlab.yml", &template)
	job := template.Tlsward
	dir, bin := writeFiles(t, map[string]string{"clusters/ingress.yaml": openIngress, "apps/service.yaml": plainService}), t.TempDir()
	program(t, bin)
	env := map[string]string{"PATH": bin + string(os.PathListSeparator) + os.Getenv("PATH")}
	for name, value := range job.Variables {
		env[name] = value
	}
	env["TLSWARD_PATHS"] = "clusters apps"
	log, code := shell(t, dir, strings.Join(job.Script, "\n"), env)
	if code != exitDenied || !strings.Contains(log, "references/malformed") {
		t.Errorf("exit %d\n%s", code, log)
	}
	if len(job.Artifacts.Reports) != 2 {
		t.Errorf("reports: %v", job.Artifacts.Reports)
	}
	for kind, file := range job.Artifacts.Reports {
		if !strings.Contains(read(t, filepath.Join(dir, file)), "references/malformed") {
			t.Errorf("the %s report does not hold the finding", kind)
		}
	}
}

// TestPreCommitHooks runs the hooks' entries.
func TestPreCommitHooks(t *testing.T) {
	var hooks []struct {
		ID, Entry string
		Args      []string
		Filenames *bool `json:"pass_filenames"`
	}
	parse(t, ".pre-commit-hooks.yaml", &hooks)
	if len(hooks) != 2 {
		t.Fatalf("%d hooks", len(hooks))
	}
	for _, hook := range hooks {
		t.Run(hook.ID, func(t *testing.T) {
			dir, bin := writeFiles(t, map[string]string{"ingress.yaml": openIngress}), t.TempDir()
			program(t, bin)
			env := map[string]string{"PATH": bin + string(os.PathListSeparator) + os.Getenv("PATH")}
			log, code := shell(t, dir, hook.Entry+" "+strings.Join(hook.Args, " "), env)
			if code != exitDenied || !strings.Contains(log, "references/malformed") {
				t.Errorf("exit %d\n%s", code, log)
			}
			if hook.Filenames == nil || *hook.Filenames {
				t.Error("only what was staged is judged, without what it refers to")
			}
		})
	}
}

// TestArgoPreSync: the hook's arguments are understood, and its role is the one of the manual.
func TestArgoPreSync(t *testing.T) {
	text := read(t, filepath.Join("..", "..", "integrations", "argocd", "presync.yaml"))
	documents := strings.Split(text, "\n---\n")
	var job batchv1.Job
	if err := yaml.UnmarshalStrict([]byte(documents[len(documents)-1]), &job); err != nil {
		t.Fatal(err)
	}
	args := job.Spec.Template.Spec.Containers[0].Args
	c, rest, err := command(streams{}).Find(args)
	if err != nil || c.Name() != "lint" {
		t.Fatalf("%v: %v", args, err)
	}
	if err := c.ParseFlags(rest); err != nil {
		t.Error(err)
	}
	if !strings.Contains(text, "kind: ClusterRole\n  name: tlsward-lint\n") || !strings.Contains(block(t, "cluster.md", "yaml", 0), "  name: tlsward-lint\n") {
		t.Error("the role that is bound is not the one that docs/cluster.md shows")
	}
}
