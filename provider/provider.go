// Package provider reads provider.yaml, the table in which a rulebook describes the kinds of one system: which fields
// refer to other objects, which objects have to do with each other, which controller acts, and what will create a
// Secret or ConfigMap that is not there yet. The same table serves the systems we ship and a user's own CRDs. It knows
// no inventory and judges nothing.
package provider

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/tlsward/tlsward/kube"
)

// Provider is one provider.yaml.
type Provider struct {
	Name        string       `yaml:"-"` // the folder it stands in
	Title       string       `yaml:"title"`
	Controllers []Controller `yaml:"controllers"`
	Kinds       []Kind       `yaml:"kinds"`
	Producers   []Producer   `yaml:"producers"`
	// Releases says how charts are installed by objects.
	Releases []Release `yaml:"releases"`
	// Filled lists annotations and labels of Secrets and ConfigMaps that something else fills in: what a file holds of
	// them is not what the cluster holds.
	Filled []Filled `yaml:"filled"`
	// Kept lists objects that a program keeps in every namespace, unasked.
	Kept []Kept `yaml:"kept"`
	// Passing tells objects that a controller makes for a moment and takes away again: they are never denied for what others
	// are.
	Passing []Passing `yaml:"passing"`
}

// Controller is a program that acts on objects, and how it can be told that it does.
type Controller struct {
	Name  string `yaml:"name"`
	Title string `yaml:"title"`
	// Classes says by which IngressClass or GatewayClass objects the controller is known, and which class names people
	// commonly give it (on which it is assumed).
	Classes []Class `yaml:"classes"`
	// Annotations are prefixes of annotations that no other controller reads; on them it is assumed.
	Annotations []string `yaml:"annotations"`
	// Reads lists the annotations that the controller knows under a prefix; what else stands there, nobody reads.
	Reads Reads `yaml:"reads"`
	// InsteadOf names a controller whose classes and annotations this one takes for its own: no object tells the two apart, and
	// where the config names only this one, it acts wherever the other would.
	InsteadOf string `yaml:"insteadOf"`
	// Pods says by what the pods of its proxies are known, where these and not the object decide what is read.
	Pods Pods `yaml:"pods"`
	// Installation says how an installation of it is known, Settings what is configured there for all objects at once.
	Installation Installation `yaml:"installation"`
	Settings     []Setting    `yaml:"settings"`
}

// Reads is every annotation that a controller knows under one prefix.
type Reads struct {
	Prefix string   `yaml:"prefix"`
	Names  []string `yaml:"names"` // without the prefix
}

// Class is how a controller appears in class objects of one kind.
type Class struct {
	Kind       string   `yaml:"kind"`
	Controller string   `yaml:"controller"`
	Names      []string `yaml:"names"`
	// Together: whoever serves one class of the controller serves all of them, so that their objects meet.
	Together bool `yaml:"together"`
}

// Kind describes the objects of one kind.
type Kind struct {
	Kind string `yaml:"kind"`
	// Resource is the plural in the API's paths, where it is not the usual one.
	Resource string `yaml:"resource"`
	// Cluster marks a cluster-scoped kind; the others are namespaced.
	Cluster bool `yaml:"cluster"`
	// File marks a kind that only files have: no cluster serves it.
	File bool `yaml:"file"`
	// Mentions keeps a common kind cheap: what is said here is about those of its objects in whose text one of these words stands.
	// Of files without any of them such objects are not even decoded, and in a cluster nobody looks for them.
	Mentions []string `yaml:"mentions"`
	// Schedule is what its objects do again and again.
	Schedule *Schedule `yaml:"schedule"`
	// Controllers limits References to objects on which one of them is known or assumed to act; empty means always.
	Controllers []string    `yaml:"controllers"`
	References  []Reference `yaml:"references"`
	Peers       []Peers     `yaml:"peers"`
	Acting      *Acting     `yaml:"acting"`
}

// Schedule is a field in cron's notation.
type Schedule struct {
	Path Path `yaml:"path"`
}

