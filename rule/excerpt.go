package rule

import (
	"regexp"
	"strings"
	"sync"
)

// longPEM is the body of a certificate: who reads an example needs to see only that there is one.
var longPEM = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?s)(-----BEGIN [A-Z ]+-----\n)( *)[A-Za-z0-9+/=].*?\n( *-----END)`)
})

// Excerpt is a scene of a rule as its page shows it: what certificates consist of is left out.
func Excerpt(scene string) string {
	return strings.TrimRight(longPEM().ReplaceAllString(scene, "$1$2...\n$3"), "\n") + "\n"
}
