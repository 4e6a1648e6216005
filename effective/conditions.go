package effective

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/tlsward/tlsward/kube"
)

// Condition is what an answer leaves out though it bears on it: which of those with a certificate are let in, what goes round the question,
// and which certificates a CA's object holds. A report of one tree shows the answer; a comparison must not call it unchanged where
// a condition went.
type Condition struct {
	// Text is the same where the condition is.
	Text   string
	Source Source
	// Adding is what it makes of the answer where it is added; where it is removed, the opposite.
	Adding Verdict
	// field is what two conditions have in common of which one takes the place of the other; any are what it leaves the choice of.
	field string
	any   []string
}

// maxConditionText is in bytes: a snippet may be a page, and a report shows a line.
const maxConditionText = 120

// further are the fields that hold conditions of Clients, by kind.
var further = sync.OnceValue(func() map[string][]furtherField {
	const nginx = `metadata.annotations["nginx.ingress.kubernetes.io/`
	field := func(path string, adding Verdict) furtherField {
		pattern, err := kube.ParsePattern(path)
		if err != nil {
			panic(err) // the table's own fault; a test reads it
		}
		return furtherField{pattern, adding, nil}
	}
	// Kong's mtls-auth looks for a consumer of the certificate, and by default lets in whose revocation nobody can tell
	// (developer.konghq.com/plugins/mtls-auth/reference).
	plugin := []furtherField{
		field("config.skip_consumer_lookup", Weaker).only("true", Weaker),
		field("config.revocation_check_mode", Weaker).only("SKIP", Weaker).only("STRICT", Stronger),
	}
	return map[string][]furtherField{
		kongPluginKind: plugin, kongClusterPlugin: plugin,
		// docs/user-guide/nginx-configuration/annotations.md of ingress-nginx: a request without a certificate goes to the error page, which is a path
		// of the backend unless it is a URL. A snippet may set anything by hand.
		ingressKind: {
			field(nginx+`auth-tls-match-cn"]`, Stronger), field(nginx+`auth-tls-error-page"]`, Weaker),
			field(nginx+`server-snippet"]`, Unclear), field(nginx+`configuration-snippet"]`, Unclear),
		},
		// api/v1alpha1/tls_types.go of Envoy Gateway, ClientValidationContext.
		"ClientTrafficPolicy.gateway.envoyproxy.io": {
			field("spec.tls.clientValidation.subjectAltNames", Stronger), field("spec.tls.clientValidation.spkiHashes", Stronger),
			field("spec.tls.clientValidation.certificateHashes", Stronger), field("spec.tls.clientValidation.crl", Stronger),
		},
		// networking/v1/gateway.proto of Istio, ServerTLSSettings.
		"Gateway.networking.istio.io": {
			field("spec.servers[*].tls.subjectAltNames", Stronger), field("spec.servers[*].tls.verifyCertificateSpki", Stronger),
			field("spec.servers[*].tls.verifyCertificateHash", Stronger), field("spec.servers[*].tls.caCrl", Stronger),
		},
		// projects/gloo/api/v1/ssl/ssl.proto of Gloo, SslConfig.
		"VirtualService.gateway.solo.io": {field("spec.sslConfig.verifySubjectAltName", Stronger)},
	}
})

type furtherField struct {
	pattern kube.Pattern
	adding  Verdict
	// values, if there are any, are the only ones that are conditions.
	values map[string]Verdict
}

func (f furtherField) only(value string, adding Verdict) furtherField {
	if f.values = maps.Clone(f.values); f.values == nil {
		f.values = map[string]Verdict{}
	}
	f.values[value] = adding
	return f
}

// conditions notes them in rows.
func conditions(t *Tree, rows []Row) {
	c := conditioning{objects: make(map[kube.ID]*Object, len(t.Objects)), fields: map[kube.ID][]Condition{}, named: map[string]heldCondition{}}
	for i := range t.Objects {
		c.objects[t.Objects[i].ID] = &t.Objects[i]
	}
	c.authorities = authorities(t)
	for i := range rows {
		r := &rows[i]
		for _, a := range []Aspect{ClientCA, UpstreamCA} {
			if v := r.Value(a); v.Is != "" && v.Is != None {
				v.Conditions, v.whole = c.held(v.Is) // the same for all rows that share it
			}
		}
		if v := r.Value(Clients); v.Asked() && v.Is != Off && r.Controller != "traefik-nginx" {
			if list := c.ofClients(r); len(list) > 0 {
				r.values[Clients] = c.further(v, list)
			}
		}
	}
}

