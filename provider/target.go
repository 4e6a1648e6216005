package provider

import (
	"regexp"
	"slices"
	"strings"

	"github.com/tlsward/tlsward/kube"
)

// Each calls one for every name in a reference field of an object.
func (r *Reference) Each(obj kube.Object, one func(at kube.Path, value any)) {
	r.Path.Each(obj.Fields, func(at kube.Path, value any) {
		if value == nil || value == "" || leavesCluster(r, value) || !r.Read(obj, at) {
			return
		}
		if written, ok := value.(string); ok && r.Form == FormNames {
			names := listed(written)
			for i, name := range names {
				if len(names) > 1 {
					one(append(slices.Clip(at), i), name)
				} else {
					one(at, name)
				}
			}
			return
		}
		one(at, value)
	})
}

// Target is what a reference of an object names.
type Target struct {
	Reference *Reference
	// ID has no namespace where the target has none, and where only the pods that the object is for tell it.
	ID kube.ID
}

// Targets lists, as they stand in the object, what its references may lead to: whoever acts on it, and with and without the
// suffix under which a controller looks first.
func (s *Set) Targets(obj kube.Object) (targets []Target) {
	for _, kind := range s.Kinds(obj.ID.GroupKind()) {
		for i := range kind.References {
			r := &kind.References[i]
			r.Each(obj, func(_ kube.Path, value any) {
				id, ok := s.Target(obj, r, value)
				if !ok || len(r.Names) > 0 && !slices.Contains(r.Names, id.Name) {
					return
				}
				if r.Suffix != "" {
					id.Name = strings.TrimSuffix(id.Name, r.Suffix)
					with := id
					with.Name += r.Suffix
					targets = append(targets, Target{r, with})
				}
				targets = append(targets, Target{r, id})
			})
		}
	}
	return targets
}

// Target reads one value of a reference field of an object, as Reference.Each finds them; it reports false where the value names
// nothing.
func (s *Set) Target(obj kube.Object, r *Reference, value any) (kube.ID, bool) {
	id := kube.ID{Group: r.Group, Kind: r.Kind, Namespace: obj.ID.Namespace}
	switch r.Form {
	case FormName:
		id.Name, _ = value.(string)
		if _, name, ok := strings.Cut(id.Name, r.After); ok && r.After != "" {
			id.Name = name
		}
		if r.Namespace == NamespacePods {
			id.Namespace = ""
		}
		if kind, ok := r.KindAt.First(obj.Fields); r.KindAt.String() != "" && ok {
			id.Kind, _ = kind.(string)
		}
		if group, ok := r.GroupAt.First(obj.Fields); r.GroupAt.String() != "" && ok {
			id.Group, _ = group.(string)
		}
	case FormNames:
		// No name of an object has a slash: what is written as namespace/name leads nowhere.
		id.Name, _ = value.(string)
		return id, id.Name != "" && (Unfilled(id.Name) || !strings.Contains(id.Name, "/"))
	case FormNamespacedName:
		written, _ := value.(string)
		written = strings.Trim(written, " ")
		namespace, name, ok := strings.Cut(written, "/")
		switch {
		case Unfilled(written) && (!ok || namespace == "" || strings.ContainsAny(written, " \t\r\n") || strings.Contains(name, "/")):
			id.Name = written
		case Unfilled(written) || namespacedName.MatchString(written):
			id.Namespace, id.Name = namespace, name
		default:
			return kube.ID{}, false
		}
	case FormHost:
		host, _ := value.(string)
		namespace, name, ok := ServiceOf(host, obj.ID.Namespace)
		if !ok {
			return kube.ID{}, false
		}
		id.Namespace, id.Name = namespace, name
	case FormURI:
		written, _ := value.(string)
		if r.Namespace == NamespacePods {
			id.Namespace = ""
		}
		if scheme, rest, ok := strings.Cut(written, "://"); ok {
			id.Kind, written = r.Schemes[scheme], rest
		}
		if namespace, name, ok := strings.Cut(written, "/"); ok {
			id.Namespace, id.Name = namespace, name
		} else {
			id.Name = written
		}
		if !resourceName.MatchString(id.Name) && !Unfilled(written) {
			return kube.ID{}, false
		}
	case FormObject:
		fields, _ := value.(map[string]any)
		id.Name, _ = fields["name"].(string)
		if group, ok := fields["group"].(string); ok {
			id.Group = group
			if meant, ok := r.Groups[group]; ok {
				id.Group = meant
			}
		}
		if kind, ok := fields["kind"].(string); ok && kind != "" {
			id.Kind = kind
		}
		if namespace, ok := fields["namespace"].(string); ok && namespace != "" && r.Namespace != NamespaceOwn {
			id.Namespace = namespace
		}
	}
	if r.Namespace == NamespaceNone || s.Cluster(id.GroupKind()) {
		id.Namespace = ""
	}
	return id, id.Name != ""
}

// namespacedName is namespace/name, of letters that names have or are misspelt with: what has others is a placeholder that was
// never filled in, such as <namespace>/<name>, and names nothing.
var namespacedName = regexp.MustCompile(`^[A-Za-z0-9._-]+/[A-Za-z0-9._-]+$`)

// listed splits names at their commas. Blanks around them, and commas with nothing between, count for nothing.
func listed(text string) (names []string) {
	for name := range strings.SplitSeq(text, ",") {
		if name = strings.TrimSpace(name); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// resourceName is what a name may hold, misspelt or not.
var resourceName = regexp.MustCompile(`^[A-Za-z0-9._-]+$`)

// leavesCluster reports whether a field leads to something that is no object: it has a scheme that is not known.
func leavesCluster(r *Reference, value any) bool {
	written, _ := value.(string)
	scheme, _, ok := strings.Cut(written, "://")
	return ok && r.Form == FormURI && r.Schemes[scheme] == ""
}

// Unfilled reports whether a text holds the place of another: of a variable of Flux, kustomize, envsubst or Octopus, of a
// template, or of what a plugin of Argo CD fetches. No object has such a name, so that nothing is known of the one that is
// meant. It is the same as unfilled in policies/lib/text.rego.
func Unfilled(text string) bool { return placeholder.MatchString(text) }

var placeholder = regexp.MustCompile(`\$[A-Za-z_({]|#\{|\{\{|<path:`)
