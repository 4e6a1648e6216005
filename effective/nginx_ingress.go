package effective

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/tlsward/tlsward/inventory"
	"github.com/tlsward/tlsward/kube"
)

// nginxIngress is an Ingress as ingress-nginx reads it.
type nginxIngress struct {
	object *Object
	acts   Acting
	// created is metadata.creationTimestamp, RFC 3339 in UTC; "" in files.
	created string
	canary  bool
	// refused is the field for which the controller does not take the Ingress; nil where it does.
	refused *Source
	// clients is auth-tls-secret, upstreams proxy-ssl-secret.
	clients, upstreams nginxSecret
	passthrough        bool
	// says is all that it says of clients and backends, snippets what it has written by hand.
	says     func() string
	snippets func() handwriting
	// settings and values are what was read before: each location asks anew, and there may be hosts of one Ingress at work at once.
	reading  sync.Mutex
	settings map[string]*nginxSetting
	values   map[string]*Value

	rules []ingressRule
}

// ingressRule is an entry of spec.rules.
type ingressRule struct {
	host  string
	at    kube.Path
	http  bool
	paths []ingressPath
}

type ingressPath struct {
	path, pathType, service string
	port                    any
	at                      kube.Path
}

// readRules lists spec.rules. Paths that lead to no Service are left out, as ingress-nginx does.
func readRules(o *Object) []ingressRule {
	rules, _ := o.Field("spec", "rules")
	list, _ := rules.([]any)
	out := make([]ingressRule, 0, len(list))
	for i, element := range list {
		fields, _ := element.(map[string]any)
		rule := ingressRule{host: text(fields["host"]), at: kube.Path{"spec", "rules", i, "host"}}
		http, ok := fields["http"].(map[string]any)
		rule.http = ok
		paths, _ := http["paths"].([]any)
		for j, element := range paths {
			p, _ := element.(map[string]any)
			service, port := backend(p["backend"])
			if service == "" {
				continue
			}
			rule.paths = append(rule.paths, ingressPath{
				path: text(p["path"]), pathType: text(p["pathType"]), service: service, port: port,
				at: kube.Path{"spec", "rules", i, "http", "paths", j},
			})
		}
		out = append(out, rule)
	}
	return out
}

func backend(value any) (service string, port any) {
	fields, _ := value.(map[string]any)
	s, _ := fields["service"].(map[string]any)
	p, _ := s["port"].(map[string]any)
	if name := text(p["name"]); name != "" {
		return text(s["name"]), name
	}
	return text(s["name"]), p["number"]
}

// defaultBackend is spec.defaultBackend; "" where there is none, or it is no Service.
func (i *nginxIngress) defaultBackend() (service string, port any, at kube.Path) {
	value, _ := i.object.Field("spec", "defaultBackend")
	service, port = backend(value)
	return service, port, kube.Path{"spec", "defaultBackend"}
}

// readNginx reads an Ingress.
func readNginx(o *Object) *nginxIngress {
	i := &nginxIngress{
		object: o, acts: o.Acts(nginxController), created: o.Text("metadata", "creationTimestamp"), rules: readRules(o),
	}
	i.canary, _ = i.boolean("canary")
	i.passthrough, _ = i.boolean("ssl-passthrough")
	i.passthrough = i.passthrough && !i.canary
	i.clients = i.secret("auth-tls-secret", "client-ca", false)
	i.upstreams = i.secret("proxy-ssl-secret", "upstream-ca", true)
	i.refused = i.refusal()
	i.says, i.snippets = sync.OnceValue(i.sayings), sync.OnceValue(i.handwriting)
	return i
}

func (i *nginxIngress) annotation(name string) (string, bool) {
	key, _ := annotationPath(name)[2].(string)
	return i.object.Annotation(key)
}

func (i *nginxIngress) source(name string) Source {
	return Source{Object: i.object.ID, Path: annotationPath(name)}
}

// annotationPaths are shared by all Ingresses.
var annotationPaths sync.Map

// annotationPath is where an annotation stands, for the name that it has behind the prefix.
func annotationPath(name string) kube.Path {
	path, ok := annotationPaths.Load(name)
	if !ok {
		path, _ = annotationPaths.LoadOrStore(name, kube.Path{"metadata", "annotations", nginxPrefix + name})
	}
	return path.(kube.Path) //nolint:forcetypeassert // nothing else is stored
}

