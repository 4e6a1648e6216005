package inventory

import (
	"time"

	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/pki"
)

// maxLooked bounds the Secrets that are looked through for who is signed by a CA: a namespace with more is machine-made.
const maxLooked = 500

// Signed finds, in order of identity, the first Secret of some namespaces whose certificate, under tls.crt and not over at now,
// one of some authorities has signed. It reports false where none is in sight.
func Signed(r Reader, authorities []*pki.Certificate, namespaces []string, now time.Time) (holder kube.ID, found bool) {
	looked := 0
	for _, namespace := range namespaces {
		for _, entry := range r.Kind("Secret", namespace, kube.ID{}) {
			if looked++; looked > maxLooked {
				return holder, found
			}
			content := entry.Content("tls.crt", r.Certificates())
			if content == nil || content.Bundle == nil || len(content.Bundle.Certificates) == 0 {
				continue
			}
			leaf := content.Bundle.Certificates[0]
			if !now.Before(leaf.NotAfter) || found && holder.Compare(entry.ID) <= 0 || !signed(leaf, authorities) {
				continue
			}
			holder, found = entry.ID, true
		}
	}
	return holder, found
}

func signed(leaf *pki.Certificate, authorities []*pki.Certificate) bool {
	list := []*pki.Certificate{leaf}
	for _, authority := range authorities {
		if authority.Hash == leaf.Hash {
			return false // itself trusted, whoever has signed it
		}
		list = append(list, authority)
	}
	issuers, _ := pki.Issuers(list)
	return len(issuers[0]) > 0
}
