package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tlsward/tlsward/effective"
	"github.com/tlsward/tlsward/engine"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/manifest"
	"github.com/tlsward/tlsward/migrate"
	"github.com/tlsward/tlsward/outfile"
	"github.com/tlsward/tlsward/report"
)

type migrateFlags struct {
	effectiveFlags
	to     migrate.Options
	output string
}

func migrateCommand(s streams) *cobra.Command {
	var f migrateFlags
	cmd := &cobra.Command{
		Use:   "migrate [PATH...] --class NAME",
		Short: "Write the Gateway API objects that do what Ingresses of ingress-nginx do, and prove it",
		Long: `Write the objects of Gateway API that do what Ingresses of ingress-nginx do about TLS, for a GatewayClass: Gateways,
HTTPRoutes, TLSRoutes, BackendTLSPolicies, ReferenceGrants, and what the class's controller has of its own.

A host of which something cannot be said to that controller, or is unknown, is left out as a whole, and a host of
which anything would be weaker. Manifests go to standard output, or to a file or folder; to standard error goes what
is left out, and why, and the proof: what tlsward lint says of the manifests, and tlsward effective --diff of the
Ingresses and the manifests. Secrets are referred to, and never written.

Exit status: 0 everything is written, and nothing is weaker; 1 something is left out, or lint would deny something;
2 something could not be read, or no Ingress of ingress-nginx was found. 1 beats 2.`,
		Example: `  tlsward migrate --class eg deploy/ > gateway.yaml
  tlsward migrate --class eg --cluster --host '*.shop.test' > gateway.yaml
  tlsward migrate --class edge --controller nginx-gateway-fabric --namespace edge -o gateways/ deploy/`,
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd.Context(), args, s) },
	}
	flags := cmd.Flags()
	f.registerWorld(flags)
	f.behind.register(flags)
	flags.StringVar(&f.to.Class, "class", "", "name of the GatewayClass that is to serve the hosts")
	flags.StringVar(&f.to.Controller, "controller", "", "its controller, where nothing tells it: "+strings.Join(migrate.Controllers(), ", "))
	flags.StringVar(&f.to.Namespace, "namespace", "", "namespace of all Gateways (default: that of the Ingresses)")
	flags.StringSliceVar(&f.hosts, "host", nil, "only these hosts (globs); may be repeated")
	flags.StringVarP(&f.output, "output", "o", "", "file, or folder, to write to, with one file for each object (default: standard output)")
	flags.StringVar(&f.now, "now", "", "judge as of this time (RFC 3339) or date, instead of the clock")
	flags.StringVar(&f.color, "color", "auto", "colours: auto, always or never")
	flags.StringArrayVar(&f.values, "values", nil, "file of values for Helm charts; may be repeated, later ones win")
	flags.StringSliceVar(&f.environment, "environment", nil, "only this environment of the config")
	flags.IntVar(&f.workers, "workers", 0, "number of goroutines (default: one per processor)")
	completeFlag(cmd, "environment", f.completeEnvironment)
	completeWords(cmd, map[string][]string{"color": colorWords(), "controller": migrate.Controllers()})
	return cmd
}

