package provider

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tlsward/tlsward/kube"
)

// Installation says how an installation of a controller is known among workloads and ConfigMaps.
type Installation struct {
	// Program is an element of the command or of the arguments of the container that runs it.
	Program string `yaml:"program"`
	// Workloads is a label of its Deployment or DaemonSet. In a cluster only workloads that bear it are read.
	Workloads LabelValues `yaml:"workloads"`
	// ConfigMap is what it is configured with.
	ConfigMap InstallationConfigMap `yaml:"configMap"`
	// ClassFlag is the flag that replaces Class.Controller.
	ClassFlag string `yaml:"classFlag"`
	// Chart is the one that installs it.
	Chart Chart `yaml:"chart"`
}

// InstallationConfigMap says which ConfigMap an installation reads: the one that a flag names, as namespace/name, or, where
// no workload is in sight, one with labels or with a usual name.
type InstallationConfigMap struct {
	Flag   string            `yaml:"flag"`
	Labels map[string]string `yaml:"labels"`
	Names  []string          `yaml:"names"`
}

// LabelValues is a label and some of its values.
type LabelValues struct {
	Label  string   `yaml:"label"`
	Values []string `yaml:"values"`
}

// Setting is what an operator of a controller sets for all objects at once.
type Setting struct {
	// Name is the key of the controller's ConfigMap or, with Flag, that of a flag without its dashes.
	Name string `yaml:"name"`
	Flag bool   `yaml:"flag"`
	// Config: only our own config says it, as nothing in sight would.
	Config bool `yaml:"config"`
	// Default is what holds where nothing is set. If it is true or false, so are all values.
	Default string `yaml:"default"`
}

// Crossing is a setting that permits references to other namespaces, and its values that do.
type Crossing struct {
	Controller string `yaml:"controller"`
	Setting    string `yaml:"setting"`
	Value      string `yaml:"value"`
}

// Boolean reports whether the setting is read as true or false.
func (s *Setting) Boolean() bool { return s.Default == "true" || s.Default == "false" }

// Read returns a value as the controller reads it: a boolean as Go's strconv.ParseBool does, nothing as false. It reports
// false where the controller could make nothing of it.
func (s *Setting) Read(text string) (string, bool) {
	if !s.Boolean() {
		return text, true
	}
	if text == "" {
		return "false", true
	}
	value, err := strconv.ParseBool(text)
	return strconv.FormatBool(value), err == nil
}

func (c *Controller) complete() error {
	if c.Name == "" {
		return errors.New("no name")
	}
	var errs []error
	for i, s := range c.Settings {
		switch {
		case s.Name == "":
			errs = append(errs, fmt.Errorf("settings[%d]: no name", i))
		case slices.ContainsFunc(c.Settings[:i], func(other Setting) bool { return other.Name == s.Name }):
			errs = append(errs, fmt.Errorf("settings[%d]: %s stands here twice", i, s.Name))
		}
	}
	if err := c.Pods.complete(); err != nil {
		errs = append(errs, err)
	}
	if c.Installation.Program == "" && (c.Installation.Workloads.Label != "" || c.Installation.ConfigMap.Flag != "" || c.Installation.ClassFlag != "" || c.Installation.Chart.Names != nil) {
		errs = append(errs, errors.New("installation: want a program beside workloads, flags, classFlag and chart"))
	}
	if (c.Installation.Workloads.Label == "") != (len(c.Installation.Workloads.Values) == 0) {
		errs = append(errs, errors.New("installation.workloads: want a label and values"))
	}
	return errors.Join(errs...)
}

// crosses checks the setting that a reference names.
func (p *Provider) crosses(r *Reference) error {
	if r.Crossing == (Crossing{}) {
		return nil
	}
	if r.Form != FormNamespacedName {
		return fmt.Errorf("role %s: crossing: want form namespace/name", r.Role)
	}
	for i := range p.Controllers {
		if p.Controllers[i].Name == r.Crossing.Controller && p.Controllers[i].Setting(r.Crossing.Setting) != nil {
			return nil
		}
	}
	return fmt.Errorf("role %s: crossing: controller %q of this provider has no setting %q", r.Role, r.Crossing.Controller, r.Crossing.Setting)
}

