package facts_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tlsward/tlsward/facts"
)

// TestUnread goes through names that a controller does not know, and what was perhaps meant.
func TestUnread(t *testing.T) {
	const prefix = "nginx.ingress.kubernetes.io/"
	for _, test := range []struct{ name, class, annotation, want string }{
		{name: "a known name", annotation: prefix + "auth-tls-secret"},
		{name: "an alias", annotation: prefix + "whitelist-source-range"},
		{name: "a letter too few", annotation: prefix + "auth-tls-secrt", want: "auth-tls-secrt near auth-tls-secret"},
		{name: "a letter too many", annotation: prefix + "auth-tls-ssecret", want: "auth-tls-ssecret near auth-tls-secret"},
		{name: "two letters swapped", annotation: prefix + "ssl-passthruogh", want: "ssl-passthruogh near ssl-passthrough"},
		{name: "another one", annotation: prefix + "proxy_ssl_verify", want: "proxy_ssl_verify near proxy-ssl-verify"},
		{name: "capitals", annotation: prefix + "Auth-TLS-Secret", want: "Auth-TLS-Secret near auth-tls-secret"},
		{name: "three letters off", annotation: prefix + "auth-tls-sec", want: "auth-tls-sec near "},
		{name: "too short to tell", annotation: prefix + "canarry", want: "canarry near "},
		{name: "no such thing", annotation: prefix + "secure-verify-ca-secret", want: "secure-verify-ca-secret near "},
		{name: "another prefix", annotation: "example.com/auth-tls-secrt"},
		{name: "another controller", class: "traefik", annotation: prefix + "auth-tls-secrt"},
	} {
		t.Run(test.name, func(t *testing.T) {
			class := test.class
			if class == "" {
				class = "nginx"
			}
			document := gather(t, facts.Settings{}, fmt.Sprintf(
				"apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: web, namespace: shop, annotations: {%q: x}}\nspec: {ingressClassName: %s}", test.annotation, class))
			var got []string
			list, _ := document["unread"].([]any)
			for _, element := range list {
				fields := element.(map[string]any)
				near, _ := fields["near"].(string)
				got = append(got, fmt.Sprintf("%s near %s", fields["name"], near))
			}
			if strings.Join(got, "; ") != test.want {
				t.Errorf("got %v, want %s", got, test.want)
			}
		})
	}
}

func TestUnreadTruncated(t *testing.T) {
	var annotations strings.Builder
	for i := range 100 {
		fmt.Fprintf(&annotations, "nginx.ingress.kubernetes.io/auth-tls-x%d: x, ", i)
	}
	document := gather(t, facts.Settings{}, fmt.Sprintf(
		"apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: web, namespace: shop, annotations: {%s}}\nspec: {ingressClassName: nginx}", annotations.String()))
	if list, _ := document["unread"].([]any); len(list) != 64 {
		t.Errorf("%d listed", len(list))
	}
	if cut := fmt.Sprint(document["truncated"]); cut != "[unread]" {
		t.Errorf("truncated: %s", cut)
	}
}