func (f *migrateFlags) run(ctx context.Context, args []string, s streams) error {
	style, err := terminalStyle(s.err, f.color)
	if err == nil {
		err = f.checkTarget()
	}
	if err != nil {
		return unjudged(err)
	}
	if !f.behind.cluster {
		args = here(args)
	}
	f.keepFacts = true
	if f.exclude, err = f.earlier(); err != nil {
		return unjudged(err)
	}
	if slices.Contains(args, manifest.Stdin) {
		// It is read more than once: the source, and the source beside what is written.
		text, err := manifest.ReadFile(manifest.Stdin, s.in)
		if err != nil {
			return unjudged(fmt.Errorf("standard input: %w", err))
		}
		s.in = &rereader{text: text}
	}
	side, err := f.read(ctx, source{paths: args}, s)
	if err != nil {
		return unjudged(err)
	}
	f.choose(ctx, side, len(args) > 0)
	for _, p := range side.problems {
		complain(s.err, report.Place(kube.Position{File: p.File, Line: p.Line})+": cannot read: "+p.Message)
	}
	from, err := side.ingresses()
	if err != nil {
		return unjudged(err)
	}
	if err := errors.Join(f.tellController(side.engine, from), f.anyWanted(from)); err != nil {
		return unjudged(err)
	}
	dir, err := os.MkdirTemp("", "tlsward-")
	if err != nil {
		return unjudged(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	proof := &migration{flags: f, args: args, streams: s, dir: dir}
	proof.beside.environment, proof.beside.root = from.Environment, from.Root
	result, err := migrate.Migrate(from.Tree.Tree, from.rows, f.to, func(documents []migrate.Document) ([]effective.Row, error) {
		return proof.rows(ctx, documents)
	})
	if err != nil {
		return unjudged(err)
	}
	run, err := proof.lint(ctx, len(result.Documents))
	if err != nil {
		return unjudged(err)
	}
	if err := f.write(s, proof.texts); err != nil {
		return unjudged(err)
	}
	out := proof.report(from, result, run)
	if err := report.WriteMigration(s.err, out, style); err != nil {
		return unjudged(err)
	}
	switch {
	case !result.Survived(), result.Weaker(), run.Summary.Denied > 0:
		return &exitError{code: exitDenied}
	case len(side.problems) > 0:
		return &exitError{code: exitUnjudged}
	}
	return nil
}

// rereader is standard input that begins anew once it was read to its end.
type rereader struct {
	text string
	at   int
}

func (r *rereader) Read(into []byte) (int, error) {
	if r.at == len(r.text) {
		r.at = 0
		return 0, io.EOF
	}
	n := copy(into, r.text[r.at:])
	r.at += n
	return n, nil
}

// choose says which hosts are wanted: those that flags name and, over a cluster, that the files have to do with.
func (f *migrateFlags) choose(ctx context.Context, side *side, files bool) {
	touched := map[string]bool{}
	if f.behind.cluster && files {
		side.place(ctx, nil)
		for i := range side.trees {
			for j := range side.trees[i].rows {
				if row := &side.trees[i].rows[j]; inFiles(row) {
					touched[row.Host] = true
				}
			}
		}
	}
	f.to.Wants = func(host string) bool {
		named := len(f.hosts) == 0 || slices.ContainsFunc(f.hosts, func(glob string) bool { return matchesHost(glob, host) })
		return named && (!f.behind.cluster || !files || touched[host])
	}
}

// anyWanted refuses to do nothing without a word.
func (f *migrateFlags) anyWanted(from *tree) error {
	hosts := map[string]bool{}
	for i := range from.rows {
		if from.rows[i].Controller == migrate.Source {
			hosts[from.rows[i].Host] = true
		}
	}
	for host := range hosts {
		if f.to.Wants(host) {
			return nil
		}
	}
	return fmt.Errorf("nothing to migrate: --host names none of %d %s of ingress-nginx", len(hosts), map[bool]string{true: "host", false: "hosts"}[len(hosts) == 1])
}

// checkTarget refuses what no object may be called.
func (f *migrateFlags) checkTarget() error {
	if f.to.Class == "" {
		return errors.New("--class: want the name of the GatewayClass that is to serve the hosts; `tlsward migrate --help` has an example")
	}
	for flag, name := range map[string]string{"--class": f.to.Class, "--namespace": f.to.Namespace} {
		if !migrate.ValidName(name) && (name != "" || flag == "--class") {
			return fmt.Errorf("%s %s: want a name of small letters, digits and dashes", flag, name)
		}
	}
	for _, glob := range f.hosts {
		if _, err := path.Match(glob, ""); err != nil || glob == "" {
			return fmt.Errorf("--host %s: want a host, or a glob of them", glob)
		}
	}
	if f.to.Controller != "" {
		return oneOf("--controller", f.to.Controller, migrate.Controllers())
	}
	return nil
}

// ingresses is the tree that has Ingresses of ingress-nginx: there is to be one.
func (s *side) ingresses() (*tree, error) {
	var found *tree
	for i := range s.trees {
		t := &s.trees[i]
		if !slices.ContainsFunc(t.rows, func(r effective.Row) bool { return r.Controller == migrate.Source }) {
			continue
		}
		if found != nil {
			return nil, fmt.Errorf("several roots hold Ingresses of ingress-nginx: %s and %s; migrate one at a time, by its path or by --environment", found.title(), t.title())
		}
		found = t
	}
	switch {
	case found != nil:
		return found, nil
	case s.objects == 0:
		return nil, errors.New("nothing to migrate: no Kubernetes object in what was read")
	default:
		return nil, errors.New("nothing to migrate: no Ingress here is known to be served by ingress-nginx; controllers.classes of the config says which class is")
	}
}

func (t *tree) title() string {
	if t.Environment != "" {
		return "environment " + t.Environment
	}
	return cmp.Or(t.name, "the files outside of any root")
}

// tellController finds out whose the class is: by the flag, the config, a GatewayClass in sight, or its usual name.
func (f *migrateFlags) tellController(e *engine.Engine, from *tree) error {
	controllers := f.loaded.Controllers
	for _, e := range f.loaded.Environments {
		if e.Name == from.Environment && e.Differs {
			controllers = e.Controllers
		}
	}
	told := controllers.Classes[f.to.Class]
	for _, o := range from.Of("GatewayClass.gateway.networking.k8s.io") {
		if name := o.Text("spec", "controllerName"); o.ID.Name == f.to.Class && name != "" {
			told = cmp.Or(classOf(e, func(controller string, _ []string) bool { return controller == name }), name)
		}
	}
	switch {
	case f.to.Controller != "" && told != "" && told != f.to.Controller:
		return fmt.Errorf("--controller %s: GatewayClass %s is of %s", f.to.Controller, f.to.Class, told)
	case f.to.Controller != "":
		return nil
	case told == "":
		told = classOf(e, func(_ string, names []string) bool { return slices.Contains(names, f.to.Class) })
	}
	if told == "" {
		return fmt.Errorf("whose GatewayClass %s is cannot be told here: want --controller, one of %s", f.to.Class, strings.Join(migrate.Controllers(), ", "))
	}
	if err := oneOf("controller", told, migrate.Controllers()); err != nil {
		return fmt.Errorf("GatewayClass %s is of %s, to which nothing can be migrated yet: %w", f.to.Class, told, err)
	}
	f.to.Controller = told
	return nil
}

// classOf finds a controller by a class of it: what GatewayClasses call it, and the names that these usually have.
func classOf(e *engine.Engine, is func(controller string, names []string) bool) string {
	for _, p := range e.Providers().Providers {
		for _, c := range p.Controllers {
			for _, class := range c.Classes {
				if class.Kind == "GatewayClass.gateway.networking.k8s.io" && is(class.Controller, class.Names) {
					return c.Name
				}
			}
		}
	}
	return ""
}

// folder reports whether each object goes to a file of its own.
func (f *migrateFlags) folder() bool {
	info, err := os.Stat(f.output)
	return strings.HasSuffix(f.output, string(filepath.Separator)) || err == nil && info.IsDir()
}

// writtenBy is the first line of a file that this command has written. What does not begin with it is somebody's own: it is read like any
// other, and never written over.
const writtenBy = "# Written by tlsward migrate, which writes it anew when it runs again.\n"

// writtenEarlier reports whether an earlier run has written a file; false with no error where it is not there.
func writtenEarlier(file string) (bool, error) {
	text, err := os.ReadFile(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("--output %s: %w", file, manifest.Cause(err))
	case !strings.HasPrefix(string(text), writtenBy):
		return false, fmt.Errorf("--output %s: it is there already, and tlsward migrate has not written it: name another, or remove it", file)
	default:
		return true, nil
	}
}

// earlier are the files that an earlier run has written to the same place.
func (f *migrateFlags) earlier() ([]string, error) {
	if !f.folder() {
		if f.output == "" || f.output == "-" {
			return nil, nil
		}
		if before, err := writtenEarlier(f.output); err != nil || !before {
			return nil, err
		}
		return []string{f.output}, nil
	}
	entries, err := os.ReadDir(f.output)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("--output %s: %w", f.output, manifest.Cause(err))
	}
	var files []string
	for _, entry := range entries {
		kind, _, ok := strings.Cut(entry.Name(), "_")
		if ok && strings.HasSuffix(entry.Name(), ".yaml") && slices.Contains(migrate.Kinds(), kind) {
			file := filepath.Join(f.output, entry.Name())
			if before, err := writtenEarlier(file); before && err == nil {
				files = append(files, file)
			}
		}
	}
	return files, nil
}

// texts are the manifests by the names of files in the folder that they go to; "" where all go to one place.
func (f *migrateFlags) texts(documents []migrate.Document) (map[string][]byte, error) {
	texts := map[string][]byte{}
	if !f.folder() {
		text, err := migrate.YAML(documents)
		if len(documents) > 0 {
			texts[""] = text
		}
		return texts, err
	}
	for _, d := range documents {
		text, err := migrate.YAML([]migrate.Document{d})
		if err != nil {
			return nil, err
		}
		texts[fileName(d.Object.ID)] = text
	}
	return texts, nil
}

// write writes the manifests: all to one place, or each object to a file of a folder.
func (f *migrateFlags) write(s streams, texts map[string][]byte) error {
	if len(texts) == 0 {
		return nil
	}
	if f.output == "" || f.output == "-" {
		_, err := s.out.Write(texts[""])
		return err
	}
	if f.folder() {
		if err := os.MkdirAll(f.output, 0o755); err != nil { //nolint:gosec // manifests are for others to read
			return fmt.Errorf("--output %s: %w", f.output, manifest.Cause(err))
		}
	}
	for _, file := range f.exclude {
		if _, again := texts[filepath.Base(file)]; f.folder() && !again {
			complain(s.err, file+": it is of an earlier run, and is not written any more: remove it, or it goes on being applied")
		}
	}
	for _, name := range kube.SortedKeys(texts) {
		if _, err := writtenEarlier(filepath.Join(f.output, name)); err != nil {
			return err
		}
	}
	for _, name := range kube.SortedKeys(texts) {
		file := filepath.Join(f.output, name)
		if err := outfile.Write(file, append([]byte(writtenBy), texts[name]...)); err != nil {
			return fmt.Errorf("--output %s: %w", file, err)
		}
	}
	return nil
}

// fileName is what an object's file is called. Its name is of letters, digits and dashes, and its namespace as some file has it: what leads
// to another folder is made harmless.
func fileName(id kube.ID) string {
	parts := []string{strings.ToLower(id.Kind)}
	if id.Namespace != "" {
		parts = append(parts, url.PathEscape(strings.ReplaceAll(id.Namespace, ".", "-")))
	}
	return strings.Join(append(parts, id.Name), "_") + ".yaml"
}
