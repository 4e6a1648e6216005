package webhook

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tlsward/tlsward/inventory"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/provider"
	"github.com/tlsward/tlsward/rule"
)

// ReplacedCA is the one thing that the guard says and no rule of the rulebook: it is about a change, and a rule sees a state.
const ReplacedCA = "guard/ca-replaced"

// findings says of each rule once what the change does, and to whom: the objects of the own namespace first.
func (c *change) findings(broken []harm) []rule.Finding {
	var all []rule.Finding
	at := map[string]int{} // by rule and what happens
	for _, own := range []bool{true, false} {
		for _, h := range broken {
			if c.hidden(h.referrer.ID) == own {
				continue
			}
			seen := map[string]bool{} // one object may have several references to it
			for _, f := range h.findings {
				what := c.what(f.SubjectKey)
				key := f.Rule + "\n" + what
				if seen[key] {
					continue
				}
				seen[key] = true
				related := rule.Related{Object: h.referrer.ID, Message: "depends on it"}
				if i, ok := at[key]; ok {
					all[i].Action = min(all[i].Action, f.Action)
					all[i].Severity = min(all[i].Severity, f.Severity)
					all[i].Related = append(all[i].Related, related)
					continue
				}
				at[key] = len(all)
				all = append(all, rule.Finding{
					Rule: f.Rule, Severity: f.Severity, Action: f.Action, Object: h.referrer.ID, Subject: c.Object.ID, SubjectKey: f.SubjectKey,
					Effect: f.Headline(), Message: what, Related: []rule.Related{related}, Assumed: f.Assumed,
					Remedy: fmt.Sprintf("change what refers to it first; if it is meant, set the annotation %s: \"off\" on the %s and repeat", GuardAnnotation, c.Object.ID.Kind),
				})
			}
		}
	}
	for i := range all {
		c.say(&all[i])
	}
	return all
}

// say makes the sentence of a finding, and leaves those it names out of its list.
func (c *change) say(f *rule.Finding) {
	others := len(f.Related) - 1
	who := f.Object.String()
	if c.hidden(f.Object) {
		// What is wrong with it is told to its own people.
		f.Effect, f.Assumed, who = "depends on it", "", "an object in another namespace"
	}
	if others > 0 {
		who += fmt.Sprintf(" and %d more", others)
	}
	f.Message, f.Effect = fmt.Sprintf("%s %s: %s: %s", c.Object.ID, f.Message, who, f.Effect), ""
	if !c.hidden(f.Object) {
		f.Related = f.Related[1:]
	}
	if c.more > 0 {
		f.Unheeded = fmt.Sprintf("%d more refer to it and were not looked at", c.more)
	}
}

func (c *change) hidden(id kube.ID) bool {
	return id.Namespace != "" && id.Namespace != c.Object.ID.Namespace
}

// what completes "<object> ..." with what happens to it, or to one of its keys.
func (c *change) what(key string) string {
	if c.Deletion {
		return "is deleted"
	}
	was, is := c.entries()
	if key == "" || was == nil || is == nil {
		return "changes"
	}
	had, has := holds(was, key), holds(is, key)
	switch {
	case had && !has:
		return "loses " + key
	case certificates(was, key, c.before) > 0 && certificates(is, key, c.after) == 0:
		return "has no certificate left in " + key
	case had:
		return "has another " + key
	default:
		return "changes"
	}
}

// entries are the object before and after, read as rules see it; nil where it is not there.
func (c *change) entries() (was, is *inventory.Entry) {
	ref := inventory.Ref{To: c.Object.ID, From: c.Object.ID}
	return c.before.Get(ref).Entry, c.after.Get(ref).Entry
}

func holds(e *inventory.Entry, key string) bool {
	keys, _ := e.Keys()
	return slices.Contains(keys, key)
}

func certificates(e *inventory.Entry, key string, r inventory.Reader) int {
	if content := e.Content(key, r.Certificates()); content != nil && content.Bundle != nil {
		return len(content.Bundle.Certificates)
	}
	return 0
}

// replaced warns of CAs that are exchanged as a whole: until every certificate that the old ones have signed is exchanged too,
// its bearer is refused. Of those whom the CAs are for, clients above all, only some are ever in sight.
func (c *change) replaced() (findings []rule.Finding) {
	if c.Deletion || len(c.referrers) == 0 {
		return nil
	}
	was, is := c.entries()
	if was == nil || is == nil {
		return nil
	}
	for _, key := range c.trusted() {
		before, after := was.Content(key, c.before.Certificates()), is.Content(key, c.after.Certificates())
		if before == nil || after == nil || before.Bundle == nil || after.Bundle == nil {
			continue
		}
		old, kept, overlap := before.Bundle.Certificates, map[string]bool{}, false
		for _, certificate := range after.Bundle.Certificates {
			// The same name and key under another certificate, a renewed CA, verifies what the old one has signed.
			kept[certificate.Subject+"\n"+certificate.SPKI] = true
		}
		for _, certificate := range old {
			overlap = overlap || kept[certificate.Subject+"\n"+certificate.SPKI]
		}
		if len(old) == 0 || len(kept) == 0 || overlap {
			continue
		}
		f := rule.Finding{
			Rule: ReplacedCA, Severity: rule.Warning, Action: rule.Warn, Object: c.Object.ID, Subject: c.Object.ID, SubjectKey: key,
			Message: fmt.Sprintf("%s: no CA of the old %s stays in the new one: who has a certificate of %q is refused until it is exchanged", c.Object.ID, key, clip(old[0].Subject, 60)),
			Remedy:  "add the new CA beside the old one, exchange the certificates, and take the old CA out then",
		}
		if holder, found := inventory.Signed(c.after, old, c.namespaces(), c.door.now()); found {
			f.Message += fmt.Sprintf("; so is that of %s", c.named(holder))
			f.Related = []rule.Related{{Object: holder, Message: "has a certificate of the old CA"}}
		}
		findings = append(findings, f)
	}
	return findings
}

func (c *change) named(id kube.ID) string {
	if c.hidden(id) {
		return "an object in another namespace"
	}
	return id.String()
}

// trusted lists the keys of the object that others verify certificates by, in order.
func (c *change) trusted() (keys []string) {
	for _, entry := range c.referrers {
		for _, target := range c.policy.Reviewer.Providers().Targets(entry.Object()) {
			r := target.Reference
			if r.Use != provider.UseTrust || target.ID.GroupKind() != c.Object.ID.GroupKind() || target.ID.Name != c.Object.ID.Name {
				continue
			}
			for _, key := range append([]string{r.Key}, r.Over[:min(len(r.Over), 1)]...) {
				if key != "" && !slices.Contains(keys, key) {
					keys = append(keys, key)
				}
			}
		}
	}
	slices.SortFunc(keys, strings.Compare)
	return keys
}

// namespaces are those of the object and of who refers to it.
func (c *change) namespaces() []string {
	names := []string{c.Object.ID.Namespace}
	for _, entry := range c.referrers {
		if namespace := entry.ID.Namespace; namespace != "" && !slices.Contains(names, namespace) {
			names = append(names, namespace)
		}
	}
	return names
}
