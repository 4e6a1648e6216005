package report

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/rule"
)

var update = flag.Bool("update", false, "write the golden files instead of comparing with them")

// lines makes a Source out of whole files.
func lines(files map[string]string) func(string, int) (string, bool) {
	return func(file string, line int) (string, bool) {
		text, ok := files[file]
		all := strings.Split(text, "\n")
		if !ok || line < 1 || line > len(all) {
			return "", false
		}
		return all[line-1], true
	}
}

var (
	ingress = kube.ID{Group: "networking.k8s.io", Kind: "Ingress", Namespace: "shop", Name: "web"}
	authTLS = kube.Path{"metadata", "annotations", "nginx.ingress.kubernetes.io/auth-tls-secret"}
)

const webYAML = `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: web
  namespace: shop
  annotations:
    nginx.ingress.kubernetes.io/auth-tls-secret: shop/client-ca # who may call
spec:
  tls:
  - hosts: [api.shop.test]
    secretName: api-tls`

func missing() rule.Finding {
	return rule.Finding{
		Rule: "ingress-nginx/client-ca-missing", Object: ingress, Version: "v1", Path: authTLS,
		At:      kube.Position{File: "shop/web.yaml", Line: 7, Column: 50},
		Effect:  "every request to api.shop.test gets 403",
		Message: "Secret shop/client-ca is not in this tree and nothing here creates it",
		Remedy:  "create the Secret with the CA under ca.crt, or refer to one that exists",
		Assumed: "that ingress-nginx acts on it: no IngressClass is in sight, and only ingress-nginx reads this annotation",
		Related: []rule.Related{
			{
				Object: kube.ID{Kind: "Secret", Namespace: "shop", Name: "clients-ca"}, At: kube.Position{File: "shop/ca.yaml", Line: 1, Column: 1},
				Message: "a similar name",
			},
			{Object: kube.ID{Kind: "Namespace", Name: "shop"}, Message: "read from the cluster"},
		},
		Fix: &rule.Fix{Title: "refer to shop/clients-ca", Edits: []kube.Edit{{Path: authTLS, Value: "shop/clients-ca"}}},
	}
}

func depth(line int) rule.Finding {
	path := kube.Path{"metadata", "annotations", "nginx.ingress.kubernetes.io/auth-tls-verify-depth"}
	return rule.Finding{
		Rule: "ingress-nginx/verify-depth-unset", Severity: rule.Info, Action: rule.Note, Object: ingress, Version: "v1", Path: path,
		At:      kube.Position{File: "shop/web.yaml", Line: line, Column: 5},
		Message: "the verify depth is not written down and ingress-nginx takes 1",
		Remedy:  "write the depth of the chain your clients send",
		Fix:     &rule.Fix{Title: "write verify depth 1", Safe: true, Edits: []kube.Edit{{Path: path, Value: "1"}}},
	}
}

func warning() rule.Finding {
	return rule.Finding{
		Rule: "ingress-nginx/certificate-near-expiry", Severity: rule.Warning, Action: rule.Warn, Object: ingress, Version: "v1",
		Path: kube.Path{"spec", "tls", 0, "secretName"}, At: kube.Position{File: "shop/web.yaml", Line: 11, Column: 17},
		Effect: "clients of api.shop.test will refuse the connection from 2027-01-03 on", Message: "the certificate in Secret shop/api-tls ends then and nothing renews it",
		Remedy: "renew it\nor let cert-manager do so", Related: []rule.Related{{Path: kube.Path{"spec", "tls", 0}, At: kube.Position{File: "shop/web.yaml", Line: 10}}},
	}
}

func unheeded() rule.Finding {
	f := warning()
	f.Unheeded = "the comment in line 10 does not count: it gives no reason: want one after --"
	return f
}

func suppressed() rule.Finding {
	f := warning()
	f.Rule, f.Related = "certificates/certificate-expiring", nil
	f.Suppression = &rule.Suppression{Kind: rule.ByComment, Reason: "renewed by hand, see SHOP-42", Until: time.Date(2027, 1, 3, 23, 59, 59, 999999999, time.UTC)}
	return f
}

