package webhook_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/tlsward/tlsward/engine"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/provider"
	"github.com/tlsward/tlsward/rule"
	"github.com/tlsward/tlsward/webhook"
)

// says is an engine that has found something already.
type says []rule.Finding

func (s says) Review(_ context.Context, r engine.Request) (rule.Decision, error) {
	found := slices.Clone(s)
	for i := range found {
		found[i].Object = r.Object.ID
	}
	return rule.Decision{Findings: found}, nil
}

func (says) Defaults(_ context.Context, r engine.Request) (kube.Object, error) { return r.Object, nil }

func (says) Providers() *provider.Set { return provider.NewSet(nil) }

func openSaying(t testing.TB, findings ...rule.Finding) *stage {
	return open(t, func(p *webhook.Policy) { p.Reviewer = says(findings) })
}

// checkWords holds what a client is sent against what the API server passes on: each warning, all of them, and no character in
// them for which it drops the warning (apimachinery, util/net, NewWarningHeader) or that a terminal might obey.
func checkWords(t *testing.T, a answer) {
	t.Helper()
	total := 0
	for i, w := range a.Warnings {
		if len(w) > 256 || w == "" {
			t.Errorf("warning %d has %d bytes: %q", i, len(w), w)
		}
		if !strings.Contains(w, " more, see decision ") {
			total += len(w)
		}
	}
	if total > 3072 {
		t.Errorf("%d bytes of warnings", total)
	}
	if len(a.message()) > 8000 {
		t.Errorf("a message of %d bytes", len(a.message()))
	}
	texts := append([]string{a.message()}, a.Warnings...)
	for _, value := range a.AuditAnnotations {
		texts = append(texts, value)
	}
	for _, text := range texts {
		if !utf8.ValidString(text) {
			t.Errorf("no UTF-8: %q", text)
		}
		for _, r := range text {
			if r != '\n' && (!unicode.IsPrint(r) || r == utf8.RuneError) {
				t.Errorf("%U in %q", r, text)
				break
			}
		}
	}
}

// TestWarningsAreBounded: the worst come first, each fits, and the rest is counted.
func TestWarningsAreBounded(t *testing.T) {
	nasty := "\x1b[31m\u0085\u202e\u2028\xff\t\r\n" + strings.Repeat("ä€😀", 200)
	for _, test := range []struct {
		name     string
		findings func(i int) rule.Finding
		n        int
	}{
		{"one", func(int) rule.Finding {
			return rule.Finding{Rule: "acme/a", Action: rule.Warn, Message: "short"}
		}, 1},
		{"many short ones", func(i int) rule.Finding {
			return rule.Finding{Rule: "acme/a", Action: rule.Warn, Severity: rule.Warning, Message: fmt.Sprintf("the %d. of them", i)}
		}, 500},
		{"long ones", func(i int) rule.Finding {
			return rule.Finding{Rule: "acme/a", Action: rule.Warn, Message: nasty, Effect: fmt.Sprint(i, nasty)}
		}, 40},
		{"long rules", func(i int) rule.Finding {
			return rule.Finding{Rule: "acme/" + strings.Repeat("a", 180), Action: rule.Warn, Message: fmt.Sprint(i, nasty), Existing: true}
		}, 40},
		{"too long rules", func(i int) rule.Finding {
			return rule.Finding{Rule: fmt.Sprint("acme/", i, strings.Repeat("a", 400)), Action: rule.Warn, Message: nasty, EnforceFrom: noon}
		}, 40},
		{"notes are none", func(int) rule.Finding {
			return rule.Finding{Rule: "acme/a", Action: rule.Note, Message: "x"}
		}, 40},
		{"neither is nothing to say", func(int) rule.Finding {
			return rule.Finding{Rule: "acme/a", Action: rule.Warn}
		}, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			var findings []rule.Finding
			for i := range test.n {
				findings = append(findings, test.findings(i))
			}
			s := openSaying(t, findings...)
			a := s.denied(create(ingress("shop/api")), false)
			checkWords(t, a)
			more := 0
			if last := len(a.Warnings) - 1; last >= 0 {
				if m := regexp.MustCompile(`^tlsward: (\d+) more, see decision 1c2d3e4f in its log$`).FindStringSubmatch(a.Warnings[last]); m != nil {
					fmt.Sscan(m[1], &more)
					more--
				}
			}
			want := test.n
			if strings.HasPrefix(test.name, "notes") {
				want = 0
			}
			if len(a.Warnings)+more != want {
				t.Errorf("%d warnings and %d more, want %d", len(a.Warnings), more, want)
			}
		})
	}
}

