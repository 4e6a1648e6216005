package render

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"text/template"
	"time"

	"helm.sh/helm/v4/pkg/chart/common"
	"helm.sh/helm/v4/pkg/chart/loader/archive"
	chart "helm.sh/helm/v4/pkg/chart/v2"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	"helm.sh/helm/v4/pkg/engine"
	"helm.sh/helm/v4/pkg/ignore"
	"k8s.io/client-go/kubernetes/scheme"

	"github.com/tlsward/tlsward/kube"
)

// What a chart is told of the release that it is rendered for. They are what `helm template` says too, but for the
// namespace: "default" is a namespace that exists.
const (
	releaseName      = "release-name"
	releaseNamespace = "release-namespace"
)

// Template is what one template of a chart makes.
type Template struct {
	// File is the template, or the archive of the dependency that it is in.
	File string
	// Name is how Helm calls it: chart/templates/ingress.yaml.
	Name string
	Text []byte
}

// Chart is what a chart makes.
type Chart struct {
	// Templates are those that make something, in the order of their names.
	Templates []Template
	// Taken are the files that the chart consists of.
	Taken []string
	// Missing are dependencies that Chart.yaml names and charts/ does not hold.
	Missing []string
	// Library charts make nothing by themselves.
	Library bool
}

// ChartOptions say what a chart is rendered with.
type ChartOptions struct {
	// Values are files of values, of which the later ones win.
	Values []string
	// Now is what templates take for the time.
	Now time.Time
}

// Helm renders the chart in a folder.
func Helm(ctx context.Context, dir string, files Files, o ChartOptions) (*Chart, error) {
	return within(ctx, maxTime, func() (*Chart, error) { return helm(ctx, dir, files, o) })
}

func helm(ctx context.Context, dir string, files Files, o ChartOptions) (*Chart, error) {
	s := newStore(files)
	root, _, err := s.resolve(dir)
	if err != nil {
		return nil, err
	}
	loaded, err := s.chart(root)
	if err != nil {
		return nil, shorten(err, root)
	}
	beside, err := s.addLocal(loaded, root)
	if err != nil {
		return nil, shorten(err, root)
	}
	result := &Chart{Missing: missing(loaded), Library: loaded.Metadata.Type == "library"}
	for _, file := range s.list() {
		if name, err := filepath.Rel(root, file); err != nil || !filepath.IsLocal(name) || takes(filepath.ToSlash(name)) {
			result.Taken = append(result.Taken, file)
		}
	}
	if result.Library {
		return result, nil
	}
	values, err := s.values(o.Values)
	if err != nil {
		return nil, shorten(err, root)
	}
	rendered, err := templates(ctx, loaded, values, o.Now)
	if err != nil {
		if len(result.Missing) > 0 {
			return nil, refuse("charts/ does not hold %s, and nothing is fetched (%s)", strings.Join(result.Missing, ", "), shorten(err, root))
		}
		return nil, asked(shorten(err, root))
	}
	size := 0
	for _, name := range kube.SortedKeys(rendered) {
		if strings.TrimSpace(rendered[name]) == "" || strings.HasSuffix(name, "NOTES.txt") {
			continue
		}
		if size += len(rendered[name]); size > maxText {
			return nil, fmt.Errorf("makes more than %d MiB", maxText>>20)
		}
		result.Templates = append(result.Templates, Template{s.file(root, loaded, name, beside), name, []byte(rendered[name])})
	}
	return result, nil
}

// asked tells apart a chart that refuses its values, as those that want some must, from one that is broken.
func asked(err error) error {
	if text, ok := strings.CutPrefix(err.Error(), "execution error at "); ok {
		return refuse("it asks for other values (--values): %s", text)
	}
	return err
}

// chart loads a chart as Helm does, but reads what may be read only.
func (s *store) chart(root string) (*chart.Chart, error) {
	rules := ignore.Empty()
	if _, _, err := s.resolve(filepath.Join(root, ignore.HelmIgnore)); err == nil {
		data, err := s.read(filepath.Join(root, ignore.HelmIgnore))
		if err != nil {
			return nil, err
		}
		if rules, err = ignore.Parse(bytes.NewReader(data)); err != nil {
			return nil, err
		}
	}
	rules.AddDefaults()
	var files []*archive.BufferedFile
	err := s.walk(root, "", 0, func(name string, info fs.FileInfo) error {
		switch {
		case rules.Ignore(name, info), info.IsDir() && elsewhere(name):
			return fs.SkipDir
		case info.IsDir():
			return nil
		}
		data, err := s.read(filepath.Join(root, filepath.FromSlash(name)))
		if err != nil {
			return err
		}
		data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
		files = append(files, &archive.BufferedFile{Name: name, Data: data})
		return nil
	})
	if err != nil {
		return nil, err
	}
	return quietly(func() (*chart.Chart, error) { return loader.LoadFiles(files) })
}

