package facts

import (
	"cmp"
	"slices"
	"strings"
	"sync"

	"github.com/tlsward/tlsward/inventory"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/provider"
)

// setting is what holds for all objects of a controller.
type setting struct {
	value     string
	certainty certainty
	reason    string
	// open: neither this value nor another one can be relied on, since installations differ or are not all in sight.
	open bool
	// differ: it is open since installations in sight differ.
	differ bool
	// set: the config or an object says so; it is no default. Unlike by, no reader is kept from knowing it.
	set bool
	// by is the object that sets it, at the field; nil where none does, or a reader must not know it.
	by *kube.ID
	at kube.Path
}

func (s setting) document() map[string]any {
	doc := map[string]any{"value": s.value, "certainty": string(s.certainty), "reason": s.reason}
	if s.open {
		doc["open"] = true
	}
	if s.differ {
		doc["differ"] = true
	}
	if s.set {
		doc["set"] = true
	}
	if s.by != nil {
		doc["by"] = map[string]any{
			"group": s.by.Group, "kind": s.by.Kind, "namespace": s.by.Namespace, "name": s.by.Name, "path": pathDocument(s.at),
		}
	}
	return doc
}

// settings gathers, for each controller that acts on the object, what is configured there.
func (g *gathering) settings(a acting) map[string]any {
	doc := map[string]any{}
	for _, by := range a.by {
		if configured := g.settingsOf(by.name, a); len(configured.settings) > 0 {
			doc[by.name] = configured.document
		}
	}
	return doc
}

// configured are the settings of a controller, and what rules see of them.
type configured struct {
	settings map[string]setting
	document map[string]any
}

func configure(settings map[string]setting) configured {
	document := make(map[string]any, len(settings))
	for key, s := range settings {
		document[key] = s.document()
	}
	return configured{settings, document}
}

// Shared is what documents share that are made by the same Settings.
type Shared struct {
	mu sync.Mutex
	// unseen are the settings of controllers of which no installation is in sight; blind ones may have some.
	unseen map[unseen]configured
	// certificates are described as they were when last asked for, by hash.
	certificates map[string]map[string]any
}

// maxDescribed bounds the descriptions of certificates that are kept, of 3 KB each: the few CAs and wildcard certificates that most
// of a cluster's objects refer to.
const maxDescribed = 128

