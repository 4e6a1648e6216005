package main

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"text/template"

	"github.com/spf13/cobra"

	"github.com/tlsward/tlsward/engine"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/outfile"
	"github.com/tlsward/tlsward/policies"
	"github.com/tlsward/tlsward/report"
	"github.com/tlsward/tlsward/rule"
	"github.com/tlsward/tlsward/ruletest"
)

//go:embed scaffold/*.tmpl
var scaffold embed.FS

type newRuleFlags struct {
	directory, kind, severity string
}

// newRuleCommand begins a rule of one's own.
func newRuleCommand(s streams) *cobra.Command {
	var f newRuleFlags
	cmd := &cobra.Command{
		Use:   "new ID",
		Short: "Begin a rule of your own, in a folder that passes `tlsward test`",
		Long: `Write a rule to begin with: rule.rego with its metadata, a Rego test, a scene in which it finds something and one in which it
does not; and for a kind that no rulebook describes, a provider.yaml. It passes tlsward test as it is, but for kinds of which the
API server wants fields that are not known here: the scenes then say what they lack.

docs/writing-rules.md goes on from there.`,
		Example: "  tlsward rules new acme/annotation-retired\n  tlsward rules new --kind EdgeProxy.acme.example acme/trust-missing",
		Args:    arguments(1, 1, "the id of a rule, as acme/owner-missing"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.run(cmd.Context(), args[0], s); err != nil {
				return unjudged(err)
			}
			return nil
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.directory, "directory", "tlsward-rules", "rulebook that the rule goes into")
	flags.StringVar(&f.kind, "kind", "Ingress.networking.k8s.io", "kind that the rule judges, with its group")
	flags.StringVar(&f.severity, "severity", rule.Warning.String(), "error, warning or info")
	completeWords(cmd, map[string][]string{"severity": severities()})
	cmd.ValidArgsFunction = cobra.NoFileCompletions
	return cmd
}

// newRule is what a scaffold is filled in with.
type newRule struct {
	ID, Provider, Severity, Annotation string
	Kind, KindName, APIVersion, Rest   string
	Namespaced                         bool
	Package, TestPackage               string
}

func (f *newRuleFlags) run(ctx context.Context, id string, s streams) error {
	if err := oneOf("--severity", f.severity, severities()); err != nil {
		return err
	}
	provider, name, err := splitID(id)
	if err != nil {
		return err
	}
	e, err := engine.New(engine.Settings{}, ours())
	if err != nil {
		return err
	}
	if slices.ContainsFunc(e.Rules(), func(d rule.Definition) bool { return d.ID == id }) {
		return fmt.Errorf("%s: tlsward has a rule of that id", id)
	}
	group, kind := kube.SplitGroupKind(f.kind)
	if !regexp.MustCompile(`^[A-Z][A-Za-z0-9]*$`).MatchString(kind) || !regexp.MustCompile(`^[a-z0-9.-]*$`).MatchString(group) {
		return fmt.Errorf("--kind %s: want a kind with its group, as in Ingress.networking.k8s.io", f.kind)
	}
	known := len(e.Providers().Kinds(kube.GroupKind(group, kind))) > 0
	r := newRule{
		ID: id, Provider: provider, Severity: f.severity, Annotation: provider + ".example/" + name,
		Kind: f.kind, KindName: kind, APIVersion: apiVersionOf(group, kind), Rest: restOf(group, kind),
		Namespaced: !e.Providers().Cluster(kube.GroupKind(group, kind)),
		Package:    step(provider) + step(name), TestPackage: step(provider) + step(name+"_test"),
	}
	written, err := f.write(r, name, !known)
	if err != nil {
		return err
	}
	return f.tell(s.out, written, f.incomplete(ctx, r), r, name)
}

// incomplete is what the scenes lack: of most kinds it is not known here what the API server wants of them.
func (f *newRuleFlags) incomplete(ctx context.Context, r newRule) (lines []string) {
	beside := engine.Rulebook{Name: "tlsward", FS: policies.FS()}
	for _, err := range ruletest.Run(ctx, engine.Rulebook{Name: f.directory, FS: os.DirFS(f.directory)}, beside) {
		if strings.HasPrefix(err.Error(), r.ID+"/") {
			lines = append(lines, located(f.directory, err))
		}
	}
	return lines
}

// splitID takes an id apart: it is two folders.
func splitID(id string) (provider, name string, err error) {
	provider, name, _ = strings.Cut(id, "/")
	part := regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)
	if !part.MatchString(provider) || !part.MatchString(name) {
		return "", "", fmt.Errorf("%s: want an id such as acme/annotation-retired: provider/rule, in lower case, with dashes", id)
	}
	if provider == "lib" {
		return "", "", fmt.Errorf("%s: lib is for Rego that rules share", id)
	}
	return provider, name, nil
}