// Acting says how to find the class, and by it the controller, of an object.
type Acting struct {
	// Class lists the fields that name a class; the first that is set counts.
	Class []Path `yaml:"class"`
	// Kind is the class objects' kind, Controller the field in them that names the controller.
	Kind       string `yaml:"kind"`
	Controller Path   `yaml:"controller"`
	// By is the controller of a kind that no other one reads.
	By string `yaml:"by"`
	// DefaultAnnotation marks, when "true", the class of objects that name none.
	DefaultAnnotation string `yaml:"defaultAnnotation"`
	// Parents lists reference roles whose targets' controllers act on this object too.
	Parents []string `yaml:"parents"`
	// Through lists indexes (peers) by which other objects refer to this object's targets, and so bring their
	// controllers along: a BackendTLSPolicy is acted upon by the controllers of the routes to its Services.
	Through []Through `yaml:"through"`
}

// Through is one way from an object to those whose controllers act on it.
type Through struct {
	Own   string `yaml:"own"`   // a peers name of this kind
	Their string `yaml:"their"` // a peers name of the other kinds, with equal keys
}

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

// Peers is an index over objects: those with an equal key have to do with each other.
type Peers struct {
	Name string `yaml:"name"`
	// Paths lead to the fields that make the key, or to mappings of which Key picks fields.
	Paths []Path `yaml:"paths"`
	Key   []Path `yaml:"key"`
	// Defaults replaces fields of Key that are missing, by position.
	Defaults []string `yaml:"defaults"`
	// Namespaced puts the object's namespace into the key; NamespaceField takes it from the mapping if it is set there.
	Namespaced     bool   `yaml:"namespaced"`
	NamespaceField string `yaml:"namespaceField"`
	// Hidden keeps an index out of the facts: it only serves Acting.
	Hidden bool `yaml:"hidden"`
	// Together: a defect of one can take down all that share the key, as with Ingresses of one host.
	Together bool `yaml:"together"`
	// Names reads the key as a host name: wildcard takes only "*.shop.test", parent only "api.shop.test", of which it makes the
	// wildcard above it. service makes that of a Service the key that an index of group, kind and name has for it, and takes others
	// as they are; namespace takes only that of a Service, and makes its namespace of it. host leaves out what stands before a slash:
	// "shop/www.shop.test".
	Names HostNames `yaml:"names"`
	// In is another index to look the key up in: objects are not found by this one.
	In string `yaml:"in"`
}

// HostNames says which host names make a key.
type HostNames string

// HostAny takes every name as it is. See Peers.Names for the others.
const (
	HostAny       HostNames = ""
	HostWildcard  HostNames = "wildcard"
	HostParent    HostNames = "parent"
	HostService   HostNames = "service"
	HostNamespace HostNames = "namespace"
	HostBare      HostNames = "host"
)

// Passing is a mark that a controller sets on what it makes for a moment. Anybody can set it, so that it holds only for an
// object that does no more than what the controller makes.
type Passing struct {
	FieldValues `yaml:",inline"`
	Every       Prefixed `yaml:"every"`
}

// Prefixed is a field whose texts all start alike.
type Prefixed struct {
	Path   Path   `yaml:"path"`
	Prefix string `yaml:"prefix"`
}

// Holds reports whether an object has the mark and is no more than that.
func (p Passing) Holds(obj kube.Object) bool {
	return p.FieldValues.Holds(obj) && (p.Every.Path.String() == "" || p.Every.Path.Every(obj.Fields, func(value any) bool {
		s, ok := value.(string)
		return ok && strings.HasPrefix(s, p.Every.Prefix)
	}))
}

// FieldValues is a field and some of its values.
type FieldValues struct {
	Path   Path     `yaml:"path"`
	Values []string `yaml:"values"`
}

// Holds reports whether the field has one of the values.
func (f FieldValues) Holds(obj kube.Object) bool {
	value, _ := f.Path.First(obj.Fields)
	s, ok := value.(string)
	return ok && slices.Contains(f.Values, s)
}

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

// Path is a kube.Pattern in provider.yaml.
type Path struct{ kube.Pattern }

// UnmarshalYAML reads the notation of kube.ParsePattern.
func (p *Path) UnmarshalYAML(node *yaml.Node) error {
	pattern, err := kube.ParsePattern(node.Value)
	if err != nil {
		return fmt.Errorf("line %d: %w", node.Line, err)
	}
	p.Pattern = pattern
	return nil
}

// MarshalBinary writes the notation of kube.ParsePattern.
func (p Path) MarshalBinary() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalBinary reads it again.
func (p *Path) UnmarshalBinary(data []byte) (err error) {
	if len(data) > 0 {
		p.Pattern, err = kube.ParsePattern(string(data))
	}
	return err
}

// Parse reads one provider.yaml strictly.
func Parse(name string, data []byte) (Provider, error) {
	p, err := Decode(name, data)
	if err != nil {
		return Provider{}, err
	}
	return Complete(name, p)
}