// remembered looks something up once, or several times where hosts meet.
func remembered[V any](lock *sync.Mutex, known *map[string]*V, name string, find func() V) V {
	lock.Lock()
	v := (*known)[name]
	lock.Unlock()
	if v != nil {
		return *v
	}
	found := find()
	lock.Lock()
	defer lock.Unlock()
	if *known == nil {
		*known = map[string]*V{}
	}
	(*known)[name] = &found
	return found
}

// value is an annotation as the controller's parser hands it on: each line without blanks around it (annotations/parser/main.go,
// normalizeString).
func (i *nginxIngress) value(name string) string {
	s, _ := i.annotation(name)
	if !strings.Contains(s, "\n") {
		return strings.TrimSpace(s)
	}
	lines := strings.Split(s, "\n")
	for j, line := range lines {
		lines[j] = strings.TrimSpace(line)
	}
	return strings.Join(lines, "\n")
}

// boolean reads an annotation by Go's strconv.ParseBool; ok says whether it is one.
func (i *nginxIngress) boolean(name string) (value, ok bool) {
	s, _ := i.annotation(name)
	value, err := strconv.ParseBool(s)
	return value, err == nil
}

// nginxSetting is a setting of the controller, as the Ingress meets it.
type nginxSetting struct {
	Setting
	name string
}

func (i *nginxIngress) setting(name string) nginxSetting {
	return remembered(&i.reading, &i.settings, name, func() nginxSetting { return nginxSetting{i.object.Setting(nginxController, name), name} })
}

// configured is what a setting says.
func (i *nginxIngress) configured(name string) Value {
	return remembered(&i.reading, &i.values, name, func() Value {
		s := i.setting(name)
		return s.decided(s.Value, name)
	})
}

// decided is an answer that the setting gives.
func (s nginxSetting) decided(is, name string) Value {
	v := Answered(is).Assuming(s.Assuming(name))
	if s.By != nil {
		v.By = append(v.By, *s.By)
	}
	return v
}

// nginxPatterns are what annotation values must match; the parsers named beside them.
type nginxPatterns struct {
	mode, alias *regexp.Regexp
}

var patterns = sync.OnceValue(func() nginxPatterns {
	return nginxPatterns{
		mode:  regexp.MustCompile(`^(on|off|optional|optional_no_ca)$`),
		alias: regexp.MustCompile(`^[/\-._~a-zA-Z0-9:^$\[\](){}*+?|&=\\]*$`), // parser/validators.go, IsValidRegex
	}
})

// refusal is the annotation for which the controller takes nothing of the Ingress; facts know which these are.
func (i *nginxIngress) refusal() *Source {
	list, _ := i.object.Facts["refused"].([]any)
	for _, element := range list {
		doc, _ := element.(map[string]any)
		switch {
		case doc["controller"] != nginxController:
			continue
		case doc["after"] != nil && i.clients.state != secretOpen && i.clients.state != secretCA && i.clients.state != secretUnknown:
			continue
		}
		source := i.object.Source(path(doc["path"])...)
		if doc["reason"] == "risk" {
			setting := text(doc["setting"])
			source.Because = "its risk is above " + setting + ", " + i.setting(setting).Value
		} else {
			source.Because = "ingress-nginx refuses the value"
		}
		return &source
	}
	return nil
}

// secretState is what the controller makes of the Secret that an annotation names.
type secretState int

const (
	// secretNone: the annotation is not there, or blank, and with it the whole group counts for nothing.
	secretNone secretState = iota
	// secretRefused: the controller denies what the annotation is about.
	secretRefused
	// secretOpen: it is taken, and holds no CA, so that nothing is verified.
	secretOpen
	secretCA
	secretUnknown
)

// nginxSecret is an annotation that names a Secret.
type nginxSecret struct {
	state secretState
	label string
	id    kube.ID
	// why completes "..., so that": what the state rests on. Of secretUnknown it is what would settle it.
	why     string
	assumed string
	by      Source
	// pair is whether a key pair stands beside the CA. Only then is it shown to backends.
	pair inventory.Presence
	// unloadable: the controller takes the bundle, and nginx does not.
	unloadable bool
}

// brokenPair says of a key pair why the controller refuses the whole Secret (internal/ingress/controller/store/backend_ssl.go).
func brokenPair(pair string) (why string, broken bool) {
	switch pair {
	case "mismatch":
		return "its tls.key does not belong to its tls.crt", true
	case "empty":
		return "its tls.crt or tls.key is empty", true
	case "certificate-unreadable":
		return "its tls.crt cannot be read", true
	case "key-unreadable":
		return "its tls.key cannot be read", true
	case "key-encrypted":
		return "its tls.key is encrypted", true
	default:
		return "", false
	}
}

