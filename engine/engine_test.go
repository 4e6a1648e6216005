package engine_test

import (
	"context"
	"fmt"
	"io/fs"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/tlsward/tlsward/engine"
	"github.com/tlsward/tlsward/inventory"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/pki/pkitest"
	"github.com/tlsward/tlsward/policies"
	"github.com/tlsward/tlsward/rule"
)

const widgetRule = `# METADATA
# title: A widget without a name tag
# description: Why it matters.
# custom: {severity: warning, kinds: [Widget.acme.example], since: v0.1.0}
package policies.acme["tag-missing"]

findings contains {"path": ["spec"], "message": "no tag"} if {
	not input.object.spec.tag
}
`

// book is a rulebook with one rule, changed as a test wants it.
func book(replace ...string) fs.FS {
	return fstest.MapFS{
		"acme/provider.yaml":         {Data: []byte("title: Acme\nkinds: [{kind: Widget.acme.example}]\n")},
		"acme/tag-missing/rule.rego": {Data: []byte(strings.NewReplacer(replace...).Replace(widgetRule))},
	}
}

func widget(spec map[string]any) engine.Request {
	obj, _ := kube.FromFields(map[string]any{
		"apiVersion": "acme.example/v1", "kind": "Widget",
		"metadata": map[string]any{"name": "w", "namespace": "shop"}, "spec": spec,
	})
	return engine.Request{
		Object: obj, Inventory: inventory.New(inventory.Options{}).Snapshot(),
		Now: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC), Door: rule.DoorLint,
	}
}