// certificate gives a description that is kept, if it is of so many days left, or has it made.
func (s *Shared) certificate(hash string, daysLeft int64, describe func() map[string]any) map[string]any {
	if s == nil {
		return describe()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if doc, ok := s.certificates[hash]; ok && doc["days_left"] == daysLeft {
		return doc
	}
	if s.certificates == nil || len(s.certificates) >= maxDescribed {
		s.certificates = make(map[string]map[string]any)
	}
	doc := describe()
	s.certificates[hash] = doc
	return doc
}

type unseen struct {
	controller string
	blind      bool
}

func (s *Shared) of(key unseen, make func() configured) configured {
	if s == nil {
		return make()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	found, ok := s.unseen[key]
	if !ok {
		found = make()
		if s.unseen == nil {
			s.unseen = map[unseen]configured{}
		}
		s.unseen[key] = found
	}
	return found
}

// settingsOf returns the settings of one controller, as the object meets them.
func (g *gathering) settingsOf(name string, a acting) configured {
	if found, ok := g.configured[name]; ok {
		return found
	}
	controller := g.Providers.Configured(name)
	if controller == nil {
		return configured{}
	}
	var found configured
	if installations := g.installations(controller, a); len(installations) > 0 {
		found = configure(g.configuredOf(controller, installations))
	} else {
		found = g.Shared.of(unseen{name, g.blind(controller)}, func() configured { return configure(g.configuredOf(controller, nil)) })
	}
	if g.configured == nil {
		g.configured = map[string]configured{}
	}
	g.configured[name] = found
	return found
}

func (g *gathering) configuredOf(controller *provider.Controller, installations []installation) map[string]setting {
	found := make(map[string]setting, len(controller.Settings))
	for i := range controller.Settings {
		s := &controller.Settings[i]
		if value, ok := g.Configured[controller.Name][s.Name]; ok {
			value, _ = s.Read(value)
			found[s.Name] = setting{value: value, certainty: known, reason: "the config says so", set: true}
		} else {
			found[s.Name] = g.among(controller, s, installations)
		}
	}
	return found
}

// installation is one deployment of a controller, as far as it is in sight.
type installation struct {
	id    kube.ID
	label string
	// flags are those of its workload; nil where only its ConfigMap is in sight.
	flags map[string]string
	// config is its ConfigMap, nil where there is none, or none in sight; missing says which one that is.
	config  *inventory.Entry
	missing string
	// further: more is set for it than is in sight.
	further bool
}

// installations lists the deployments of a controller that may serve the object: those whose workload is in sight or, if
// there is none, those whose ConfigMap is.
func (g *gathering) installations(c *provider.Controller, a acting) []installation {
	var workloads, configMaps []installation
	for _, entry := range g.shown(c) {
		switch {
		case !g.Providers.Workload(entry.ID.GroupKind()):
			configMaps = append(configMaps, installation{id: entry.ID, label: g.label(entry.ID), config: entry})
		case len(workloads) < maxList:
			workloads = append(workloads, g.workload(c, entry))
		}
	}
	if len(workloads) == 0 {
		return configMaps[:min(len(configMaps), maxList)]
	}
	return slices.DeleteFunc(workloads, func(i installation) bool { return a.controller != "" && !listensTo(c, i.flags, a.controller) })
}

// shown lists what shows installations of a controller.
func (g *gathering) shown(c *provider.Controller) []*inventory.Entry {
	entries := slices.Clone(g.Inventory.Kind(inventory.Installation(c.Name), "", g.Object.ID))
	slices.SortStableFunc(entries, func(a, b *inventory.Entry) int {
		return cmp.Or(a.ID.Compare(b.ID), cmp.Compare(a.Root, b.Root))
	})
	return entries
}

func (g *gathering) workload(c *provider.Controller, entry *inventory.Entry) installation {
	obj := entry.Object()
	i := installation{id: obj.ID, label: g.label(obj.ID), flags: c.Flags(obj)}
	if g.Providers.Releases(obj.ID.GroupKind()) {
		// Its chart makes the ConfigMap, of the values that are kept with it.
		i.config, i.further = entry, provider.Further(obj)
		return i
	}
	name, ok := i.flags[c.Installation.ConfigMap.Flag]
	if !ok {
		return i
	}
	// The one variable that upstream's chart and manifests use; the pod's namespace is its workload's.
	name = strings.ReplaceAll(name, "$(POD_NAMESPACE)", obj.ID.Namespace)
	namespace, name, found := strings.Cut(name, "/")
	to := kube.ID{Kind: "ConfigMap", Namespace: namespace, Name: name}
	if !found || strings.Contains(namespace+name, "$(") {
		i.missing = "its ConfigMap"
		return i
	}
	if i.config = g.Inventory.Get(inventory.Ref{To: to, From: g.Object.ID}).Entry; i.config == nil {
		i.missing = g.label(to)
	}
	return i
}

// listens reports whether some installation serves the classes of a controller string that is not the usual one.
func (g *gathering) listens(c *provider.Controller, text string) bool {
	return slices.ContainsFunc(g.shown(c), func(e *inventory.Entry) bool {
		return g.Providers.Workload(e.ID.GroupKind()) && c.Flags(e.Object())[c.Installation.ClassFlag] == text
	})
}

func listensTo(c *provider.Controller, flags map[string]string, text string) bool {
	if given, ok := flags[c.Installation.ClassFlag]; ok && given != "" {
		return given == text
	}
	return slices.ContainsFunc(c.Classes, func(class provider.Class) bool { return class.Controller == text })
}

// among joins what the installations say of a setting.
func (g *gathering) among(c *provider.Controller, s *provider.Setting, installations []installation) setting {
	var found []setting
	for _, i := range installations {
		if i.flags == nil && s.Flag {
			continue
		}
		found = append(found, g.of(s, i))
	}
	if len(found) == 0 {
		return setting{value: s.Default, certainty: assumed, reason: "its default; nothing in " + g.Scope + " says otherwise", open: g.blind(c)}
	}
	// The least certain one speaks for all that agree, whatever the order in which they came.
	slices.SortFunc(found, func(a, b setting) int {
		return cmp.Or(cmp.Compare(a.certainty, b.certainty), cmp.Compare(a.value, b.value), cmp.Compare(a.reason, b.reason))
	})
	for _, other := range found {
		if other.value != found[0].value {
			return setting{value: s.Default, certainty: assumed, reason: "its default; installations differ: " + found[0].reason + ", but " + other.reason, open: true, differ: true}
		}
	}
	return found[0]
}

// of is what one installation says.
func (g *gathering) of(s *provider.Setting, i installation) setting {
	if s.Flag {
		text, ok := i.flags[s.Name]
		value, readable := s.Read(text)
		switch {
		case !ok && i.further:
			return setting{value: s.Default, certainty: assumed, reason: "its default; not all that " + i.label + " sets is in sight", open: true}
		case !ok:
			return setting{value: s.Default, certainty: known, reason: i.label + " does not set the flag"}
		case !readable:
			return setting{value: s.Default, certainty: assumed, reason: "its default; what " + i.label + " sets cannot be read", open: true}
		default:
			return g.sets(setting{value: value, certainty: known, reason: i.label + " sets the flag"}, i.id, nil)
		}
	}
	if i.config == nil {
		if i.missing == "" {
			return setting{value: s.Default, certainty: known, reason: i.label + " reads no ConfigMap"}
		}
		return setting{value: s.Default, certainty: assumed, reason: "its default; " + i.missing + " is not in " + g.Scope, open: g.Inventory.Cluster()}
	}
	label := g.label(i.config.ID)
	text, set, inSight := i.config.Setting(s.Name)
	value, readable := s.Read(text)
	switch {
	case !set && i.further:
		return setting{value: s.Default, certainty: assumed, reason: "its default; not all that " + i.label + " sets is in sight", open: true}
	case !inSight:
		return setting{value: s.Default, certainty: assumed, reason: "its default; the value in " + label + " is not in sight", open: true}
	case !set:
		return setting{value: s.Default, certainty: known, reason: label + " does not set it"}
	case !readable:
		return setting{value: s.Default, certainty: known, reason: "its default; the value in " + label + " is neither true nor false"}
	default:
		found := setting{value: value, certainty: known, reason: label + " sets it"}
		id, at := i.config.ID, kube.Path{"data", s.Name}
		if id.Kind != "ConfigMap" {
			at = nil // the values of a chart, which has names of its own for it
		}
		return g.sets(found, id, at)
	}
}

// sets adds to a setting where it is set.
func (g *gathering) sets(s setting, by kube.ID, at kube.Path) setting {
	s.set = true
	if !g.hidden(by) {
		s.by, s.at = &by, at
	}
	return s
}

// blind reports whether installations may run in a cluster without being in sight: the watch has not brought them yet, or
// may not. Files never show all of a cluster, and a default is then the better guess.
func (g *gathering) blind(c *provider.Controller) bool {
	if !g.Inventory.Cluster() {
		return false
	}
	for _, groupKind := range []string{"ConfigMap", "DaemonSet.apps", "Deployment.apps"} {
		if (groupKind == "ConfigMap" || c.Installation.Program != "") && !g.Inventory.Complete(groupKind, "") {
			return true
		}
	}
	return false
}
