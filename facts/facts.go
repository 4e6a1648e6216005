// Package facts makes the one JSON document that a rule sees: the object, the controllers that will act on it, what it
// refers to and whether that exists, the certificates behind it, and the objects that share something with it. The
// engine calls it for every review. It is pure: an object, an inventory, settings and a clock in, a document out. It
// judges nothing, and whatever the object looks like, it never fails: odd input gives fewer facts.
package facts

import (
	"slices"
	"strings"
	"time"

	_ "embed"

	"github.com/tlsward/tlsward/inventory"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/provider"
)

// Version is the document's version. Additions leave it as it is; fields are removed only two minor releases after they
// are announced as deprecated.
const Version = 1

// Schema is the JSON Schema of the document.
//
//go:embed schema.json
var Schema []byte

// Facts is the document, in JSON shape: nil, bool, int64, string, []any and map[string]any. Its parts may be shared with
// the inventory and with other documents, so nobody may change it.
type Facts map[string]any

// Settings is what an operator says about the world, the same for every review.
type Settings struct {
	Providers *provider.Set
	// Only lists the controllers that exist; empty means any may.
	Only []string
	// Classes maps names of IngressClasses and GatewayClasses to controllers.
	Classes map[string]string
	// Configured holds what an operator says of settings of controllers, by controller and setting.
	Configured map[string]map[string]string
	// Scope completes "is not in ..." in messages: "this tree", "this cluster", "this tree or the cluster".
	Scope string
	// Parameters are the rules' parameters by rule id, put into the document as they are.
	Parameters map[string]any
	// Shared, if set, keeps what is the same in many documents.
	Shared *Shared
}

// Defect is something that only the text of an object tells, and that is gone once the API server has stored it.
type Defect struct {
	Path    kube.Path
	Message string
	// Assumed: it is one only if the cluster has the CRDs that are assumed of it.
	Assumed bool
}

// Request is one object to gather facts about.
type Request struct {
	Object    kube.Object
	Inventory inventory.Reader
	Now       time.Time
	// Old is the object that an update replaces. Whoever the object joins by the update was there before it.
	Old *kube.Object
	// Tenant: whoever reads the messages may know only the object's own namespace, so that objects of others have no names.
	Tenant bool
	// Sure: what the object itself has made counts only if it is certain to hold the key that is read.
	Sure bool
	// Source holds, by kind of defect, what the door knows of the object's text.
	Source map[string][]Defect
	// Self: a Secret or ConfigMap refers to its own certificates, so that the rules about what is referred to judge them.
	Self bool
	// Referred, if set, is where Gather leaves what References would list.
	Referred *[]Referred
}

// maxList bounds each list of the document: an object with more references or peers of one role is machine-made, and a
// rule would cost more than a review may. Past it, the list's name stands in "truncated".
const maxList = 64

// usualFacts and usualReference are how many fields a document and a reference have: a map that grows is allocated anew.
const usualFacts, usualReference = 14, 24

// Gather makes the document.
func Gather(r Request, s Settings) Facts {
	g := gathering{
		Request: r, Settings: s,
		kinds:        s.Providers.Kinds(r.Object.ID.GroupKind()),
		certificates: map[string]any{},
	}
	acting := g.resolve(r.Object, 0)
	doc := make(Facts, usualFacts)
	doc["version"] = int64(Version)
	// To the minute: documents of one run are then equal, and can be compared and replayed.
	doc["now"] = timestamp(r.Now.Truncate(time.Minute))
	doc["id"] = map[string]any{
		"group": r.Object.ID.Group, "version": r.Object.Version, "kind": r.Object.ID.Kind,
		"namespace": r.Object.ID.Namespace, "name": r.Object.ID.Name, "label": r.Object.ID.String(),
	}
	doc["object"] = visible(r.Object)
	doc["controllers"] = acting.document()
	if settings := g.settings(acting); len(settings) > 0 {
		doc["settings"] = settings
	}
	if acting.class != "" {
		doc["class"] = acting.class
	}
	if len(acting.by) == 0 && acting.unknown != "" {
		doc["controller_unknown"] = acting.unknown
	}
	if schedule := g.schedule(); schedule != nil {
		doc["schedule"] = schedule
	}
	refs, malformed := g.references(acting)
	if r.Self {
		g.self(refs)
	}
	if r.Referred != nil {
		*r.Referred, g.Referred = g.told(acting, refs), nil
	}
	doc["refs"] = refs
	if len(malformed) > 0 {
		doc["malformed"] = malformed
	}
	if peers := g.peers(acting); len(peers) > 0 {
		doc["peers"] = peers
	}
	if makes := g.makes(); len(makes) > 0 {
		doc["makes"] = makes
	}
	if unread := g.unread(acting); len(unread) > 0 {
		doc["unread"] = unread
	}
	if refused := g.refused(acting); len(refused) > 0 {
		doc["refused"] = refused
	}
	doc["certificates"] = g.certificates
	if ours := Defaulted(r.Object); len(ours) > 0 {
		doc["defaulted"] = ours
	}
	if len(r.Source) > 0 {
		doc["source"] = sourceDocument(r.Source)
	}
	if len(s.Parameters) > 0 {
		doc["params"] = s.Parameters
	}
	if len(g.truncated) > 0 {
		doc["truncated"] = g.truncated
	}
	return doc
}