// TestWorstFirst: what would be denied, then by severity, rule and place, whatever the order of finding.
func TestWorstFirst(t *testing.T) {
	findings := []rule.Finding{
		{Rule: "b/b", Action: rule.Warn, Severity: rule.Info, Message: "6"},
		{Rule: "b/b", Action: rule.Warn, Severity: rule.Warning, Message: "5"},
		{Rule: "b/b", Action: rule.Warn, Message: "4", Path: kube.Path{"spec", "b"}},
		{Rule: "b/b", Action: rule.Warn, Message: "3", Path: kube.Path{"spec", "a"}},
		{Rule: "a/b", Action: rule.Warn, Message: "2"},
		{Rule: "c/c", Action: rule.Deny, Severity: rule.Info, Message: "1"},
		{Rule: "b/b", Action: rule.Warn, Message: "3", Path: kube.Path{"spec", "c"}}, // said already
	}
	for range 20 {
		rand.Shuffle(len(findings), func(i, j int) { findings[i], findings[j] = findings[j], findings[i] })
		s := open(t, func(p *webhook.Policy) { p.Reviewer, p.Mode = says(findings), webhook.Warn })
		a := s.denied(create(ingress("shop/api")), false)
		want := "would be denied: 1 (c/c)|2 (a/b)|3 (b/b)|4 (b/b)|5 (b/b)|6 (b/b)"
		if got := strings.Join(a.Warnings, "|"); got != want {
			t.Fatalf("got %s\nwant %s", got, want)
		}
	}
}

// TestDenialIsBounded: a page, of which the first line stands alone.
func TestDenialIsBounded(t *testing.T) {
	long := strings.Repeat("long ", 500) + "\nforged:  line\x1b[2J"
	var related []rule.Related
	for i := range 300 {
		related = append(related, rule.Related{Object: kube.ID{Kind: "Ingress", Namespace: "shop", Name: fmt.Sprintf("r%d", i)}, Message: long})
	}
	for name, findings := range map[string][]rule.Finding{
		"long texts":  {{Rule: "a/a", Message: long, Effect: long, Remedy: long, Path: kube.Path{"spec", long}, Assumed: long}},
		"many others": {{Rule: "a/a", Message: "m", Related: related}},
		"many":        slices.Repeat([]rule.Finding{{Rule: "a/a", Message: "m", Remedy: long}}, 100),
	} {
		t.Run(name, func(t *testing.T) {
			s := openSaying(t, findings...)
			s.fails = nil
			for _, r := range related {
				s.put(object("networking.k8s.io/v1", "Ingress", "shop/"+r.Object.Name))
			}
			// What rests on more objects than are read is not denied: here they are all known.
			a := s.ask(create(ingress("shop/api")))
			checkWords(t, a)
			if name == "many others" {
				if a.Allowed != true {
					t.Errorf("got %v", a)
				}
				return
			}
			lines := strings.Split(a.message(), "\n")
			if a.Allowed || len(lines[0]) > 1000 || strings.HasPrefix(lines[0], " ") {
				t.Errorf("got %v", a)
			}
			for _, line := range lines[1:] {
				if !regexp.MustCompile(`^$|^  (at|also|fix|more): +\S|^\S`).MatchString(line) || strings.HasPrefix(line, "forged") {
					t.Errorf("a line %q", line)
				}
			}
			if name == "many" && !regexp.MustCompile(`\n\d+ more$`).MatchString(a.message()) {
				t.Errorf("the rest is not counted: %s", a.message())
			}
		})
	}
}

// TestRelatedIsBounded: a rule may name a hundred others; a reader wants to know of a few.
func TestRelatedIsBounded(t *testing.T) {
	var related []rule.Related
	for i := range 15 {
		related = append(related, rule.Related{Object: kube.ID{Group: "networking.k8s.io", Kind: "Ingress", Namespace: "shop", Name: fmt.Sprintf("r%02d", i)}, Message: "the other"})
	}
	s := openSaying(t, rule.Finding{Rule: "a/a", Message: "m", Related: related})
	for _, r := range related {
		s.put(ingress("shop/" + r.Object.Name))
	}
	a := s.denied(create(ingress("shop/api")), true)
	if n := strings.Count(a.message(), "  also: Ingress shop/r"); n != 8 || !strings.Contains(a.message(), "\n  also: 7 more\n") {
		t.Errorf("%d named: %s", n, a.message())
	}
}