func unjudged() rule.Finding {
	return rule.Finding{
		Rule: "tlsward/controller-unknown", Severity: rule.Info, Action: rule.Note, Unknown: true, Object: ingress, Version: "v1",
		Path: kube.Path{"spec"}, At: kube.Position{File: "shop/web.yaml", Line: 8, Column: 1},
		Message: "which controller acts on Ingress shop/web cannot be told", Remedy: "set ingressClassName, or name the controller in the config",
	}
}

type scene struct {
	name  string
	style Style
	run   func() Run
}

func arranged(r Run) Run {
	r.Arrange()
	rule.SetFingerprints(r.Findings, nil)
	rule.SetFingerprints(r.Suppressed, nil)
	return r
}

// onLine is a run with one finding on one line of one file.
func onLine(text string, column, end int) Run {
	f := missing()
	f.At, f.End, f.Related, f.Fix, f.Assumed = kube.Position{File: "a.yaml", Line: 1, Column: column}, end, nil, nil, ""
	return arranged(Run{
		Summary: Summary{Files: 1, Objects: 1}, Findings: []rule.Finding{f},
		Source: lines(map[string]string{"a.yaml": text}),
	})
}

func everything() Run {
	findings := []rule.Finding{unheeded(), unjudged(), depth(6), missing()}
	for i := range findings {
		if findings[i].Rule == missing().Rule {
			findings[i].End = 64
		}
	}
	return arranged(Run{
		Summary:  Summary{Files: 5, Objects: 12, Suppressed: 4, Baseline: 3, Fixed: 2},
		Findings: findings, Suppressed: []rule.Finding{suppressed()},
		Errors: []Problem{{File: "shop/broken.yaml", Line: 4, Message: "did not find expected key\nwhile parsing a mapping"}, {File: "gone", Message: "no such file or directory"}},
		Skipped: []Skipped{
			{File: "charts/a/values.yaml", Line: 1, Reason: "no apiVersion or kind"},
			{File: "charts/b/values.yaml", Line: 1, Reason: "no apiVersion or kind"},
			{File: "charts/c/values.yaml", Line: 1, Reason: "no apiVersion or kind"},
			{File: "charts/d/values.yaml", Line: 1, Reason: "no apiVersion or kind"},
			{File: "charts/d/values.yaml", Line: 30, Reason: "no apiVersion or kind"},
			{File: "charts/a/templates/web.yaml", Line: 1, Reason: "template that is not rendered"},
		},
		Source:  lines(map[string]string{"shop/web.yaml": webYAML}),
		Version: "v1.2.3",
		Docs:    func(id string) string { return "https://docs.test/" + id },
		Rule: func(id string) (rule.Definition, bool) {
			d := rule.Definition{
				ID: id, Title: "Client CA Secret does not exist", Severity: rule.Error,
				Rationale:  "`auth-tls-secret` names a Secret that is\nnot there: **403** for *all*.\n\n- one\n  and more\n- two ` and ** alone",
				References: []rule.Reference{{Description: "ingress-nginx", URL: "https://kubernetes.github.io/ingress-nginx/"}},
			}
			return d, id == "ingress-nginx/client-ca-missing"
		},
		Replacement: func(f rule.Finding) (Replacement, bool) {
			if f.Rule != "ingress-nginx/client-ca-missing" {
				return Replacement{}, false
			}
			at := func(column int) kube.Position { return kube.Position{File: "shop/web.yaml", Line: 7, Column: column} }
			return Replacement{at(61), at(61), "s"}, true
		},
	})
}

func manyNotes() Run {
	r := Run{Summary: Summary{Files: 1, Objects: 9}}
	for i := range 8 {
		r.Findings = append(r.Findings, depth(i+1))
	}
	one := unjudged()
	one.Assumed, one.Fix = "nothing", &rule.Fix{Title: "ask", Safe: false}
	r.Findings = append(r.Findings, one)
	return arranged(r)
}