type conditioning struct {
	objects     map[kube.ID]*Object
	authorities map[string][]Condition
	// fields and named are what was found before, by object and by answer.
	fields map[kube.ID][]Condition
	named  map[string]heldCondition
	// last is the object that was asked for last, and ofLast what was found: the answers of a row are mostly of one.
	last   kube.ID
	ofLast []Condition
	// bare is the answer that conditions were added to last, added are these, and complete is what came of it, for the rows that share it.
	bare, complete *Value
	added          []Condition
}

// further is an answer with further conditions.
func (c *conditioning) further(v *Value, list []Condition) *Value {
	if v != c.bare || !slices.EqualFunc(list, c.added, func(a, b Condition) bool { return a.Text == b.Text && a.Source.equal(b.Source) }) {
		complete := *v
		complete.Conditions = append(slices.Clip(v.Conditions), list...)
		c.bare, c.added, c.complete = v, list, &complete
	}
	return c.complete
}

type heldCondition struct {
	list  []Condition
	whole bool
}

// authorities are the certificates of what is trusted, by what answers call it.
func authorities(t *Tree) map[string][]Condition {
	list := map[string][]Condition{}
	for i := range t.Objects {
		o := &t.Objects[i]
		for _, of := range o.document("refs") {
			docs, _ := of.([]any)
			for _, element := range docs {
				doc, _ := element.(map[string]any)
				if doc["content"] == nil || doc["use"] != "trust" {
					continue
				}
				if _, known := list[text(doc["label"])]; known {
					continue
				}
				r := reference(doc)
				if r.Content == nil {
					continue
				}
				held := make([]Condition, 0, len(r.Content.Certificates))
				for _, hash := range r.Content.Certificates {
					subject, _ := o.Certificate(hash)["subject"].(string)
					text := subject + " (SHA-256 " + hash[:min(len(hash), 8)] + ")"
					held = append(held, Condition{Text: text, Source: r.Target(), Adding: Weaker})
				}
				list[r.Label] = held
			}
		}
	}
	return list
}

// held are the certificates of the objects that an answer names; whole, if they are all in sight.
func (c *conditioning) held(is string) (list []Condition, whole bool) {
	if found, known := c.named[is]; known {
		return found.list, found.whole
	}
	whole = true
	for name := range strings.SplitSeq(is, ", ") {
		held := c.authorities[name]
		whole = whole && len(held) > 0
		list = append(list, held...)
	}
	c.named[is] = heldCondition{list, whole}
	return list, whole
}

// ofClients are what the objects that decide about clients say further, and by hand whatever decides about the requests.
func (c *conditioning) ofClients(r *Row) (list []Condition) {
	for a, v := range r.Answers() {
		decides := a == Clients || a == ClientCA
		for i := range v.By {
			by := &v.By[i]
			for _, found := range c.of(by.Object) {
				if (decides || found.Adding == Unclear) && near(found.Source.Path, by.Path) &&
					!slices.ContainsFunc(list, func(other Condition) bool { return other.Text == found.Text }) {
					list = append(list, found)
				}
			}
		}
	}
	return list
}

// near reports whether two fields stand in the same element of a list, if the first stands in any.
func near(found, by kube.Path) bool {
	for i, step := range found {
		if _, index := step.(int); index {
			return len(by) > i && by[:i+1].Equal(found[:i+1])
		}
	}
	return true
}

func (c *conditioning) of(id kube.ID) []Condition {
	if id == c.last {
		return c.ofLast
	}
	list, known := c.fields[id]
	if !known {
		list = c.find(id)
		c.fields[id] = list
	}
	c.last, c.ofLast = id, list
	return list
}

