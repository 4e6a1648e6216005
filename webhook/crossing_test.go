package webhook_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/rule"
	"github.com/tlsward/tlsward/webhook"
)

// TestForeignSecretsAreNotTold: what a tenant is told of a Secret that ingress-nginx refuses is the same whatever another
// namespace holds, and nobody reads it for them.
func TestForeignSecretsAreNotTold(t *testing.T) {
	for name, known := range map[string]bool{"by default": false, "by its ConfigMap": true} {
		t.Run(name, func(t *testing.T) {
			answers := map[string]string{}
			for held, object := range map[string]kube.Object{
				"nothing":   secret("other/ca", "ca.crt", shallow),
				"a CA":      secret("infra/ca", "ca.crt", shallow),
				"no CA":     secret("infra/ca", "tls.crt", "x", "tls.key", "y"),
				"near miss": secret("infra/ca-v2", "ca.crt", shallow),
				"expired":   secret("infra/ca", "ca.crt", expired().CertPEM),
			} {
				s := open(t)
				s.put(nginxClass(), object)
				if known {
					s.put(nginxConfig("ssl-redirect", "true"))
				}
				for _, operation := range []request{create(mtls("shop/api", "infra/ca")), update(ingress("shop/api"), mtls("shop/api", "infra/ca"))} {
					a := s.denied(operation, true)
					answers[a.message()+strings.Join(a.Warnings, "\n")] += " " + held
				}
				for _, read := range s.looked() {
					if strings.HasPrefix(read, "Secret ") {
						t.Errorf("%s: read %s", held, read)
					}
				}
				stored, _ := s.change(create(mtls("shop/api", "infra/ca")))
				answers[fmt.Sprint(stored.Fields)] += " " + held
			}
			// One denial, and one object as the mutating door leaves it.
			if len(answers) != 2 {
				t.Errorf("told apart:\n%v", answers)
			}
			for answer := range answers {
				if strings.Contains(answer, "ingress-nginx/ingress-nginx-controller") {
					t.Errorf("names the controller's ConfigMap: %s", answer)
				}
			}
		})
	}
}

// TestCrossingThatIsInDoubt: nobody is denied while it is not known what installations permit.
func TestCrossingThatIsInDoubt(t *testing.T) {
	s := open(t)
	s.put(nginxClass())
	s.store.SetComplete("Deployment.apps", "", false)
	if a := s.denied(create(mtls("shop/api", "infra/ca")), false); len(a.Warnings) != 1 || !strings.Contains(a.Warnings[0], "whether allow-cross-namespace-resources is true is not known") {
		t.Errorf("warnings %q", a.Warnings)
	}
}

// TestSettingsAreReadBeforeDenying: a ConfigMap that has come to permit it a moment ago is seen.
func TestSettingsAreReadBeforeDenying(t *testing.T) {
	s := open(t)
	s.put(nginxClass(), secret("infra/ca", "ca.crt", shallow))
	s.linger(nginxConfig("allow-cross-namespace-resources", "false"))
	s.appear(nginxConfig("allow-cross-namespace-resources", "true"))
	s.denied(create(mtls("shop/api", "infra/ca")), false)
}

// TestSelfPromised: an Ingress may vouch for its own client CA only on a host of its own.
func TestSelfPromised(t *testing.T) {
	vouches := []option{
		annotation("cert-manager.io/cluster-issuer", "letsencrypt"),
		set([]any{map[string]any{"hosts": []any{"api.test"}, "secretName": "api-tls"}}, "spec", "tls"),
		hosts("api.test"),
	}
	// That a host of others is asked for certificates is a denial by itself, and not what this is about.
	promises := engineWith(rule.Settings{Skip: []string{"ingress-nginx/client-ca-on-part-of-host"}})
	helm := marks[1].own
	plain := func(more ...option) kube.Object { return ingress("shop/api", append(more, vouches...)...) }
	asks := func(more ...option) kube.Object { return mtls("shop/api", "shop/api-tls", append(more, vouches...)...) }
	for name, test := range map[string]struct {
		around  []kube.Object
		request request
		denied  bool
	}{
		"a host of its own":                    {nil, create(asks()), false},
		"somebody else's host":                 {[]kube.Object{ingress("desk/peer", hosts("api.test"))}, create(asks()), true},
		"another release's":                    {[]kube.Object{ingress("shop/peer", hosts("api.test"))}, create(asks(helm...)), true},
		"one of the same release":              {[]kube.Object{ingress("shop/peer", append(marks[1].own, hosts("api.test"))...)}, create(asks(helm...)), false},
		"somebody else's, and the CA is there": {[]kube.Object{ingress("desk/peer", hosts("api.test")), secret("shop/api-tls", "ca.crt", shallow)}, create(asks()), false},
		"somebody else's, and a SealedSecret":  {[]kube.Object{ingress("desk/peer", hosts("api.test")), object("bitnami.com/v1alpha1", "SealedSecret", "shop/api-tls", set("x", "spec", "encryptedData", "ca.crt"))}, create(asks()), false},
		"somebody else's, no client CA":        {[]kube.Object{ingress("desk/peer", hosts("api.test"))}, create(plain()), false},
		"asked for by an update":               {[]kube.Object{ingress("desk/peer", hosts("api.test"))}, update(plain(), asks()), true},
		"already so":                           {[]kube.Object{ingress("desk/peer", hosts("api.test"))}, update(asks(), asks(label("a", "b"))), false},
		"a dry run":                            {[]kube.Object{ingress("desk/peer", hosts("api.test"))}, request{object: new(asks()), dryRun: true}, false},
	} {
		t.Run(name, func(t *testing.T) {
			for _, onCreate := range []webhook.OnCreate{webhook.Auto, webhook.Pending} {
				s := open(t, func(p *webhook.Policy) { p.OnCreate, p.Reviewer = onCreate, promises })
				s.serves("Certificate.cert-manager.io")
				s.put(nginxClass())
				s.put(test.around...)
				if test.request.old != nil {
					s.put(*test.request.old)
				}
				a := s.denied(test.request, test.denied)
				if test.denied && !strings.Contains(a.message(), "who makes it for this Ingress need not put ca.crt into it") {
					t.Errorf("got %v", a)
				}
			}
		})
	}
}
