package inventory

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/provider"
)

// Reach is the namespaces in which something is made.
type Reach struct {
	names     []string
	selectors []selector
	lists     [][]string
	none      bool
}

// selector is a label selector; all its requirements must hold. open: part of it could not be read.
type selector struct {
	requirements []requirement
	open         bool
}

type requirement struct {
	key, operator string
	values        []string
}

// truth is what can be said of a namespace whose labels may be out of sight.
type truth int

const (
	perhaps truth = iota
	yes
	no
)

// reach reads the namespaces of an object; nil means all.
func reach(n *provider.Namespaces, obj kube.Object) *Reach {
	r := &Reach{none: n.Required}
	set := false
	for _, path := range n.Names {
		r.names = append(r.names, values(path, obj)...)
	}
	for _, path := range n.Selectors {
		path.Each(obj.Fields, func(_ kube.Path, value any) {
			if fields, ok := value.(map[string]any); ok {
				r.selectors = append(r.selectors, mappingSelector(fields))
			}
		})
	}
	for _, path := range n.Texts {
		if value, ok := path.First(obj.Fields); ok {
			s, _ := value.(string)
			r.selectors = append(r.selectors, textSelector(s))
		}
	}
	for _, path := range n.Lists {
		for _, list := range values(path, obj) {
			r.lists = append(r.lists, strings.Split(list, ","))
		}
	}
	set = len(r.names)+len(r.selectors)+len(r.lists) > 0
	if !set && !r.none {
		return nil
	}
	r.none = r.none && !set
	return r
}

// mappingSelector reads a selector as Kubernetes writes it: matchLabels and matchExpressions.
func mappingSelector(fields map[string]any) selector {
	var s selector
	labels, _ := fields["matchLabels"].(map[string]any)
	for _, key := range kube.SortedKeys(labels) {
		value, _ := labels[key].(string)
		s.requirements = append(s.requirements, requirement{key, "In", []string{value}})
	}
	expressions, _ := fields["matchExpressions"].([]any)
	for _, element := range expressions {
		expression, _ := element.(map[string]any)
		r := requirement{}
		r.key, _ = expression["key"].(string)
		r.operator, _ = expression["operator"].(string)
		list, _ := expression["values"].([]any)
		for _, value := range list {
			text, _ := value.(string)
			r.values = append(r.values, text)
		}
		s.requirements = append(s.requirements, r)
	}
	return s
}

// textSelector reads a selector as kubectl takes it: a=b, a==b, a!=b, a and !a, with commas between them.
func textSelector(text string) selector {
	var s selector
	if strings.ContainsAny(text, "()") {
		return selector{open: true}
	}
	for _, part := range strings.Split(text, ",") {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		if key, value, ok := strings.Cut(part, "!="); ok {
			s.requirements = append(s.requirements, requirement{strings.TrimSpace(key), "NotIn", []string{strings.TrimSpace(value)}})
		} else if key, value, ok := strings.Cut(part, "="); ok {
			s.requirements = append(s.requirements, requirement{strings.TrimSpace(key), "In", []string{strings.TrimSpace(strings.TrimPrefix(value, "="))}})
		} else if key, ok := strings.CutPrefix(part, "!"); ok {
			s.requirements = append(s.requirements, requirement{strings.TrimSpace(key), "DoesNotExist", nil})
		} else {
			s.requirements = append(s.requirements, requirement{part, "Exists", nil})
		}
	}
	return s
}

// nameLabel is on every namespace (kube-apiserver, NamespaceDefaultLabelName).
const nameLabel = "kubernetes.io/metadata.name"

// takes says whether a namespace is among those in reach. A namespace that is not named may be any.
func (r *Reach) takes(namespace string, labels map[string]any, known bool) truth {
	switch {
	case r == nil:
		return yes
	case r.none:
		return no
	case namespace == "":
		return perhaps
	case slices.Contains(r.names, namespace):
		return yes
	}
	result := no
	if len(r.lists) > 0 {
		result = inLists(r.lists, namespace)
	}
	for i := range r.selectors {
		switch r.selectors[i].takes(namespace, labels, known) {
		case yes:
			return yes
		case perhaps:
			if result == no {
				result = perhaps
			}
		case no:
		}
	}
	return result
}

// inLists asks each list for a pattern that is the whole name. What is no pattern to Go may be one to others.
func inLists(lists [][]string, namespace string) truth {
	result := yes
	for _, list := range lists {
		found := no
		for _, pattern := range list {
			pattern = strings.TrimSpace(pattern)
			if pattern == "" {
				continue
			}
			expression, err := regexp.Compile("^(?:" + pattern + ")$")
			switch {
			case err != nil && found == no:
				found = perhaps
			case err == nil && expression.MatchString(namespace):
				found = yes
			}
		}
		if found == no {
			return no
		}
		if found == perhaps {
			result = perhaps
		}
	}
	return result
}

func (s *selector) takes(namespace string, labels map[string]any, known bool) truth {
	result := yes
	if s.open {
		result = perhaps
	}
	for _, r := range s.requirements {
		value, set := labels[r.key].(string)
		if r.key == nameLabel {
			value, set = namespace, true
		} else if !known {
			result = perhaps
			continue
		}
		holds := false
		switch r.operator {
		case "In":
			holds = set && slices.Contains(r.values, value)
		case "NotIn":
			holds = !set || !slices.Contains(r.values, value)
		case "Exists":
			holds = set
		case "DoesNotExist":
			holds = !set
		default:
			result = perhaps
			continue
		}
		if !holds {
			return no
		}
	}
	return result
}

// String completes "only in namespaces ...".
func (r *Reach) String() string {
	var ways []string
	if len(r.names) > 0 {
		ways = append(ways, "named "+strings.Join(r.names, " or "))
	}
	for _, s := range r.selectors {
		ways = append(ways, s.String())
	}
	for _, list := range r.lists {
		ways = append(ways, "that match "+strings.Join(list, " or "))
	}
	return strings.Join(ways, ", or ")
}

func (s *selector) String() string {
	parts := make([]string, 0, len(s.requirements))
	for _, r := range s.requirements {
		switch {
		case r.operator == "In" && len(r.values) == 1:
			parts = append(parts, r.key+"="+r.values[0])
		case r.operator == "Exists":
			parts = append(parts, r.key)
		case r.operator == "DoesNotExist":
			parts = append(parts, "!"+r.key)
		case r.operator == "In":
			parts = append(parts, fmt.Sprintf("%s in (%s)", r.key, strings.Join(r.values, ", ")))
		default:
			parts = append(parts, fmt.Sprintf("%s not in (%s)", r.key, strings.Join(r.values, ", ")))
		}
	}
	return "with the labels " + strings.Join(parts, " and ")
}