// Setting returns the setting of a name, nil if there is none.
func (c *Controller) Setting(name string) *Setting {
	for i := range c.Settings {
		if c.Settings[i].Name == name {
			return &c.Settings[i]
		}
	}
	return nil
}

// workloadKinds are those whose pods run until somebody ends them.
var workloadKinds = []string{"DaemonSet.apps", "Deployment.apps"}

// configure notes which controllers have settings, once all kinds are known.
func (s *Set) configure() {
	s.workloads = map[string]bool{}
	for i := range s.Providers {
		for j := range s.Providers[i].Controllers {
			c := &s.Providers[i].Controllers[j]
			if len(c.Settings) == 0 {
				continue
			}
			s.configured = append(s.configured, c)
			s.relevant["ConfigMap"] = true
			for _, setting := range c.Settings {
				if !setting.Flag && !setting.Config && !slices.Contains(s.settings, setting.Name) {
					s.settings = append(s.settings, setting.Name)
				}
			}
			if program := c.Installation.Program; program != "" && !slices.Contains(s.programs, program) {
				s.programs = append(s.programs, program)
			}
		}
	}
	if len(s.programs) == 0 {
		return
	}
	for _, groupKind := range workloadKinds {
		s.workloads[groupKind] = !s.relevant[groupKind]
	}
}

// Configured returns the controller of a name that has settings, nil if there is none.
func (s *Set) Configured(name string) *Controller {
	for _, c := range s.configured {
		if c.Name == name {
			return c
		}
	}
	return nil
}

// ConfiguredControllers lists the controllers that have settings.
func (s *Set) ConfiguredControllers() []*Controller { return s.configured }

// SettingKeys lists the keys of ConfigMaps that may hold a setting.
func (s *Set) SettingKeys() []string { return s.settings }

// Workload reports whether objects of a kind may run a controller with settings, or have it run by a chart.
func (s *Set) Workload(groupKind string) bool {
	_, ok := s.workloads[groupKind]
	return ok || s.releases[groupKind] != nil
}

// Incidental reports whether objects of a kind are of interest only where they run a controller with settings. Such a kind is
// not among the relevant ones: of its objects nothing is judged.
func (s *Set) Incidental(groupKind string) bool {
	return s.workloads[groupKind] || s.releases[groupKind] != nil && !s.relevant[groupKind]
}

// Programs lists the arguments by which workloads that run a controller are known.
func (s *Set) Programs() []string { return s.programs }

// WorkloadSelector is the label selector for workloads of a kind that may run a controller; "" where all are of interest.
func (s *Set) WorkloadSelector(groupKind string) string {
	if !s.workloads[groupKind] {
		return ""
	}
	label, values := "", []string(nil)
	for _, c := range s.configured {
		switch at := c.Installation.Workloads; {
		case c.Installation.Program == "":
		case at.Label == "" || label != "" && at.Label != label:
			// A selector joins conditions by "and" only.
			return ""
		default:
			label, values = at.Label, append(values, at.Values...)
		}
	}
	slices.Sort(values)
	return fmt.Sprintf("%s in (%s)", label, strings.Join(slices.Compact(values), ","))
}

// Installs lists the controllers of which an object shows an installation: a workload that runs the program, or a ConfigMap
// with the labels or a usual name.
func (s *Set) Installs(obj kube.Object) []string {
	var names []string
	for _, c := range s.configured {
		if c.runs(s, obj) || c.configuredBy(obj) {
			names = append(names, c.Name)
		}
	}
	return names
}

func (c *Controller) runs(s *Set, obj kube.Object) bool {
	return s.Workload(obj.ID.GroupKind()) && c.arguments(obj) != nil
}

func (c *Controller) configuredBy(obj kube.Object) bool {
	if obj.ID.Kind != "ConfigMap" || obj.ID.Group != "" {
		return false
	}
	at := c.Installation.ConfigMap
	if slices.Contains(at.Names, obj.ID.Name) {
		return true
	}
	metadata, _ := obj.Fields["metadata"].(map[string]any)
	labels, _ := metadata["labels"].(map[string]any)
	for label, value := range at.Labels {
		if labels[label] != value {
			return false
		}
	}
	return len(at.Labels) > 0
}

