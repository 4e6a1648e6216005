package facts_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tlsward/tlsward/facts"
)

// TestRefused goes through annotations for which ingress-nginx takes nothing of an Ingress.
func TestRefused(t *testing.T) {
	for _, test := range []struct {
		name, class, annotation, value, want string
		settings                             map[string]string
	}{
		{name: "a boolean of Go", annotation: "ssl-passthrough", value: "T"},
		{name: "no boolean of Go", annotation: "ssl-passthrough", value: "yes", want: "value ssl-passthrough"},
		{name: "a blank before it", annotation: "ssl-passthrough", value: " true", want: "value ssl-passthrough"},
		{name: "nothing", annotation: "ssl-passthrough"},
		{name: "a Secret", annotation: "auth-tls-secret", value: "shop/client ca"},
		{name: "a character that no Secret has", annotation: "auth-tls-secret", value: "shop/ca#1", want: "value auth-tls-secret"},
		{name: "one for backends", annotation: "proxy-ssl-secret", value: `shop/"ca"`, want: "value proxy-ssl-secret"},
		{name: "something else fills it in", annotation: "auth-tls-secret", value: "${NAMESPACE}/#ca"},
		{name: "ciphers", annotation: "ssl-ciphers", value: "HIGH:!aNULL:@SECLEVEL=2"},
		{name: "commas", annotation: "ssl-ciphers", value: "HIGH,!aNULL", want: "value ssl-ciphers"},
		{name: "aliases", annotation: "server-alias", value: "a.shop.test, ~^v[0-9]+$"},
		{name: "no alias", annotation: "server-alias", value: "a.shop.test,b shop", want: "value server-alias"},
		{name: "a name to match", annotation: "auth-tls-match-cn", value: "CN=admin(,|$)"},
		{name: "no CN", annotation: "auth-tls-match-cn", value: "admin", want: "value auth-tls-match-cn after client-ca"},
		{name: "no expression", annotation: "auth-tls-match-cn", value: "CN=(", want: "value auth-tls-match-cn after client-ca"},
		{name: "an error page", annotation: "auth-tls-error-page", value: "https://shop.test/error"},
		{name: "a query", annotation: "auth-tls-error-page", value: "https://shop.test/?q=1", want: "value auth-tls-error-page after client-ca"},
		{name: "no boolean", annotation: "auth-tls-pass-certificate-to-upstream", value: "header", want: "value auth-tls-pass-certificate-to-upstream after client-ca"},
		{
			name: "values are not looked at", annotation: "ssl-passthrough", value: "yes",
			settings: map[string]string{"enable-annotation-validation": "false"},
		},
		{name: "nobody knows ingress-nginx here", class: "traefik", annotation: "ssl-passthrough", value: "yes"},

		{name: "High, the default", annotation: "auth-tls-match-cn", value: "CN=a"},
		{name: "a snippet", annotation: "server-snippet", value: "x", want: "risk server-snippet Critical"},
		{name: "an empty one", annotation: "server-snippet", want: "risk server-snippet Critical"},
		{name: "all is allowed", annotation: "server-snippet", settings: map[string]string{"annotations-risk-level": "critical"}},
		{name: "Medium", annotation: "auth-tls-match-cn", value: "CN=a", settings: map[string]string{"annotations-risk-level": "Medium"}, want: "risk auth-tls-match-cn High"},
		{name: "Medium allows it", annotation: "rewrite-target", value: "/", settings: map[string]string{"annotations-risk-level": "Medium"}},
		{name: "Low", annotation: "rewrite-target", value: "/", settings: map[string]string{"annotations-risk-level": "Low"}, want: "risk rewrite-target Medium"},
		{name: "no level is Low", annotation: "rewrite-target", value: "/", settings: map[string]string{"annotations-risk-level": "None"}, want: "risk rewrite-target Medium"},
		{name: "of no risk", annotation: "ssl-redirect", value: "true", settings: map[string]string{"annotations-risk-level": "Low"}},
		{
			name: "both", annotation: "auth-tls-secret", value: "#", settings: map[string]string{"annotations-risk-level": "Low"},
			want: "risk auth-tls-secret Medium; value auth-tls-secret",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			class := test.class
			if class == "" {
				class = "nginx"
			}
			document := gather(t, facts.Settings{Configured: map[string]map[string]string{"ingress-nginx": test.settings}}, fmt.Sprintf(
				"apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: web, namespace: shop, annotations: {nginx.ingress.kubernetes.io/%s: %q}}\nspec: {ingressClassName: %s}",
				test.annotation, test.value, class))
			var got []string
			list, _ := document["refused"].([]any)
			for _, element := range list {
				fields := element.(map[string]any)
				line := fmt.Sprintf("%s %s", fields["reason"], fields["name"])
				for key, before := range map[string]string{"risk": " ", "after": " after "} {
					if value, ok := fields[key]; ok {
						line += before + fmt.Sprint(value)
					}
				}
				if want := fmt.Sprint([]any{"metadata", "annotations", "nginx.ingress.kubernetes.io/" + test.annotation}); fmt.Sprint(fields["path"]) != want {
					t.Errorf("path %v, want %s", fields["path"], want)
				}
				got = append(got, line)
			}
			if strings.Join(got, "; ") != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
