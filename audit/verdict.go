package audit

import (
	"cmp"
	"slices"

	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/rule"
)

// Verdict is what is known of one object. Nobody may change what is in it.
type Verdict struct {
	Object kube.ID
	// Version is that of the object's apiVersion, UID the API server's.
	Version, UID string
	// Findings are those that count, in order of rule and path.
	Findings   []Finding
	Suppressed int
	// Certificates are those it refers to.
	Certificates []rule.Certificate
	// Error says why it could not be judged; Findings are then those of the last time it could.
	Error string
}

// Finding is a rule.Finding as far as it is told: thousands are kept.
type Finding struct {
	Rule     string
	Severity rule.Severity
	Action   rule.Action
	Unknown  bool
	Path     string
	// Message is the headline, Remedy how to mend it; both are bounded.
	Message, Remedy string
}

// maxText bounds a text of a finding: one that is longer quotes a list, of which the beginning tells enough, and events and
// reports have bounds of their own.
const maxText = 1 << 10

func verdictOf(obj kube.Object, d rule.Decision) Verdict {
	metadata, _ := obj.Fields["metadata"].(map[string]any)
	uid, _ := metadata["uid"].(string)
	v := Verdict{Object: obj.ID, Version: obj.Version, UID: uid, Suppressed: len(d.Suppressed), Certificates: d.Certificates}
	for _, f := range d.Findings {
		v.Findings = append(v.Findings, Finding{
			Rule: f.Rule, Severity: f.Severity, Action: f.Action, Unknown: f.Unknown, Path: f.Path.String(),
			Message: bounded(f.Headline()), Remedy: bounded(f.Remedy),
		})
	}
	slices.SortFunc(v.Findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Path, b.Path), cmp.Compare(a.Message, b.Message))
	})
	return v
}

func bounded(text string) string {
	if len(text) <= maxText {
		return text
	}
	end := maxText
	for end > 0 && text[end]&0xC0 == 0x80 { // not within a character
		end--
	}
	return text[:end] + "..."
}

// Equal reports whether two verdicts say the same.
func (v Verdict) Equal(other Verdict) bool {
	return v.Object == other.Object && v.Version == other.Version && v.UID == other.UID && v.Suppressed == other.Suppressed &&
		v.Error == other.Error && slices.Equal(v.Findings, other.Findings) && slices.Equal(v.Certificates, other.Certificates)
}
