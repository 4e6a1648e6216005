package effective

import (
	"slices"

	"github.com/tlsward/tlsward/kube"
)

// istioWithin reports whether all labels of a selector are in another one.
func istioWithin(labels, other map[string]any) bool {
	for key, value := range labels {
		if found, ok := other[key]; !ok || text(found) != text(value) {
			return false
		}
	}
	return true
}

// istioLabel is the first label of a selector; "" where it has none.
func istioLabel(labels map[string]any) string {
	for _, key := range kube.SortedKeys(labels) {
		return key + "=" + text(labels[key])
	}
	return ""
}

// istioSelectors finds selectors by their first label.
type istioSelectors map[string][]istioSelected

type istioSelected struct {
	name   string
	labels map[string]any
}

func (x istioSelectors) add(name string, labels map[string]any) {
	first := istioLabel(labels)
	x[first] = append(x[first], istioSelected{name, labels})
}

// within are the selectors all labels of which are among those that are given, in order.
func (x istioSelectors) within(labels map[string]any) []string {
	var names []string
	look := func(first string) {
		for _, s := range x[first] {
			if istioWithin(s.labels, labels) {
				names = append(names, s.name)
			}
		}
	}
	look("")
	for _, key := range kube.SortedKeys(labels) {
		look(key + "=" + text(labels[key]))
	}
	slices.Sort(names)
	return names
}

// istioPods finds the namespaces of the pods that Gateways are for, by the Services in front of them.
type istioPods struct {
	services map[string][]*Object
	known    map[string]string
}

func newIstioPods(t *Tree) *istioPods {
	x := &istioPods{services: map[string][]*Object{}, known: map[string]string{}}
	for _, service := range t.Of(serviceKind) {
		labels := gatewayMap(service.Fields, "spec", "selector")
		for _, key := range kube.SortedKeys(labels) {
			label := key + "=" + text(labels[key])
			x.services[label] = append(x.services[label], service)
		}
	}
	return x
}

// of is the namespace of the pods of a Gateway; "" where nothing in sight tells, or they are in several.
func (x *istioPods) of(o *Object) string {
	found := map[string]bool{}
	for _, r := range o.References("gateway-credential") {
		pods, _ := r.Facts["pods"].(map[string]any)
		for _, namespace := range texts(pods["namespaces"]) {
			found[namespace] = true
		}
	}
	if len(found) == 0 {
		return x.byServices(o)
	}
	return istioOnly(found)
}

func (x *istioPods) byServices(o *Object) string {
	name := istioSelector(o)
	if known, ok := x.known[name]; ok {
		return known
	}
	found := map[string]bool{}
	selector := gatewayMap(o.Fields, "spec", "selector")
	for _, service := range x.services[istioLabel(selector)] {
		if istioWithin(selector, gatewayMap(service.Fields, "spec", "selector")) && service.ID.Namespace != "" {
			found[service.ID.Namespace] = true
		}
	}
	x.known[name] = istioOnly(found)
	return x.known[name]
}

func istioOnly(found map[string]bool) string {
	if len(found) != 1 {
		return ""
	}
	return kube.SortedKeys(found)[0]
}