func TestReview(t *testing.T) {
	for _, test := range []struct {
		name     string
		fs       fs.FS
		settings engine.Settings
		want     string // action and message of the one finding, or "" for none
		fails    string
	}{
		{name: "a finding", fs: book(), want: "warn no tag"},
		{name: "skipped", fs: book(), settings: engine.Settings{Rules: rule.Settings{Skip: []string{"acme/*"}}}},
		{name: "off", fs: book(), settings: engine.Settings{Rules: rule.Settings{Actions: []rule.ActionSetting{{Rules: []string{"acme/*"}, Action: rule.Off}}}}},
		{
			name: "denied in one namespace", fs: book(), want: "deny no tag",
			settings: engine.Settings{Rules: rule.Settings{Actions: []rule.ActionSetting{{Rules: []string{"*"}, Namespaces: []string{"sh*"}, Action: rule.Deny}}}},
		},
		{
			name: "exempt", fs: book(),
			settings: engine.Settings{Rules: rule.Settings{Exemptions: []rule.Exemption{{Rules: []string{"acme/*"}, Objects: []string{"Widget shop/*"}, Reason: "r"}}}},
		},
		{name: "milder than the rule", fs: book(`"message": "no tag"`, `"message": "no tag", "severity": "info"`), want: "note no tag"},
		{name: "never graver than the rule", fs: book(`"message": "no tag"`, `"message": "no tag", "severity": "error"`), want: "warn no tag"},
		{name: "another door's rule", fs: book("since: v0.1.0", "since: v0.1.0, doors: [audit]")},
		{name: "a key nobody knows", fs: book(`"message"`, `"massage"`), fails: "massage: unknown key"},
		{name: "no message", fs: book(`, "message": "no tag"`, ""), fails: "want path and message"},
		{
			name: "a rule that does not end", fails: "no verdict within 50ms", settings: engine.Settings{Deadline: 50 * time.Millisecond},
			fs: book("not input.object.spec.tag", "x := numbers.range(1, 3000)\n\tcount([1 | some i in x; some j in x; some k in x; i + j + k == 0]) == 0"),
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			e, err := engine.New(test.settings, engine.Rulebook{Name: "acme", FS: test.fs})
			if err != nil {
				t.Fatal(err)
			}
			decision, err := e.Review(context.Background(), widget(map[string]any{}))
			if test.fails != "" {
				if err == nil || !strings.Contains(err.Error(), test.fails) {
					t.Fatalf("got error %v, want ...%s...", err, test.fails)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			for _, f := range decision.Findings {
				got += f.Action.String() + " " + f.Message
			}
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
			if decision.Denied() != strings.HasPrefix(test.want, "deny") {
				t.Errorf("denied: %v", decision.Denied())
			}
			clean, err := e.Review(context.Background(), widget(map[string]any{"tag": "x"}))
			if err != nil || len(clean.Findings) > 0 {
				t.Errorf("tagged: got %v, %v", clean.Findings, err)
			}
		})
	}
}

// TestRulebookDefects: a rulebook that cannot be trusted to mean what it says does not load, and the error names why.
func TestRulebookDefects(t *testing.T) {
	ours := engine.Rulebook{Name: "tlsward", FS: policies.FS(), Verified: true}
	merge := func(files fstest.MapFS) fs.FS {
		all := book().(fstest.MapFS)
		for name, file := range files {
			all[name] = file
		}
		return all
	}
	text := func(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }
	for _, test := range []struct {
		name     string
		fs       fs.FS
		settings rule.Settings
		want     string
	}{
		{name: "package is not the folder", fs: book(`policies.acme["tag-missing"]`, `policies.acme["tags-missing"]`), want: `package policies.acme["tags-missing"], want policies.acme["tag-missing"]`},
		{name: "adds to ours", fs: book(`policies.acme["tag-missing"]`, `policies["ingress-nginx"]["client-ca-missing"]`), want: "no rule adds to another's package"},
		{name: "id taken", fs: merge(fstest.MapFS{"ingress-nginx/client-ca-missing/rule.rego": text(strings.Replace(widgetRule, `policies.acme["tag-missing"]`, `policies["ingress-nginx"]["client-ca-missing"]`, 1))}), want: "rulebook tlsward has a rule of that id"},
		{name: "reaches into ours", fs: book("not input.object.spec.tag", `count(data.policies["ingress-nginx"]["client-ca-missing"].findings) == 0`), want: "want input and data.lib only"},
		{name: "no metadata", fs: book("# METADATA\n", ""), want: "no METADATA"},
		{name: "unknown metadata", fs: book("since: v0.1.0", "since: v0.1.0, sinse: x"), want: "custom.sinse: unknown key"},
		{name: "no severity", fs: book("severity: warning, ", ""), want: "custom.severity: missing"},
		{name: "misspelt severity", fs: book("severity: warning", "severity: warn"), want: `severity "warn": want one of`},
		{name: "misspelt input", fs: book("input.object", "input.objekt"), want: "undefined ref: input.objekt"},
		{name: "misspelt role", fs: book("not input.object.spec.tag", `input.refs["clint-ca"]`), want: "undefined ref"},
		{name: "misspelt field of a reference", fs: book("not input.object.spec.tag", `some ref in input.refs["client-ca"]`+"\n\tref.presense == \"absent\""), want: "undefined ref"},
		{name: "asks the network", fs: book("not input.object.spec.tag", `http.send({"method": "get", "url": "http://localhost"})`), want: "undefined function http.send"},
		{name: "asks the clock", fs: book("not input.object.spec.tag", "time.now_ns() > 0"), want: "undefined function time.now_ns"},
		{name: "findings is no set", fs: book(`findings contains {"path": ["spec"], "message": "no tag"} if`, `findings := [] if`), want: "findings: want `findings contains"},
		{name: "library outside lib", fs: merge(fstest.MapFS{"lib/x.rego": text("package x\n")}), want: "package x, want lib.x"},
		{name: "provider that makes no sense", fs: merge(fstest.MapFS{"acme/provider.yaml": text("kinds: [{kind: Widget.acme.example, references: [{role: r, path: spec.x, kind: Secret, form: nmae}]}]")}), want: `form "nmae": want name`},
		{name: "provider with an unknown key", fs: merge(fstest.MapFS{"acme/provider.yaml": text("kindz: []")}), want: "kindz"},
		{name: "skips what is not there", fs: book(), settings: rule.Settings{Skip: []string{"acme/tag-mising"}}, want: "skip[0]: no rule acme/tag-mising; did you mean acme/tag-missing?"},
		{name: "parameter of no rule", fs: book(), settings: rule.Settings{Parameters: map[string]map[string]any{"acme/tag-missing": {"x": 1}}}, want: `parameters["acme/tag-missing"]: no rule of that id takes parameters`},
		{name: "parameter of another type", fs: book(), settings: rule.Settings{Parameters: map[string]map[string]any{"ingress-nginx/verify-depth-unset": {"minimum": "two"}}}, want: "minimum: want a value like 1, got two"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := engine.New(engine.Settings{Rules: test.settings}, ours, engine.Rulebook{Name: "acme", FS: test.fs})
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got error %v\nwant ...%s...", err, test.want)
			}
		})
	}
}

