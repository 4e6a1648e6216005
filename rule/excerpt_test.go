package rule

import "testing"

func TestExcerpt(t *testing.T) {
	const scene = "a:\n  ca.crt: |\n    -----BEGIN CERTIFICATE-----\n    MIIB\n    AAAA==\n    -----END CERTIFICATE-----\n    -----BEGIN TRUSTED CERTIFICATE-----\n    MIIC\n    -----END TRUSTED CERTIFICATE-----\n\n\n"
	const want = "a:\n  ca.crt: |\n    -----BEGIN CERTIFICATE-----\n    ...\n    -----END CERTIFICATE-----\n    -----BEGIN TRUSTED CERTIFICATE-----\n    ...\n    -----END TRUSTED CERTIFICATE-----\n"
	if got := Excerpt(scene); got != want {
		t.Errorf("got\n%s, want\n%s", got, want)
	}
}