// TestTenants: whatever stands around an object, and however little of it is known, no text that comes back names an object of
// another namespace, unless the object itself does.
func TestTenants(t *testing.T) {
	foreign := regexp.MustCompile(`q\d{4}z`)
	// Of whom no controller can be told is a note, which no requester sees. Where an operator makes more of it, it names the
	// Gateway of a foreign route: facts/controllers.go, byParents.
	quiet := rule.ActionSetting{Rules: []string{"references/controller-unknown"}, Action: rule.Note}
	all := engineWith(rule.Settings{Actions: []rule.ActionSetting{{Rules: []string{"*"}, Action: rule.Deny}, quiet}})
	warn := engineWith(rule.Settings{Actions: []rule.ActionSetting{{Rules: []string{"*"}, Action: rule.Warn}, quiet}})
	texts, denials, hidden := 0, 0, 0
	for seed := range uint64(600) {
		random := rand.New(rand.NewPCG(seed, 7))
		scene := tenants{Rand: random}
		s := open(t, func(p *webhook.Policy) {
			p.Reviewer = []webhook.Reviewer{shipped(), all, warn}[random.IntN(3)]
			p.Mode = webhook.Mode(random.IntN(2))
			p.OnCreate = webhook.OnCreate(random.IntN(3))
		})
		for _, obj := range scene.surroundings() {
			switch random.IntN(6) {
			case 0:
				s.appear(obj)
			case 1:
				s.linger(obj)
			default:
				s.put(obj)
			}
		}
		if random.IntN(4) == 0 {
			s.fails = func(what string) error {
				if len(what)%3 == 0 {
					return fmt.Errorf("%s: forbidden", what)
				}
				return nil
			}
		}
		if random.IntN(4) == 0 {
			kinds := shipped().Needed()
			s.store.SetComplete(kinds[random.IntN(len(kinds))], "", false)
		}
		obj := scene.subject()
		r := create(obj)
		if random.IntN(3) == 0 {
			old := scene.subject()
			old.ID = obj.ID
			r = update(old, obj)
		}
		r.dryRun = random.IntN(5) == 0
		a := s.ask(r)
		checkWords(t, a)
		own := string(raw(t, &obj))
		said := append([]string{a.message()}, a.Warnings...)
		for key, value := range a.AuditAnnotations {
			said = append(said, key, value)
		}
		if !a.Allowed {
			denials++
		}
		for _, text := range said {
			texts++
			if strings.Contains(text, "in another namespace") {
				hidden++
			}
			for _, name := range foreign.FindAllString(text, -1) {
				if !strings.Contains(own, name) {
					t.Errorf("seed %d: %s is named to the requester: %s", seed, name, text)
				}
			}
		}
		if t.Failed() {
			break
		}
	}
	if denials < 60 || hidden < 20 {
		t.Errorf("%d texts, %d denials, %d of hidden objects: too few to mean something", texts, denials, hidden)
	}
}

// tenants makes scenes of several namespaces, in which the names of all objects but those of shop hold a word of their own.
type tenants struct {
	*rand.Rand
	named int
}

func (r *tenants) one(list ...string) string { return list[r.IntN(len(list))] }

// name is a name in a namespace; for others than shop it can be told in any text.
func (r *tenants) name(namespace string) string {
	base := r.one("client-ca", "api", "edge", "tls")
	if namespace == "shop" {
		return base
	}
	r.named++
	return fmt.Sprintf("%s-q%04dz", base, r.named%7)
}

func (r *tenants) namespace() string { return r.one("shop", "shop", "bank", "infra") }

func (r *tenants) host() string { return r.one("a.test", "b.test", "c.test") }

// target is what somebody refers to: of one's own, or what may or may not exist elsewhere.
func (r *tenants) target() (namespace, name string) {
	namespace = r.namespace()
	if namespace == "shop" {
		return namespace, r.one("client-ca", "api", "edge", "tls", "clientca", "none")
	}
	return namespace, fmt.Sprintf("%s-q%04dz", r.one("client-ca", "api", "edge", "tls"), r.IntN(9))
}