// TestShippedRulebook: what is embedded loads as strictly as a user's.
func TestShippedRulebook(t *testing.T) {
	e, err := engine.New(engine.Settings{}, engine.Rulebook{Name: "tlsward", FS: policies.FS()})
	if err != nil {
		t.Fatal(err)
	}
	if len(e.Rules()) < 12 {
		t.Errorf("got %d rules", len(e.Rules()))
	}
}

// TestConcurrentReviews: many at once, over one engine and one inventory, give what one alone gives. For the race detector
// above all: rules are compiled and certificates are parsed when first needed.
func TestConcurrentReviews(t *testing.T) {
	e, err := engine.New(engine.Settings{}, engine.Rulebook{Name: "tlsward", FS: policies.FS(), Verified: true})
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	store := inventory.New(inventory.Options{Providers: e.Providers()})
	secret, _ := kube.FromFields(map[string]any{
		"apiVersion": "v1", "kind": "Secret", "metadata": map[string]any{"name": "ca", "namespace": "shop"},
		"stringData": map[string]any{"ca.crt": pkitest.New("concurrent", now.AddDate(-2, 0, 0)).With(pkitest.NotAfter(now.AddDate(0, 0, -1))).Root("old").CertPEM},
	})
	store.Put(secret)
	ingress, _ := kube.FromFields(map[string]any{
		"apiVersion": "networking.k8s.io/v1", "kind": "Ingress",
		"metadata": map[string]any{"name": "web", "namespace": "shop", "annotations": map[string]any{"nginx.ingress.kubernetes.io/auth-tls-secret": "shop/ca"}},
		"spec":     map[string]any{"rules": []any{map[string]any{"host": "a.test"}}},
	})
	store.Put(ingress)
	snapshot := store.Snapshot()
	var wait sync.WaitGroup
	results := make([]string, 16)
	for i := range results {
		wait.Go(func() {
			decision, err := e.Review(context.Background(), engine.Request{Object: ingress, Inventory: snapshot, Now: now, Door: rule.DoorAdmission})
			results[i] = fmt.Sprint(decision.Findings, err)
		})
	}
	wait.Wait()
	if !strings.Contains(results[0], "certificates/ca-expired") || !strings.Contains(results[0], "verify-depth-unset") {
		t.Errorf("got %s", results[0])
	}
	for i := range results {
		if stable := regexp.MustCompile(`0x[0-9a-f]+`); stable.ReplaceAllString(results[i], "") != stable.ReplaceAllString(results[0], "") {
			t.Errorf("review %d: got %s, want %s", i, results[i], results[0])
		}
	}
}

// TestKeyOfSubject: a rule may say which entry of a reference's target is wrong; else it is the one that the reference reads.
func TestKeyOfSubject(t *testing.T) {
	for more, want := range map[string]string{"": "ca.crt", `, "key": "ca.crl"`: "ca.crl"} {
		fs := book(`{"path": ["spec"], "message": "no tag"}`, `{"path": ["spec", "ca"], "message": "no tag"`+more+`}`)
		fs.(fstest.MapFS)["acme/provider.yaml"] = &fstest.MapFile{Data: []byte(
			"title: Acme\nkinds: [{kind: Widget.acme.example, references: [{role: ca, use: trust, path: spec.ca, kind: Secret, key: ca.crt}]}]\n",
		)}
		e, err := engine.New(engine.Settings{}, engine.Rulebook{Name: "acme", FS: fs})
		if err != nil {
			t.Fatal(err)
		}
		decision, err := e.Review(t.Context(), widget(map[string]any{"ca": "shop-ca"}))
		if err != nil || len(decision.Findings) != 1 {
			t.Fatalf("got %v, %v", decision.Findings, err)
		}
		if f := decision.Findings[0]; f.SubjectKey != want || f.Subject.Name != "shop-ca" {
			t.Errorf("got %s of %s, want %s", f.SubjectKey, f.Subject, want)
		}
	}
}
