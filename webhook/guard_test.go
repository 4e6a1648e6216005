package webhook_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tlsward/tlsward/engine"
	"github.com/tlsward/tlsward/inventory"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/pki/pkitest"
	"github.com/tlsward/tlsward/rule"
	"github.com/tlsward/tlsward/webhook"
)

func (c *cluster) Referring(target kube.ID) []*inventory.Entry {
	return c.store.Snapshot().Referring(target)
}

func guarded(mode webhook.Guard) func(*webhook.Policy) {
	return func(p *webhook.Policy) { p.Guard = mode }
}

func remove(obj kube.Object) request { return request{object: nil, old: &obj} }

func guard(r request) request {
	r.path = "/guard"
	return r
}

func namespace(name string, options ...option) kube.Object {
	return object("v1", "Namespace", name, options...)
}

func deleting() option {
	return set(noon.Format("2006-01-02T15:04:05Z"), "metadata", "deletionTimestamp")
}

// shop is a cluster in which an Ingress and a BackendTLSPolicy rest on CAs, and a Gateway on a Secret of another namespace.
func shop(t testing.TB, change ...func(*webhook.Policy)) *stage {
	s := open(t, append([]func(*webhook.Policy){guarded(webhook.GuardDeny)}, change...)...)
	s.put(namespace("shop"), namespace("infra"), namespace("edge"), nginxClass(), gatewayClass(),
		clientCA(), mtls("shop/api", "shop/ca"),
		backendCA(), service("shop/pay"), policyOn("shop/pay", "pay", "backend-ca"),
		service("shop/named"), configMap("shop/named-ca", "ca.crt", shallow), policyOn("shop/named", "named", "named-ca", set([]any{map[string]any{"group": "", "kind": "Service", "name": "named", "sectionName": "https"}}, "spec", "targetRefs")),
		secret("infra/cert", "tls.crt", leaf.CertPEM, "tls.key", leaf.KeyPEM), gateway("edge/gw", "infra/cert"), grant("infra/gateways", "edge"))
	return s
}

func clientCA() kube.Object  { return secret("shop/ca", "ca.crt", shallow) }
func backendCA() kube.Object { return configMap("shop/backend-ca", "ca.crt", shallow) }

func service(name string) kube.Object {
	return object("v1", "Service", name, set([]any{map[string]any{"name": "https", "port": int64(443)}}, "spec", "ports"))
}

// renamed is a Service whose port has another name.
func renamed(name string) kube.Object {
	return object("v1", "Service", name, set([]any{map[string]any{"name": "tls", "port": int64(8443)}}, "spec", "ports"))
}

