package provider

import (
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/tlsward/tlsward/kube"
)

// Reference is a field that names another object.
type Reference struct {
	// Role groups references for rules: input.refs["client-ca"].
	Role  string `yaml:"role"`
	Title string `yaml:"title"`
	// Use says what the target is for.
	Use Use `yaml:"use"`
	// Path leads to the field; with [*] to many.
	Path Path `yaml:"path"`
	// Form is how the field names its target. After, for FormName, is what ends a part before the name, such as the colon of
	// port:name.
	Form  Form   `yaml:"form"`
	After string `yaml:"after"`
	// Kind and Group are the target's, or, for FormObject, its default.
	Kind  string `yaml:"kind"`
	Group string `yaml:"group"`
	// Groups, for FormObject, are groups that people write for another one, which some controllers take them for: the target is that
	// of the group on the right.
	Groups map[string]string `yaml:"groups"`
	// Key is the entry of a Secret or ConfigMap that is read; it is what must be present. Also lists further entries that bear
	// on what it means, such as a ca.crl beside a ca.crt.
	Key  string   `yaml:"key"`
	Also []string `yaml:"also"`
	// Identifiers lists entries that name the target to the controller, such as the UUID under which it takes a CA over. Rules see
	// whether they are UUIDs and which ones are equal, and never what they hold.
	Identifiers []string `yaml:"identifiers"`
	// Labels lists labels of the target that rules see, of a Secret too.
	Labels []string `yaml:"labels"`
	// Before, of a reference to trust, is the entry of the target's own certificate where the controller writes it, if its key is
	// there too, in front of Key into one file: what is self-signed in it is trusted as well. It is one of Also.
	Before string `yaml:"before"`
	// Revocation is the entry that holds the revocation lists.
	Revocation string `yaml:"revocation"`
	// Over are entries by which the controller reads a target of another shape, where it has all of them with something in them:
	// the first takes the place of Key, and of the others only the name is of interest.
	Over []string `yaml:"over"`
	// Suffix, of a Secret: the controller looks first for the name with it, and then for the one without.
	Suffix string `yaml:"suffix"`
	// Usage is what the certificate behind it is shown as, or those that are verified by it: serverAuth or clientAuth, as RFC
	// 5280 writes extended key usages.
	Usage string `yaml:"usage"`
	// Namespace, for FormObject, says whether the field may name a namespace and what must permit that.
	Namespace NamespaceRule `yaml:"namespace"`
	// Crossing, for FormNamespacedName, is the setting of a controller that permits another namespace.
	Crossing Crossing `yaml:"crossing"`
	// Pods, for NamespacePods, says which pods these are.
	Pods PodsOf `yaml:"pods"`
	// Schemes, for FormURI, are the kinds of targets by the scheme in front of the name. What has another scheme is no reference:
	// it leads to no object.
	Schemes map[string]string `yaml:"schemes"`
	// Beside lists fields of the mapping around the field, each with values that it must have for the field to be read; "" stands
	// for a field that is not set. What is not read is no reference.
	Beside []FieldValues `yaml:"beside"`
	// If lists fields one value of which each must have, Unless fields none of whose values they may have, for the target to
	// be used at all: rules see it as in_force.
	If     []FieldValues `yaml:"if"`
	Unless []FieldValues `yaml:"unless"`
	// Optional references may lead nowhere without harm: their absence is no finding of any general rule.
	Optional bool `yaml:"optional"`
	// Names, if there are any, are those of the targets that are meant: what leads to another name is no such reference.
	Names []string `yaml:"names"`
	// Anchors is the entry of the same target by which others verify the certificate, such as a ca.crt beside a tls.crt.
	Anchors string `yaml:"anchors"`
	// Shows lists fields of the target that rules see, by keys alone, the last of which may be a prefix of keys: what else it holds
	// is none of their business, and need not be kept. Of a Secret nothing is shown.
	Shows []Path `yaml:"shows"`
	// KindAt and GroupAt, for FormName, lead to fields that name the target's kind and group instead.
	KindAt  Path `yaml:"kindAt"`
	GroupAt Path `yaml:"groupAt"`
}

// Use is what a reference's target is for.
type Use string

// Trust: certificates to verify others by. Certificate: a key pair to show. Target: where traffic goes. Other: anything
// else, not judged by the general rules.
const (
	UseTrust       Use = "trust"
	UseCertificate Use = "certificate"
	UseTarget      Use = "target"
	UseOther       Use = "other"
)

// Form is how a field names its target.
type Form string

// FormName: a string, the name, in the object's own namespace. FormNames: several of them, with commas between; each is a
// reference of its own, with its position as a last step of its path. FormNamespacedName: a string "namespace/name".
// FormObject: a mapping with group, kind, name and perhaps namespace. FormURI: a string, the name, perhaps with a namespace
// and a scheme in front: "scheme://namespace/name". FormHost: a string, the host name of a Service; other host names refer to
// nothing.
const (
	FormName           Form = "name"
	FormNames          Form = "names"
	FormNamespacedName Form = "namespace/name"
	FormObject         Form = "object"
	FormHost           Form = "host"
	FormURI            Form = "uri"
)

// NamespaceRule says in which namespaces a reference may look.
type NamespaceRule string

