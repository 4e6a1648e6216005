package rule

import (
	"strings"
	"testing"
)

func TestWithoutKeys(t *testing.T) {
	long := strings.Repeat("Ab+/", 20)
	for text, want := range map[string]string{
		"": "",
		`Secret shop/client-ca is not in this tree`:                                  `Secret shop/client-ca is not in this tree`,
		`got "-----BEGIN PRIVATE KEY-----\nAbC=\n-----END PRIVATE KEY-----\n", want`: `got "-----BEGIN PRIVATE KEY-----...-----END PRIVATE KEY-----\n", want`,
		"got -----BEGIN RSA PRIVATE KEY-----\nAbC=\nAb":                              "got -----BEGIN RSA PRIVATE KEY-----...",
		`got "LS0tLS1C` + long + `=", and "LS0tLS1C` + long + `"`:                    `got "LS0tLS1C...", and "LS0tLS1C..."`,
		`certificate ` + strings.Repeat("0aF9", 16):                                  `certificate ` + strings.Repeat("0aF9", 16),
		long:                    "Ab+/Ab+/...",
		strings.Repeat("a", 59): strings.Repeat("a", 59),
		"https://example.com/" + strings.Repeat("segment-", 20) + " and-" + strings.Repeat("label.", 20) + " are no keys": "https://example.com/" + strings.Repeat("segment-", 20) + " and-" + strings.Repeat("label.", 20) + " are no keys",
	} {
		if got := WithoutKeys(text); got != want {
			t.Errorf("%q:\n got %q\nwant %q", text, got, want)
		}
	}
}