// step is an element of a package's path, as the formatter writes it.
func step(name string) string {
	if strings.ContainsRune(name, '-') || slices.Contains(regoWords(), name) {
		return `["` + name + `"]`
	}
	return "." + name
}

func regoWords() []string {
	return []string{
		"as", "contains", "default", "else", "every", "false", "if", "import", "in", "not", "null", "package", "some", "true", "with",
	}
}

// apiVersionOf is the one that people write; of a kind that is not known here, a likely one.
func apiVersionOf(group, kind string) string {
	switch {
	case group == "":
		return "v1"
	case kind == "ReferenceGrant":
		return group + "/v1beta1"
	}
	return group + "/v1"
}

// restOf is what makes an object of a kind complete.
func restOf(group, kind string) string {
	switch kube.GroupKind(group, kind) {
	case "Ingress.networking.k8s.io":
		return `spec:
  ingressClassName: nginx
  rules:
    - host: www.shop.test
      http:
        paths:
          - path: /
            pathType: Prefix
            backend:
              service:
                name: web
                port:
                  number: 8080
`
	case "Gateway.gateway.networking.k8s.io":
		return `spec:
  gatewayClassName: eg
  listeners:
    - name: http
      port: 80
      protocol: HTTP
`
	case "HTTPRoute.gateway.networking.k8s.io":
		return `spec:
  parentRefs:
    - name: edge
  rules:
    - backendRefs:
        - name: web
          port: 8080
`
	case "GatewayClass.gateway.networking.k8s.io":
		return "spec:\n  controllerName: example.com/gateway\n"
	case "Service":
		return `spec:
  selector:
    app: web
  ports:
    - port: 8080
`
	case "Secret", "ConfigMap":
		return "data: {}\n"
	}
	return "spec: {}\n"
}

// write writes the files, and lists them. What is there already is kept, and is an error but for provider.yaml. If one cannot be written,
// none is there afterwards, and none of the folders made for them: the next try would be refused for what is left of this one.
func (f *newRuleFlags) write(r newRule, name string, describe bool) (written []string, err error) {
	folder := filepath.Join(f.directory, r.Provider, name)
	if _, err := os.Lstat(folder); !errors.Is(err, fs.ErrNotExist) {
		return nil, errors.Join(fmt.Errorf("%s is there already", folder), err)
	}
	templates, err := template.ParseFS(scaffold, "scaffold/*.tmpl")
	if err != nil {
		return nil, err
	}
	files := []string{"rule.rego", "rule_test.rego", "bad.yaml", "good.yaml"}
	paths := make([]string, 0, len(files)+1)
	for _, file := range files {
		paths = append(paths, filepath.Join(folder, file))
	}
	if describe {
		provider := filepath.Join(f.directory, r.Provider, "provider.yaml")
		if _, err := os.Lstat(provider); errors.Is(err, fs.ErrNotExist) {
			paths = append(paths, provider)
		}
	}
	made := missingFolders(folder)
	defer func() {
		if err != nil {
			for _, path := range slices.Backward(slices.Concat(made, written)) {
				_ = os.Remove(path) // a folder into which something else was put stays
			}
			written = nil
		}
	}()
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, err
	}
	for _, path := range paths {
		var text bytes.Buffer
		if err := templates.ExecuteTemplate(&text, filepath.Base(path)+".tmpl", r); err != nil {
			return written, err
		}
		if err := outfile.Write(path, text.Bytes()); err != nil {
			return written, fmt.Errorf("%s: %w", path, err)
		}
		written = append(written, path)
	}
	return written, nil
}

// missingFolders are those of a path that are not there, the outermost first.
func missingFolders(path string) (missing []string) {
	for {
		if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
			slices.Reverse(missing)
			return missing
		}
		missing = append(missing, path)
		path = filepath.Dir(path)
	}
}

// tell says what was written, and what to do next.
func (f *newRuleFlags) tell(w io.Writer, written, incomplete []string, r newRule, name string) error {
	var b strings.Builder
	for _, path := range written {
		fmt.Fprintf(&b, "wrote %s\n", path)
	}
	if len(incomplete) > 0 {
		fmt.Fprintf(&b, "complete the scenes; of a %s the API server wants more than is known here:\n", r.KindName)
		for _, line := range incomplete {
			fmt.Fprintf(&b, "  %s\n", line)
		}
	}
	bad := filepath.Join(f.directory, r.Provider, name, "bad.yaml")
	fmt.Fprintf(&b, "next, whenever something changed: tlsward test %s\n", f.directory)
	fmt.Fprintf(&b, "what the rule sees: tlsward facts --rules %s %s\n", f.directory, bad)
	fmt.Fprintf(&b, "to judge by it: tlsward lint --rules %s, or rulebooks: [%s] in .tlsward.yaml\n", f.directory, f.directory)
	_, err := io.WriteString(w, report.Lines(b.String()))
	return err
}