// secret judges as internal/ingress/annotations/authtls and proxyssl do, and getPemCertificate in store/backend_ssl.go.
func (i *nginxIngress) secret(annotation, role string, strict bool) nginxSecret {
	value := i.value(annotation)
	s := nginxSecret{by: i.source(annotation)}
	if value == "" {
		return s
	}
	namespace, name, found := strings.Cut(value, "/")
	s.label = "Secret " + value
	if !found || name == "" || strings.Contains(name, "/") || (namespace == "" && (strict || i.object.ID.Namespace != "")) {
		s.state, s.why = secretRefused, "it is not the namespace and the name of a Secret"
		return s
	}
	s.id = kube.ID{Kind: "Secret", Namespace: namespace, Name: name}
	ref := i.object.Reference(role, s.by.Path)
	if ref == nil && strings.ContainsAny(value, " \n") {
		s.state, s.why = secretRefused, "no Secret can have that name"
		return s
	}
	if ref == nil {
		s.state, s.why = secretUnknown, "what "+s.label+" holds is not in sight"
		return s
	}
	s.label = ref.Label
	switch ref.Grant {
	case Refused:
		s.state, s.why = secretRefused, "Secrets of other namespaces are refused"
		return s
	case RefusedByDefault:
		s.state, s.why = secretRefused, "Secrets of other namespaces are refused"
		s.assumed = i.setting("allow-cross-namespace-resources").Assuming("allow-cross-namespace-resources")
		return s
	case GrantUnknown, NotGranted:
		s.state, s.why = secretUnknown, "whether allow-cross-namespace-resources is on: "+i.setting("allow-cross-namespace-resources").Reason
		return s
	case NotNeeded, Granted:
	}
	s.judge(ref)
	return s
}

func (s *nginxSecret) judge(ref *Reference) {
	if ref.Presence == inventory.Absent {
		s.state, s.why = secretRefused, ref.Label+" "+ref.State
		return
	}
	if ref.Presence == inventory.Unknown {
		s.state, s.why = secretUnknown, ref.Label+" "+ref.State
		return
	}
	if why, broken := brokenPair(ref.Pair); broken {
		s.state, s.why = secretRefused, why
		return
	}
	s.pair = both(ref.Has("tls.crt"), ref.Has("tls.key"))
	ca := ref.KeyPresence
	if ref.Content != nil && ref.Content.Empty && ca != inventory.Unknown {
		ca = inventory.Absent
	}
	switch {
	case ca == inventory.Unknown:
		s.state, s.why = secretUnknown, "whether "+ref.Label+" has a ca.crt"
	case ca == inventory.Absent && s.pair == inventory.Unknown:
		s.state, s.why = secretUnknown, "what "+ref.Label+" holds, which has no ca.crt"
	case ca == inventory.Absent && s.pair == inventory.Absent:
		s.state, s.why = secretRefused, ref.Label+" has neither a ca.crt nor a key pair"
	case ca == inventory.Absent:
		s.state, s.why = secretOpen, ref.Label+" has no ca.crt"
	case ref.Content != nil && ref.Content.Go == "refused":
		s.state, s.why = secretRefused, "the ca.crt of "+ref.Label+" cannot be read"
	case revocationRefused(ref):
		s.state, s.why = secretRefused, "the ca.crl of "+ref.Label+" cannot be read"
	default:
		s.state = secretCA
		if ref.Content == nil || ref.Content.Opaque {
			s.assumed = "the ca.crt of " + ref.Label + ", which is not in sight, holds certificates"
		}
		s.unloadable = ref.Trust != nil && ref.Trust.OpenSSL == "refused"
	}
	if ca == inventory.Promised || ref.Presence == inventory.Promised {
		s.assumed = ref.Label + " will be as it is promised"
	}
}

func revocationRefused(ref *Reference) bool {
	doc, _ := ref.Facts["revocation"].(map[string]any)
	return doc["go"] == "refused"
}

func both(a, b inventory.Presence) inventory.Presence {
	switch {
	case a == inventory.Absent || b == inventory.Absent:
		return inventory.Absent
	case a == inventory.Unknown || b == inventory.Unknown:
		return inventory.Unknown
	case a == inventory.Promised || b == inventory.Promised:
		return inventory.Promised
	default:
		return inventory.Present
	}
}

// denied is the answer of the locations of an Ingress whose Secrets the controller does not take (nginx.tmpl: $location.Denied).
func (i *nginxIngress) denied() Value {
	var unsettled Value
	for _, s := range []nginxSecret{i.clients, i.upstreams} {
		switch s.state {
		case secretRefused:
			return Answered("503", s.by.Saying(s.why)).Assuming(s.assumed)
		case secretUnknown:
			unsettled = Unsettled(s.why, s.by)
		case secretNone, secretOpen, secretCA:
		}
	}
	return unsettled
}

