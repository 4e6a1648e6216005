package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"path"
	"strings"

	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/rule"
)

const (
	// projectURL is where the program is from.
	projectURL = "https://github.com/tlsward/tlsward"
	// sarifSchema is the published schema of SARIF 2.1.0 with its errata, which the output follows.
	sarifSchema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
	// sourceRoot is the base of relative names: the folder of the run, which services take for the repository's.
	sourceRoot = "%SRCROOT%"
	// maxDescription of a rule is shown by GitHub, in characters; what is longer fails the upload. The help has no such bound.
	// https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
	maxDescription = 1024
)

// The types below are the part of SARIF 2.1.0 that is written: section numbers are the standard's.
// https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html

type sarifText struct {
	Text     string `json:"text"`
	Markdown string `json:"markdown,omitempty"`
}

// sarifRule is a reportingDescriptor (3.49).
type sarifRule struct {
	ID               string              `json:"id"`
	ShortDescription *sarifText          `json:"shortDescription,omitempty"`
	FullDescription  *sarifText          `json:"fullDescription,omitempty"`
	Help             *sarifText          `json:"help,omitempty"`
	HelpURI          string              `json:"helpUri,omitempty"`
	Default          *sarifConfiguration `json:"defaultConfiguration,omitempty"`
	Properties       map[string]any      `json:"properties,omitempty"`
}

type sarifConfiguration struct {
	Level string `json:"level"`
}

// sarifResult is a result (3.27).
type sarifResult struct {
	RuleID       string             `json:"ruleId"`
	RuleIndex    int                `json:"ruleIndex"`
	Level        string             `json:"level"`
	Message      sarifText          `json:"message"`
	Locations    []sarifLocation    `json:"locations,omitempty"`
	Related      []sarifLocation    `json:"relatedLocations,omitempty"`
	Fingerprints *sarifFingerprints `json:"partialFingerprints,omitempty"`
	Fixes        []sarifFix         `json:"fixes,omitempty"`
	Properties   sarifProperties    `json:"properties"`
}

type sarifFingerprints struct {
	// GitHub tells alerts by this one alone, and makes it of the text of a line where it is not given.
	Line string `json:"primaryLocationLineHash"`
	// Its name is rule.FingerprintScheme.
	Own string `json:"tlsward/v1"`
}

type sarifProperties struct {
	Action   string `json:"action"`
	Severity string `json:"severity"`
	Unknown  bool   `json:"unknown"`
}

type sarifLocation struct {
	ID       int            `json:"id,omitempty"`
	Physical *sarifPhysical `json:"physicalLocation,omitempty"`
	Logical  []sarifLogical `json:"logicalLocations,omitempty"`
	Message  *sarifText     `json:"message,omitempty"`
}

type sarifPhysical struct {
	Artifact sarifArtifact `json:"artifactLocation"`
	Region   *sarifRegion  `json:"region,omitempty"`
}

type sarifArtifact struct {
	URI  string `json:"uri"`
	Base string `json:"uriBaseId,omitempty"`
}

type sarifRegion struct {
	StartLine   int `json:"startLine"`
	StartColumn int `json:"startColumn,omitempty"`
	EndLine     int `json:"endLine,omitempty"`
	EndColumn   int `json:"endColumn,omitempty"`
}

type sarifLogical struct {
	Name          string `json:"name,omitempty"`
	QualifiedName string `json:"fullyQualifiedName"`
	Kind          string `json:"kind"`
}

type sarifFix struct {
	Description sarifText     `json:"description"`
	Changes     []sarifChange `json:"artifactChanges"`
}

type sarifChange struct {
	Artifact     sarifArtifact      `json:"artifactLocation"`
	Replacements []sarifReplacement `json:"replacements"`
}

type sarifReplacement struct {
	Deleted  sarifRegion `json:"deletedRegion"`
	Inserted *sarifText  `json:"insertedContent,omitempty"`
}

// sarifNotification is a notification (3.58).
type sarifNotification struct {
	Level     string          `json:"level"`
	Message   sarifText       `json:"message"`
	Locations []sarifLocation `json:"locations,omitempty"`
}

