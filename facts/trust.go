package facts

import (
	"slices"

	"github.com/tlsward/tlsward/inventory"
	"github.com/tlsward/tlsward/pki"
	"github.com/tlsward/tlsward/provider"
)

// trust adds what a bundle is worth to nginx: which of its certificates lead to a root, how deep, and which of them have a
// revocation list. It is left out where part of the file is out of sight.
func (g *gathering) trust(doc map[string]any, r *provider.Reference, entry *inventory.Entry, keys []string) {
	if r.Use != provider.UseTrust || r.Before == "" && r.Revocation == "" {
		return // nothing but the bundle itself, which content describes
	}
	content := entry.Content(r.Key, g.Inventory.Certificates())
	if content == nil || content.Bundle == nil || content.Empty {
		return
	}
	var own *pki.Bundle
	if r.Before != "" && slices.Contains(keys, r.Before) && slices.Contains(keys, "tls.key") {
		before := entry.Content(r.Before, g.Inventory.Certificates())
		if before == nil || before.Opaque {
			return
		}
		own = before.Bundle
	}
	whole := pki.Join(own, content.Bundle)
	verdict := whole.OpenSSL
	if r.Usage == "serverAuth" {
		verdict = whole.OpenSSLUpstream()
	}
	var lists *inventory.Revocation
	if r.Revocation != "" {
		lists = entry.Revocation(r.Revocation, g.Inventory.Certificates())
	}
	_, known := whole.Depth()
	certificates, depth := g.trusted(whole, own, content.Bundle)
	trust := map[string]any{
		"openssl":      verdict.String(),
		"complete":     complete(own) && complete(content.Bundle) && !vouches(lists) && (known || !rooted(whole)),
		"certificates": certificates,
	}
	if known && depth >= 0 {
		trust["depth"] = int64(max(depth, 1))
	}
	doc["trust"] = trust
	if lists != nil {
		doc["revocation"] = g.revocation(r.Revocation, lists, whole)
	}
}

// rooted says whether a bundle holds a root; its depth is known then, unless finding it out costs too much.
func rooted(b *pki.Bundle) bool {
	return slices.ContainsFunc(b.Certificates, func(c *pki.Certificate) bool { return c.SelfSigned })
}

// vouches says whether certificates stand among revocation lists, where nginx trusts them too.
func vouches(r *inventory.Revocation) bool {
	return r != nil && r.CRLs != nil && len(r.CRLs.Certificates) > 0
}

// complete says whether a text holds no certificate but those that both Go and OpenSSL read.
func complete(b *pki.Bundle) bool {
	return b == nil || !b.Truncated && !slices.ContainsFunc(b.Defects, func(d pki.Defect) bool { return d.Kind != pki.DuplicateCertificate })
}

// trusted describes the certificates of a file one by one, and says how deep those that are meant to issue lie; -1 if that is
// not known.
func (g *gathering) trusted(whole, own, ca *pki.Bundle) (list []any, depth int) {
	list, depth = []any{}, -1
	// What deciding about a bundle costs grows with its square; all public roots together are some 150.
	if len(whole.Certificates) > maxTrusted {
		return list, depth
	}
	hops, needs := whole.Distances(), whole.Needs(g.Now)
	var wide []int
	if own != nil {
		wide = pki.Widening(own, ca)
	}
	for i, c := range whole.Certificates {
		meant := own == nil || slices.ContainsFunc(ca.Certificates, func(other *pki.Certificate) bool { return other.Hash == c.Hash })
		trusted := map[string]any{
			"hash": c.Hash, "issues": c.MayIssue(),
			"meant":    meant,
			"widening": slices.ContainsFunc(wide, func(at int) bool { return own.Certificates[at].Hash == c.Hash }),
		}
		if hops[i] >= 0 {
			trusted["hops"] = int64(hops[i])
		}
		if needs[i] >= 0 {
			trusted["needs"] = int64(needs[i])
			if meant {
				depth = max(depth, needs[i])
			}
		}
		list = append(list, trusted)
	}
	return list, depth
}

// maxTrusted bounds the certificates of a bundle that are described one by one.
const maxTrusted = 256

// revocation describes the revocation lists beside a bundle.
func (g *gathering) revocation(key string, r *inventory.Revocation, trusted *pki.Bundle) map[string]any {
	doc := map[string]any{"key": key, "opaque": r.Opaque, "empty": !r.Opaque && r.CRLs == nil, "lists": []any{}, "unlisted": []any{}}
	if r.CRLs == nil {
		return doc
	}
	doc["go"], doc["openssl"] = r.CRLs.Go.String(), r.CRLs.OpenSSL.String()
	lists := make([]any, 0, min(len(r.CRLs.Lists), maxList))
	for _, l := range r.CRLs.Lists[:min(len(r.CRLs.Lists), maxList)] {
		list := map[string]any{"issuer": l.Issuer, "line": int64(l.Line), "this_update": timestamp(l.ThisUpdate), "partial": l.Partial}
		if !l.NextUpdate.IsZero() {
			list["next_update"] = timestamp(l.NextUpdate)
		}
		lists = append(lists, list)
	}
	doc["lists"] = lists
	unlisted := []any{}
	if len(trusted.Certificates) <= maxTrusted {
		for _, i := range r.CRLs.Unlisted(trusted, g.Now) {
			unlisted = append(unlisted, trusted.Certificates[i].Hash)
		}
	}
	doc["unlisted"] = unlisted
	return doc
}
