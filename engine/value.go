package engine

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strconv"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/tlsward/tlsward/facts"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/rule"
)

// term makes an AST term of a value in JSON shape. ast.InterfaceToValue does the same by way of reflection and JSON
// numbers, at twice the cost.
func term(value any) *ast.Term {
	switch v := value.(type) {
	case nil:
		return ast.InternedNullTerm
	case bool:
		return ast.InternedTerm(v)
	case string:
		return ast.InternedTerm(v)
	case int64:
		return ast.InternedTerm(int(v))
	case float64:
		return ast.FloatNumberTerm(v)
	case []any:
		terms := make([]*ast.Term, len(v))
		for i, element := range v {
			terms[i] = term(element)
		}
		return ast.ArrayTerm(terms...)
	case map[string]any:
		object := ast.NewObjectWithCapacity(len(v))
		for key, element := range v {
			object.Insert(ast.InternedTerm(key), term(element))
		}
		return ast.NewTerm(object)
	default:
		// Facts are in JSON shape, so nothing comes here; a rule then sees null rather than a panic.
		return ast.InternedNullTerm
	}
}

// input makes the document that a query reads. What no rule asks for is never converted: it is most of an object and of what is
// known of its certificates.
func (e *Engine) input(document facts.Facts) *ast.Term {
	lazy := maps.Clone(map[string]any(document))
	lazy["params"] = e.params.Value
	return ast.NewTerm(ast.LazyObject(lazy))
}

// finding reads what a rule returned.
func (r raw) finding() (rule.Finding, error) {
	f := rule.Finding{Rule: r.rule.ID, Severity: r.rule.Severity, Unknown: r.rule.Unknown}
	value, err := ast.JSON(r.term.Value)
	if err != nil {
		return f, err
	}
	fields, ok := value.(map[string]any)
	if !ok {
		return f, errors.New("finding: want an object")
	}
	for _, key := range kube.SortedKeys(fields) {
		if err := setField(&f, key, fields[key]); err != nil {
			return f, fmt.Errorf("finding: %s: %w", key, err)
		}
	}
	if f.Message == "" || f.Path == nil {
		return f, errors.New("finding: want path and message")
	}
	return f, nil
}

func setField(f *rule.Finding, key string, value any) (err error) {
	switch key {
	case "path":
		f.Path, err = toPath(value)
	case "message":
		f.Message, err = toWords(value)
	case "effect":
		f.Effect, err = toWords(value)
	case "remedy":
		f.Remedy, err = toWords(value)
	case "severity":
		var s string
		if s, err = toText(value); err != nil {
			return err
		}
		var severity rule.Severity
		if severity, err = rule.ParseSeverity(s); err != nil {
			return err
		}
		// A finding may be milder than its rule says, never graver: the rule's severity is what operators go by.
		f.Severity = max(f.Severity, severity)
	case "key":
		f.SubjectKey, err = toText(value)
	case "since":
		var s string
		if s, err = toText(value); err != nil {
			return err
		}
		f.Since, err = rule.ParseVersion(s)
	case "related":
		f.Related, err = toRelated(value)
	case "fix":
		f.Fix, err = toFix(value)
	default:
		return errors.New("unknown key, want path, message, effect, remedy, severity, key, since, related or fix")
	}
	return err
}

func toText(value any) (string, error) {
	s, ok := value.(string)
	if !ok {
		return "", fmt.Errorf("want a string, got %T", value)
	}
	return s, nil
}

// toWords is toText for what people read, in reports, logs and answers.
func toWords(value any) (string, error) {
	s, err := toText(value)
	return rule.WithoutKeys(s), err
}

func toPath(value any) (kube.Path, error) {
	steps, ok := value.([]any)
	if !ok {
		return nil, fmt.Errorf("want a list of keys and indexes, got %T", value)
	}
	path := make(kube.Path, 0, len(steps))
	for _, step := range steps {
		switch s := step.(type) {
		case string:
			path = append(path, s)
		case int64:
			path = append(path, int(s))
		case json.Number:
			index, err := strconv.Atoi(s.String())
			if err != nil || index < 0 {
				return nil, fmt.Errorf("index %s: want a whole number from 0", s)
			}
			path = append(path, index)
		default:
			return nil, fmt.Errorf("step %v: want a key or an index", step)
		}
	}
	return path, nil
}

func toRelated(value any) ([]rule.Related, error) {
	list, ok := value.([]any)
	if !ok {
		return nil, fmt.Errorf("want a list, got %T", value)
	}
	related := make([]rule.Related, 0, len(list))
	for _, element := range list {
		fields, _ := element.(map[string]any)
		text := func(key string) string { s, _ := fields[key].(string); return s }
		r := rule.Related{
			Object:  kube.ID{Group: text("group"), Kind: text("kind"), Namespace: text("namespace"), Name: text("name")},
			Message: rule.WithoutKeys(text("message")),
		}
		if r.Object.Name == "" {
			return nil, errors.New("want objects with group, kind, namespace and name")
		}
		if path, ok := fields["path"]; ok {
			var err error
			if r.Path, err = toPath(path); err != nil {
				return nil, err
			}
		}
		related = append(related, r)
	}
	return related, nil
}

func toFix(value any) (*rule.Fix, error) {
	fields, ok := value.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("want title, safe and edits, got %T", value)
	}
	fix := &rule.Fix{}
	fix.Title, _ = fields["title"].(string)
	fix.Title = rule.WithoutKeys(fix.Title)
	fix.Safe, _ = fields["safe"].(bool)
	edits, _ := fields["edits"].([]any)
	if fix.Title == "" || len(edits) == 0 {
		return nil, errors.New("want title and edits")
	}
	for _, element := range edits {
		edit, err := toEdit(element)
		if err != nil {
			return nil, err
		}
		fix.Edits = append(fix.Edits, edit)
	}
	return fix, nil
}

func toEdit(value any) (kube.Edit, error) {
	fields, _ := value.(map[string]any)
	path, err := toPath(fields["path"])
	if err != nil {
		return kube.Edit{}, fmt.Errorf("edit: path: %w", err)
	}
	edit := kube.Edit{Path: path, Value: fromJSON(fields["value"])}
	switch fields["op"] {
	case "set":
		edit.Op = kube.Set
	case "rename":
		edit.Op = kube.Rename
	case "remove":
		edit.Op = kube.Remove
	default:
		return kube.Edit{}, fmt.Errorf("edit: op %v: want set, rename or remove", fields["op"])
	}
	return edit, nil
}

// fromJSON turns the numbers of decoded JSON into those of kube.Object.
func fromJSON(value any) any {
	switch v := value.(type) {
	case json.Number:
		if i, err := v.Int64(); err == nil {
			return i
		}
		f, _ := v.Float64()
		return f
	case []any:
		for i := range v {
			v[i] = fromJSON(v[i])
		}
	case map[string]any:
		for key := range v {
			v[key] = fromJSON(v[key])
		}
	}
	return value
}