// writeSARIF writes one run, a result to a line, so that a report of many thousand findings is never in memory as a whole.
func writeSARIF(w io.Writer, r Run, _ Style) error {
	out := lineWriter{w: w}
	rules, index := sarifRules(r)
	driver := map[string]any{"name": "tlsward", "informationUri": projectURL, "rules": rules}
	if r.Version != "" {
		driver["version"] = r.Version
	}
	out.text(`{"$schema":"` + sarifSchema + `","version":"2.1.0","runs":[{"tool":{"driver":`)
	out.value(driver)
	out.text(`},"columnKind":"unicodeCodePoints","originalUriBaseIds":{"` + sourceRoot + `":{"description":{"text":"The folder in which tlsward ran."}}},` + "\n" + `"invocations":[`)
	out.value(map[string]any{"executionSuccessful": len(r.Errors) == 0, "toolExecutionNotifications": sarifNotifications(r)})
	out.text(`],` + "\n" + `"results":[`)
	for i := range r.Findings {
		if i > 0 {
			out.text(",")
		}
		out.text("\n")
		f := &r.Findings[i]
		out.value(toSARIF(r, f, index[f.Rule]))
	}
	out.text("\n]}]}\n")
	return out.err
}

// sarifRules are the rules that found something, in the order in which they are first told.
func sarifRules(r Run) (rules []sarifRule, index map[string]int) {
	rules, index = []sarifRule{}, map[string]int{}
	for i := range r.Findings {
		f := &r.Findings[i]
		if _, known := index[f.Rule]; known {
			continue
		}
		index[f.Rule] = len(rules)
		described := sarifRule{ID: f.Rule, HelpURI: webLink(r.docs(f.Rule))}
		if d, ok := r.rule(f.Rule); ok {
			described.ShortDescription = &sarifText{Text: cutText(d.Title, maxDescription)}
			described.FullDescription = &sarifText{Text: cutText(firstParagraph(d.Rationale, d.Title), maxDescription)}
			described.Help = &sarifText{Text: textOr(d.Rationale, d.Title), Markdown: sarifHelp(d, described.HelpURI)}
			described.Default = &sarifConfiguration{levelOf(rule.ActionFor(d.Severity), "note")}
			provider, _, _ := strings.Cut(d.ID, "/")
			described.Properties = map[string]any{
				"tags": []string{"kubernetes", "tls", provider},
				// The words of GitHub's own queries, by which its pages sort.
				"precision": "high", "problem.severity": [...]string{"error", "warning", "recommendation"}[d.Severity],
			}
		}
		rules = append(rules, described)
	}
	return rules, index
}

func sarifHelp(d rule.Definition, docs string) string {
	var b strings.Builder
	b.WriteString(textOr(d.Rationale, d.Title))
	if len(d.References) > 0 || docs != "" {
		b.WriteString("\n\n")
	}
	for _, reference := range d.References {
		if link := webLink(reference.URL); link != "" {
			fmt.Fprintf(&b, "- [%s](%s)\n", reference.Description, link)
		} else {
			fmt.Fprintf(&b, "- %s\n", reference.Description)
		}
	}
	if docs != "" {
		fmt.Fprintf(&b, "- [%s](%s)\n", d.ID, docs)
	}
	return b.String()
}

func toSARIF(r Run, f *rule.Finding, index int) sarifResult {
	more := advice(f)
	out := sarifResult{
		RuleID: f.Rule, RuleIndex: index, Level: levelOf(f.Action, "note"),
		Locations:  []sarifLocation{sarifAt(f.At, f.Object, f.Path)},
		Properties: sarifProperties{Action: f.Action.String(), Severity: f.Severity.String(), Unknown: f.Unknown},
	}
	if region := regionOf(out.Locations[0]); region != nil {
		region.EndColumn = f.End
	}
	for _, other := range f.Related {
		if other.At.File == "" {
			// GitHub shows no related location without a file.
			more = append(more, explanation{"see", relatedLine(other)})
			continue
		}
		location := sarifAt(other.At, other.Object, other.Path)
		location.ID = len(out.Related) + 1
		if text := relatedLine(rule.Related{Object: other.Object, Path: other.Path, Message: other.Message}); text != "" {
			location.Message = &sarifText{Text: text}
		}
		out.Related = append(out.Related, location)
	}
	out.Message.Text = paragraphs(f, more)
	if f.Fingerprint != "" {
		out.Fingerprints = &sarifFingerprints{Line: f.Fingerprint + ":1", Own: f.Fingerprint}
	}
	out.Fixes = sarifFixes(r, f)
	return out
}

