package effective

import (
	"slices"

	"github.com/tlsward/tlsward/inventory"
	"github.com/tlsward/tlsward/kube"
)

// Certainty says how surely something is told. The zero value is that it is not told at all.
type Certainty int

// Assumed rests on a usual name, or on a default that nothing in sight contradicts; Known on what is in sight.
const (
	Untold Certainty = iota
	Assumed
	Known
)

func certainty(text any) Certainty {
	switch text {
	case "known":
		return Known
	case "assumed":
		return Assumed
	default:
		return Untold
	}
}

// Acting is how surely a controller acts on an object.
type Acting struct {
	Controller string
	Certainty  Certainty
	// Reason says what it is told by: "IngressClass nginx", "it carries annotations haproxy.org/*".
	Reason string
}

// Acts says how surely a controller acts on the object; Untold where it does not, or nobody knows who does.
func (o *Object) Acts(controller string) Acting {
	doc, _ := o.document("controllers")[controller].(map[string]any)
	return Acting{controller, certainty(doc["certainty"]), text(doc["reason"])}
}

// Controllers lists who acts on the object, by name.
func (o *Object) Controllers() []Acting {
	names := kube.SortedKeys(o.document("controllers"))
	list := make([]Acting, len(names))
	for i, name := range names {
		list[i] = o.Acts(name)
	}
	return list
}

// ControllerUnknown says why no controller can be told; "" where one is.
func (o *Object) ControllerUnknown() string { return text(o.Facts["controller_unknown"]) }

// Class is the name of the class that the object asks for; "" where it names none.
func (o *Object) Class() string { return text(o.Facts["class"]) }

// Setting is what is configured for all objects of a controller.
type Setting struct {
	// Value is as text, a boolean "true" or "false". It is the default where nothing in sight says otherwise, or installations differ.
	Value     string
	Certainty Certainty
	// Reason completes "..., since": "ConfigMap ingress-nginx/ingress-nginx-controller sets it", "its default; nothing in this tree says
	// otherwise".
	Reason string
	// Open: neither Value nor another one can be relied on, since installations differ or are not all in sight.
	Open bool
	// Differ: it is open since installations in sight differ.
	Differ bool
	// By is the field that sets it; nil where none does, or none is in sight.
	By *Source
}

// Setting returns what holds for the object; the zero Setting where its provider.yaml has no such setting, or the controller does not
// act on it.
func (o *Object) Setting(controller, name string) Setting {
	of, _ := o.document("settings")[controller].(map[string]any)
	doc, _ := of[name].(map[string]any)
	if doc == nil {
		return Setting{}
	}
	s := Setting{Value: text(doc["value"]), Certainty: certainty(doc["certainty"]), Reason: text(doc["reason"]), Open: doc["open"] == true, Differ: doc["differ"] == true}
	if by, ok := doc["by"].(map[string]any); ok {
		s.By = &Source{Object: identity(by), Path: path(by["path"])}
	}
	return s
}

// Assuming is what a value that rests on the setting has to say of it: nothing where it is known.
func (s Setting) Assuming(name string) string {
	if s.Certainty == Known {
		return ""
	}
	return name + " is " + s.Value + ": " + s.Reason
}

// Grant says whether a reference may lead to another namespace, as facts/schema.json has it.
type Grant string

// Granted and NotNeeded let it; the others do not, or it is not known, and nothing is told of the target.
const (
	NotNeeded        Grant = "not-needed"
	Granted          Grant = "granted"
	NotGranted       Grant = "not-granted"
	Refused          Grant = "refused"
	RefusedByDefault Grant = "refused-by-default"
	GrantUnknown     Grant = "unknown"
)

// Permitted reports whether the reference may lead where it does.
func (g Grant) Permitted() bool { return g == NotNeeded || g == Granted }

// Reference is a field that leads to another object, with what is known of the target.
type Reference struct {
	Role string
	Path kube.Path
	ID   kube.ID
	// Key is the entry of a Secret or ConfigMap that is read.
	Key string
	// Title is what it is to people, "client CA"; Label names the target: "Secret shop/client-ca"; State completes "<label> ...".
	Title, Label, State string
	// InForce: nothing else in the object keeps the target from being used.
	InForce, Optional     bool
	Grant                 Grant
	Presence, KeyPresence inventory.Presence
	// Guessed: that the target is absent rests on nothing but others of its kind in its namespace, which are in sight.
	Guessed bool
	// Keys are the target's that are certain; KeysOpen: there may be more.
	Keys     []string
	KeysOpen bool
	// Type is a Secret's; "" where it is not in sight.
	Type string
	// Pair says whether tls.key belongs to tls.crt, as facts/schema.json has it; "" unless both are in sight.
	Pair string
	// Content is what Key holds; nil where its text is not in sight.
	Content *Content
	// Trust is what nginx makes of a bundle to verify by; nil where part of it is out of sight.
	Trust *Trust
	// Object are fields of the target, as provider.yaml lists them under shows.
	Object map[string]any
	// Facts is all that facts say of it, for what no field here is about.
	Facts map[string]any
}

// Missing reports whether the target is certainly not there. Of Services in sight nothing follows for others, which an operator or a
// chart makes: they are no reason to say that requests fail.
func (r *Reference) Missing() bool { return r.Presence == inventory.Absent && !r.Guessed }

// Has says whether a key of the target is there, whichever it is.
func (r *Reference) Has(key string) inventory.Presence {
	switch {
	case key == r.Key:
		return r.KeyPresence
	case r.Presence == inventory.Unknown || r.Presence == inventory.Absent:
		return inventory.Unknown
	case slices.Contains(r.Keys, key):
		return r.Presence
	case r.KeysOpen:
		return inventory.Unknown
	default:
		return inventory.Absent
	}
}

