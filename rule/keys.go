package rule

import (
	"regexp"
	"strings"
	"sync"
)

var keyBlock = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?s)(-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----).*?(-----END [A-Z0-9 ]*PRIVATE KEY-----|$)`)
})

// WithoutKeys cuts what may be a private key out of a text that quotes a value: people do paste one where a name belongs. It takes PEM,
// and base64 longer than a hash or a name is.
func WithoutKeys(text string) string {
	const longest = 59 // PEM breaks base64 after 64 characters, or does not break it
	if strings.Contains(text, "PRIVATE KEY-----") {
		text = keyBlock().ReplaceAllString(text, "$1...$2")
	}
	var b strings.Builder
	copied, start := 0, 0
	for i := 0; i <= len(text); i++ {
		if i < len(text) && isBase64(text[i]) {
			continue
		}
		if run := text[start:i]; len(run) > longest && !isHex(run) {
			const recognisable = 8 // LS0tLS1C is the base64 of -----B
			b.WriteString(text[copied : start+recognisable])
			b.WriteString("...")
			copied = i
		}
		start = i + 1
	}
	if copied == 0 {
		return text
	}
	b.WriteString(text[copied:])
	return b.String()
}

func isBase64(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '+' || c == '/' || c == '='
}

func isHex(s string) bool { return strings.Trim(s, "0123456789abcdefABCDEF") == "" }
