package report

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"
	"unicode"
	"unicode/utf16"

	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/rule"
)

// Schema is the JSON Schema (draft 2020-12) of what the json format writes.
//
//go:embed schema.json
var Schema []byte

// schemaVersion grows when a field changes its meaning or goes; a new field does not change it.
const schemaVersion = 1

// The types below are the contract: tags and schema.json are compared by a test. No list is ever null.
type jsonReport struct {
	Version    int           `json:"version"`
	Summary    Summary       `json:"summary"`
	Findings   []jsonFinding `json:"findings"`
	Suppressed []jsonFinding `json:"suppressed"`
	Errors     []Problem     `json:"errors"`
	Skipped    []Skipped     `json:"skipped"`
}

type jsonFinding struct {
	Rule     string     `json:"rule"`
	Severity string     `json:"severity"`
	Action   string     `json:"action"`
	Object   jsonObject `json:"object"`
	Path     string     `json:"path"`
	File     string     `json:"file"`
	Line     int        `json:"line"`
	Column   int        `json:"column"`
	Message  string     `json:"message"`
	Effect   string     `json:"effect"`
	Remedy   string     `json:"remedy"`
	Assumed  string     `json:"assumed"`
	// EnforceFrom is left out where nothing is to change.
	EnforceFrom string `json:"enforceFrom,omitempty"`
	// NewIn is left out where the rulebook is not pinned, or was to this or a later version.
	NewIn       string        `json:"newIn,omitempty"`
	Unknown     bool          `json:"unknown"`
	Fingerprint string        `json:"fingerprint"`
	Related     []jsonRelated `json:"related"`
	Fix         *jsonFix      `json:"fix"`
	Docs        string        `json:"docs"`
	// NotSuppressed is left out where nothing was meant to suppress it, Suppression where nothing does.
	NotSuppressed string           `json:"notSuppressed,omitempty"`
	Suppression   *jsonSuppression `json:"suppression,omitempty"`
}

type jsonSuppression struct {
	Kind   string `json:"kind"`
	Reason string `json:"reason"`
	// Until is left out where it has no end.
	Until string `json:"until,omitempty"`
}

type jsonObject struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Namespace  string `json:"namespace"`
	Name       string `json:"name"`
}

type jsonRelated struct {
	Object  *jsonID `json:"object,omitempty"`
	Path    string  `json:"path,omitempty"`
	File    string  `json:"file,omitempty"`
	Line    int     `json:"line,omitempty"`
	Column  int     `json:"column,omitempty"`
	Message string  `json:"message"`
}

// jsonID has a group where jsonObject has an apiVersion: a reference names no version, and none is invented.
type jsonID struct {
	Group     string `json:"group"`
	Kind      string `json:"kind"`
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
}

type jsonFix struct {
	Title string     `json:"title"`
	Safe  bool       `json:"safe"`
	Edits []jsonEdit `json:"edits"`
}

type jsonEdit struct {
	Op    string `json:"op"`
	Path  string `json:"path"`
	Value any    `json:"value"`
}

func writeJSON(w io.Writer, r Run, _ Style) error {
	doc := jsonReport{
		Version:    schemaVersion,
		Summary:    r.Summary,
		Findings:   each(r.Findings, func(f rule.Finding) jsonFinding { return toJSON(&f, r.docs(f.Rule)) }),
		Suppressed: each(r.Suppressed, func(f rule.Finding) jsonFinding { return toJSON(&f, r.docs(f.Rule)) }),
		Errors:     append([]Problem{}, r.Errors...),
		Skipped:    append([]Skipped{}, r.Skipped...),
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(doc); err != nil {
		return fmt.Errorf("json report: %w", err)
	}
	_, err := w.Write(escapeInvisible(b.Bytes()))
	return err
}

func toJSON(f *rule.Finding, docs string) jsonFinding {
	out := jsonFinding{
		Rule:     f.Rule,
		Severity: f.Severity.String(),
		Action:   f.Action.String(),
		Object: jsonObject{
			APIVersion: kube.Object{ID: f.Object, Version: f.Version}.APIVersion(),
			Kind:       f.Object.Kind, Namespace: f.Object.Namespace, Name: f.Object.Name,
		},
		Path: f.Path.String(),
		File: f.At.File, Line: f.At.Line, Column: f.At.Column,
		Message: f.Message, Effect: f.Effect, Remedy: f.Remedy,
		Assumed: f.Assumed, EnforceFrom: instant(f.EnforceFrom), Unknown: f.Unknown,
		Fingerprint: f.Fingerprint,
		Related:     each(f.Related, relatedToJSON),
		Docs:        docs,
	}
	out.NotSuppressed = f.Unheeded
	if !f.Ahead.IsZero() {
		out.NewIn = f.Ahead.String()
	}
	if s := f.Suppression; s != nil {
		out.Suppression = &jsonSuppression{Kind: string(s.Kind), Reason: s.Reason, Until: instant(s.Until)}
	}
	if f.Fix != nil {
		out.Fix = &jsonFix{Title: f.Fix.Title, Safe: f.Fix.Safe, Edits: each(f.Fix.Edits, editToJSON)}
	}
	return out
}

func relatedToJSON(r rule.Related) jsonRelated {
	out := jsonRelated{Path: r.Path.String(), File: r.At.File, Line: r.At.Line, Column: r.At.Column, Message: r.Message}
	if r.Object != (kube.ID{}) {
		out.Object = &jsonID{Group: r.Object.Group, Kind: r.Object.Kind, Namespace: r.Object.Namespace, Name: r.Object.Name}
	}
	return out
}

func editToJSON(e kube.Edit) jsonEdit {
	out := jsonEdit{Op: e.Op.String(), Path: e.Path.String(), Value: e.Value}
	if e.Op == kube.Remove {
		out.Value = nil
	}
	return out
}

// each never returns nil, so that a list without elements is [] in the output.
func each[From, To any](from []From, f func(From) To) []To {
	to := make([]To, len(from))
	for i, v := range from {
		to[i] = f(v)
	}
	return to
}

// escapeInvisible writes what cannot be seen as \u escapes. encoding/json leaves DEL and the C1 controls as they are,
// and U+009B starts an escape sequence on some terminals as ESC [ does on all: a manifest must not drive the terminal
// of whoever looks at this output with cat. Outside strings JSON is ASCII, so only strings change, and only their spelling.
func escapeInvisible(encoded []byte) []byte {
	if !slices.ContainsFunc(encoded, func(c byte) bool { return c != '\n' && (c < ' ' || c > '~') }) {
		return encoded
	}
	var out bytes.Buffer
	out.Grow(len(encoded))
	for _, c := range string(encoded) {
		switch {
		case c == '\n' || unicode.IsGraphic(c):
			out.WriteRune(c)
		case c > 0xffff:
			high, low := utf16.EncodeRune(c)
			fmt.Fprintf(&out, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&out, `\u%04x`, c)
		}
	}
	return out.Bytes()
}

func instant(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
