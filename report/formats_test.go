package report

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/rule"
)

// written is what a format makes of a run.
func written(t *testing.T, format string, r Run) string {
	t.Helper()
	f, err := Lookup(Formats(), format)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := f.Write(&b, r, Style{}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// strictly decodes JSON that may have no field we do not know.
func strictly(t *testing.T, text string, into any) {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
}

// many is a run with more findings than any format shows.
func many(n int) Run {
	r := Run{Summary: Summary{Files: 1, Objects: n}}
	for i := range n {
		f := missing()
		f.Object.Name = fmt.Sprint("web-", i)
		if i%2 == 1 {
			f = depth(i)
			f.Object.Name = fmt.Sprint("web-", i)
			f.Rule = fmt.Sprint("acme/rule-", i)
		}
		r.Findings = append(r.Findings, f)
	}
	return arranged(r)
}

// Every finding and every error is told, whatever the format, but for those that say that they leave some out.
func TestNothingIsLost(t *testing.T) {
	r := everything()
	for _, f := range Formats() {
		text := written(t, f.Name, r)
		for _, finding := range r.Findings {
			if !strings.Contains(text, finding.Rule) && !strings.Contains(text, strings.ReplaceAll(finding.Rule, "/", "\\/")) {
				t.Errorf("%s does not tell of %s", f.Name, finding.Rule)
			}
		}
		for _, problem := range r.Errors {
			if !strings.Contains(text, problem.File) {
				t.Errorf("%s does not tell that %s cannot be read", f.Name, problem.File)
			}
		}
	}
}

func TestSARIF(t *testing.T) {
	var got struct {
		Runs []struct {
			Tool        struct{ Driver struct{ Rules []sarifRule } }
			Invocations []struct {
				ExecutionSuccessful        bool
				ToolExecutionNotifications []sarifNotification
			}
			Results []sarifResult
		}
	}
	r := everything()
	if err := json.Unmarshal([]byte(written(t, "sarif", r)), &got); err != nil {
		t.Fatal(err)
	}
	run := got.Runs[0]
	if run.Invocations[0].ExecutionSuccessful || len(run.Invocations[0].ToolExecutionNotifications) != len(r.Errors)+len(r.Skipped) {
		t.Errorf("errors and skipped documents: %+v", run.Invocations)
	}
	for i, result := range run.Results {
		f := r.Findings[i]
		if run.Tool.Driver.Rules[result.RuleIndex].ID != f.Rule || result.RuleID != f.Rule {
			t.Errorf("rule %s: result has %s, and index %d", f.Rule, result.RuleID, result.RuleIndex)
		}
		if result.Fingerprints == nil || result.Fingerprints.Own != f.Fingerprint || result.Fingerprints.Line != f.Fingerprint+":1" {
			t.Errorf("fingerprints %+v, want %s", result.Fingerprints, f.Fingerprint)
		}
		if (len(result.Fixes) > 0) != (f.Rule == "ingress-nginx/client-ca-missing") {
			t.Errorf("%s: fixes %+v", f.Rule, result.Fixes)
		}
	}
	if text := written(t, "sarif", r); !strings.Contains(text, `"`+rule.FingerprintScheme+`":"`+r.Findings[0].Fingerprint) {
		t.Errorf("no fingerprint goes by the name of its scheme, %s", rule.FingerprintScheme)
	}
	for file, want := range map[string]sarifArtifact{
		"a b/ü.yaml":   {"a%20b/%C3%BC.yaml", sourceRoot},
		"./a/../b.yml": {"b.yml", sourceRoot},
		"a: b.yaml":    {"./a:%20b.yaml", sourceRoot},
		"../a.yaml":    {"../a.yaml", sourceRoot},
		"/tmp/a.yaml":  {"file:///tmp/a.yaml", ""},
	} {
		if got := sarifFile(file); got != want {
			t.Errorf("%s: %+v, want %+v", file, got, want)
		}
	}
	if got := cutText(strings.Repeat("ü", 2000), maxDescription); len([]rune(got)) != maxDescription {
		t.Errorf("%d characters", len([]rune(got)))
	}
}

// A fix that would replace more than a field of a Secret, or what looks like a key, is not written out.
func TestSARIFHidesKeys(t *testing.T) {
	r := everything()
	const key = "-----BEGIN PRIVATE KEY-----"
	r.Replacement = func(f rule.Finding) (Replacement, bool) { return Replacement{f.At, f.At, key}, true }
	if strings.Contains(written(t, "sarif", r), key) {
		t.Error("a key is in the report")
	}
	r.Replacement = func(f rule.Finding) (Replacement, bool) { return Replacement{f.At, f.At, "hunter2"}, true }
	for i := range r.Findings {
		r.Findings[i].Object = kube.ID{Kind: "Secret", Name: "db"}
	}
	if strings.Contains(written(t, "sarif", r), "hunter2") {
		t.Error("data of a Secret is in the report")
	}
}

// understood reads a workflow command as GitHub's runner does: https://github.com/actions/runner, ActionCommand.TryParseV2.
func understood(t *testing.T, line string) (command string, properties map[string]string, message string) {
	t.Helper()
	head, message, ok := strings.Cut(strings.TrimPrefix(line, "::"), "::")
	if !ok || !strings.HasPrefix(line, "::") {
		t.Fatalf("no command: %s", line)
	}
	command, list, _ := strings.Cut(head, " ")
	properties = map[string]string{}
	for _, property := range strings.Split(list, ",") {
		name, value, _ := strings.Cut(property, "=")
		properties[name] = strings.NewReplacer("%0D", "\r", "%0A", "\n", "%3A", ":", "%2C", ",", "%25", "%").Replace(value)
	}
	return command, properties, strings.NewReplacer("%0D", "\r", "%0A", "\n", "%25", "%").Replace(message)
}

func TestGitHub(t *testing.T) {
	f := missing()
	f.At.File, f.Message = "a,b:c%0A/web.yaml", "50% of it\n::error::forged\r\nend"
	other := depth(3)
	f.End, other.End = 64, 64
	r := arranged(Run{Findings: []rule.Finding{other, f}})
	lines := strings.Split(strings.TrimSpace(written(t, "github", r)), "\n")
	if len(lines) != 2 {
		t.Fatalf("%d lines:\n%s", len(lines), strings.Join(lines, "\n"))
	}
	command, properties, message := understood(t, lines[0])
	if command != "error" || properties["file"] != "a,b:c%0A/web.yaml" || properties["line"] != "7" || properties["col"] != "50" || properties["endColumn"] != "63" {
		t.Errorf("%s %v", command, properties)
	}
	if properties["title"] != "ingress-nginx/client-ca-missing, Ingress shop/web" {
		t.Errorf("title %s", properties["title"])
	}
	if want := "because 50% of it\n::error::forged\nend\nhelp: "; !strings.Contains(message, want) {
		t.Errorf("message %q, want %q in it", message, want)
	}
	if command, _, _ := understood(t, lines[1]); command != "notice" {
		t.Errorf("a note is %s", command)
	}
}

func TestGitLab(t *testing.T) {
	severities := []string{"info", "minor", "major", "critical", "blocker"}
	for name, r := range map[string]Run{"everything": everything(), "cluster": fromCluster(), "many": many(50), "empty": {}} {
		var issues []gitlabIssue
		strictly(t, written(t, "gitlab", r), &issues)
		if len(issues) != len(r.Findings)+len(r.Errors) || issues == nil {
			t.Errorf("%s: %d issues of %d findings and %d errors", name, len(issues), len(r.Findings), len(r.Errors))
		}
		seen := map[string]bool{}
		for _, i := range issues {
			if i.Description == "" || i.CheckName == "" || i.Location.Path == "" || i.Location.Lines.Begin < 1 || !slices.Contains(severities, i.Severity) {
				t.Errorf("%s: %+v", name, i)
			}
			if i.Fingerprint == "" || seen[i.Fingerprint] {
				t.Errorf("%s: fingerprint %q is no name of its own", name, i.Fingerprint)
			}
			seen[i.Fingerprint] = true
		}
	}
}

func TestJUnit(t *testing.T) {
	for name, r := range map[string]Run{"everything": everything(), "cluster": fromCluster(), "many": many(10), "empty": arranged(Run{})} {
		var got junitReport
		if err := xml.Unmarshal([]byte(written(t, "junit", r)), &got); err != nil {
			t.Fatal(err)
		}
		tests, failures, errs, skipped := 0, 0, 0, 0
		for _, s := range got.Suites {
			if s.Tests != len(s.Cases) {
				t.Errorf("%s: suite %s says %d tests, has %d", name, s.Name, s.Tests, len(s.Cases))
			}
			tests, failures, errs, skipped = tests+s.Tests, failures+s.Failures, errs+s.Errors, skipped+s.Skipped
		}
		if tests == 0 || tests != got.Tests || failures != r.Summary.Denied || errs != len(r.Errors) || skipped != r.Summary.Unknown ||
			got.Failures != failures || got.Errors != errs {
			t.Errorf("%s: %d tests, %d failures, %d errors, %d skipped; %+v", name, tests, failures, errs, skipped, r.Summary)
		}
	}
}

func TestCheckstyle(t *testing.T) {
	r := everything()
	var got checkstyleReport
	if err := xml.Unmarshal([]byte(written(t, "checkstyle", r)), &got); err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, f := range got.Files {
		for _, e := range f.Errors {
			lines = append(lines, fmt.Sprintf("%s:%d:%d %s %s", f.Name, e.Line, e.Column, e.Severity, e.Source))
		}
	}
	want := []string{
		"shop/web.yaml:6:5 info tlsward.ingress-nginx/verify-depth-unset", "shop/web.yaml:7:50 error tlsward.ingress-nginx/client-ca-missing",
		"shop/web.yaml:8:1 info tlsward.tlsward/controller-unknown", "shop/web.yaml:11:17 warning tlsward.ingress-nginx/certificate-near-expiry",
		"gone:0:0 error tlsward", "shop/broken.yaml:4:0 error tlsward",
	}
	if !slices.Equal(lines, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(lines, "\n"), strings.Join(want, "\n"))
	}
}

// Every line is what the json format has in its list, in the same order.
func TestJSONLines(t *testing.T) {
	r := everything()
	var whole jsonReport
	strictly(t, written(t, "json", r), &whole)
	lines := strings.Split(strings.TrimSpace(written(t, "jsonl", r)), "\n")
	if len(lines) != len(r.Findings)+len(r.Errors) {
		t.Fatalf("%d lines", len(lines))
	}
	for i, want := range whole.Findings {
		var got jsonFinding
		strictly(t, lines[i], &got)
		if fmt.Sprintf("%+v", got.Object) != fmt.Sprintf("%+v", want.Object) || got.Fingerprint != want.Fingerprint || got.Message != want.Message {
			t.Errorf("line %d: %s", i+1, lines[i])
		}
	}
	var last jsonlError
	strictly(t, lines[len(lines)-1], &last)
	if last.Error != r.Errors[len(r.Errors)-1] {
		t.Errorf("%+v", last)
	}
}

// A comment has room for 65,536 characters: what is left out is said, and what is denied comes before what is noted.
func TestMarkdownIsBounded(t *testing.T) {
	text := written(t, "markdown", many(3000))
	if len(text) > 65_536-2000 || !strings.Contains(text, " findings more") || !strings.Contains(text, " notes more") {
		t.Errorf("%d bytes, ends %q", len(text), text[len(text)-300:])
	}
	if opened, closed := strings.Count(text, "<details>"), strings.Count(text, "</details>"); opened != closed {
		t.Errorf("%d sections opened, %d closed", opened, closed)
	}
	r := everything()
	r.Errors = slices.Repeat(r.Errors, 2000)
	if text := written(t, "markdown", r); len(text) > 65_536-2000 || !strings.Contains(text, " files more") {
		t.Errorf("%d bytes", len(text))
	}
}

func TestMarkdownSaysNoMoreThanText(t *testing.T) {
	for in, want := range map[string]string{
		"ask @team about #1":           "ask @<!-- -->team about #<!-- -->1",
		"<img src=x> & [a](b) ![c](d)": `&lt;img src=x&gt; &amp; \[a\]\(b\) \!\[c\]\(d\)`,
		"a|b *c* _d_ `e` ~f~ \\":       "a\\|b \\*c\\* \\_d\\_ \\`e\\` \\~f\\~ \\\\",
		"https://x.test www.x.test":    "https:<!-- -->//x.test www<!-- -->.x.test",
		"one\n# two":                   "one #<!-- --> two",
	} {
		if got := inline(in); got != want {
			t.Errorf("%q: %s, want %s", in, got, want)
		}
	}
	for in, want := range map[string]string{"a": "`a`", "a`b": "``a`b``", "`": "`` ` ``", "": "", "a\nb": "`a b`", "/a(/|$)": "<code>&#47;a&#40;&#47;&#124;&#36;&#41;</code>"} {
		if got := code(in); got != want {
			t.Errorf("%q: %s, want %s", in, got, want)
		}
	}
}

func TestPolicyReportsAreSplit(t *testing.T) {
	r := many(2*maxPolicyResults + 2)
	r.Findings[0].Object.Namespace = ""
	text := written(t, "policyreport", r)
	names := regexp.MustCompile("(?m)^(?:kind|  name|  namespace): (.*)$").FindAllStringSubmatch(text, -1)
	var got []string
	for _, n := range names {
		got = append(got, n[1])
	}
	want := []string{
		"ClusterPolicyReport", "tlsward-lint", "PolicyReport", "tlsward-lint", "shop", "PolicyReport", "tlsward-lint-2", "shop",
		"PolicyReport", "tlsward-lint-3", "shop",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if n := strings.Count(text, "source: tlsward"); n != len(r.Findings) {
		t.Errorf("%d results", n)
	}
}

func TestHTMLIsBounded(t *testing.T) {
	text := written(t, "html", many(maxHTML+7))
	if n := strings.Count(text, "<article class=\"finding"); n != maxHTML || !strings.Contains(text, "7 findings more") {
		t.Errorf("%d findings", n)
	}
	r := everything()
	r.Errors, r.Skipped = slices.Repeat(r.Errors[:1], maxHTML+7), slices.Repeat(r.Skipped[:1], maxHTML+8)
	text = written(t, "html", r)
	unreadable, skipped, _ := strings.Cut(text, `<h2 id="skipped">`)
	for _, part := range []struct{ text, left string }{{unreadable, "7 documents more"}, {skipped, "8 documents more"}} {
		if n := strings.Count(part.text, "<tr><td>"); n != maxHTML || !strings.Contains(part.text, part.left) {
			t.Errorf("%d documents, want %d and %s", n, maxHTML, part.left)
		}
	}
}

// Whatever a manifest says, a page has the elements that it has of harmless text, and no address that a manifest gave.
func TestHTMLTakesNothingForMarkup(t *testing.T) {
	elements := func(s string) []string {
		return regexp.MustCompile(`</?([a-zA-Z!][^\s>]*)`).FindAllString(written(t, "html", hostile(s)), -1)
	}
	want := elements("x")
	for _, s := range []string{"<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "'><svg/onload=1>", "</style><b>", "-->", "javascript:alert(1)"} {
		if got := elements(s); !slices.Equal(got, want) {
			t.Errorf("%s makes other elements:\n%v\n%v", s, got, want)
		}
		if text := written(t, "html", hostile(s)); strings.Contains(text, "href=\"javascript") || strings.Contains(text, "src=\"") {
			t.Errorf("%s is taken for an address", s)
		}
	}
}

// Every format that makes links of the rules' pages makes them of the same addresses; json and jsonl give them as text.
func TestLinksLeadToTheWeb(t *testing.T) {
	links := map[string]string{"sarif": `"helpUri":"`, "markdown": "](", "html": `<p><a href="`, "text": "\x1b]8;;"}
	for address, want := range map[string]bool{
		"https://docs.test/a": true, "http://docs.test/a?b=c": true,
		"javascript:alert(1)": false, "javascript://docs.test/%0aalert": false, "data:text/html,x": false, "file:///etc/hosts": false,
		"mailto:a@docs.test": false, "//docs.test/a": false, "docs/rules/a.md": false, "https:a": false, "https://": false, "https://docs.test/\ra": false, "": false,
	} {
		r := fromCluster()
		r.Docs = func(string) string { return address }
		for format, before := range links {
			f, err := Lookup(Formats(), format)
			if err != nil {
				t.Fatal(err)
			}
			var b bytes.Buffer
			if err := f.Write(&b, r, Style{Links: true}); err != nil {
				t.Fatal(err)
			}
			if strings.Contains(b.String(), before) != want || want && !strings.Contains(b.String(), before+address) {
				t.Errorf("%s: link to %q %v, want %v", format, address, !want, want)
			}
		}
	}
}
