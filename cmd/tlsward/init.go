package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/spf13/cobra"
	"sigs.k8s.io/yaml"

	"github.com/tlsward/tlsward/config"
	"github.com/tlsward/tlsward/engine"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/lint"
	"github.com/tlsward/tlsward/outfile"
	"github.com/tlsward/tlsward/report"
	"github.com/tlsward/tlsward/rule"
)

type initFlags struct {
	profile string
	force   bool
}

func initCommand(s streams) *cobra.Command {
	var f initFlags
	cmd := &cobra.Command{
		Use:   "init [DIRECTORY]",
		Short: "Write a config for the manifests in a directory",
		Long: `Write a commented ` + config.FileName + ` that fits the manifests below a directory (default: the current one).

It says which controllers were found, and of which objects none could be told. What objects refer to and is not there is declared
to exist elsewhere, each with the line that refers to it: delete what does not exist. A file that is there already is kept.`,
		Example: "  tlsward init\n  tlsward init --profile strict deploy/",
		Args:    arguments(0, 1, "one directory"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.run(cmd.Context(), here(args)[0], s); err != nil {
				return unjudged(err)
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&f.profile, "profile", "default", "profile to write: default, strict or migration")
	cmd.Flags().BoolVar(&f.force, "force", false, "replace a config that is there already")
	completeWords(cmd, map[string][]string{"profile": profiles()})
	cmd.ValidArgsFunction = func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return nil, cobra.ShellCompDirectiveFilterDirs
	}
	return cmd
}

func (f *initFlags) run(ctx context.Context, dir string, s streams) error {
	if err := oneOf("--profile", f.profile, profiles()); err != nil {
		return err
	}
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return fmt.Errorf("%s: no such directory", dir)
	}
	target := filepath.Join(dir, config.FileName)
	switch _, err := os.Lstat(target); {
	case err == nil && !f.force:
		return fmt.Errorf("%s is there already; --force replaces it", target)
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return err
	}
	above, err := config.Find(filepath.Join(dir, ".."))
	if err != nil {
		return err
	}
	found, err := f.survey(ctx, dir, target, &config.Config{}, s)
	if err != nil {
		return err
	}
	if found.objects == 0 {
		return fmt.Errorf("%s: no Kubernetes object here, so there is nothing to write a config for; run it where the manifests are", dir)
	}
	text, after, err := f.write(ctx, dir, target, found, s)
	if err != nil {
		return err
	}
	if err := outfile.Write(target, []byte(text)); err != nil {
		return fmt.Errorf("%s: %w", target, err)
	}
	return found.tell(s.out, dir, target, above, after)
}

// write makes the text of the config, holds it against the tree, and takes back what it declares to no effect.
func (f *initFlags) write(ctx context.Context, dir, target string, found *survey, s streams) (string, *survey, error) {
	text := found.config(f.profile)
	parsed, err := config.Parse(target, []byte(text))
	if err != nil {
		return "", nil, err
	}
	after, err := f.survey(ctx, dir, target, parsed, s)
	if err != nil {
		return "", nil, err
	}
	for i := range found.missing {
		left := slices.ContainsFunc(after.missing, func(m missing) bool { return m.id == found.missing[i].id })
		found.missing[i].helpless = found.missing[i].helpless || left
	}
	text = found.config(f.profile)
	_, err = config.Parse(target, []byte(text))
	return text, after, err
}

// survey is what stands in a tree.
type survey struct {
	files, objects int
	// denied counts the findings that would be.
	denied, findings int
	controllers      map[string]*controllerSeen
	// known are the names of controllers that rulebooks describe.
	known      []string
	namespaces []string
	untold     []untold
	missing    []missing
}

// controllerSeen is a controller that acts on some objects.
type controllerSeen struct {
	objects           int
	certainty, reason string
}

// untold are objects of which no controller could be told; class is "" where they name none.
type untold struct {
	class   string
	objects int
	at      kube.Position
}

// missing is something that objects refer to and that is not in sight.
type missing struct {
	id kube.ID
	at kube.Position
	// helpless: to declare it would change nothing.
	helpless bool
}

// surveyor notes what is reviewed.
type surveyor struct {
	*engine.Engine
	mu       sync.Mutex
	requests []engine.Request
}

func (r *surveyor) Review(ctx context.Context, request engine.Request) (rule.Decision, error) {
	r.mu.Lock()
	r.requests = append(r.requests, request)
	r.mu.Unlock()
	return r.Engine.Review(ctx, request)
}