// arguments returns the command and arguments of the container that runs the program, nil if none does.
func (c *Controller) arguments(obj kube.Object) []string {
	if c.Installation.Program == "" {
		return nil
	}
	spec, _ := obj.Fields["spec"].(map[string]any)
	template, _ := spec["template"].(map[string]any)
	pod, _ := template["spec"].(map[string]any)
	containers, _ := pod["containers"].([]any)
	for _, element := range containers {
		container, _ := element.(map[string]any)
		var words []string
		for _, field := range []string{"command", "args"} {
			list, _ := container[field].([]any)
			for _, word := range list {
				if text, ok := word.(string); ok {
					words = append(words, text)
				}
			}
		}
		if slices.Contains(words, c.Installation.Program) {
			return words
		}
	}
	return nil
}

// maxFlag bounds the value of a flag that is kept: it is a name, or two with a slash between them, of 253 letters each.
const maxFlag = 512

// Flags returns the flags that a workload gives to the controller, of those that the settings, the ConfigMap and the class
// are read from. As pflag has it, a flag that is true or false takes a value only behind "=", and the last one counts.
func (c *Controller) Flags(obj kube.Object) map[string]string {
	flags := map[string]string{}
	words := c.arguments(obj)
	words = words[slices.Index(words, c.Installation.Program)+1:]
	for i := 0; i < len(words); i++ {
		name, value, assigned := strings.Cut(strings.TrimPrefix(words[i], "--"), "=")
		setting := c.Setting(name)
		switch {
		case words[i] == "--":
			return flags
		case !strings.HasPrefix(words[i], "--") || !c.reads(name):
			continue
		case assigned:
		case setting != nil && setting.Boolean():
			value = "true"
		case i+1 < len(words):
			i++
			value = words[i]
		}
		if len(value) <= maxFlag {
			flags[name] = value
		}
	}
	return flags
}

func (c *Controller) reads(flag string) bool {
	setting := c.Setting(flag)
	return setting != nil && setting.Flag || flag == c.Installation.ConfigMap.Flag || flag == c.Installation.ClassFlag
}

// Trim returns what an inventory keeps of a workload: its name, and those flags of a controller that are read. Arguments of
// other programs, which may be secret, are none of it. Other objects, and kinds that a provider describes, stay as they are.
func (s *Set) Trim(obj kube.Object) kube.Object {
	groupKind := obj.ID.GroupKind()
	if s.Shows(groupKind) && !s.Workload(groupKind) {
		fields := pick(obj.Fields, s.shows[groupKind])
		for _, key := range []string{"apiVersion", "kind", "metadata"} {
			if value, ok := obj.Fields[key]; ok {
				fields[key] = value
			}
		}
		obj.Fields = fields
		return obj
	}
	if !s.Workload(groupKind) || s.Reads(groupKind) {
		return obj
	}
	if s.releases[groupKind] != nil {
		return s.rendered(obj)
	}
	var containers []any
	for _, c := range s.configured {
		if !c.runs(s, obj) {
			continue
		}
		flags := c.Flags(obj)
		args := []any{c.Installation.Program}
		for _, flag := range kube.SortedKeys(flags) {
			args = append(args, "--"+flag+"="+flags[flag])
		}
		containers = append(containers, map[string]any{"args": args})
	}
	obj.Fields = map[string]any{"metadata": named(obj)}
	if containers != nil {
		obj.Fields["spec"] = podOf(containers)
	}
	return obj
}

func named(obj kube.Object) map[string]any {
	metadata := map[string]any{"name": obj.ID.Name}
	if obj.ID.Namespace != "" {
		metadata["namespace"] = obj.ID.Namespace
	}
	return metadata
}

func podOf(containers []any) map[string]any {
	return map[string]any{"template": map[string]any{"spec": map[string]any{"containers": containers}}}
}
