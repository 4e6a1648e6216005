package provider

import (
	"fmt"
	"slices"

	"github.com/tlsward/tlsward/kube"
)

// Pods says by what objects the pods of a controller's proxies are known. Pods and what makes them are many; a Service in front
// of them stands in their namespace and names their labels.
type Pods struct {
	Kind string `yaml:"kind"`
	// Labels leads to labels that the pods have, Label is one that only those of the controller have.
	Labels Path   `yaml:"labels"`
	Label  string `yaml:"label"`
}

// PodsOf says which pods an object is for.
type PodsOf struct {
	// Controller is whose they are.
	Controller string `yaml:"controller"`
	// Selector leads to labels that they have, Labels are such labels where no object names them.
	Selector Path              `yaml:"selector"`
	Labels   map[string]string `yaml:"labels"`
	// Setting names their namespaces where no pods are in sight, with commas between them.
	Setting string `yaml:"setting"`
}

// Namespaced returns the labels that an object shows of the controller's pods in its namespace, nil if it shows none.
func (p Pods) Namespaced(obj kube.Object) map[string]any {
	if p.Kind == "" || p.Kind != obj.ID.GroupKind() {
		return nil
	}
	value, _ := p.Labels.First(obj.Fields)
	labels, _ := value.(map[string]any)
	if labels[p.Label] == nil {
		return nil
	}
	return labels
}

// Select reports whether all pods with some labels are among those that an object is for. Without a selector it is for the
// pods of every namespace, which tells of none.
func (p PodsOf) Select(obj kube.Object, labels map[string]any) bool {
	selector := map[string]any{}
	for label, wanted := range p.Labels {
		selector[label] = wanted
	}
	if p.Selector.String() != "" {
		value, _ := p.Selector.First(obj.Fields)
		selector, _ = value.(map[string]any)
	}
	for label, wanted := range selector {
		if labels[label] != wanted {
			return false
		}
	}
	return len(selector) > 0
}

// showPods has objects that show pods keep the labels.
func (s *Set) showPods() {
	for i := range s.Providers {
		for j := range s.Providers[i].Controllers {
			c := &s.Providers[i].Controllers[j]
			if c.Pods.Kind == "" {
				continue
			}
			s.pods = append(s.pods, c)
			s.relevant[c.Pods.Kind] = true
			s.shows[c.Pods.Kind] = append(s.shows[c.Pods.Kind], c.Pods.Labels)
		}
	}
}

// PodsOf returns how the pods of a controller's proxies are known.
func (s *Set) PodsOf(controller string) Pods {
	for _, c := range s.pods {
		if c.Name == controller {
			return c.Pods
		}
	}
	return Pods{}
}

// ShowsPods lists the controllers of whose pods an object shows labels.
func (s *Set) ShowsPods(obj kube.Object) []string {
	var names []string
	for _, c := range s.pods {
		if c.Pods.Namespaced(obj) != nil {
			names = append(names, c.Name)
		}
	}
	return names
}

func (p Pods) complete() error {
	if (p.Kind == "") != (p.Label == "") || (p.Kind == "") != (p.Labels.String() == "") || p.Kind != "" && !plain(p.Labels) {
		return fmt.Errorf("pods: want kind, labels and label")
	}
	return nil
}

// leads checks the controller and the setting by which a reference finds its namespace.
func (p *Provider) leads(r *Reference) error {
	if r.Namespace != NamespacePods {
		return nil
	}
	if !slices.ContainsFunc(p.Controllers, func(c Controller) bool {
		return c.Name == r.Pods.Controller && c.Pods.Kind != "" && c.Setting(r.Pods.Setting) != nil
	}) {
		return fmt.Errorf("role %s: pods: controller %q of this provider has no pods, or no setting %q", r.Role, r.Pods.Controller, r.Pods.Setting)
	}
	return nil
}
