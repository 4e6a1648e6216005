package rule

import "testing"

func TestExcerpt(t *testing.T) {
	const scene = "a:\n  ca.crt: |\n    -----BEGIN CERTIFICATE-----\n    MIIB\n    AAAA==\n    -----END CERTIFICATE-----\n    -----BEGIN X509 CRL-----\n    MIIC\n    -----END X509 CRL-----\n\n\n"
	const want = "a:\n  ca.crt: |\n    -----BEGIN CERTIFICATE-----\n    ...\n    -----END CERTIFICATE-----\n    -----BEGIN X509 CRL-----\n    ...\n    -----END X509 CRL-----\n"
	if got := Excerpt(scene); got != want {
		t.Errorf("got\n%s, want\n%s", got, want)
	}
}
