package provider

import "strings"

// ServiceOf reads a host name as that of a Service, as a mesh does for objects of a namespace: a name without a dot is a Service
// beside the object, and one of the form name.namespace.svc, with whatever domain of the cluster behind it, is that Service.
// Others, name.namespace among them, are hosts of their own, and what is no host name, such as a variable, is none.
func ServiceOf(host, own string) (namespace, name string, ok bool) {
	labels := strings.Split(strings.ToLower(host), ".")
	switch {
	case labels[0] == "" || strings.ContainsFunc(host, foreign):
		return "", "", false
	case len(labels) == 1:
		return own, labels[0], true
	case len(labels) > 2 && labels[1] != "" && labels[2] == "svc":
		return labels[1], labels[0], true
	default:
		return "", "", false
	}
}

// foreign reports whether no host name has a letter.
func foreign(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '.'
}