// elsewhere reports folders that Helm would take along and no template reads: in a chart at the top of a repository, all its
// history. Definitions of kinds are applied as they stand.
func elsewhere(name string) bool {
	return strings.HasPrefix(path.Base(name), ".") || path.Base(name) == "node_modules" || name == "crds"
}

// takes reports whether a file of a chart is nothing by itself. What else stands in its folder may well be a manifest.
func takes(name string) bool {
	top, _, below := strings.Cut(name, "/")
	return !below || slices.Contains([]string{"templates", "charts", "files", "ci"}, top)
}

// walk calls f for all below a folder, in order, links followed where they may be.
func (s *store) walk(root, dir string, depth int, f func(name string, info fs.FileInfo) error) error {
	if depth > maxDepth {
		return fmt.Errorf("%s: more than %d directories deep", dir, maxDepth)
	}
	real, _, err := s.resolve(filepath.Join(root, filepath.FromSlash(dir)))
	if err != nil {
		return err
	}
	entries, err := os.ReadDir(real)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		name := path.Join(dir, entry.Name())
		_, info, err := s.resolve(filepath.Join(root, filepath.FromSlash(name)))
		if err != nil {
			return err
		}
		if !info.IsDir() && !info.Mode().IsRegular() {
			return fmt.Errorf("%s: not a regular file", name)
		}
		switch err := f(name, info); {
		case errors.Is(err, fs.SkipDir):
			continue
		case err != nil:
			return err
		case info.IsDir():
			if err := s.walk(root, name, depth+1, f); err != nil {
				return err
			}
		}
	}
	return nil
}

// addLocal takes in dependencies that stand elsewhere in the repository (file://../common), which Helm copies to charts/ when
// it builds the dependencies. It returns where they are, by name.
func (s *store) addLocal(c *chart.Chart, root string) (map[string]string, error) {
	dirs := map[string]string{}
	for _, want := range c.Metadata.Dependencies {
		if want == nil || !slices.Contains(missing(c), want.Name) {
			continue
		}
		local, ok := strings.CutPrefix(want.Repository, "file://")
		if !ok || filepath.IsAbs(local) {
			continue
		}
		dir, info, err := s.resolve(filepath.Join(root, filepath.FromSlash(local)))
		if err != nil || !info.IsDir() || below(dir, root) {
			continue // it stays missing
		}
		dependency, err := s.chart(dir)
		if err != nil {
			return nil, fmt.Errorf("dependency %s: %w", want.Name, err)
		}
		if dependency.Name() != want.Name {
			continue
		}
		dirs[want.Name] = dir
		c.AddDependency(dependency)
	}
	return dirs, nil
}

func below(dir, path string) bool {
	inside, err := filepath.Rel(dir, path)
	return err == nil && filepath.IsLocal(inside)
}

// missing lists the dependencies that are not there.
func missing(c *chart.Chart) (names []string) {
	for _, want := range c.Metadata.Dependencies {
		if want == nil {
			continue
		}
		if !slices.ContainsFunc(c.Dependencies(), func(have *chart.Chart) bool { return have.Name() == want.Name }) {
			names = append(names, want.Name)
		}
	}
	return names
}

// values joins files of values.
func (s *store) values(names []string) (map[string]any, error) {
	values := map[string]any{}
	for _, name := range names {
		data, err := s.read(name)
		if err != nil {
			return nil, err
		}
		more, err := loader.LoadValues(bytes.NewReader(data))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		values = loader.MergeMaps(values, more)
	}
	return values, nil
}