// Decode reads what a provider.yaml says, and judges nothing of it.
func Decode(name string, data []byte) (p Provider, err error) {
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	decoder.KnownFields(true)
	if err := decoder.Decode(&p); err != nil && !errors.Is(err, io.EOF) {
		return Provider{}, fmt.Errorf("%s/provider.yaml: %w", name, err)
	}
	return p, nil
}

// Complete makes a provider of what Decode has read.
func Complete(name string, p Provider) (Provider, error) {
	p.Name = name
	if err := p.complete(); err != nil {
		return Provider{}, fmt.Errorf("%s/provider.yaml: %w", name, err)
	}
	return p, nil
}

// complete fills in defaults and reports every entry that makes no sense.
func (p *Provider) complete() error {
	var errs []error
	for i := range p.Controllers {
		if err := p.Controllers[i].complete(); err != nil {
			errs = append(errs, fmt.Errorf("controllers[%d]: %w", i, err))
		}
		if reads := p.Controllers[i].Reads; (reads.Prefix == "") != (len(reads.Names) == 0) {
			errs = append(errs, fmt.Errorf("controllers[%d].reads: want a prefix and names", i))
		}
	}
	for i := range p.Releases {
		if err := p.Releases[i].complete(); err != nil {
			errs = append(errs, fmt.Errorf("releases[%d]: %w", i, err))
		}
	}
	for i := range p.Kinds {
		k := &p.Kinds[i]
		if k.Kind == "" {
			errs = append(errs, fmt.Errorf("kinds[%d]: no kind", i))
		}
		if k.Schedule != nil && k.Schedule.Path.String() == "" {
			errs = append(errs, fmt.Errorf("kinds[%d].schedule: no path", i))
		}
		if slices.Contains(k.Mentions, "") {
			errs = append(errs, fmt.Errorf("kinds[%d].mentions: an empty word stands everywhere", i))
		}
		for j := range k.References {
			if err := errors.Join(k.References[j].complete(), p.crosses(&k.References[j]), p.leads(&k.References[j])); err != nil {
				errs = append(errs, fmt.Errorf("kinds[%d].references[%d]: %w", i, j, err))
			}
		}
		for j, peers := range k.Peers {
			if peers.Name == "" || len(peers.Paths) == 0 {
				errs = append(errs, fmt.Errorf("kinds[%d].peers[%d]: want a name and paths", i, j))
			}
			if !slices.Contains([]HostNames{HostAny, HostWildcard, HostParent, HostService, HostNamespace, HostBare}, peers.Names) {
				errs = append(errs, fmt.Errorf("kinds[%d].peers[%d]: names %q: want wildcard, parent, service, namespace or host", i, j, peers.Names))
			}
		}
	}
	for i, passing := range p.Passing {
		if passing.Path.String() == "" || len(passing.Values) == 0 {
			errs = append(errs, fmt.Errorf("passing[%d]: want a path and values", i))
		}
		if (passing.Every.Path.String() == "") != (passing.Every.Prefix == "") {
			errs = append(errs, fmt.Errorf("passing[%d].every: want a path and a prefix", i))
		}
	}
	for i := range p.Producers {
		if err := p.Producers[i].complete(); err != nil {
			errs = append(errs, fmt.Errorf("producers[%d]: %w", i, err))
		}
	}
	for i, kept := range p.Kept {
		if kept.Kind == "" || kept.Name == "" || kept.By == "" {
			errs = append(errs, fmt.Errorf("kept[%d]: want kind, name and by", i))
		}
	}
	return errors.Join(errs...)
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
	case r.After != "" && r.Form != FormName:
		return fmt.Errorf("role %s: after: want form name", r.Role)
	case r.Kind == "Secret" && len(r.Shows) > 0:
		return fmt.Errorf("role %s: shows: nothing of a Secret is shown", r.Role)
	case slices.ContainsFunc(r.Shows, func(p Path) bool { return !plain(p) }):
		return fmt.Errorf("role %s: shows: want fields such as spec.ports, without [*] or an index", r.Role)
	}
	return nil
}