// survey lints a tree by a config, and notes what the config could say about it.
func (f *initFlags) survey(ctx context.Context, dir, target string, by *config.Config, s streams) (*survey, error) {
	c := common{loaded: by, profile: f.profile}
	e, err := c.compile()
	if err != nil {
		return nil, err
	}
	now, err := c.clock()
	if err != nil {
		return nil, err
	}
	reviewer := &surveyor{Engine: e}
	options, err := c.options(reviewer, []string{dir}, now)
	if err != nil {
		return nil, err
	}
	options.Exclude, options.Exemptions = []string{filepath.Clean(target)}, nil
	options.ReadFile = readFile(ctx, s.in)
	progress := showProgress(s.err)
	defer progress.finish()
	if progress != nil {
		options.Progress = progress.tell
	}
	result, err := lint.Run(ctx, []string{dir}, options)
	if err != nil {
		return nil, err
	}
	found := &survey{
		files: result.Files, objects: result.Objects, findings: len(result.Findings),
		controllers: map[string]*controllerSeen{}, known: controllerNames(e),
	}
	classes := found.note(e, reviewer.requests)
	found.read(result.Findings, classes)
	return found, nil
}

// note counts who acts on what, and returns the class of each object for which nobody could be told.
func (v *survey) note(e *engine.Engine, requests []engine.Request) map[kube.ID]string {
	classes, namespaces := map[kube.ID]string{}, map[string]bool{}
	slices.SortStableFunc(requests, func(a, b engine.Request) int { return a.Object.ID.Compare(b.Object.ID) })
	for _, r := range requests {
		if r.Object.ID.Namespace != "" {
			namespaces[r.Object.ID.Namespace] = true
		}
		document := e.Facts(r)
		if _, unknown := document["controller_unknown"]; unknown {
			classes[r.Object.ID], _ = document["class"].(string)
		}
		acting, _ := document["controllers"].(map[string]any)
		for name, told := range acting {
			fields, _ := told.(map[string]any)
			certainty, _ := fields["certainty"].(string)
			reason, _ := fields["reason"].(string)
			seen := v.controllers[name]
			if seen == nil {
				seen = &controllerSeen{certainty: certainty, reason: reason}
				v.controllers[name] = seen
			}
			if seen.objects++; certainty == knownController && seen.certainty != certainty {
				seen.certainty, seen.reason = certainty, reason
			}
		}
	}
	v.namespaces = kube.SortedKeys(namespaces)
	return classes
}

// Words of the facts document, and rules of ours that say what a config could help with.
const (
	knownController = "known"
	unresolvedRule  = "references/unresolved"
	untoldRule      = "references/controller-unknown"
)

// read takes from the findings what could not be judged.
func (v *survey) read(findings []rule.Finding, classes map[kube.ID]string) {
	byClass := map[string]*untold{}
	for _, f := range findings {
		switch {
		case f.Action == rule.Deny:
			v.denied++
		case f.Rule == unresolvedRule && f.Subject.Name != "":
			if !slices.ContainsFunc(v.missing, func(m missing) bool { return m.id == f.Subject }) {
				v.missing = append(v.missing, missing{id: f.Subject, at: f.At, helpless: !declarable(f.Subject)})
			}
		case f.Rule == untoldRule:
			class := classes[f.Object]
			if byClass[class] == nil {
				byClass[class] = &untold{class: class, at: f.At}
			}
			byClass[class].objects++
		}
	}
	for _, class := range kube.SortedKeys(byClass) {
		v.untold = append(v.untold, *byClass[class])
	}
	slices.SortFunc(v.missing, func(a, b missing) int {
		return cmp.Or(a.id.Compare(b.id), a.at.Compare(b.at))
	})
}

// configDocs is where every key of the file is explained.
const configDocs = "https://github.com/tlsward/tlsward/blob/main/docs/config-reference.md"

// config is the text of a config for what was found. What comes from the tree is quoted, or on one line of a comment.
func (v *survey) config(profile string) string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("# What tlsward is told about this tree, for lint as for the webhook. Every key: %s", configDocs)
	line("apiVersion: tlsward.dev/v1\nkind: Config\n")
	line("# default: errors deny, warnings warn. strict also denies what a hardened cluster should not allow; migration also notes what")
	line("# stands in the way from ingress-nginx to Gateway API.\nprofile: %s\n", profile)
	v.controllersText(line)
	v.externalText(line)
	line("# Namespaces whose objects all stand in this tree: what is not there does not exist.")
	example := "shop"
	if len(v.namespaces) > 0 {
		const most = 5
		quoted := make([]string, 0, most)
		for _, namespace := range v.namespaces[:min(most, len(v.namespaces))] {
			quoted = append(quoted, scalar(namespace))
		}
		example = strings.Join(quoted, ", ")
	}
	line("# complete: [%s]\n", example)
	line("# Several clusters of which the manifests stand here: each is judged by itself.")
	line("# environments:\n#   - {name: prod, paths: [clusters/prod], values: [values/prod.yaml]}\n")
	line("# Findings to excuse: which, of which objects, why, and if you like until when. One that excuses nothing is reported.")
	line("# exemptions:\n#   - rules: [ingress-nginx/client-ca-missing]\n#     objects: [\"Ingress shop/legacy\"]")
	line("#     reason: made by hand until the migration\n#     until: 2027-03-31\n")
	line("# What is done about findings, the last match wins: deny, warn, note or off.")
	line("# actions:\n#   - rules: [\"gateway-api/*\"]\n#     namespaces: [\"dev-*\"]\n#     action: warn")
	return b.String()
}