// depth reads a verify depth as Go and then nginx do: ok is false where nginx refuses the number.
func (i *nginxIngress) verifyDepth(annotation string) (depth string, by []Source, ok bool) {
	s, there := i.annotation(annotation)
	number, err := strconv.Atoi(s)
	if err != nil || number == 0 {
		if there && s != "1" {
			return "1", []Source{i.source(annotation).Saying("ingress-nginx makes 1 of it")}, true
		}
		return "1", nil, true
	}
	by = []Source{i.source(annotation)}
	if number < 0 {
		return "", by, false
	}
	// OpenSSL takes a C int.
	if wrapped := int32(number); int(wrapped) != number { //nolint:gosec // that it wraps is the point
		by[0].Because = "OpenSSL's number wraps around"
		return strconv.Itoa(int(wrapped)), by, true
	}
	return strconv.Itoa(number), by, true
}

// older reports whether a is known to come before b: by the time of creation, and of twins by name, the greater first (store.go,
// sortIngressSlice). What has no time of creation is in a file, and comes after what is in a cluster.
func (i *nginxIngress) older(other *nginxIngress) bool {
	switch {
	case i.created == "" || i.created == other.created && i.created == "":
		return false
	case other.created == "":
		return true
	case i.created != other.created:
		return i.created < other.created
	default:
		return i.object.ID.Namespace+"/"+i.object.ID.Name > other.object.ID.Namespace+"/"+other.object.ID.Name
	}
}

// taken leaves out the rules of Ingresses that the controller refuses.
func taken(rules []nginxRule) []nginxRule {
	if !slices.ContainsFunc(rules, func(r nginxRule) bool { return r.refused != nil }) {
		return rules
	}
	return slices.DeleteFunc(slices.Clone(rules), func(r nginxRule) bool { return r.refused != nil })
}

// firsts are the rules that may come first, in order of identity; of one Ingress its first.
func firsts(rules []nginxRule) []nginxRule { return extremes(rules, (*nginxIngress).older) }

// lasts are those that may come last.
func lasts(rules []nginxRule) []nginxRule {
	return extremes(rules, func(a, b *nginxIngress) bool { return b.older(a) })
}

// extremes takes time in proportion to the rules: times of creation are compared with the least one only.
func extremes(rules []nginxRule, before func(a, b *nginxIngress) bool) []nginxRule {
	if len(rules) < 2 {
		return rules
	}
	best := rules[0].nginxIngress
	for _, rule := range rules[1:] {
		if before(rule.nginxIngress, best) {
			best = rule.nginxIngress
		}
	}
	var list []nginxRule
	seen := map[*nginxIngress]bool{}
	for _, rule := range rules {
		if !seen[rule.nginxIngress] && !before(best, rule.nginxIngress) {
			seen[rule.nginxIngress] = true
			list = append(list, rule)
		}
	}
	return list
}

// maxNamed is how many of several Ingresses a sentence names.
const maxNamed = 4

// rivals says that the order of Ingresses decides, and is not known.
func rivals(what string, rules []nginxRule) string {
	names := make([]string, 0, len(rules))
	for _, rule := range rules {
		names = append(names, rule.object.ID.String())
	}
	slices.Sort(names)
	names = slices.Compact(names)
	if more := len(names) - maxNamed; more > 0 {
		names = append(names[:maxNamed], strconv.Itoa(more)+" more")
	}
	return "the oldest of " + strings.Join(names, ", ") + " " + what + ", and their times of creation are not in sight"
}

// agreed is the one answer of several that are possible, or unknown where they differ.
func agreed(values []Value, why func() string) Value {
	v := values[0]
	for _, other := range values[1:] {
		switch {
		case other.Unknown != "" && v.Unknown == "":
			v.Is, v.Unknown, v.By = "", other.Unknown, other.By
		case other.Is != v.Is && other.Unknown == "" && v.Unknown == "":
			v.Is, v.Unknown = "", why()
		}
		for _, by := range other.By {
			if len(v.By) < 2*maxNamed && !slices.ContainsFunc(v.By, func(s Source) bool { return s.Object == by.Object && s.Path.Equal(by.Path) }) {
				v.By = append(slices.Clip(v.By), by)
			}
		}
		if v.Assumed == "" {
			v.Assumed = other.Assumed
		}
	}
	return v
}