// visible returns an object's fields without what a rule must never see. Of a Secret that is all but its metadata and the
// names of its keys: a misspelt field may hold a key as well as the right one, and kubectl keeps a copy of everything.
func visible(obj kube.Object) map[string]any {
	if obj.ID.Kind != "Secret" || obj.ID.Group != "" {
		return obj.Fields
	}
	shown := map[string]any{"apiVersion": obj.Fields["apiVersion"], "kind": obj.Fields["kind"]}
	if s, ok := obj.Fields["type"].(string); ok {
		shown["type"] = s
	}
	for _, name := range []string{"data", "stringData"} {
		if values, ok := obj.Fields[name].(map[string]any); ok {
			names := make(map[string]any, len(values))
			for key := range values {
				names[key] = ""
			}
			shown[name] = names
		}
	}
	metadata := map[string]any{}
	fields, _ := obj.Fields["metadata"].(map[string]any)
	for _, name := range []string{"name", "namespace", "creationTimestamp"} {
		if s, ok := fields[name].(string); ok {
			metadata[name] = s
		}
	}
	for _, name := range []string{"labels", "annotations"} {
		if values, ok := fields[name].(map[string]any); ok {
			kept := make(map[string]any, len(values))
			for key, value := range values {
				if s, ok := value.(string); ok && key != lastApplied {
					kept[key] = s
				}
			}
			metadata[name] = kept
		}
	}
	shown["metadata"] = metadata
	return shown
}

// lastApplied is where kubectl apply keeps the manifest it was given.
const lastApplied = "kubectl.kubernetes.io/last-applied-configuration"

// label names an object to whoever reads the messages.
func (g *gathering) label(id kube.ID) string {
	if !g.hidden(id) {
		return id.String()
	}
	article := "a "
	if strings.ContainsRune("AEIOU", rune(id.Kind[0])) {
		article = "an "
	}
	return article + id.Kind + " in another namespace"
}

// hidden reports whether a reader must not learn an object's name.
func (g *gathering) hidden(id kube.ID) bool {
	return g.Tenant && id.Namespace != g.Object.ID.Namespace && id.Namespace != "" && id.Kind != ""
}

// gathering is the state of one Gather.
type gathering struct {
	Request
	Settings
	kinds        []*provider.Kind
	certificates map[string]any
	truncated    []any
	configured   map[string]configured // by controller, once asked for
	neighbours   map[neighbour]bool    // whether another proxy serves them, once asked for
	// stock: what is gathered is for no rule. See References.
	stock bool
}

// room reports whether a bounded list of the document takes another element, and marks it as cut if it does not.
func (g *gathering) room(lists map[string]any, name string) bool {
	list, _ := lists[name].([]any)
	if g.stock || len(list) < maxList {
		return true
	}
	if !slices.Contains(g.truncated, any(name)) {
		g.truncated = append(g.truncated, name)
	}
	return false
}

func add(lists map[string]any, name string, element map[string]any) {
	list, _ := lists[name].([]any)
	lists[name] = append(list, element)
}

func sourceDocument(source map[string][]Defect) map[string]any {
	doc := make(map[string]any, len(source))
	for kind, defects := range source {
		list := make([]any, 0, min(len(defects), maxList))
		for _, d := range defects[:min(len(defects), maxList)] {
			defect := map[string]any{"path": pathDocument(d.Path), "message": d.Message}
			if d.Assumed {
				defect["assumed"] = true
			}
			list = append(list, defect)
		}
		doc[kind] = list
	}
	return doc
}

func pathDocument(p kube.Path) []any {
	steps := make([]any, len(p))
	for i, step := range p {
		if index, ok := step.(int); ok {
			steps[i] = int64(index)
		} else {
			steps[i] = step
		}
	}
	return steps
}

func texts(list []string) []any {
	out := make([]any, len(list))
	for i, s := range list {
		out[i] = s
	}
	return out
}

// timestamp writes an instant so that two of them compare as strings.
func timestamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }

// Kinds of Source defects. DuplicateKey: a mapping names a key twice, and the last one counts. WrongType, UnknownField:
// the API server refuses the object, or drops the field unless it is asked to be strict. DuplicateObject: the same
// object stands in the tree twice. PrivateKey: an entry of a Secret or ConfigMap holds one in clear text, in a file
// of a Git repository. The Exemption ones are of the config file, the Suppression ones of comments and annotations.
//
// Of custom resources: PrunedField is what UnknownField is of others; for MissingField, InvalidValue, ListDuplicate and
// RuleViolated the API server refuses the object, for VersionUnserved it does not know the kind or its version.
// ReleaseAssumed: the object needs CRDs that not every cluster has, and they are taken to be there.
const (
	DuplicateKey     = "duplicate-key"
	WrongType        = "wrong-type"
	UnknownField     = "unknown-field"
	DuplicateObject  = "duplicate-object"
	PrivateKey       = "private-key"
	ExemptionUnused  = "exemption-unused"
	ExemptionExpired = "exemption-expired"

	SuppressionUnused        = "suppression-unused"
	SuppressionExpired       = "suppression-expired"
	SuppressionInvalid       = "suppression-invalid"
	SuppressionNotAllowed    = "suppression-not-allowed"
	SuppressionReasonMissing = "suppression-reason-missing"

	PrunedField     = "pruned-field"
	MissingField    = "missing-field"
	InvalidValue    = "invalid-value"
	ListDuplicate   = "list-duplicate"
	RuleViolated    = "rule-violated"
	VersionUnserved = "version-unserved"
	ReleaseAssumed  = "release-assumed"
)

// SourceKinds lists the kinds of Source defects.
func SourceKinds() []string {
	return []string{
		DuplicateKey, WrongType, UnknownField, DuplicateObject, PrivateKey, ExemptionUnused, ExemptionExpired,
		SuppressionUnused, SuppressionExpired, SuppressionInvalid, SuppressionNotAllowed, SuppressionReasonMissing,
		PrunedField, MissingField, InvalidValue, ListDuplicate, RuleViolated, VersionUnserved, ReleaseAssumed,
	}
}
