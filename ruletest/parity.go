package ruletest

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"

	utiljson "k8s.io/apimachinery/pkg/util/json"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"

	"github.com/tlsward/tlsward/engine"
	"github.com/tlsward/tlsward/inventory"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/rule"
	"github.com/tlsward/tlsward/schema"
	"github.com/tlsward/tlsward/schema/crd"
)

// errNotStored says that no API server ends up with these objects, so that there is nothing to compare.
var errNotStored = errors.New("no API server stores this")

// stored reads manifests as kubectl and the API server do between them, by none of the code that lint reads them with but the
// schemas.
func stored(manifests []byte, schemas *crd.Set) ([]kube.Object, error) {
	objects, err := objects(manifests)
	if err != nil {
		return nil, err
	}
	var definitions []crd.Definition
	for _, object := range objects {
		if definition, err := crd.Read(object); err == nil {
			definitions = append(definitions, definition)
		}
	}
	schemas = schemas.With(definitions)
	seen := map[kube.ID]bool{}
	for i, object := range objects {
		if objects[i], err = admit(object, schemas); err != nil {
			return nil, err
		}
		if seen[object.ID] || object.ID.Name == "" {
			return nil, errNotStored
		}
		seen[object.ID] = true
	}
	return objects, nil
}

func objects(manifests []byte) ([]kube.Object, error) {
	reader := utilyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(manifests)))
	var objects []kube.Object
	for {
		document, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return objects, nil
		}
		if err != nil {
			return nil, err
		}
		data, err := yaml.YAMLToJSON(document)
		if err != nil {
			return nil, err
		}
		var fields map[string]any
		if err := utiljson.Unmarshal(data, &fields); err != nil {
			return nil, err
		}
		items := []any{fields}
		if list, ok := fields["items"].([]any); ok {
			items = list
		}
		for _, item := range items {
			fields, _ := item.(map[string]any)
			object, ok := kube.FromFields(fields)
			if !ok {
				continue
			}
			objects = append(objects, object)
		}
	}
}

// admit is what an API server does to an object: it refuses some, and drops fields it does not know.
func admit(object kube.Object, schemas *crd.Set) (kube.Object, error) {
	verdict := schemas.Judge(object)
	for _, violation := range verdict.Violations {
		if violation.Kind != schema.UnknownField {
			return object, errNotStored
		}
	}
	object = verdict.Stored
	var dropped []kube.Edit
	for _, violation := range schema.Check(object) {
		if violation.Kind != schema.UnknownField {
			return object, errNotStored
		}
		dropped = append(dropped, kube.Edit{Op: kube.Remove, Path: violation.Path})
	}
	pruned, err := kube.Apply(object, dropped)
	return schema.Stored(pruned), err
}

// parity has the scene's objects reviewed as they come to the webhook, new and once more over themselves, and compares the
// decisions with lint's. It reports whether there was something to compare.
func (t *trial) parity() bool {
	objects, err := stored(t.manifests, t.options.Schemas)
	if errors.Is(err, errNotStored) {
		return false
	}
	if err != nil {
		t.fail("%s: as an API server reads it: %w", t.file, err)
		return false
	}
	again, err := stored(t.manifests, t.options.Schemas)
	if err != nil {
		t.fail("%s: %w", t.file, err)
		return false
	}
	store := t.store(objects)
	compared := false
	for i, object := range objects {
		if !t.engine.Judges(object) {
			continue
		}
		at := slices.IndexFunc(t.reviews, func(r review) bool { return r.request.Object.ID == object.ID })
		if at < 0 {
			t.fail("%s: %s: admission reviews it, and lint does not", t.file, object.ID)
			continue
		}
		t.same("as an update", t.reviews[at].decision, t.admission(again[i], store.Snapshot()))
		store.Delete(object.ID)
		t.same("as a new object", t.reviews[at].decision, t.admission(again[i], store.Snapshot()))
		store.Put(object)
		compared = true
	}
	return compared
}

// store is an inventory of a cluster that holds the scene.
func (t *trial) store(objects []kube.Object) *inventory.Store {
	store := inventory.New(inventory.Options{
		Providers: t.engine.Providers(), Complete: t.options.Complete, External: t.options.External,
	})
	for _, object := range objects {
		store.Put(object)
	}
	return store
}

func (t *trial) admission(object kube.Object, inv inventory.Reader) outcome {
	decision, err := t.engine.Review(t.ctx, engine.Request{Object: object, Inventory: inv, Now: t.now, Door: rule.DoorAdmission})
	return outcome{object.ID, decision, err}
}

type outcome struct {
	object   kube.ID
	decision rule.Decision
	err      error
}

// same compares two decisions but for rules that one of the doors does not judge by.
func (t *trial) same(when string, atLint rule.Decision, o outcome) {
	if o.err != nil {
		t.fail("%s: %s at admission, %s: %w", t.file, o.object, when, o.err)
		return
	}
	left, right := t.texts(atLint), t.texts(o.decision)
	for _, text := range left {
		if !slices.Contains(right, text) {
			t.fail("%s: %s: lint finds this, admission does not (%s): %s", t.file, o.object, when, text)
		}
	}
	for _, text := range right {
		if !slices.Contains(left, text) {
			t.fail("%s: %s: admission finds this (%s), lint does not: %s", t.file, o.object, when, text)
		}
	}
}

// texts writes down a decision.
func (t *trial) texts(d rule.Decision) []string {
	var out []string
	for _, f := range d.Findings {
		if judgesAtBoth(t.rules[f.Rule]) {
			out = append(out, findingText(f))
		}
	}
	for _, f := range d.Suppressed {
		if judgesAtBoth(t.rules[f.Rule]) {
			out = append(out, fmt.Sprintf("excused by %s: %s", suppressionText(*f.Suppression), findingText(f)))
		}
	}
	if len(d.Edits) > 0 {
		out = append(out, "edits: "+editsText(d.Edits))
	}
	return out
}
