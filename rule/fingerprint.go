package rule

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"github.com/tlsward/tlsward/kube"
)

// FingerprintScheme names how fingerprints are made. It grows when the same finding would get another one, so that whoever
// keeps them (a baseline, a code scanning service) can tell that from a finding that has gone.
const FingerprintScheme = "tlsward/v1"

// SetFingerprints gives every finding of a run its fingerprint. It says the same of the same defect in the next run,
// whatever happened to the lines above it, to the order of lists, to the name of the file and to the wording of the
// rule; and no two findings of a run have the same one. object gives what a finding is about, to name elements of lists
// by their keys; it may be nil, and may return an object without fields. Findings that agree in all that counts are told
// apart by their order, which has to be that of the report.
func SetFingerprints(findings []Finding, object func(*Finding) kube.Object) {
	seen := make(map[string]int, len(findings))
	for i := range findings {
		f := &findings[i]
		var about kube.Object
		if object != nil {
			about = object(f)
		}
		if about.ID.Kind == "" {
			about.ID = f.Object
		}
		subject := f.fingerprinted(about)
		seen[subject]++
		if n := seen[subject]; n > 1 {
			subject += "\x00" + strconv.Itoa(n)
		}
		sum := sha256.Sum256([]byte(subject))
		// 128 bits: two of a million findings meet once in 10^26 runs.
		f.Fingerprint = hex.EncodeToString(sum[:16])
	}
}

// fingerprinted is what a fingerprint is made of.
func (f *Finding) fingerprinted(about kube.Object) string {
	var b strings.Builder
	b.Grow(256) // longer than most
	for _, part := range []string{f.Rule, about.ID.Group, about.ID.Kind, about.ID.Namespace, about.ID.Name} {
		b.WriteString(part)
		b.WriteByte(0) // in no name
	}
	var at any = about.Fields
	for _, step := range f.Path {
		switch s := step.(type) {
		case string:
			b.WriteByte('/')
			b.WriteString(s)
			fields, _ := at.(map[string]any)
			at = fields[s]
		case int:
			list, _ := at.([]any)
			at = nil
			if s < len(list) {
				at = list[s]
			}
			b.WriteByte('[')
			b.WriteString(elementKey(at, s))
			b.WriteByte(']')
		}
	}
	return b.String()
}

// elementKeys are the fields that name an element of a list, the best first: most lists of Kubernetes are keyed by name;
// what serves hosts is known by them, what listens by its port (which in Istio has a name and a number), a route of
// Traefik's by what it matches.
var elementKeys = [...]string{"name", "host", "hostname", "hosts", "port", "number", "match", "secretName"}

// elementKey names an element of a list by what it holds; by its index only if nothing names it.
func elementKey(element any, index int) string {
	switch e := element.(type) {
	case string:
		return "=" + e
	case map[string]any:
		for _, key := range elementKeys {
			switch value := e[key].(type) {
			case nil:
			case map[string]any:
				return key + ":" + elementKey(value, index)
			default:
				return key + "=" + fmt.Sprint(value)
			}
		}
	}
	return strconv.Itoa(index)
}
