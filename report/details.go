package report

import (
	"net/url"
	"path/filepath"
	"strings"

	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/rule"
)

// explanation is one thing said about a finding beside its headline: "help: create the Secret". Its fields are exported for
// the template of the page.
type explanation struct{ Label, Text string }

// details is what there is to say about a finding beside its headline, in the order and the words of every format.
func details(f *rule.Finding) []explanation {
	list := advice(f)
	for _, other := range f.Related {
		list = append(list, explanation{"see", relatedLine(other)})
	}
	if f.Fix != nil {
		list = append(list, explanation{fixLabel(*f.Fix), fixLine(*f.Fix)})
	}
	return list
}

// advice is the part of details that a format with places of its own for related objects and fixes does not have.
func advice(f *rule.Finding) []explanation {
	var list []explanation
	if f.Remedy != "" {
		list = append(list, explanation{"help", f.Remedy})
	}
	if !f.EnforceFrom.IsZero() {
		list = append(list, explanation{"note", "denied from " + enforceFrom(f) + " on"})
	}
	if text := aheadLine(f); text != "" {
		list = append(list, explanation{"note", text})
	}
	if f.Assumed != "" {
		list = append(list, explanation{"note", "assuming " + f.Assumed})
	}
	if f.Unheeded != "" {
		list = append(list, explanation{"note", "not suppressed: " + f.Unheeded})
	}
	return list
}

// aheadLine says why a finding of a rulebook that is pinned is a note; "" of all others.
func aheadLine(f *rule.Finding) string {
	if f.Ahead.IsZero() {
		return ""
	}
	return "new in rulebook " + f.Ahead.String() + ", which the config does not have in force yet"
}

// paragraphs is a finding as plain text for formats that take nothing else: the headline, then a line for each explanation.
func paragraphs(f *rule.Finding, more []explanation) string {
	var b strings.Builder
	b.WriteString(f.Headline())
	for _, d := range more {
		b.WriteByte('\n')
		b.WriteString(d.Label)
		b.WriteString(": ")
		b.WriteString(d.Text)
	}
	return b.String()
}

// levelOf is what an action means to who reads a result: what fails the run is an error, whatever the rule's severity.
// The least level is what formats have different words for.
func levelOf(a rule.Action, least string) string {
	switch a {
	case rule.Deny:
		return "error"
	case rule.Warn:
		return "warning"
	default:
		return least
	}
}

// problemLine is what every format says of a document that could not be read.
func problemLine(p Problem) string { return "cannot read: " + p.Message }

// slashed is the name of a file as services know it: with slashes, and without the ./ that a shell's completion leaves.
func slashed(file string) string { return strings.TrimPrefix(filepath.ToSlash(file), "./") }

// webLink is a link that a report may have, or "": a page's place in a repository is none for who has only the report, and
// a rulebook must not smuggle a javascript: address in.
func webLink(link string) string {
	u, err := url.Parse(link)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return ""
	}
	return link
}

// objectName names an object in formats that have one field for it: "Ingress.networking.k8s.io shop/web".
func objectName(id kube.ID) string {
	name := id.GroupKind()
	switch {
	case id.Name == "":
	case id.Namespace == "":
		name += " " + id.Name
	default:
		name += " " + id.Namespace + "/" + id.Name
	}
	return name
}
