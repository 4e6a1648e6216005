package provider

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/tlsward/tlsward/kube"
)

// Release says how objects of a kind install a chart, with values. What the chart makes of them is in no file.
type Release struct {
	Kind string `yaml:"kind"`
	// Chart leads to the name of the chart.
	Chart Path `yaml:"chart"`
	// Values lead to the values of the chart, of which the first that is there counts: a mapping, or a text of YAML.
	Values []Path `yaml:"values"`
	// More are fields by which further values come from elsewhere.
	More []Path `yaml:"more"`
}

// Chart says where the values of a controller's chart set what the controller reads.
type Chart struct {
	// Names are those of the chart, with its forks.
	Names []string `yaml:"names"`
	// ConfigMap and Flags lead to mappings of settings in the values.
	ConfigMap Path `yaml:"configMap"`
	Flags     Path `yaml:"flags"`
	// Values are values by which the chart sets a flag, by the flag.
	Values map[string]Path `yaml:"values"`
}

func (r *Release) complete() error {
	if r.Kind == "" || r.Chart.String() == "" || len(r.Values) == 0 {
		return errors.New("want kind, chart and values")
	}
	return nil
}

// Charts lists the names of charts that install a controller with settings.
func (s *Set) Charts() (names []string) {
	if len(s.releases) == 0 {
		return nil
	}
	for _, c := range s.configured {
		names = append(names, c.Installation.Chart.Names...)
	}
	return names
}

// Releases reports whether objects of a kind install charts.
func (s *Set) Releases(groupKind string) bool { return s.releases[groupKind] != nil }

// furtherValues marks a workload of which not all values are in sight.
const furtherValues = "further"

// Further reports whether more is set for an installation than its object says.
func Further(obj kube.Object) bool { return obj.Fields[furtherValues] == true }

// rendered is what an inventory keeps of a release: the workload of the controller as its chart makes it, with the settings of
// its ConfigMap beside it. Of a chart of something else nothing is kept.
func (s *Set) rendered(obj kube.Object) kube.Object {
	if obj.Fields[furtherValues] != nil {
		return obj
	}
	fields := map[string]any{"metadata": named(obj)}
	for i := range s.releases[obj.ID.GroupKind()] {
		release := s.releases[obj.ID.GroupKind()][i]
		chart, _ := release.Chart.First(obj.Fields)
		for _, c := range s.configured {
			name, _ := chart.(string)
			if name == "" || !slices.Contains(c.Installation.Chart.Names, name) {
				continue
			}
			more := slices.ContainsFunc(release.More, func(p Path) bool { _, ok := p.First(obj.Fields); return ok })
			values, readable := release.values(obj)
			settings, flags, hidden := c.set(values)
			args := []any{c.Installation.Program}
			for _, flag := range kube.SortedKeys(flags) {
				args = append(args, "--"+flag+"="+flags[flag])
			}
			fields["spec"] = podOf([]any{map[string]any{"args": args}})
			fields["data"] = settings
			fields[furtherValues] = more || hidden || !readable
		}
	}
	obj.Fields = fields
	return obj
}

func (r *Release) values(obj kube.Object) (values map[string]any, readable bool) {
	for _, path := range r.Values {
		switch found, _ := path.First(obj.Fields); v := found.(type) {
		case map[string]any:
			return v, true
		case string:
			return values, yaml.Unmarshal([]byte(v), &values) == nil
		}
	}
	return nil, true
}

// set reads settings and flags in the values of the controller's chart. Some may be hidden: a placeholder, or encrypted.
func (c *Controller) set(values map[string]any) (settings map[string]any, flags map[string]string, hidden bool) {
	settings, flags = map[string]any{}, map[string]string{}
	read := func(value any, keep func(string)) {
		text := fmt.Sprint(value)
		switch value.(type) {
		case string, bool, int, int64, float64:
			if strings.ContainsAny(text, "${") || strings.HasPrefix(text, "ENC[") {
				hidden = true
			} else {
				keep(text)
			}
		}
	}
	at := c.Installation.Chart
	under := func(path Path) map[string]any {
		if path.String() == "" {
			return nil
		}
		found, _ := path.First(values)
		mapping, _ := found.(map[string]any)
		return mapping
	}
	config, arguments := under(at.ConfigMap), under(at.Flags)
	for i := range c.Settings {
		name := c.Settings[i].Name
		if c.Settings[i].Flag {
			if value, ok := arguments[name]; ok {
				read(value, func(text string) {
					if text == "" && c.Settings[i].Boolean() {
						text = "true"
					}
					flags[name] = text
				})
			}
		} else if value, ok := config[name]; ok {
			read(value, func(text string) { settings[name] = text })
		}
	}
	for flag, path := range at.Values {
		if value, ok := path.First(values); ok && c.reads(flag) {
			read(value, func(text string) { flags[flag] = text })
		}
	}
	return settings, flags, hidden
}
