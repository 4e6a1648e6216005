package webhook

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/rule"
)

const (
	// maxWarning and maxWarnings are what the API server passes on of one warning and of all, in bytes: the former it asks
	// webhooks to keep to, past the latter it cuts (apiserver, pkg/endpoints/handlers/responsewriters; docs on admission
	// webhooks, "Response"). A quarter of the total is left for other webhooks of the request.
	maxWarning  = 256
	maxWarnings = 3072
	// maxDenial bounds the message of a denial: a terminal page. What is left out is counted and logged.
	maxDenial = 4000
	// maxAlso bounds the other objects that one finding names.
	maxAlso = 8
)

// worst orders findings for a reader: what is denied first, then by severity, rule and place.
func worst(findings []rule.Finding) []rule.Finding {
	sorted := slices.Clone(findings)
	slices.SortStableFunc(sorted, func(a, b rule.Finding) int {
		return cmp.Or(cmp.Compare(a.Action, b.Action), cmp.Compare(a.Severity, b.Severity), cmp.Compare(a.Rule, b.Rule),
			cmp.Compare(a.Path.String(), b.Path.String()))
	})
	return sorted
}

// denial writes why a request is refused. The first line stands alone: many clients show no more.
func (o Outcome) denial() string {
	var b strings.Builder
	left := 0
	for _, f := range worst(o.Decision.Findings) {
		if f.Action != rule.Deny {
			continue
		}
		text := o.paragraph(f)
		if b.Len()+len(text) > maxDenial && b.Len() > 0 {
			left++
			continue
		}
		if b.Len() > 0 {
			b.WriteString("\n\n")
		}
		b.WriteString(text)
	}
	if left > 0 {
		fmt.Fprintf(&b, "\n%d more", left)
	}
	return b.String()
}

func (o Outcome) paragraph(f rule.Finding) string {
	var b strings.Builder
	b.WriteString(clip(f.Headline(), 1000))
	line := func(name, text string) {
		if text != "" {
			fmt.Fprintf(&b, "\n  %-5s %s", name+":", clip(text, 500))
		}
	}
	line("at", f.Path.String())
	for i, related := range f.Related {
		if i == maxAlso {
			line("also", fmt.Sprintf("%d more", len(f.Related)-i))
			break
		}
		line("also", o.name(related.Object)+": "+related.Message)
	}
	line("fix", f.Remedy)
	line("note", f.Unheeded)
	more := f.Rule + ", decision " + o.decisionID()
	if f.Assumed != "" {
		more += ", assuming " + f.Assumed
	}
	line("more", more)
	return b.String()
}

// name is an object's to the requester, who may know only those of the own namespace.
func (o Outcome) name(id kube.ID) string {
	if o.hides(id) {
		return "an object in another namespace"
	}
	return id.String()
}

func (o Outcome) hides(id kube.ID) bool {
	return id.Namespace != "" && id.Namespace != o.Object.ID.Namespace
}

// decisionID is what an operator finds the decision by in the log.
func (o Outcome) decisionID() string {
	id, _, _ := strings.Cut(o.ID, "-")
	return clip(id, 36) // all of the API server's
}

// warnings lists what the client is told beside the answer, worst first, within the API server's limits.
func (o Outcome) warnings() []string {
	var all []string
	for _, f := range worst(o.Decision.Findings) {
		if text, ok := o.warning(f); ok && !slices.Contains(all, text) {
			all = append(all, text)
		}
	}
	total := 0
	for i, text := range all {
		total += len(text)
		if total > maxWarnings {
			return append(all[:i:i], fmt.Sprintf("tlsward: %d more, see decision %s in its log", len(all)-i, o.decisionID()))
		}
	}
	return all
}

func (o Outcome) warning(f rule.Finding) (string, bool) {
	prefix := ""
	same := func(other rule.Finding) bool { return other.Rule == f.Rule && other.Path.Equal(f.Path) }
	switch {
	case f.Action == rule.Deny && o.Denied:
		return "", false // the refusal says it
	case f.Action == rule.Deny:
		prefix = "would be denied: "
	case f.Action != rule.Warn:
		return "", false
	case slices.ContainsFunc(o.Pending, same):
		prefix = "pending: "
	case slices.ContainsFunc(o.Unconfirmed, same):
		prefix = "not denied, as it could not be confirmed: "
	case !f.EnforceFrom.IsZero():
		prefix = "denied from " + f.EnforceFrom.UTC().Format("2006-01-02") + ": "
	case f.Existing:
		prefix = "as before: "
	}
	suffix := " (" + f.Rule + ")"
	if slices.ContainsFunc(f.Related, func(r rule.Related) bool { return o.hides(r.Object) }) {
		// Whom it speaks of, an operator finds in the log.
		suffix = " (" + f.Rule + ", decision " + o.decisionID() + ")"
	}
	// A user's rule may have a name that leaves no room.
	return clip(prefix+clip(f.Headline(), max(maxWarning-len(prefix)-len(suffix), 0))+suffix, maxWarning), true
}

// cites reports whether the answer sends its reader to the log.
func (o Outcome) cites() bool {
	return slices.ContainsFunc(o.warnings(), func(w string) bool { return strings.Contains(w, "decision "+o.decisionID()) })
}

// clip cuts a text to a number of bytes, at a character, and makes one line of it: what it holds may come from an object. The
// API server drops a warning that holds a control character, and a terminal might obey it.
func clip(s string, limit int) string {
	s = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) || r == utf8.RuneError {
			return ' '
		}
		return r
	}, s)
	if len(s) <= limit {
		return s
	}
	const ellipsis = "..."
	cut := max(limit-len(ellipsis), 0)
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + ellipsis
}