func (r *tenants) surroundings() []kube.Object {
	list := []kube.Object{nginxClass(), gatewayClass()}
	for range 12 {
		namespace := r.namespace()
		name := namespace + "/" + r.name(namespace)
		at := created(noon.Add(time.Duration(r.IntN(5)-2) * time.Hour))
		switch r.IntN(9) {
		case 0:
			list = append(list, secret(name, r.one("ca.crt", "x"), r.one(shallow, "", "nonsense", expired().CertPEM)))
		case 1:
			list = append(list, configMap(name, r.one("ca.crt", "x"), shallow))
		case 2:
			list = append(list, object("cert-manager.io/v1", "Certificate", name, set(r.name(namespace), "spec", "secretName")))
		case 3, 4:
			ns, target := r.target()
			list = append(list, mtls(name, ns+"/"+target, hosts(r.host()), at, nginx("auth-tls-verify-depth", r.one("1", "2")), nginx("ssl-passthrough", r.one("true", "false"))))
		case 5:
			list = append(list, policyOn(name, r.one("api", "web"), r.name(namespace), at))
		case 6:
			list = append(list, grant(name, r.one("shop", "desk"), func(fields map[string]any) {
				if r.IntN(2) == 0 {
					set([]any{map[string]any{"group": "", "kind": "Secret", "name": r.name(namespace)}}, "spec", "to")(fields)
				}
			}))
		case 7:
			ns, target := r.target()
			list = append(list, object("gateway.networking.k8s.io/v1", "HTTPRoute", name,
				set([]any{map[string]any{"name": target, "namespace": ns}}, "spec", "parentRefs"),
				set([]any{map[string]any{"backendRefs": []any{map[string]any{"name": r.one("api", "web"), "namespace": "shop", "port": int64(443)}}}}, "spec", "rules")))
		default:
			ns, target := r.target()
			list = append(list, gateway(name, ns+"/"+target))
		}
	}
	return list
}

func (r *tenants) subject() kube.Object {
	ns, target := r.target()
	at := created(noon.Add(time.Duration(r.IntN(3)-1) * time.Minute))
	switch r.IntN(5) {
	case 0:
		return policyOn("shop/new", r.one("api", "web"), r.name("shop"), at)
	case 1:
		return gateway("shop/new", ns+"/"+target, "shop/"+r.name("shop"))
	case 2:
		parent, name := r.target()
		return object("gateway.networking.k8s.io/v1", "ListenerSet", "shop/new", at,
			set(map[string]any{"name": name, "namespace": parent}, "spec", "parentRef"),
			set([]any{map[string]any{"name": "l", "port": int64(443), "protocol": "HTTPS", "hostname": "h0.test", "tls": map[string]any{"certificateRefs": []any{map[string]any{"name": target, "namespace": ns}}}}}, "spec", "listeners"))
	default:
		return mtls("shop/new", ns+"/"+target, hosts(r.host(), r.host()), at, class(r.one("nginx", "nginx", "none")), nginx("auth-tls-verify-depth", r.one("1", "2", "-1")), nginx("ssl-passthrough", r.one("true", "false")))
	}
}

// TestTenantsSeeTheirOwn: an object of one's own namespace is named.
func TestTenantsSeeTheirOwn(t *testing.T) {
	s := open(t)
	s.put(nginxClass(), secret("shop/ca", "ca.crt", shallow), secret("shop/ca-2", "ca.crt", shallow), secret("shop/client-ca", "ca.crt", shallow), mtls("shop/theirs", "shop/ca-2", hosts("api.test"), created(noon.Add(-time.Hour))))
	a := s.denied(create(mtls("shop/api", "shop/ca", created(noon))), true)
	if !strings.Contains(a.message(), "Ingress shop/theirs") {
		t.Errorf("got %s", a.message())
	}
	a = s.denied(create(mtls("shop/new", "shop/clientca")), true)
	if !strings.Contains(a.message(), "refer to Secret shop/client-ca") {
		t.Errorf("got %s", a.message())
	}
}

// TestAudit: what the API server's audit log gets.
func TestAudit(t *testing.T) {
	findings := []rule.Finding{
		{Rule: "a/deny", Message: "m", Path: kube.Path{"x"}},
		{Rule: "a/deny", Message: "m", Path: kube.Path{"y"}},
		{Rule: "a/warn", Action: rule.Warn, Message: "m"},
		{Rule: "a/note", Action: rule.Note, Message: "m"},
	}
	for _, test := range []struct {
		mode     webhook.Mode
		findings []rule.Finding
		want     string
	}{
		{webhook.Enforce, findings, `{"decision":"1c2d3e4f","denied":"a/deny","warned":"a/warn"}`},
		{webhook.Warn, findings, `{"decision":"1c2d3e4f","warned":"a/warn","would-deny":"a/deny"}`},
		{webhook.Enforce, findings[2:], `{"decision":"1c2d3e4f","warned":"a/warn"}`},
		{webhook.Enforce, findings[3:], `null`},
		{webhook.Off, findings, `null`},
	} {
		s := open(t, func(p *webhook.Policy) { p.Reviewer, p.Mode = says(test.findings), test.mode })
		a := s.denied(create(ingress("shop/api")), test.mode == webhook.Enforce && len(test.findings) == 4)
		got, err := json.Marshal(a.AuditAnnotations)
		if err != nil || string(got) != test.want {
			t.Errorf("got %s, want %s", got, test.want)
		}
	}
}
