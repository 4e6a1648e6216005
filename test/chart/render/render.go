// Package render renders charts/tlsward as helm install would, with Helm's own library: for the tests of the chart, for
// end-to-end tests, and for whoever wants the manifests without Helm. It talks to no cluster.
package render

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"

	"helm.sh/helm/v4/pkg/chart/common"
	"helm.sh/helm/v4/pkg/chart/common/util"
	"helm.sh/helm/v4/pkg/chart/loader"
	chart "helm.sh/helm/v4/pkg/chart/v2"
	"helm.sh/helm/v4/pkg/engine"
	releaseutil "helm.sh/helm/v4/pkg/release/v1/util"
	"sigs.k8s.io/yaml"
)

// Release is what one installation is called. Empty fields have the values that docs/install.md uses.
type Release struct {
	Name, Namespace string
	// Kubernetes is the version of the API server.
	Kubernetes string
	// Upgrade renders what helm upgrade would.
	Upgrade bool
	// Files replace files of the chart, by path.
	Files map[string][]byte
}

// Render renders release tlsward in namespace tlsward with these values over the chart's own.
func Render(values map[string]any) ([]byte, error) { return Release{}.Render(values) }

// Render returns the manifests as one YAML stream, in the order in which Helm applies them.
func (r Release) Render(values map[string]any) ([]byte, error) {
	files, err := r.templates(values)
	if err != nil {
		return nil, err
	}
	hooks, manifests, err := releaseutil.SortManifests(files, nil, releaseutil.InstallOrder)
	if err != nil {
		return nil, err
	}
	if len(hooks) > 0 {
		return nil, fmt.Errorf("%s is a hook; GitOps controllers treat those each in its own way, and the chart has none", hooks[0].Path)
	}
	var stream bytes.Buffer
	for _, manifest := range manifests {
		fmt.Fprintf(&stream, "---\n# %s\n%s\n", manifest.Name, strings.TrimSpace(manifest.Content))
	}
	return stream.Bytes(), nil
}

// Notes returns what Helm prints after the installation.
func (r Release) Notes(values map[string]any) (string, error) {
	c, rendered, err := r.run(values)
	if err != nil {
		return "", err
	}
	return rendered[c.Name()+"/templates/NOTES.txt"], nil
}

func (r Release) templates(values map[string]any) (map[string]string, error) {
	_, files, err := r.run(values)
	maps.DeleteFunc(files, func(name, _ string) bool { return filepath.Ext(name) != ".yaml" })
	return files, err
}

func (r Release) run(values map[string]any) (*chart.Chart, map[string]string, error) {
	directory, err := Directory()
	if err != nil {
		return nil, nil, err
	}
	loaded, err := loader.Load(directory)
	if err != nil {
		return nil, nil, err
	}
	c, ok := loaded.(*chart.Chart)
	if !ok {
		return nil, nil, fmt.Errorf("%s: no chart of API version v2", directory)
	}
	for _, file := range c.Files {
		if data, ok := r.Files[file.Name]; ok {
			file.Data = data
		}
	}
	capabilities := common.DefaultCapabilities.Copy()
	version, err := common.ParseKubeVersion(withDefault(r.Kubernetes, "v1.36.3"))
	if err != nil {
		return nil, nil, err
	}
	capabilities.KubeVersion = *version
	values, err = plain(values)
	if err != nil {
		return nil, nil, err
	}
	top, err := util.ToRenderValues(c, values, common.ReleaseOptions{
		Name:      withDefault(r.Name, "tlsward"),
		Namespace: withDefault(r.Namespace, "tlsward"),
		Revision:  1,
		IsInstall: !r.Upgrade,
		IsUpgrade: r.Upgrade,
	}, capabilities)
	if err != nil {
		return nil, nil, err
	}
	// No client: a template that looks something up in the cluster gets nothing.
	files, err := engine.Render(c, top)
	return c, files, err
}

// plain gives values the types they have when Helm reads them from a file, whatever Go types a caller used; the copy also
// keeps Helm from writing its defaults into the caller's map.
func plain(values map[string]any) (map[string]any, error) {
	text, err := yaml.Marshal(values)
	if err != nil {
		return nil, err
	}
	copied := map[string]any{}
	return copied, yaml.Unmarshal(text, &copied)
}

// Directory finds charts/tlsward from the working directory upward, which every test of the repository has below its root.
func Directory() (string, error) {
	directory, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		candidate := filepath.Join(directory, "charts", "tlsward")
		if _, err := os.Stat(filepath.Join(candidate, "Chart.yaml")); err == nil {
			return candidate, nil
		}
		parent := filepath.Dir(directory)
		if parent == directory {
			return "", errors.New("charts/tlsward: not here, and in no directory above")
		}
		directory = parent
	}
}

func withDefault(value, fallback string) string {
	if value == "" {
		return fallback
	}
	return value
}
