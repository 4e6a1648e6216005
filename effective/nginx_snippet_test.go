package effective

import (
	"slices"
	"strings"
	"testing"
)

// TestDirectives: what nginx takes for a directive is found wherever it stands, and nothing else is.
func TestDirectives(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"one", "ssl_verify_client off;", "ssl_verify_client"},
		{"in a block", "if ($a) { proxy_ssl_verify off; }", "if proxy_ssl_verify"},
		{"in quotes", `"ssl_verify_client" off; 'ssl_protocols' TLSv1;`, "ssl_protocols ssl_verify_client"},
		{"an argument", "add_header X ssl_verify_client; set $a \"; ssl_protocols x;\";", "add_header set"},
		{"a comment", "# ssl_verify_client off;\nreturn 403; # ssl_protocols TLSv1;", "return"},
		{"an escaped quote", `set $a "\"; ssl_protocols x;"; ssl_crl a;`, "set ssl_crl"},
		{"no end", "ssl_verify_client", "ssl_verify_client"},
		{"an open quote", `set $a "ssl_verify_client off;`, "set"},
		{"nothing", " \n;{};", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := strings.Join(directives(test.text), " "); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// TestMatchedHosts: rules of Traefik, of either syntax.
func TestMatchedHosts(t *testing.T) {
	for rule, want := range map[string][]string{
		"Host(`a.test`)": {"a.test"},
		"Host(`a.test`, `B.test`) && PathPrefix(`/c.test`)": {"a.test", "b.test"},
		"Host(\"a.test\") || Host(`b.test`)":                {"a.test", "b.test"},
		"HostSNI(`*`)":                                      {""},
		"PathPrefix(`/`)":                                   {""},
		"HostRegexp(`.+`)":                                  {""},
		"Host(`":                                            {""},
		"ClientIP(`10.0.0.0/8`) && (Host(`a.test`) || !Host(`a.test`))": {"a.test"},
	} {
		if got := matchedHosts(rule); !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", rule, got, want)
		}
	}
}