// NamespaceOwn: only the object's own; a namespace field has no meaning. NamespaceGranted: another one where a
// ReferenceGrant there permits it. NamespaceAny: another one freely. NamespaceNone: the target is cluster-scoped.
// NamespacePods: that of the pods that the object is for, and no other one.
const (
	NamespaceOwn     NamespaceRule = "own"
	NamespaceGranted NamespaceRule = "granted"
	NamespaceAny     NamespaceRule = "any"
	NamespaceNone    NamespaceRule = "none"
	NamespacePods    NamespaceRule = "pods"
)

// Read reports whether the object reads the field at a path: what stands beside it has it read.
func (r *Reference) Read(obj kube.Object, at kube.Path) bool {
	if len(r.Beside) == 0 {
		return true
	}
	for len(at) > 0 {
		_, key := at[len(at)-1].(string)
		if at = at[:len(at)-1]; key {
			break
		}
	}
	around, _ := kube.Lookup(obj.Fields, at)
	fields, _ := around.(map[string]any)
	return !slices.ContainsFunc(r.Beside, func(f FieldValues) bool {
		value, _ := f.Path.First(fields)
		text, ok := value.(string)
		return value != nil && !ok || !slices.Contains(f.Values, text)
	})
}

// InForce reports whether an object uses what the reference leads to. A field that is a boolean has the value true or false.
func (r *Reference) InForce(obj kube.Object) bool {
	holds := func(f FieldValues) bool {
		value, _ := f.Path.First(obj.Fields)
		b, ok := value.(bool)
		return f.Holds(obj) || ok && slices.Contains(f.Values, strconv.FormatBool(b))
	}
	return !slices.ContainsFunc(r.Unless, holds) && !slices.ContainsFunc(r.If, func(f FieldValues) bool { return !holds(f) })
}

func (r *Reference) complete() error {
	if r.Form == "" {
		r.Form = FormName
	}
	if r.Use == "" {
		r.Use = UseOther
	}
	if r.Namespace == "" {
		r.Namespace = NamespaceOwn
	}
	if r.Title == "" {
		r.Title = r.Role
	}
	switch {
	case !slices.Contains([]string{"", "serverAuth", "clientAuth"}, r.Usage):
		return fmt.Errorf("role %s: usage %q: want serverAuth or clientAuth", r.Role, r.Usage)
	case r.Before != "" && !slices.Contains(r.Also, r.Before):
		return fmt.Errorf("role %s: before %q: want one of also", r.Role, r.Before)
	case r.Anchors != "" && r.Use != UseCertificate:
		return fmt.Errorf("role %s: anchors: want use certificate", r.Role)
	case r.Role == "":
		return errors.New("no role")
	case r.Path.String() == "":
		return fmt.Errorf("role %s: no path", r.Role)
	case r.Kind == "":
		return fmt.Errorf("role %s: no kind", r.Role)
	case !slices.Contains([]Form{FormName, FormNames, FormNamespacedName, FormObject, FormURI, FormHost}, r.Form):
		return fmt.Errorf("role %s: form %q: want name, names, namespace/name, object, uri or host", r.Role, r.Form)
	case r.Form != FormURI && len(r.Schemes) > 0:
		return fmt.Errorf("role %s: schemes: want form uri", r.Role)
	case !slices.Contains([]Use{UseTrust, UseCertificate, UseTarget, UseOther}, r.Use):
		return fmt.Errorf("role %s: use %q: want trust, certificate, target or other", r.Role, r.Use)
	case !slices.Contains([]NamespaceRule{NamespaceOwn, NamespaceGranted, NamespaceAny, NamespaceNone, NamespacePods}, r.Namespace):
		return fmt.Errorf("role %s: namespace %q: want own, granted, any, none or pods", r.Role, r.Namespace)
	case (r.Namespace == NamespacePods) != (r.Pods.Controller != ""):
		return fmt.Errorf("role %s: pods: want it beside namespace pods, with a controller", r.Role)
	case len(r.Groups) > 0 && r.Form != FormObject:
		return fmt.Errorf("role %s: groups: want form object", r.Role)
	case r.After != "" && r.Form != FormName:
		return fmt.Errorf("role %s: after: want form name", r.Role)
	case r.Kind == "Secret" && len(r.Shows) > 0:
		return fmt.Errorf("role %s: shows: nothing of a Secret is shown", r.Role)
	case slices.ContainsFunc(r.Shows, func(p Path) bool { return !plain(p) }):
		return fmt.Errorf("role %s: shows: want fields such as spec.ports, without [*] or an index", r.Role)
	}
	return nil
}

// Shown picks what rules see of a target.
func (r *Reference) Shown(target kube.Object) map[string]any {
	if len(r.Shows) == 0 || target.ID.GroupKind() == "Secret" {
		return nil
	}
	return pick(target.Fields, r.Shows)
}

// pick copies the mappings on the way to some fields, and nothing beside them.
func pick(fields map[string]any, paths []Path) map[string]any {
	picked := map[string]any{}
	for _, path := range paths {
		path.Each(fields, func(steps kube.Path, value any) {
			at := picked
			for i, step := range steps {
				key, _ := step.(string)
				if i == len(steps)-1 {
					at[key] = value
					break
				}
				next, ok := at[key].(map[string]any)
				if !ok {
					next = map[string]any{}
					at[key] = next
				}
				at = next
			}
		})
	}
	return picked
}
