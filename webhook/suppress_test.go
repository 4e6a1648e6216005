package webhook_test

import (
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/rule"
	"github.com/tlsward/tlsward/webhook"
)

// annotated lets annotations count, but for one rule that the operator insists on.
var annotated = sync.OnceValue(func() webhook.Reviewer {
	return engineWith(rule.Settings{
		AnnotationExemptions: true,
		Actions:              []rule.ActionSetting{{Rules: []string{"ingress-nginx/verify-depth-invalid"}, Mandatory: true}},
	})
})

const caIgnored = "ingress-nginx/client-ca-missing -- it comes with the next release"

func ignoring(text string) option { return annotation(rule.IgnoreAnnotation, text) }

// TestAnnotations: the annotation suppresses at admission what it names, where the operator lets it, with a reason and until its day
// is over; where it does not, the refusal says why.
func TestAnnotations(t *testing.T) {
	for name, test := range map[string]struct {
		policy  webhook.Reviewer
		text    string
		more    []option
		allowed bool
		note    string
	}{
		"allowed":         {policy: annotated(), text: caIgnored, allowed: true},
		"until today":     {policy: annotated(), text: "ingress-nginx/client-ca-missing until 2026-11-01 -- soon", allowed: true},
		"not allowed":     {policy: shipped(), text: caIgnored, note: "does not count here: the config does not set annotationExemptions"},
		"without reason":  {policy: annotated(), text: "ingress-nginx/client-ca-missing", note: "does not count: it gives no reason"},
		"until yesterday": {policy: annotated(), text: "ingress-nginx/client-ca-missing until 2026-10-31 -- soon", note: "does not count: it ended with 2026-10-31"},
		"another rule":    {policy: annotated(), text: "gateway-api/backend-ca-missing -- soon"},
		"a glob":          {policy: annotated(), text: "ingress-nginx/* -- all of them"},
		"one that is not suppressible": {
			policy: annotated(), text: caIgnored + "; ingress-nginx/verify-depth-invalid -- so it was",
			more: []option{nginx("auth-tls-verify-depth", "-1")}, note: "does not count: the config has this rule not suppressible",
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t, func(p *webhook.Policy) { p.Reviewer = test.policy })
			s.put(nginxClass())
			object := mtls("shop/api", "shop/missing", append([]option{ignoring(test.text)}, test.more...)...)
			got := s.ask(create(object))
			if got.Allowed != test.allowed {
				t.Fatalf("want allowed %t, got %s", test.allowed, got)
			}
			if note := "note: the annotation tlsward.dev/ignore " + test.note; test.note != "" && !strings.Contains(got.message(), note) {
				t.Errorf("want %q, got %s", note, got)
			}
			if test.note == "" && strings.Contains(got.message(), "note:") {
				t.Errorf("want no note, got %s", got)
			}
			if test.allowed && len(got.Warnings) > 0 {
				t.Errorf("want no word of what is suppressed, got %s", got)
			}
		})
	}
}

// TestAnnotationInUpdate: an annotation counts from the update that brings it, and no longer than it is there.
func TestAnnotationInUpdate(t *testing.T) {
	s := open(t, func(p *webhook.Policy) { p.Reviewer = annotated() })
	s.put(nginxClass(), secret("shop/ca", "ca.crt", deep))
	whole, broken := mtls("shop/api", "shop/ca"), mtls("shop/api", "shop/missing")
	excused := mtls("shop/api", "shop/missing", ignoring(caIgnored))
	for _, step := range []struct {
		from, to kube.Object
		allowed  bool
	}{{whole, broken, false}, {whole, excused, true}, {excused, excused, true}, {excused, broken, false}, {broken, excused, true}} {
		if got := s.ask(update(step.from, step.to)); got.Allowed != step.allowed {
			t.Errorf("from %v to %v: want allowed %t, got %s", step.from.Fields["metadata"], step.to.Fields["metadata"], step.allowed, got)
		}
	}
	s.pass(24 * 60 * time.Minute)
	until := mtls("shop/api", "shop/missing", ignoring("ingress-nginx/client-ca-missing until 2026-11-01 -- soon"))
	if got := s.ask(create(until)); got.Allowed {
		t.Errorf("a day later: %s", got)
	}
}

// TestSuppressedIsTold: whoever operates the webhook sees what was suppressed, by what and why.
func TestSuppressedIsTold(t *testing.T) {
	exempt := engineWith(rule.Settings{AnnotationExemptions: true, Exemptions: []rule.Exemption{{
		Rules: []string{"ingress-nginx/client-ca-missing"}, Objects: []string{"Ingress shop/old"}, Reason: "until it is gone",
	}}})
	s := openTelling(t, slog.LevelInfo, func(p *webhook.Policy) { p.Reviewer = exempt })
	s.put(nginxClass())
	for _, object := range []kube.Object{
		mtls("shop/old", "shop/missing"), mtls("shop/api", "shop/missing", ignoring("ingress-nginx/client-ca-missing -- soon\u202e")), mtls("shop/web", "shop/missing"),
	} {
		s.tell(create(object))
		dry := create(object)
		dry.dryRun = true
		s.tell(dry)
	}
	metrics := strings.Split(s.metrics(), "\n")
	for _, want := range []string{
		"suppressed_total annotation, shop, ingress-nginx/client-ca-missing: 1", "suppressed_total config, shop, ingress-nginx/client-ca-missing: 1",
	} {
		if !slices.Contains(metrics, want) {
			t.Errorf("want %s, got %q", want, metrics)
		}
	}
	var told []string
	for _, line := range s.lines() {
		list, _ := line["suppressed"].([]any)
		for _, element := range list {
			finding := element.(map[string]any)
			told = append(told, finding["rule"].(string)+" by "+finding["by"].(string)+": "+finding["reason"].(string))
		}
	}
	const old, api = "ingress-nginx/client-ca-missing by config: until it is gone", "ingress-nginx/client-ca-missing by annotation: soon "
	if want := []string{old, old, api, api}; !slices.Equal(told, want) {
		t.Errorf("want %q, got %q", want, told)
	}
}