// templates renders all templates of a chart and of its dependencies. The schema of the values is not looked at: it may lead
// to the network, and says nothing about what is rendered.
func templates(ctx context.Context, c *chart.Chart, given map[string]any, now time.Time) (map[string]string, error) {
	settle(c, given, nil)
	top := common.Values{
		"Values":       common.Values(valuesOf(c, given)),
		"Capabilities": capabilities(),
		"Release": map[string]any{
			"Name": releaseName, "Namespace": releaseNamespace, "Revision": 1, "IsInstall": true, "IsUpgrade": false, "Service": "Helm",
		},
	}
	return quietly(func() (map[string]string, error) {
		return engine.Engine{CustomTemplateFuncs: bounded(now)}.RenderWithContext(ctx, c, top)
	})
}

// capabilities is a current cluster that serves the kinds of Kubernetes, of Gateway API and of cert-manager: a chart that
// asks should show what it makes of them.
var capabilities = sync.OnceValue(func() *common.Capabilities {
	c := common.DefaultCapabilities.Copy()
	c.APIVersions = append(slices.Clone(c.APIVersions),
		"gateway.networking.k8s.io/v1", "gateway.networking.k8s.io/v1/Gateway", "gateway.networking.k8s.io/v1/HTTPRoute",
		"gateway.networking.k8s.io/v1/BackendTLSPolicy", "cert-manager.io/v1", "cert-manager.io/v1/Certificate")
	for gvk := range scheme.Scheme.AllKnownTypes() {
		c.APIVersions = append(c.APIVersions, gvk.GroupVersion().String()+"/"+gvk.Kind)
	}
	return c
})

// maxRepeat bounds what one call of a function makes: no template means a million of anything.
const maxRepeat = 1_000_000

// bounded are the functions of templates that could take all memory in one call, or differ from run to run for no reason.
func bounded(now time.Time) template.FuncMap {
	within := func(n int) error {
		if n < -maxRepeat || n > maxRepeat {
			return fmt.Errorf("%d: more than %d", n, maxRepeat)
		}
		return nil
	}
	steps := func(start, stop, step int) ([]int, error) {
		if step == 0 || (stop-start)/step < 0 {
			return []int{}, nil
		}
		if err := within((stop - start) / step); err != nil {
			return nil, err
		}
		list := []int{}
		for i := start; step > 0 && i < stop || step < 0 && i > stop; i += step {
			list = append(list, i)
		}
		return list, nil
	}
	funcs := template.FuncMap{
		"until": func(n int) ([]int, error) {
			if n < 0 {
				return steps(0, n, -1)
			}
			return steps(0, n, 1)
		},
		"untilStep": steps,
		"repeat": func(n int, s string) (string, error) {
			if n < 0 || n > maxRepeat || n*len(s) > maxFile {
				return "", fmt.Errorf("repeat %d: too much", n)
			}
			return strings.Repeat(s, n), nil
		},
	}
	if !now.IsZero() {
		funcs["now"] = func() time.Time { return now }
	}
	return funcs
}

// file is where a template stands: Helm names it by its charts, which may go by aliases, and stand in archives, in folders of
// other names or, by beside, elsewhere.
func (s *store) file(root string, c *chart.Chart, template string, beside map[string]string) string {
	whole := filepath.Join(root, "Chart.yaml")
	dir, rest := root, strings.TrimPrefix(template, c.Name()+"/")
	for c != nil {
		inner, ok := strings.CutPrefix(rest, "charts/")
		if !ok {
			if plain, _, err := s.resolve(filepath.Join(dir, filepath.FromSlash(rest))); err == nil {
				return plain
			}
			return whole
		}
		alias, below, _ := strings.Cut(inner, "/")
		name := alias
		if wanted := wantedAs(c, alias); wanted != nil {
			name = wanted.Name
		}
		switch found := s.dependency(dir, name); {
		case dir == root && beside[name] != "":
			dir = beside[name]
		case filepath.Ext(found) == ".tgz":
			return found
		case found == "":
			return whole
		default:
			dir = found
		}
		index := slices.IndexFunc(c.Dependencies(), func(d *chart.Chart) bool { return d.Name() == alias })
		if index < 0 {
			return whole
		}
		c, rest = c.Dependencies()[index], below
	}
	return whole
}

// dependency is the folder or archive in charts/ that holds a chart; "" if none is called like it.
func (s *store) dependency(dir, name string) string {
	entries, _ := os.ReadDir(filepath.Join(dir, "charts"))
	for _, entry := range entries {
		if entry.Name() == name || strings.HasPrefix(entry.Name(), name+"-") && filepath.Ext(entry.Name()) == ".tgz" {
			return filepath.Join(dir, "charts", entry.Name())
		}
	}
	return ""
}