func sarifFixes(r Run, f *rule.Finding) []sarifFix {
	if f.Fix == nil || r.Replacement == nil {
		return nil
	}
	made, ok := r.Replacement(*f)
	if !ok || holdsSecret(f.Object) || hideKeys(made.Text) != made.Text || strings.Contains(made.Text, "PRIVATE KEY") {
		return nil // what is replaced may have a key in its midst
	}
	replacement := sarifReplacement{Deleted: sarifRegion{made.From.Line, made.From.Column, made.To.Line, made.To.Column}}
	if made.Text != "" {
		replacement.Inserted = &sarifText{Text: made.Text}
	}
	return []sarifFix{{
		Description: sarifText{Text: fixLine(*f.Fix)},
		Changes:     []sarifChange{{sarifFile(made.From.File), []sarifReplacement{replacement}}},
	}}
}

func sarifNotifications(r Run) []sarifNotification {
	list := []sarifNotification{}
	for _, p := range r.Errors {
		n := sarifNotification{Level: "error", Message: sarifText{Text: problemLine(p)}}
		if p.File != "" {
			n.Locations = []sarifLocation{sarifAt(kube.Position{File: p.File, Line: p.Line}, kube.ID{}, nil)}
		}
		list = append(list, n)
	}
	for _, s := range r.Skipped {
		list = append(list, sarifNotification{
			Level: "note", Message: sarifText{Text: "skipped: " + s.Reason},
			Locations: []sarifLocation{sarifAt(kube.Position{File: s.File, Line: s.Line}, kube.ID{}, nil)},
		})
	}
	return list
}

func sarifAt(at kube.Position, id kube.ID, field kube.Path) sarifLocation {
	var location sarifLocation
	if at.File != "" {
		location.Physical = &sarifPhysical{Artifact: sarifFile(at.File)}
		if at.Line > 0 {
			location.Physical.Region = &sarifRegion{StartLine: at.Line, StartColumn: at.Column}
		}
	}
	if id.Kind != "" {
		location.Logical = []sarifLogical{{QualifiedName: objectName(id), Kind: "resource"}}
		if len(field) > 0 {
			logical := &location.Logical[0]
			logical.Name = field.String()
			logical.QualifiedName += " " + logical.Name
			logical.Kind = "member"
		}
	}
	return location
}

func regionOf(l sarifLocation) *sarifRegion {
	if l.Physical == nil {
		return nil
	}
	return l.Physical.Region
}

// sarifFile names a file by a URI: relative to the folder of the run where the name is relative.
func sarifFile(file string) sarifArtifact {
	name := path.Clean(slashed(file))
	if path.IsAbs(name) {
		return sarifArtifact{URI: (&url.URL{Scheme: "file", Path: name}).String()}
	}
	return sarifArtifact{URI: (&url.URL{Path: name}).String(), Base: sourceRoot}
}

// firstParagraph of Markdown, or another text where there is none.
func firstParagraph(markdown, otherwise string) string {
	text, _, _ := strings.Cut(strings.TrimSpace(markdown), "\n\n")
	return textOr(strings.ReplaceAll(text, "\n", " "), otherwise)
}

func textOr(text, otherwise string) string {
	if text = strings.TrimSpace(text); text != "" {
		return text
	}
	return otherwise
}

// cutText keeps a text within a number of characters.
func cutText(text string, most int) string {
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return text
}

// lineWriter writes JSON in parts, and keeps the first error.
type lineWriter struct {
	w       io.Writer
	b       bytes.Buffer
	encoder *json.Encoder // into b
	err     error
}

func (l *lineWriter) text(s string) {
	if l.err == nil {
		_, l.err = io.WriteString(l.w, s)
	}
}

// value writes a value on what is left of the line.
func (l *lineWriter) value(v any) {
	if l.err != nil {
		return
	}
	l.b.Reset()
	if l.encoder == nil {
		l.encoder = json.NewEncoder(&l.b)
		l.encoder.SetEscapeHTML(false)
	}
	if l.err = l.encoder.Encode(v); l.err == nil {
		_, l.err = l.w.Write(escapeInvisible(bytes.TrimSuffix(l.b.Bytes(), []byte("\n"))))
	}
}
