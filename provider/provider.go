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
	// Risks are those that cost the whole object if a setting does not allow them.
	Risks Risks `yaml:"risks"`
}

// Risks grades annotations. A controller takes nothing of an object with one whose level is above that of its setting.
type Risks struct {
	// Setting is the name of one of the controller's.
	Setting string `yaml:"setting"`
	// Levels are its values, in whatever case, the least first; what is none of them is read as that.
	Levels []string `yaml:"levels"`
	// Names are those of the annotations, by level. What is in none has the least.
	Names map[string][]string `yaml:"names"`
}

// Allowed returns the index among Levels that a value of the setting allows.
func (r *Risks) Allowed(value string) int {
	return max(0, slices.IndexFunc(r.Levels, func(level string) bool { return strings.EqualFold(level, value) }))
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
	// Backends are references to where traffic goes that no rule asks about, so that no facts hold them: they are for who takes stock.
	Backends []Reference `yaml:"backends"`
	Peers    []Peers     `yaml:"peers"`
	Acting   *Acting     `yaml:"acting"`
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

// Peers is an index over objects: those with an equal key have to do with each other.
type Peers struct {
	Name string `yaml:"name"`
	// Paths lead to the fields that make the key, or to mappings of which Key picks fields.
	Paths []Path `yaml:"paths"`
	Key   []Path `yaml:"key"`
	// Defaults replaces fields of Key that are missing, by position.
	Defaults []string `yaml:"defaults"`
	// Aliases are values of fields of Key, by position, that stand for another one.
	Aliases []map[string]string `yaml:"aliases"`
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

func (c *Controller) checkRisks() error {
	risks := &c.Reads.Risks
	var errs []error
	if len(risks.Levels) == 0 && len(risks.Names) == 0 && risks.Setting == "" {
		return nil
	}
	if !slices.ContainsFunc(c.Settings, func(s Setting) bool { return s.Name == risks.Setting }) {
		errs = append(errs, fmt.Errorf("setting: want one of the controller's settings, got %q", risks.Setting))
	}
	for _, level := range kube.SortedKeys(risks.Names) {
		if !slices.Contains(risks.Levels, level) {
			errs = append(errs, fmt.Errorf("names: %q is none of the levels", level))
		}
		for _, name := range risks.Names[level] {
			if !slices.Contains(c.Reads.Names, name) {
				errs = append(errs, fmt.Errorf("names.%s: the controller reads no %q", level, name))
			}
		}
	}
	return errors.Join(errs...)
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
		if err := p.Controllers[i].checkRisks(); err != nil {
			errs = append(errs, fmt.Errorf("controllers[%d].reads.risks: %w", i, err))
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
		for j := range k.Backends {
			if err := k.Backends[j].complete(); err != nil {
				errs = append(errs, fmt.Errorf("kinds[%d].backends[%d]: %w", i, j, err))
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