func fromCluster() Run {
	f := missing()
	f.At, f.Related, f.Effect = kube.Position{}, nil, ""
	return arranged(Run{Summary: Summary{Objects: 1}, Findings: []rule.Finding{f}, Docs: func(id string) string { return "https://docs.test/" + id }})
}

var oneLine = `{"items":[` + strings.Repeat(`{"apiVersion":"v1","kind":"ConfigMap"},`, 40) + `{"spec":{"tls":[{"secretName":"api-tls"}]}}` + strings.Repeat(`,{"kind":"Service"}`, 40) + `]}`

var scenes = []scene{
	{"empty", Style{}, func() Run { return arranged(Run{}) }},
	{"clean", Style{}, func() Run { return arranged(Run{Summary: Summary{Files: 1, Objects: 2}}) }},
	{"clean-color", Style{Color: true}, func() Run { return arranged(Run{Summary: Summary{Files: 1, Objects: 1}}) }},
	{"only-skipped", Style{}, func() Run {
		return arranged(Run{Summary: Summary{Files: 1}, Skipped: []Skipped{{File: "values.yaml", Line: 1, Reason: "no apiVersion or kind"}}})
	}},
	{"not-judged", Style{}, func() Run {
		return arranged(Run{Summary: Summary{Files: 1, Objects: 1}, Findings: []rule.Finding{unjudged()}})
	}},
	{"everything", Style{}, everything},
	{"everything-color", Style{Color: true, Width: 100}, everything},
	{"many-notes", Style{}, manyNotes},
	{"cluster", Style{}, fromCluster},
	{"control", Style{}, func() Run {
		r := onLine("  key: \x1b[2J\x9bX\x07\u202egnp.exe\u009b31m \xff end", 8, 30)
		r.Findings[0].Message, r.Findings[0].Remedy = "value \x1b]0;owned\x07 is\nFORGED", "one\r\nFORGED\n\x1b[31mthree"
		return r
	}},
	{"wide", Style{}, func() Run { return onLine("説明: {名前: e\u0301, secretName: 秘密, x: 1}", 25, 27) }},
	{"tabs", Style{}, func() Run { return onLine("{\t\"host\":\t\"api.shop.test\"\t}", 11, 26) }},
	{"long", Style{Width: 80}, func() Run {
		return onLine(oneLine, strings.Index(oneLine, `"api-tls"`)+1, strings.Index(oneLine, `"api-tls"`)+10)
	}},
	{"long-unknown-width", Style{}, func() Run { return onLine(oneLine, 2, 9) }},
	{"narrow", Style{Width: 5}, func() Run { return onLine("    secretName: "+strings.Repeat("abc", 30), 17, 107) }},
	{"key-material", Style{}, func() Run {
		return onLine(`  tls.key: "-----BEGIN PRIVATE KEY-----\nc2hvcnQ=\n-----END PRIVATE KEY-----" # `+strings.Repeat("LS0tLS1C", 8), 3, 10)
	}},
}

func TestGolden(t *testing.T) {
	for _, s := range scenes {
		for _, f := range Formats() {
			if f.Name != "text" && (s.style != Style{}) {
				continue // style is for text; its plain twin covers the others
			}
			if f.Name != "text" && f.Name != "json" && !slices.Contains([]string{"empty", "everything", "cluster", "control"}, s.name) {
				continue // the other scenes are about how text is laid out
			}
			t.Run(s.name+"/"+f.Name, func(t *testing.T) {
				var got bytes.Buffer
				if err := f.Write(&got, s.run(), s.style); err != nil {
					t.Fatal(err)
				}
				golden(t, filepath.Join("testdata", s.name+"."+f.Name), got.Bytes())
			})
		}
	}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs (-update writes it); got:\n%s", name, got)
	}
}

