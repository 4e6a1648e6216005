package provider

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/tlsward/tlsward/kube"
)

// Producer is a kind whose objects make a controller create Secrets or ConfigMaps.
type Producer struct {
	Kind  string `yaml:"kind"`
	Makes string `yaml:"makes"`
	// When lists fields one of which must be set, and not to false; Unless lists sets of fields that, all set, prevent creation.
	When   []Path   `yaml:"when"`
	Unless [][]Path `yaml:"unless"`
	// If lists conditions that must all hold; UnlessValue prevents creation where a field has one of the values.
	If          []Condition   `yaml:"if"`
	UnlessValue []FieldValues `yaml:"unlessValue"`
	// Each takes the object apart: something is made for each element that its parts lead to, one within the other, and for
	// which their conditions hold. Names and Prefix are then about the innermost one.
	Each []Part `yaml:"each"`
	// Distinct: where two elements name the same, nothing at all is made.
	Distinct bool `yaml:"distinct"`
	// Names lists fields that name what is created; the first that is set counts, with all its values. With Prefix only the
	// values that start with it count, and what follows is the name. Suffix is added to it.
	Names  []Path `yaml:"names"`
	Prefix string `yaml:"prefix"`
	Suffix string `yaml:"suffix"`
	// NamespaceAt is a field that names the namespace; unset, it is the object's own.
	NamespaceAt Path `yaml:"namespaceAt"`
	// Everywhere: created in every namespace, or in those that Namespaces picks.
	Everywhere bool       `yaml:"everywhere"`
	Namespaces Namespaces `yaml:"namespaces"`
	// Keys are certain; KeysAt are fields whose values, KeysOf mappings whose keys are certain; Maybe depend on
	// something out of sight; where one of Open is set, further keys may exist.
	Keys   []string `yaml:"keys"`
	KeysAt []Path   `yaml:"keysAt"`
	KeysOf []Path   `yaml:"keysOf"`
	Maybe  []string `yaml:"maybe"`
	Open   []Path   `yaml:"open"`
	// Signer says on whom Maybe depends.
	Signer Signer `yaml:"signer"`
	// ByProduct: creation is not what the object is for, as with annotations on an Ingress. It does not show that the
	// other objects of the namespace are kept in the same place.
	ByProduct bool `yaml:"byProduct"`
	// Copy: what is made is a copy of the object, a Secret or ConfigMap, and has its keys.
	Copy bool `yaml:"copy"`
	// File: only what files hold of the kind counts. No cluster serves it, or there it has done its work when it is seen.
	File bool `yaml:"file"`
}

// Part is a step into an object.
type Part struct {
	Path  Path        `yaml:"path"`
	Where []Condition `yaml:"where"`
}

// Condition is what a field must be like, or, where [*] leads to many, each of them: set and not empty, or one of Values, among
// which "" stands for a field that is not set. Blank: it is there, whatever it holds. Own: it is the object's namespace, or
// not set. Unlisted: a field of the object, a list with commas, does not name it.
type Condition struct {
	Path     Path     `yaml:"path"`
	Values   []string `yaml:"values"`
	Blank    bool     `yaml:"blank"`
	Own      bool     `yaml:"own"`
	Unlisted Path     `yaml:"unlisted"`
}

// Holds reports whether it does in a part of an object.
func (c Condition) Holds(obj kube.Object, part map[string]any) bool {
	holds, found := true, false
	c.Path.Each(part, func(_ kube.Path, value any) {
		found = true
		holds = holds && c.of(obj, value, true)
	})
	return holds && (found || c.of(obj, nil, false))
}

func (c Condition) of(obj kube.Object, value any, set bool) bool {
	s, _ := value.(string)
	switch {
	case c.Blank:
		return set
	case c.Own:
		return s == "" || s == obj.ID.Namespace || obj.ID.Namespace == ""
	case c.Unlisted.String() != "":
		list, _ := c.Unlisted.First(obj.Fields)
		names, _ := list.(string)
		return !slices.ContainsFunc(strings.Split(names, ","), func(name string) bool { return s != "" && strings.TrimSpace(name) == s })
	case len(c.Values) > 0:
		return slices.Contains(c.Values, s)
	default:
		return value != nil && value != ""
	}
}

// Namespaces says in which namespaces something is made: in those that one of Names names or one of Selectors, a mapping, or
// of Texts, a text, takes by their labels. Lists are patterns with commas between them, and a namespace must match each of
// the lists that is set. Where none of the fields is set it is made in all, or, if Required, in none.
type Namespaces struct {
	Names     []Path `yaml:"names"`
	Selectors []Path `yaml:"selectors"`
	Texts     []Path `yaml:"texts"`
	Lists     []Path `yaml:"lists"`
	Required  bool   `yaml:"required"`
}

