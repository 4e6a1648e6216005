package report

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"io"

	"github.com/tlsward/tlsward/effective"
)

// EffectiveSchema is the JSON Schema (draft 2020-12) of what the json format writes of what is in force, and of a difference.
//
//go:embed effective.json
var EffectiveSchema []byte

// The types below are the contract, as those of json.go are.
type jsonEffective struct {
	Version int        `json:"version"`
	Trees   []jsonTree `json:"trees"`
	Errors  []Problem  `json:"errors"`
}

type jsonTree struct {
	Environment string    `json:"environment"`
	Root        string    `json:"root"`
	Rows        []jsonRow `json:"rows"`
}

type jsonRow struct {
	jsonRequests
	Values map[string]jsonValue `json:"values"`
}

type jsonRequests struct {
	Controller string `json:"controller"`
	Proxy      string `json:"proxy"`
	Host       string `json:"host"`
	Port       int    `json:"port"`
	Path       string `json:"path"`
	Match      string `json:"match"`
	Service    string `json:"service"`
}

type jsonValue struct {
	Is      string       `json:"is"`
	Unknown string       `json:"unknown"`
	Assumed string       `json:"assumed"`
	By      []jsonSource `json:"by"`
	// Conditions are given in a difference.
	Conditions []string `json:"conditions,omitempty"`
}

type jsonSource struct {
	Object  jsonID `json:"object"`
	Path    string `json:"path"`
	Because string `json:"because"`
	File    string `json:"file"`
	Line    int    `json:"line"`
	Column  int    `json:"column"`
}

type jsonDifference struct {
	Version   int            `json:"version"`
	Base      string         `json:"base"`
	Head      string         `json:"head"`
	Summary   map[string]int `json:"summary"`
	Unchanged int            `json:"unchanged"`
	Changes   []jsonChange   `json:"changes"`
	Errors    []Problem      `json:"errors"`
}

type jsonChange struct {
	Verdict     string `json:"verdict"`
	Aspect      string `json:"aspect"`
	Environment string `json:"environment"`
	Root        string `json:"root"`
	jsonRequests
	Before *jsonValue `json:"before"`
	After  *jsonValue `json:"after"`
}

// aspectKey is the name of an aspect for programs.
func aspectKey(a effective.Aspect) string {
	return [...]string{
		"transport", "answer", "clients", "clientCA", "clientDepth", "serverCertificate", "protocols", "backend",
		"upstream", "verification", "upstreamCA", "upstreamName", "upstreamDepth", "upstreamCertificate",
	}[a]
}

func writeEffectiveJSON(w io.Writer, e Effective, _ Style) error {
	doc := jsonEffective{Version: schemaVersion, Errors: each(e.Errors, func(p Problem) Problem { return p })}
	doc.Trees = each(e.Trees, func(t EffectiveTree) jsonTree {
		return jsonTree{t.Environment, t.Root, each(t.Rows, rowToJSON)}
	})
	return writeEncoded(w, doc)
}

func rowToJSON(r effective.Row) jsonRow {
	row := jsonRow{requestsToJSON(&r), map[string]jsonValue{}}
	for a, v := range r.Answers() {
		row.Values[aspectKey(a)] = valueToJSON(*v)
	}
	return row
}

func requestsToJSON(r *effective.Row) jsonRequests {
	return jsonRequests{r.Controller, r.Proxy, r.Host, r.Port, r.Path, r.Match, r.Service}
}

func valueToJSON(v effective.Value) jsonValue {
	return jsonValue{Is: v.Is, Unknown: v.Unknown, Assumed: v.Assumed, By: each(v.By, func(s effective.Source) jsonSource {
		return jsonSource{
			Object: jsonID{Group: s.Object.Group, Kind: s.Object.Kind, Namespace: s.Object.Namespace, Name: s.Object.Name},
			Path:   s.Path.String(), Because: s.Because, File: s.At.File, Line: s.At.Line, Column: s.At.Column,
		}
	})}
}

func writeEffectiveDiffJSON(w io.Writer, d EffectiveDiff, _ Style) error {
	counts, unchanged := d.Changed()
	doc := jsonDifference{
		Version: schemaVersion, Base: d.Base, Head: d.Head, Summary: map[string]int{}, Unchanged: unchanged,
		Changes: []jsonChange{}, Errors: each(d.Errors, func(p Problem) Problem { return p }),
	}
	for v := effective.Weaker; v <= effective.Stronger; v++ {
		doc.Summary[v.String()] = counts[v]
	}
	for i := range d.Trees {
		t := &d.Trees[i]
		for j := range t.Changes {
			c := &t.Changes[j]
			doc.Changes = append(doc.Changes, jsonChange{
				Verdict: c.Verdict.String(), Aspect: aspectKey(c.Aspect), Environment: t.Environment, Root: t.Root,
				jsonRequests: requestsToJSON(c.At), Before: sideToJSON(c.Was(), c.Before), After: sideToJSON(c.Is(), c.After),
			})
		}
	}
	return writeEncoded(w, doc)
}

// sideToJSON is null where there is no row, or the question does not arise in it.
func sideToJSON(v effective.Value, r *effective.Row) *jsonValue {
	if r == nil || !v.Asked() {
		return nil
	}
	out := valueToJSON(v)
	for _, c := range v.Conditions {
		out.Conditions = append(out.Conditions, c.Text)
	}
	return &out
}

func writeEncoded(w io.Writer, doc any) error {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(doc); err != nil {
		return err
	}
	_, err := w.Write(escapeInvisible(b.Bytes()))
	return err
}
