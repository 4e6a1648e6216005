package engine

import (
	"strconv"
	"strings"
	"time"

	"github.com/tlsward/tlsward/facts"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/rule"
)

const day = 24 * time.Hour

// clock adds to a decision what time will do to it.
func (e *Engine) clock(d *rule.Decision, document facts.Facts, now time.Time) {
	next := turns{now: now}
	for _, value := range facts.Times(document) {
		next.around(value)
	}
	certificates, _ := document["certificates"].(map[string]any)
	for _, hash := range kube.SortedKeys(certificates) {
		if c, ok := readCertificate(certificates[hash]); ok {
			next.certificate(c)
		}
	}
	d.Certificates = next.references(document, certificates)
	for _, list := range [][]rule.Finding{d.Findings, d.Suppressed} {
		for _, f := range list {
			next.at(f.EnforceFrom)
			if f.Suppression != nil {
				next.after(f.Suppression.Until)
			}
		}
	}
	d.Turns = next.first
}

// turns finds the next moment at which a comparison with the clock can come out another way. The clock of a document is cut to
// the minute.
type turns struct{ now, first time.Time }

// at is a moment that counts from itself on.
func (t *turns) at(moment time.Time) {
	if !moment.IsZero() && moment.After(t.now) && (t.first.IsZero() || moment.Before(t.first)) {
		t.first = moment
	}
}

// after is a moment that counts until it is over.
func (t *turns) after(moment time.Time) {
	if !moment.IsZero() {
		t.at(moment.Add(time.Nanosecond))
	}
}

// around is a moment that documents are compared with, either way: the minute that does not lie before it, and the first that lies
// after it.
func (t *turns) around(moment time.Time) {
	minute := moment.Truncate(time.Minute)
	if minute.Equal(moment) {
		t.at(minute)
	}
	t.at(minute.Add(time.Minute))
}

// skew is what lib.x509's soon allows the clocks of two machines.
const skew = 5 * time.Minute

func (t *turns) certificate(c certificate) {
	t.around(c.from)
	t.around(c.from.Add(-skew))
	t.around(c.until)
	t.around(c.until.Add(-c.lifetime() / 4))
	if left := c.until.Sub(t.now.Truncate(time.Minute)); left > 0 {
		// days_left, which rules compare with numbers of their own.
		t.around(c.until.Add(-left.Truncate(day)))
	}
}

// certificate is what the clock does to one.
type certificate struct {
	from, until time.Time
	ca          bool
}

// longest bounds lifetimes: certificates without an end end in the year 9999, and no duration is as long.
const longest = 100 * 365 * day

func (c certificate) lifetime() time.Duration { return min(c.until.Sub(c.from), longest) }

func readCertificate(value any) (c certificate, ok bool) {
	fields, _ := value.(map[string]any)
	c.from, _ = readTime(fields["not_before"])
	c.until, ok = readTime(fields["not_after"])
	c.ca, _ = fields["ca"].(bool)
	return c, ok
}

func readTime(value any) (time.Time, bool) {
	text, _ := value.(string)
	t, err := time.Parse(time.RFC3339, text)
	return t, err == nil
}

// references lists whose certificates the object refers to, and until when they are good.
func (t *turns) references(document facts.Facts, certificates map[string]any) (list []rule.Certificate) {
	roles, _ := document["refs"].(map[string]any)
	for _, role := range kube.SortedKeys(roles) {
		refs, _ := roles[role].([]any)
		for _, element := range refs {
			ref, _ := element.(map[string]any)
			content, _ := ref["content"].(map[string]any)
			hashes, _ := content["certificates"].([]any)
			found, last, any := rule.Certificate{Role: role}, certificate{}, false
			for i, hash := range hashes {
				text, _ := hash.(string)
				c, ok := readCertificate(certificates[text])
				// Of a chain the first counts, which is shown; of a bundle the last to end: until then something is trusted.
				if ok && (i == 0 || ref["use"] == "trust" && c.until.After(last.until)) {
					last, any = c, true
				}
			}
			if !any {
				continue
			}
			text := func(key string) string { s, _ := ref[key].(string); return s }
			found.Target = kube.ID{Group: text("group"), Kind: text("kind"), Namespace: text("namespace"), Name: text("name")}
			found.Key, found.CA, found.NotBefore, found.NotAfter = text("key"), ref["use"] == "trust", last.from, last.until
			found.Due = t.due(last, ref)
			t.around(found.Due)
			list = append(list, found)
		}
	}
	return list
}

// due is lib.x509's due with 30 days: when something should have been done about a certificate's end.
func (t *turns) due(c certificate, ref map[string]any) time.Time {
	lifetime := c.lifetime()
	producer, _ := ref["producer"].(map[string]any)
	switch kind, _ := producer["kind"].(string); kind {
	case "Certificate", "Ingress", "Gateway", "ListenerSet", "XListenerSet":
		before := renewBefore(producer, lifetime)
		due := c.until.Add(-before).Add(min(lifetime/10, before/2))
		t.around(due)
		if ref["key"] == "tls.crt" {
			return due
		}
	}
	return c.until.Add(-min(30*day, lifetime/4))
}

// renewBefore is how long before its end cert-manager renews a certificate (pkg/util/pki/renewaltime.go).
func renewBefore(producer map[string]any, lifetime time.Duration) time.Duration {
	object, _ := producer["object"].(map[string]any)
	told := func(field, annotation string) any {
		if value, ok := kube.Lookup(object, kube.Path{"spec", field}); ok && value != nil {
			return value
		}
		value, _ := kube.Lookup(object, kube.Path{"metadata", "annotations", annotation})
		return value
	}
	if text, ok := told("renewBefore", "cert-manager.io/renew-before").(string); ok {
		if before, err := time.ParseDuration(text); err == nil && before > 0 && before < lifetime {
			return before
		}
	}
	percentage := 0
	switch value := told("renewBeforePercentage", "cert-manager.io/renew-before-percentage").(type) {
	case int64:
		percentage = int(value)
	case string:
		percentage, _ = strconv.Atoi(strings.TrimSpace(value))
	}
	if percentage > 0 && percentage < 100 {
		return lifetime / 100 * time.Duration(percentage)
	}
	return lifetime / 3
}