func (v *survey) controllersText(line func(string, ...any)) {
	line("# Who acts on these objects:")
	if len(v.controllers) == 0 {
		line("#   nobody that is known here")
	}
	for _, name := range kube.SortedKeys(v.controllers) {
		seen := v.controllers[name]
		line("#   %s on %s, %s: %s", cell(name), count(seen.objects, "object"), seen.certainty, cell(seen.reason))
	}
	line("# What no class or annotation in the tree tells can be said here. Controllers that are known:")
	line("#   %s", strings.Join(v.known, ", "))
	line("# controllers:\n#   classes:")
	for _, u := range v.untold {
		if u.class != "" {
			line("#     %s: %s # not told for %s, the first at %s", scalar(u.class), v.example(), count(u.objects, "object"), placeOf(u.at))
		}
	}
	if !slices.ContainsFunc(v.untold, func(u untold) bool { return u.class != "" }) {
		line("#     internal: %s", v.example())
	}
	line("#   only: [%s]", v.example())
	for _, u := range v.untold {
		if u.class == "" {
			line("# Without a class, and not told: %s, the first at %s.", count(u.objects, "object"), placeOf(u.at))
		}
	}
	line("")
}

// example is a controller of the tree, else one that many have.
func (v *survey) example() string {
	for _, name := range kube.SortedKeys(v.controllers) {
		return name
	}
	return "ingress-nginx"
}

func (v *survey) externalText(line func(string, ...any)) {
	line("# What exists although it is not in this tree. The comment names the line that refers to it; delete what does not exist.")
	if !slices.ContainsFunc(v.missing, func(m missing) bool { return !m.helpless }) {
		line("# external:\n#   - Secret infra/corp-ca")
	} else {
		line("external:")
		for _, m := range v.missing {
			if !m.helpless {
				line("  - %s # %s", scalar(externalName(m.id)), placeOf(m.at))
			}
		}
	}
	for _, m := range v.missing {
		if m.helpless {
			line("# Not to be declared here, see what lint says: %s, %s", cell(m.id.String()), placeOf(m.at))
		}
	}
	line("")
}

// externalName is the short form of an entry of external.
func externalName(id kube.ID) string {
	return kube.GroupKind(id.Group, id.Kind) + " " + cmp.Or(id.Namespace, "unset") + "/" + id.Name
}

// scalar is text as YAML on one line: quoted where it is more than a plain word.
func scalar(text string) string {
	plain, err := yaml.Marshal(text)
	if line := strings.TrimSuffix(string(plain), "\n"); err == nil && !strings.Contains(line, "\n") {
		return line
	}
	quoted, err := json.Marshal(text)
	if err != nil {
		return `""` // a string has a JSON form
	}
	return string(quoted)
}

// declarable reports whether an entry of the config can mean an object: an API server could have one of that name, which is no
// glob and no variable that something fills in later.
func declarable(id kube.ID) bool {
	return !strings.ContainsFunc(id.Namespace+id.Name, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' && r != '.'
	})
}

func placeOf(at kube.Position) string { return place(cell(filepath.ToSlash(at.File)), at.Line) }

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// tell says what was found, what was written, and what to do next.
func (v *survey) tell(w io.Writer, dir, target, above string, after *survey) error {
	var b strings.Builder
	fmt.Fprintf(&b, "wrote %s for %s in %s\n", target, count(v.objects, "object"), count(v.files, "file"))
	for _, name := range kube.SortedKeys(v.controllers) {
		seen := v.controllers[name]
		fmt.Fprintf(&b, "  %s acts on %s, %s: %s\n", name, count(seen.objects, "object"), seen.certainty, seen.reason)
	}
	for _, u := range v.untold {
		class := "without a class"
		if u.class != "" {
			class = "of class " + u.class
		}
		fmt.Fprintf(&b, "  no controller is told for %s %s: see `controllers`\n", count(u.objects, "object"), class)
	}
	declared := len(v.missing) - len(after.missing)
	if len(v.missing) > 0 {
		fmt.Fprintf(&b, "  %s could not be followed", count(len(v.missing), "reference"))
		if declared > 0 {
			fmt.Fprintf(&b, ", %d of them declared under `external`: delete what does not exist", declared)
		}
		b.WriteString("\n")
	}
	if above != "" {
		fmt.Fprintf(&b, "  %s is not read for this tree any more: the nearest config counts\n", above)
	}
	next := "tlsward lint"
	if dir != "." {
		next += " " + dir
	}
	fmt.Fprintf(&b, "next: %s   (%s, %d would be denied)\n", next, count(after.findings, "finding"), after.denied)
	_, err := io.WriteString(w, report.Lines(b.String()))
	return err
}