// TestGuardHarm: what breaks a live object is refused, with the words that name what happens, to whom, and by which rule.
func TestGuardHarm(t *testing.T) {
	for name, test := range map[string]struct {
		request request
		want    []string // in the refusal
	}{
		"Secret deleted":    {remove(clientCA()), []string{"Secret shop/ca is deleted: Ingress shop/api: ", "ingress-nginx/client-ca-missing"}},
		"Secret loses key":  {update(clientCA(), secret("shop/ca", "tls.crt", "x")), []string{"Secret shop/ca loses ca.crt: Ingress shop/api: "}},
		"Secret emptied":    {update(clientCA(), secret("shop/ca", "ca.crt", "")), []string{"Secret shop/ca has no certificate left in ca.crt: Ingress shop/api: "}},
		"Secret of garbage": {update(clientCA(), secret("shop/ca", "ca.crt", "garbage")), []string{"has no certificate left in ca.crt: Ingress shop/api: "}},
		"ConfigMap deleted": {remove(backendCA()), []string{"ConfigMap shop/backend-ca is deleted: BackendTLSPolicy shop/pay: "}},
		"ConfigMap garbage": {update(backendCA(), configMap("shop/backend-ca", "ca.crt", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")), []string{"has no certificate left in ca.crt"}},
		"Service deleted":   {remove(service("shop/pay")), []string{"Service shop/pay is deleted: BackendTLSPolicy shop/pay: ", "gateway-api/backend-policy-target-missing"}},
		"port renamed":      {update(service("shop/named"), renamed("shop/named")), []string{"Service shop/named changes: BackendTLSPolicy shop/named: "}},
		"grant deleted":     {remove(grant("infra/gateways", "edge")), []string{"ReferenceGrant infra/gateways is deleted: an object in another namespace: depends on it"}},
		"grant narrowed":    {update(grant("infra/gateways", "edge"), grant("infra/gateways", "other")), []string{"ReferenceGrant infra/gateways changes: an object in another namespace"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := shop(t)
			r := guard(test.request)
			r.uid = "abcdef-1"
			a := s.denied(r, true)
			for _, want := range append(test.want, "decision abcdef", `tlsward.dev/guard: "off"`) {
				if !strings.Contains(a.message(), want) {
					t.Errorf("want %q in:\n%s", want, a.message())
				}
			}
			if strings.Contains(a.message(), "edge") {
				t.Errorf("names an object of another namespace:\n%s", a.message())
			}
			if a.AuditAnnotations["denied"] == "" {
				t.Error("nothing in the audit log")
			}
			if o := s.last(); !o.Guard || o.Object.Fields != nil || o.Old != nil {
				t.Errorf("told with what the object holds: %+v", o.Question)
			}
			checkWords(t, a)

			// The same, where nobody asked for refusals.
			s.door.SetPolicy(webhook.Policy{Reviewer: shipped(), LiveReads: 1000, Guard: webhook.GuardWarn})
			a = s.denied(r, false)
			if len(a.Warnings) == 0 || strings.HasPrefix(a.Warnings[0], "would be denied") {
				t.Errorf("guard: warn: %v", a)
			}
			s.door.SetPolicy(webhook.Policy{Reviewer: shipped(), LiveReads: 1000, Guard: webhook.GuardDeny, Mode: webhook.Warn})
			if a = s.denied(r, false); len(a.Warnings) == 0 || !strings.HasPrefix(a.Warnings[0], "would be denied: ") {
				t.Errorf("mode: warn: %v", a)
			}
			r.path = "/guard/enforce"
			s.denied(r, true)
			r.path = "/guard/warn"
			s.denied(r, false)
			s.door.SetPolicy(webhook.Policy{Reviewer: shipped(), Guard: webhook.GuardOff})
			r.path = "/guard/enforce"
			if a = s.denied(r, false); len(a.Warnings) > 0 {
				t.Errorf("guard: off: %v", a)
			}
		})
	}
}

// TestGuardHarmless: what breaks nothing, or is part of something that must not be held up, passes without a word.
func TestGuardHarmless(t *testing.T) {
	owned := func(kind, name string) option {
		return set([]any{map[string]any{"apiVersion": "networking.k8s.io/v1", "kind": kind, "name": name, "uid": "u"}}, "metadata", "ownerReferences")
	}
	withOptions := func(obj kube.Object, options ...option) kube.Object {
		for _, o := range options {
			o(obj.Fields)
		}
		return obj
	}
	for name, test := range map[string]struct {
		change  func(s *stage)
		request request
	}{
		"nobody refers to it":   {nil, remove(secret("shop/other", "ca.crt", shallow))},
		"same name elsewhere":   {nil, remove(secret("infra/ca", "ca.crt", shallow))},
		"a CA is added":         {nil, update(clientCA(), secret("shop/ca", "ca.crt", pkitest.Bundle(root, mint.Root("next"))))},
		"made immutable":        {nil, update(clientCA(), withOptions(clientCA(), set(true, "immutable")))},
		"another key changes":   {nil, update(clientCA(), secret("shop/ca", "ca.crt", shallow, "more", "x"))},
		"a Service's port":      {nil, update(service("shop/pay"), renamed("shop/pay"))},
		"another grant remains": {func(s *stage) { s.put(grant("infra/again", "edge")) }, remove(grant("infra/gateways", "edge"))},
		"broken before": {
			func(s *stage) { s.put(secret("shop/ca", "ca.crt", "garbage")) },
			update(secret("shop/ca", "ca.crt", "garbage"), secret("shop/ca", "ca.crt", "rubbish")),
		},
		"mended": {
			func(s *stage) { s.put(secret("shop/ca", "ca.crt", "garbage")) },
			update(secret("shop/ca", "ca.crt", "garbage"), clientCA()),
		},
		"namespace ends":             {func(s *stage) { s.appear(namespace("shop", deleting())) }, remove(clientCA())},
		"namespace is gone":          {func(s *stage) { s.vanish(namespace("shop")) }, remove(clientCA())},
		"owner is gone":              {nil, remove(withOptions(clientCA(), owned("Ingress", "gone")))},
		"owner is deleted":           {func(s *stage) { s.appear(ingress("shop/going", deleting())) }, remove(withOptions(clientCA(), owned("Ingress", "going")))},
		"being deleted":              {nil, update(withOptions(clientCA(), deleting()), withOptions(clientCA(), deleting(), set(map[string]any{}, "data")))},
		"annotated":                  {nil, remove(withOptions(clientCA(), annotation(webhook.GuardAnnotation, "off")))},
		"annotated in the same step": {nil, update(clientCA(), withOptions(secret("shop/ca"), annotation(webhook.GuardAnnotation, "off")))},
		"referrer has just gone":     {func(s *stage) { s.vanish(mtls("shop/api", "shop/ca")); s.linger(mtls("shop/api", "shop/ca")) }, remove(clientCA())},
		"referrer is being deleted":  {func(s *stage) { s.put(mtls("shop/api", "shop/ca", deleting())) }, remove(clientCA())},
		"referrer was just changed":  {func(s *stage) { s.appear(ingress("shop/api")) }, remove(clientCA())},
		"something makes it again":   {func(s *stage) { s.put(makes("shop/ca")) }, remove(clientCA())},
		"a creation":                 {nil, create(clientCA())},
		"a subresource":              {nil, request{object: new(clientCA()), old: new(clientCA()), subresource: "status"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := shop(t)
			if test.change != nil {
				test.change(s)
			}
			if a := s.denied(guard(test.request), false); len(a.Warnings) > 0 {
				t.Errorf("%v", a)
			}
		})
	}
}

func makes(secretName string) kube.Object {
	_, short, _ := strings.Cut(secretName, "/")
	return object("cert-manager.io/v1", "Certificate", secretName, set(short, "spec", "secretName"), set("shop-ca", "spec", "issuerRef", "name"),
		set("Issuer", "spec", "issuerRef", "kind"), set(true, "spec", "isCA"))
}

// TestGuardWarnsOnly: what is no ground for a refusal is said all the same.
func TestGuardWarnsOnly(t *testing.T) {
	released := func(obj kube.Object) kube.Object {
		annotation("meta.helm.sh/release-name", "shop")(obj.Fields)
		annotation("meta.helm.sh/release-namespace", "shop")(obj.Fields)
		return obj
	}
	byFlux := func(obj kube.Object) kube.Object {
		set("shop", "metadata", "labels", "helm.toolkit.fluxcd.io/name")(obj.Fields)
		set("flux-system", "metadata", "labels", "helm.toolkit.fluxcd.io/namespace")(obj.Fields)
		return released(obj)
	}
	owned := func(obj kube.Object, owners ...any) kube.Object {
		set(owners, "metadata", "ownerReferences")(obj.Fields)
		return obj
	}
	by := func(kind string) any {
		return map[string]any{"apiVersion": "acme.test/v1", "kind": kind, "name": "mine", "uid": "u"}
	}
	fails := func(what string) func(s *stage) {
		return func(s *stage) {
			s.fails = func(read string) error {
				if read == what {
					return errors.New("no answer")
				}
				return nil
			}
		}
	}
	next := mint.Root("next")
	for name, test := range map[string]struct {
		change  func(s *stage)
		request request
		want    string
	}{
		"one Helm release":             {func(s *stage) { s.put(released(mtls("shop/api", "shop/ca"))) }, remove(released(clientCA())), "Secret shop/ca is deleted: Ingress shop/api: "},
		"one HelmRelease of Flux":      {func(s *stage) { s.put(byFlux(mtls("shop/api", "shop/ca"))) }, remove(byFlux(clientCA())), "Secret shop/ca is deleted: Ingress shop/api: "},
		"owner cannot be read":         {fails("Edge shop/mine"), remove(owned(clientCA(), by("Edge"))), "Secret shop/ca is deleted: Ingress shop/api: "},
		"many owners":                  {nil, remove(owned(clientCA(), by("A"), by("B"), by("C"))), "Secret shop/ca is deleted: Ingress shop/api: "},
		"namespace cannot be read":     {fails("Namespace shop"), remove(clientCA()), "Secret shop/ca is deleted: Ingress shop/api: "},
		"referrer cannot be confirmed": {fails("Ingress shop/api"), remove(clientCA()), "Secret shop/ca is deleted: Ingress shop/api: "},
		"CA replaced":                  {nil, update(clientCA(), secret("shop/ca", "ca.crt", next.CertPEM)), "Secret shop/ca: no CA of the old ca.crt stays in the new one"},
		"CA replaced, leaf in sight": {
			func(s *stage) { s.put(secret("shop/client", "tls.crt", leaf.CertPEM, "tls.key", leaf.KeyPEM)) },
			update(clientCA(), secret("shop/ca", "ca.crt", next.CertPEM)), "so is that of Secret shop/client",
		},
		"a rule that only warns": {
			nil, update(backendCA(), configMap("shop/backend-ca", "ca.pem", shallow)),
			"ConfigMap shop/backend-ca loses ca.crt: BackendTLSPolicy shop/pay: ",
		},
		"backend CA replaced": {nil, update(backendCA(), configMap("shop/backend-ca", "ca.crt", next.CertPEM)), "ConfigMap shop/backend-ca: no CA of the old ca.crt stays in the new one"},
	} {
		t.Run(name, func(t *testing.T) {
			s := shop(t)
			if test.change != nil {
				test.change(s)
			}
			a := s.denied(guard(test.request), false)
			if len(a.Warnings) != 1 || !strings.Contains(a.Warnings[0], test.want) || strings.HasPrefix(a.Warnings[0], "would be denied") {
				t.Errorf("want %q, got %v", test.want, a)
			}
		})
	}
}

// TestGuardCrowd: of many that are hit, the answer names one and counts the rest, and the number of reads is bounded.
func TestGuardCrowd(t *testing.T) {
	s := shop(t)
	for i := range 80 {
		s.put(mtls(fmt.Sprintf("shop/other-%02d", i), "shop/ca"))
		s.put(mtls(fmt.Sprintf("away/far-%02d", i), "shop/ca"))
	}
	a := s.denied(guard(remove(clientCA())), true)
	for _, want := range []string{"Secret shop/ca is deleted: Ingress shop/api and 9 more: ", "151 more refer to it and were not looked at"} {
		if !strings.Contains(a.message(), want) {
			t.Errorf("want %q in:\n%s", want, a.message())
		}
	}
	if reads := s.looked(); len(reads) > 16 {
		t.Errorf("%d reads", len(reads))
	}
	checkWords(t, a)
	// Those that come first have just gone, and the cache has not heard of it.
	s = shop(t)
	for i := range 12 {
		s.linger(mtls(fmt.Sprintf("shop/a%02d", i), "shop/ca"))
	}
	a = s.denied(guard(remove(clientCA())), true)
	if want := "Secret shop/ca is deleted: Ingress shop/api: "; !strings.Contains(a.message(), want) {
		t.Errorf("want %q in:\n%s", want, a.message())
	}
}

// TestGuardKnowsTheRequest: what the changed Secret held is known from the request, however little of Secrets is read.
func TestGuardKnowsTheRequest(t *testing.T) {
	for name, prepare := range map[string]func(s *stage){
		"metadata": func(s *stage) { s.store.Put(object("v1", "Secret", "shop/ca")) },
		"live": func(s *stage) {
			s.vanish(clientCA())
			s.appear(clientCA())
			s.onDemand = true
			s.store.SetComplete("Secret", "", false)
		},
		"none": func(s *stage) { s.vanish(clientCA()); s.store.SetComplete("Secret", "", false) },
		"late": func(s *stage) { s.linger(secret("shop/ca", "ca.crt", "garbage")) },
	} {
		t.Run(name, func(t *testing.T) {
			s := shop(t)
			prepare(s)
			for _, r := range []request{remove(clientCA()), update(clientCA(), secret("shop/ca")), update(clientCA(), secret("shop/ca", "ca.crt", "garbage"))} {
				s.denied(guard(r), true)
			}
			if a := s.denied(guard(update(clientCA(), secret("shop/ca", "ca.crt", mint.Root("next").CertPEM))), false); len(a.Warnings) != 1 {
				t.Errorf("replaced: %v", a)
			}
			if a := s.denied(guard(update(clientCA(), secret("shop/ca", "ca.crt", shallow, "more", "x"))), false); len(a.Warnings) > 0 {
				t.Errorf("harmless: %v", a)
			}
		})
	}
}

// TestGuardErrors: without a verdict nothing is held up, and it shows.
func TestGuardErrors(t *testing.T) {
	s := shop(t, func(p *webhook.Policy) { p.Reviewer = failing{p.Reviewer} })
	a := s.denied(guard(remove(clientCA())), false)
	if a.status != http.StatusOK || len(a.Warnings) != 1 || !strings.Contains(a.Warnings[0], "could not judge") {
		t.Errorf("%v", a)
	}
	if o := s.last(); o.Error == nil || !o.Guard || o.Object.Fields != nil {
		t.Errorf("told %+v", o)
	}
}

// TestGuardPanics: a review that panics is one without a verdict, and the process goes on.
func TestGuardPanics(t *testing.T) {
	s := shop(t, func(p *webhook.Policy) { p.Reviewer = panicking{p.Reviewer} })
	for i := range 30 {
		s.put(mtls(fmt.Sprintf("shop/other-%02d", i), "shop/ca"))
	}
	a := s.denied(guard(remove(clientCA())), false)
	if len(a.Warnings) != 1 || !strings.Contains(a.Warnings[0], "could not judge") {
		t.Errorf("%v", a)
	}
}

type panicking struct{ webhook.Reviewer }

func (panicking) Review(context.Context, engine.Request) (rule.Decision, error) {
	panic("out of range")
}

type failing struct{ webhook.Reviewer }

func (failing) Review(context.Context, engine.Request) (rule.Decision, error) {
	return rule.Decision{}, errors.New("out of order")
}

// TestGuardGuide: docs/guard.md shows what is said of the deletion of a CA, and the annotation that lets it pass.
func TestGuardGuide(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "docs", "guard.md"))
	if err != nil {
		t.Fatal(err)
	}
	block := func(language string) string {
		_, rest, _ := strings.Cut(string(text), "\n```"+language+"\n")
		shown, _, ok := strings.Cut(rest, "\n```")
		if !ok {
			t.Fatalf("no block of %s", language)
		}
		return shown
	}
	s := shop(t)
	if a := s.denied(guard(remove(clientCA())), true); a.message() != block("text") {
		t.Errorf("docs/guard.md shows\n%s\nand the webhook says\n%s", block("text"), a.message())
	}
	words := strings.Fields(block("sh"))
	key, value, _ := strings.Cut(words[len(words)-1], "=")
	meant := clientCA()
	annotation(key, value)(meant.Fields)
	s.denied(guard(remove(meant)), false)
}