// Selects reports whether labels of namespaces matter.
func (n *Namespaces) Selects() bool { return len(n.Selectors) > 0 || len(n.Texts) > 0 }

// Signer is who signs what is made, found by a reference of the object, and what its kind says of the keys.
type Signer struct {
	Role  string   `yaml:"role"`
	Kinds []Signed `yaml:"kinds"`
}

// Signed is what a kind of signer, known by a field of it, makes of keys. Keys are then certain, those of Never are never
// there.
type Signed struct {
	When  Path     `yaml:"when"`
	Title string   `yaml:"title"`
	Keys  []string `yaml:"keys"`
	Never []string `yaml:"never"`
}

// Of tells which kind of signer an object is; nil if none that is known.
func (s *Signer) Of(obj kube.Object) *Signed {
	for i := range s.Kinds {
		if value, ok := s.Kinds[i].When.First(obj.Fields); ok && value != nil {
			return &s.Kinds[i]
		}
	}
	return nil
}

// Filled is a mark of what something else fills in, with the keys that are certain to be there then.
type Filled struct {
	FieldValues `yaml:",inline"`
	Keys        []string `yaml:"keys"`
	// Only: everything else is taken out.
	Only bool `yaml:"only"`
}

// UnmarshalYAML takes a path alone too.
func (f *Filled) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind == yaml.ScalarNode {
		return f.Path.UnmarshalYAML(node)
	}
	var fields struct {
		Path   Path     `yaml:"path"`
		Values []string `yaml:"values"`
		Keys   []string `yaml:"keys"`
		Only   bool     `yaml:"only"`
	}
	if err := node.Decode(&fields); err != nil {
		return err
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		if key := node.Content[i].Value; !slices.Contains([]string{"path", "values", "keys", "only"}, key) {
			return fmt.Errorf("line %d: filled: unknown field %s", node.Content[i].Line, key)
		}
	}
	if fields.Path.String() == "" {
		return fmt.Errorf("line %d: filled: want a path", node.Line)
	}
	f.Path, f.Values, f.Keys, f.Only = fields.Path, fields.Values, fields.Keys, fields.Only
	return nil
}

func (f *Filled) holds(obj kube.Object) bool {
	if len(f.Values) > 0 {
		return f.Holds(obj)
	}
	_, ok := f.Path.First(obj.Fields)
	return ok
}

// Kept is an object that a program keeps in every namespace.
type Kept struct {
	Kind string   `yaml:"kind"`
	Name string   `yaml:"name"`
	Keys []string `yaml:"keys"`
	// By names the program.
	By string `yaml:"by"`
	// Perhaps: only where the program is installed. In a cluster it is seen whether the object is there.
	Perhaps bool `yaml:"perhaps"`
}

func (p *Producer) complete() error {
	switch {
	case p.Kind == "" || p.Makes == "" || len(p.Names) == 0:
		return errors.New("want kind, makes and names")
	case (p.Signer.Role == "") != (len(p.Signer.Kinds) == 0):
		return errors.New("signer: want a role and kinds")
	case p.Copy && (p.Kind != p.Makes || !slices.Contains([]string{"Secret", "ConfigMap"}, p.Kind)):
		return errors.New("copy: want a Secret of a Secret, or a ConfigMap of a ConfigMap")
	}
	return nil
}

// light reports whether the metadata of an object is all that need be kept of it for what it makes.
func (p *Producer) light() bool {
	if p.Copy {
		return true
	}
	for _, path := range slices.Concat(p.When, slices.Concat(p.Unless...), p.Names, p.KeysAt, p.KeysOf, p.Open) {
		if !strings.HasPrefix(path.String(), "metadata") {
			return false
		}
	}
	return len(p.Each) == 0 && len(p.If) == 0 && len(p.UnlessValue) == 0
}

// marks lists the annotations that have something copy an object.
func (p *Producer) marks() (keys []string) {
	if !p.Copy {
		return nil
	}
	paths := slices.Concat(p.When, p.Namespaces.Texts, p.Namespaces.Lists)
	for _, condition := range p.If {
		paths = append(paths, condition.Path)
	}
	for _, path := range paths {
		steps := path.Steps()
		if len(steps) == 3 && steps[0] == "metadata" && steps[1] == "annotations" {
			if key, ok := steps[2].(string); ok {
				keys = append(keys, key)
			}
		}
	}
	return keys
}