// find looks for the conditions that an object has.
func (c *conditioning) find(id kube.ID) (list []Condition) {
	if o := c.objects[id]; o != nil {
		for _, field := range further()[id.GroupKind()] {
			field.pattern.Each(o.Fields, func(at kube.Path, value any) {
				if value == nil || value == "" {
					return
				}
				text, isText := value.(string)
				if isText && last(at) == nginxPrefix+"auth-tls-match-cn" && matchesAll(text) {
					return
				}
				if !isText {
					encoded, err := json.Marshal(value)
					if err != nil {
						return
					}
					text = string(encoded)
				}
				adding, listed := field.values[text]
				switch {
				case field.values != nil && !listed:
					return
				case field.values == nil:
					adding = field.adding
				}
				if field.values == nil && adding == Weaker && !strings.HasPrefix(text, "/") {
					return // an error page elsewhere lets nobody in
				}
				list = append(list, Condition{
					Text: last(at) + " " + shortened(text), Source: o.Source(at...), Adding: adding, field: at.String(), any: alternatives(value),
				})
			})
		}
	}
	return list
}

// alternatives are the entries of a list, or of all lists of a part, of which a certificate must have one.
func alternatives(value any) (list []string) {
	switch v := value.(type) {
	case map[string]any:
		for _, key := range kube.SortedKeys(v) {
			for _, entry := range alternatives(v[key]) {
				list = append(list, key+" "+entry)
			}
		}
	case []any:
		for _, entry := range v {
			encoded, err := json.Marshal(entry)
			if err != nil {
				return nil
			}
			list = append(list, string(encoded))
		}
	}
	return list
}

// matchesAll reports whether a pattern for subjects is one that everybody fits, as far as a few can tell who have nothing in common.
func matchesAll(pattern string) bool {
	matches, err := matcher(pattern)
	return err == nil && !slices.ContainsFunc([]string{"CN=a", "CN=0.b-c d,O=e", "CN=\u00e9_*@"}, func(subject string) bool {
		return !matches(subject)
	})
}

// matcher says of texts whether they fit a pattern: one without operators is looked for as it is, since compiling takes longer.
func matcher(pattern string) (func(string) bool, error) {
	if !strings.ContainsAny(pattern, `\.+*?()|[]{}^$`) {
		return func(text string) bool { return strings.Contains(text, pattern) }, nil
	}
	expression, err := regexp.Compile(pattern)
	if err != nil {
		return nil, err
	}
	return expression.MatchString, nil
}

// shortened is what a report shows of a text. Two that begin alike are still two.
func shortened(text string) string {
	if len(text) <= maxConditionText {
		return text
	}
	return strings.ToValidUTF8(text[:maxConditionText], "") + "... (" + digest(text) + ")"
}

// digest tells texts apart.
func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:4])
}

// last is what a field is called: of an annotation its key.
func last(at kube.Path) string {
	name, _ := at[len(at)-1].(string)
	return name
}

// conditional says what becomes of an answer by what its conditions are; ok is false where they are the same.
func conditional(was, is Value) (v Verdict, ok bool) {
	var weaker, stronger, unclear bool
	note := func(v Verdict) {
		weaker, stronger, unclear = weaker || v == Weaker, stronger || v == Stronger, unclear || v == Unclear
	}
	added, removed := Changed(was, is)
	for _, c := range added {
		replaced := slices.IndexFunc(removed, c.replaces)
		if replaced < 0 {
			note(c.Adding)
			continue
		}
		more, fewer := contains(c.any, removed[replaced].any), contains(removed[replaced].any, c.any)
		if !fewer {
			note(Weaker)
		}
		if !more {
			note(Stronger)
		}
		removed = slices.Delete(removed, replaced, replaced+1)
	}
	for _, c := range removed {
		switch c.Adding {
		case Weaker:
			note(Stronger)
		case Stronger:
			note(Weaker)
		default:
			note(Unclear)
		}
	}
	switch {
	case !weaker && !stronger && !unclear:
		return same, false
	case unclear:
		return Unclear, true
	case weaker && stronger:
		return Different, true
	case weaker:
		return Weaker, true
	default:
		return Stronger, true
	}
}

// replaces reports whether a condition is another one with other alternatives: the more there are, the more certificates fit.
func (c Condition) replaces(other Condition) bool {
	return c.Adding == Stronger && c.field == other.field && len(c.any) > 0 && len(other.any) > 0
}

// Changed lists the conditions that only one of two answers has.
func Changed(was, is Value) (added, removed []Condition) {
	without := func(list, others []Condition) (left []Condition) {
		for _, c := range list {
			if !slices.ContainsFunc(others, func(o Condition) bool { return o.Text == c.Text }) {
				left = append(left, c)
			}
		}
		return left
	}
	return without(is.Conditions, was.Conditions), without(was.Conditions, is.Conditions)
}