// A golden file whose scene has gone would stay for ever and mislead whoever reads it.
func TestNoStrayGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*.*")
	if err != nil || len(files) == 0 {
		t.Fatalf("no golden files: %v", err)
	}
	for _, file := range files {
		base, extension := filepath.Base(file), filepath.Ext(file)
		name := strings.TrimSuffix(base, extension)
		if !slices.ContainsFunc(scenes, func(s scene) bool { return s.name == name }) {
			t.Errorf("%s belongs to no scene", file)
		}
	}
}

func TestLookup(t *testing.T) {
	for _, f := range Formats() {
		if got, err := Lookup(Formats(), f.Name); err != nil || got.Name != f.Name || f.Help == "" {
			t.Errorf("Lookup(%q) = %q, %v; help %q", f.Name, got.Name, err, f.Help)
		}
	}
	for name, want := range map[string]string{
		"yaml": "yaml: no such format; want one of text, json",
		"jsn":  "jsn: no such format; did you mean json? want one of text, json",
	} {
		if _, err := Lookup(Formats(), name); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("Lookup(%s): %v, want %s", name, err, want)
		}
	}
}

func TestArrange(t *testing.T) {
	denied := unjudged()
	denied.Action = rule.Deny
	r := Run{
		Summary:  Summary{Files: 7, Objects: 8, Suppressed: 9, Fixed: 10, Denied: 99},
		Findings: []rule.Finding{warning(), missing(), depth(7), unjudged(), denied},
		Errors:   []Problem{{File: "b"}, {File: "a", Line: 2}, {File: "a", Line: 1}},
		Skipped:  []Skipped{{File: "b"}, {File: "a"}},
	}
	want := Summary{Files: 7, Objects: 8, Findings: 5, Denied: 2, Warned: 1, Notes: 1, Unknown: 1, Skipped: 2, Suppressed: 9, Fixed: 10, Errors: 3}
	r.Arrange()
	if r.Summary != want {
		t.Errorf("summary %+v, want %+v", r.Summary, want)
	}
	var order []string
	for _, f := range r.Findings {
		order = append(order, fmt.Sprintf("%d:%d", f.At.Line, f.At.Column))
	}
	if got := strings.Join(order, " "); got != "7:5 7:50 8:1 8:1 11:17" {
		t.Errorf("findings stand at %s", got)
	}
	if r.Errors[0].Line != 1 || r.Skipped[0].File != "a" {
		t.Errorf("not in order: %v %v", r.Errors, r.Skipped)
	}
	// Whatever order review had, the report is the same.
	var first, second bytes.Buffer
	slices.Reverse(r.Findings)
	r.Arrange()
	if err := writeText(&first, r, Style{}); err != nil {
		t.Fatal(err)
	}
	slices.Reverse(r.Findings[2:])
	r.Arrange()
	if err := writeText(&second, r, Style{}); err != nil || first.String() != second.String() {
		t.Errorf("%v; order of review shows:\n%s\n%s", err, &first, &second)
	}
}

func TestSummaryLine(t *testing.T) {
	for _, test := range []struct {
		summary Summary
		fixable int
		unsafe  int
		want    string
	}{
		{Summary{Files: 5, Objects: 12, Denied: 3, Warned: 1, Notes: 2, Unknown: 1}, 1, 2, "3 denied, 1 warning, 2 notes in 12 objects, 5 files; 1 not judged; 1 fixable with --fix; 2 more with --unsafe-fixes"},
		{Summary{Files: 1, Objects: 1}, 0, 0, "no findings in 1 object, 1 file"},
		{Summary{Objects: 2, Unknown: 2, Skipped: 1, Errors: 1}, 0, 1, "nothing denied in 2 objects; 2 not judged; 1 unreadable; 1 skipped; 1 fixable with --fix --unsafe-fixes"},
		{Summary{Files: 2, Skipped: 2}, 0, 0, "nothing to judge in 2 files; 2 skipped"},
		{Summary{}, 0, 0, "nothing to judge"},
	} {
		if got := summaryLine(test.summary, test.fixable, test.unsafe); got != test.want {
			t.Errorf("%+v:\n got %s\nwant %s", test.summary, got, test.want)
		}
	}
}