// plain reports whether a path consists of keys alone, or of keys and a prefix of them.
func plain(p Path) bool {
	steps := p.Steps()
	if len(steps) == 0 {
		return false
	}
	if _, prefix := steps[len(steps)-1].(kube.KeyPrefix); prefix {
		steps = steps[:len(steps)-1]
	}
	return len(steps) > 0 && !slices.ContainsFunc(steps, func(step any) bool { _, key := step.(string); return !key })
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

// Set is several providers together, indexed by kind.
type Set struct {
	Providers []Provider
	kinds     map[string][]*Kind
	producers map[string][]*Producer
	relevant  map[string]bool
	filled    []Filled
	kept      []Kept
	passing   []Passing
	cluster   map[string]bool
	marks     []string
	keys      []string
	// identifiers are the entries that some reference reads as such.
	identifiers []string
	revoked     []string
	files       map[string]bool
	decisive    map[string]bool
	together    map[string]bool
	shows       map[string][]Path // by the target's kind
	// configured are the controllers with settings, settings the keys of their ConfigMaps, programs what is run of them, and
	// workloads the kinds that run them, with whether nobody else has to do with the kind.
	configured []*Controller
	settings   []string
	programs   []string
	workloads  map[string]bool
	// pods are the controllers whose proxies' pods are known.
	pods []*Controller
	// releases are the ways in which objects of a kind install charts.
	releases map[string][]*Release
	// mentions are the words of Kind.Mentions, by kind.
	mentions map[string][]string
}

// NewSet joins providers; the order given is the order in which references are gathered.
func NewSet(providers []Provider) *Set {
	s := &Set{
		Providers: providers,
		kinds:     map[string][]*Kind{}, producers: map[string][]*Producer{}, relevant: map[string]bool{}, files: map[string]bool{}, decisive: map[string]bool{},
		together: map[string]bool{}, releases: map[string][]*Release{}, shows: map[string][]Path{}, cluster: map[string]bool{},
		mentions: map[string][]string{},
	}
	for i := range providers {
		p := &providers[i]
		s.filled = append(s.filled, p.Filled...)
		s.kept = append(s.kept, p.Kept...)
		s.passing = append(s.passing, p.Passing...)
		for j := range p.Kinds {
			k := &p.Kinds[j]
			s.kinds[k.Kind] = append(s.kinds[k.Kind], k)
			if len(k.Mentions) > 0 {
				s.mentions[k.Kind] = append(s.mentions[k.Kind], k.Mentions...)
			} else {
				s.relevant[k.Kind] = true
				s.files[k.Kind] = k.File
			}
			s.cluster[k.Kind] = s.cluster[k.Kind] || k.Cluster
			for _, r := range k.References {
				for _, key := range slices.Concat([]string{r.Key, r.Anchors}, r.Also, r.Over[:min(len(r.Over), 1)]) {
					if key != "" && !slices.Contains(s.keys, key) {
						s.keys = append(s.keys, key)
					}
				}
				for _, key := range r.Identifiers {
					if !slices.Contains(s.identifiers, key) {
						s.identifiers = append(s.identifiers, key)
					}
				}
				if r.Revocation != "" && !slices.Contains(s.revoked, r.Revocation) {
					s.revoked = append(s.revoked, r.Revocation)
				}
				for _, kind := range r.Schemes {
					s.relevant[kind] = true
				}
				s.relevant[kube.GroupKind(r.Group, r.Kind)] = true
				s.shows[kube.GroupKind(r.Group, r.Kind)] = append(s.shows[kube.GroupKind(r.Group, r.Kind)], r.Shows...)
				// A reference that names its target's kind may name either of the two that hold certificates.
				if r.Form == FormObject && (r.Use == UseTrust || r.Use == UseCertificate) {
					s.relevant["Secret"], s.relevant["ConfigMap"] = true, true
				}
			}
			for _, peers := range k.Peers {
				if peers.Together {
					s.together[peers.Name] = true
				}
			}
			if k.Acting != nil && k.Acting.By == "" {
				s.decisive[k.Kind] = true
			}
			if k.Acting != nil && k.Acting.Kind != "" {
				s.relevant[k.Acting.Kind], s.decisive[k.Acting.Kind] = true, true
			}
		}
		for j := range p.Releases {
			s.releases[p.Releases[j].Kind] = append(s.releases[p.Releases[j].Kind], &p.Releases[j])
		}
		for j := range p.Producers {
			producer := &p.Producers[j]
			s.producers[producer.Kind] = append(s.producers[producer.Kind], producer)
			s.relevant[producer.Kind], s.relevant[producer.Makes] = true, true
			if producer.File {
				s.files[producer.Kind] = true
			}
			if producer.Namespaces.Selects() {
				// Which namespaces a selector takes is told by their labels.
				s.relevant["Namespace"] = true
			}
			for _, mark := range producer.marks() {
				if !slices.Contains(s.marks, mark) {
					s.marks = append(s.marks, mark)
				}
			}
		}
	}
	s.configure()
	s.showPods()
	return s
}

// Kinds returns the descriptions of a kind, given as kube.GroupKind writes it.
func (s *Set) Kinds(groupKind string) []*Kind { return s.kinds[groupKind] }

// Producers returns what objects of a kind make controllers create.
func (s *Set) Producers(groupKind string) []*Producer { return s.producers[groupKind] }

// Reads reports whether some provider says what to read in objects of a kind beyond their metadata, rather than only
// referring to them. What is said only of those that mention something is not meant.
func (s *Set) Reads(groupKind string) bool {
	return slices.ContainsFunc(s.kinds[groupKind], func(k *Kind) bool { return len(k.Mentions) == 0 && !k.light() }) ||
		slices.ContainsFunc(s.producers[groupKind], func(p *Producer) bool { return !p.light() })
}

// light reports whether all that is read in objects of the kind stands in their metadata, as in Services.
func (k *Kind) light() bool {
	elsewhere := func(p Path) bool { return len(p.Steps()) == 0 || p.Steps()[0] != "metadata" }
	return k.Acting == nil && len(k.References) > 0 &&
		!slices.ContainsFunc(k.References, func(r Reference) bool { return elsewhere(r.Path) || elsewhere(r.KindAt) && r.KindAt.String() != "" }) &&
		!slices.ContainsFunc(k.Peers, func(p Peers) bool { return slices.ContainsFunc(p.Paths, elsewhere) })
}

// Shows reports whether rules see more of objects of a kind than their metadata, although no provider reads it.
func (s *Set) Shows(groupKind string) bool { return !s.Reads(groupKind) && len(s.shows[groupKind]) > 0 }

// Filled reports whether something else fills in a Secret or ConfigMap, and the keys that are certain to be in it then; only:
// there are no others.
func (s *Set) Filled(obj kube.Object) (filled bool, keys []string, only bool) {
	for i := range s.filled {
		if f := &s.filled[i]; f.holds(obj) {
			return true, f.Keys, f.Only
		}
	}
	return false, nil, false
}

// Kept lists what programs keep in every namespace.
func (s *Set) Kept() []Kept { return s.kept }

// Cluster reports whether objects of a kind have no namespace.
func (s *Set) Cluster(groupKind string) bool { return s.cluster[groupKind] }

// Marks lists the annotations of Secrets and ConfigMaps by which something copies them.
func (s *Set) Marks() []string { return s.marks }

// Passing reports whether a controller made an object for a moment only.
func (s *Set) Passing(obj kube.Object) bool {
	return slices.ContainsFunc(s.passing, func(p Passing) bool { return p.Holds(obj) })
}

// Decisive reports whether objects of a kind tell which controller acts: classes, and what has one itself.
func (s *Set) Decisive(groupKind string) bool { return s.decisive[groupKind] }

// Together reports whether objects that share a key of an index go down together.
func (s *Set) Together(index string) bool { return s.together[index] }

// KeysRead lists the entries of Secrets and ConfigMaps that some reference reads.
func (s *Set) KeysRead() []string { return s.keys }

// IdentifiersRead lists those that some reference reads as an identifier.
func (s *Set) IdentifiersRead() []string { return s.identifiers }

// RevocationRead lists those that some reference reads revocation lists from.
func (s *Set) RevocationRead() []string { return s.revoked }

// Relevant lists, in order, every kind that some provider describes, refers to or lets produce.
func (s *Set) Relevant() []string { return kube.SortedKeys(s.relevant) }

// Served lists, in order, the kinds that a cluster may serve and that are relevant, or may run a controller.
func (s *Set) Served() []string {
	served := slices.DeleteFunc(s.Relevant(), func(groupKind string) bool { return s.files[groupKind] })
	served = append(served, kube.SortedKeys(s.workloads)...)
	slices.Sort(served)
	return slices.Compact(served)
}

// IsRelevant reports whether some provider has to do with a kind.
func (s *Set) IsRelevant(groupKind string) bool { return s.relevant[groupKind] }

// Described lists, in order, the kinds with an entry of their own.
func (s *Set) Described() []string { return kube.SortedKeys(s.kinds) }