// Content is what a key of a Secret or ConfigMap holds.
type Content struct {
	// Opaque: encrypted or a placeholder, so that nothing can be said of it.
	Opaque, Empty bool
	// Certificates are hashes, in the order of the text; Object.Certificate describes one.
	Certificates []string
	// Go and OpenSSL are what programs of either kind make of the text: "accepted", "refused", "unknown".
	Go, OpenSSL string
}

// Trust is what nginx makes of a bundle together with what the controller writes into the same file.
type Trust struct {
	// OpenSSL is what nginx makes of the whole file: "accepted", "refused", "unknown".
	OpenSSL string
	// Depth is the verify depth that is needed for what a CA of the entry issued; 0 where none is enough, or nobody knows.
	Depth int
}

// References lists what the object refers to in a role, in order of the fields.
func (o *Object) References(role string) []Reference {
	docs, _ := o.document("refs")[role].([]any)
	if len(docs) == 0 {
		return nil
	}
	list := make([]Reference, 0, len(docs))
	for _, element := range docs {
		if doc, ok := element.(map[string]any); ok {
			list = append(list, reference(doc))
		}
	}
	return list
}

// Reference returns the one at a path; nil where there is none, as where the field is malformed.
func (o *Object) Reference(role string, at kube.Path) *Reference {
	list := o.References(role)
	if i := slices.IndexFunc(list, func(r Reference) bool { return r.Path.Equal(at) }); i >= 0 {
		return &list[i]
	}
	return nil
}

// Malformed lists the fields of a role that name nothing because of how they are written.
func (o *Object) Malformed(role string) []kube.Path {
	docs, _ := o.document("malformed")[role].([]any)
	var list []kube.Path
	for _, element := range docs {
		if doc, ok := element.(map[string]any); ok {
			list = append(list, path(doc["path"]))
		}
	}
	return list
}

// Cut reports whether a role's or index's list is longer than facts hold: what is not in it is unknown.
func (o *Object) Cut(list string) bool {
	cut, _ := o.Facts["truncated"].([]any)
	return slices.Contains(cut, any(list))
}

// Certificate is the facts' description of a certificate behind a reference; nil where there is none of that hash.
func (o *Object) Certificate(hash string) map[string]any {
	doc, _ := o.document("certificates")[hash].(map[string]any)
	return doc
}

// Field returns a field of the object as the API server stores it.
func (o *Object) Field(steps ...any) (any, bool) { return kube.Lookup(o.Fields, steps) }

// Text returns a field that is a string; "" where it is not there.
func (o *Object) Text(steps ...any) string {
	value, _ := o.Field(steps...)
	return text(value)
}

// Annotation returns an annotation, and whether it is there.
func (o *Object) Annotation(key string) (string, bool) {
	value, ok := o.Field("metadata", "annotations", key)
	s, isText := value.(string)
	return s, ok && isText
}

// Source names a field of the object.
func (o *Object) Source(steps ...any) Source { return Source{Object: o.ID, Path: steps} }

// Saying returns the source with what its field does, where that cannot be read off it.
func (s Source) Saying(because string) Source {
	s.Because = because
	return s
}

// Target is the entry that is read, or the object where none is.
func (r *Reference) Target() Source {
	if r.Key == "" {
		return Source{Object: r.ID}
	}
	return Source{Object: r.ID, Path: kube.Path{"data", r.Key}}
}

func (o *Object) document(name string) map[string]any {
	doc, _ := o.Facts[name].(map[string]any)
	return doc
}

func reference(doc map[string]any) Reference {
	r := Reference{
		Role: text(doc["role"]), Path: path(doc["path"]), ID: identity(doc), Key: text(doc["key"]),
		Title: text(doc["title"]), Label: text(doc["label"]), State: text(doc["state"]),
		InForce: doc["in_force"] == true, Optional: doc["optional"] == true, Grant: Grant(text(doc["grant"])),
		Presence: presence(doc["presence"]), KeyPresence: presence(doc["key_presence"]),
		Keys: texts(doc["keys"]), KeysOpen: doc["keys_open"] == true, Type: text(doc["type"]), Pair: text(doc["pair"]), Facts: doc,
		Guessed: doc["evidence"] == string(inventory.EvidenceSiblings),
	}
	r.Object, _ = doc["object"].(map[string]any)
	if content, ok := doc["content"].(map[string]any); ok {
		r.Content = &Content{
			Opaque: content["opaque"] == true, Empty: content["empty"] == true, Certificates: texts(content["certificates"]),
			Go: text(content["go"]), OpenSSL: text(content["openssl"]),
		}
	}
	if trust, ok := doc["trust"].(map[string]any); ok {
		depth, _ := trust["depth"].(int64)
		r.Trust = &Trust{OpenSSL: text(trust["openssl"]), Depth: int(depth)}
	}
	return r
}

func identity(doc map[string]any) kube.ID {
	return kube.ID{Group: text(doc["group"]), Kind: text(doc["kind"]), Namespace: text(doc["namespace"]), Name: text(doc["name"])}
}

func presence(value any) inventory.Presence {
	for _, p := range []inventory.Presence{inventory.Absent, inventory.Promised, inventory.Present} {
		if value == p.String() {
			return p
		}
	}
	return inventory.Unknown
}

func path(value any) kube.Path {
	steps, _ := value.([]any)
	p := make(kube.Path, len(steps))
	for i, step := range steps {
		p[i] = step
		if index, ok := step.(int64); ok {
			p[i] = int(index)
		}
	}
	return p
}

func text(value any) string {
	s, _ := value.(string)
	return s
}

func texts(value any) []string {
	list, _ := value.([]any)
	out := make([]string, 0, len(list))
	for _, element := range list {
		out = append(out, text(element))
	}
	return out
}
