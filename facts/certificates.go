package facts

import (
	"time"

	"github.com/tlsward/tlsward/inventory"
	"github.com/tlsward/tlsward/pki"
)

// content describes what a key holds; its certificates go into the document once, by hash.
func (g *gathering) content(c *inventory.Content) map[string]any {
	doc := map[string]any{"opaque": c.Opaque, "empty": c.Empty, "certificates": []any{}, "defects": []any{}}
	if c.Bundle == nil || g.stock {
		return doc
	}
	hashes := make([]any, 0, len(c.Bundle.Certificates))
	for _, certificate := range c.Bundle.Certificates {
		hashes = append(hashes, certificate.Hash)
		if _, known := g.certificates[certificate.Hash]; !known {
			left := days(g.Now.Truncate(time.Minute), certificate.NotAfter)
			g.certificates[certificate.Hash] = g.Shared.certificate(certificate.Hash, left, func() map[string]any { return describe(certificate, left) })
		}
	}
	defects := make([]any, 0, len(c.Bundle.Defects))
	for _, d := range c.Bundle.Defects[:min(len(c.Bundle.Defects), maxList)] {
		defects = append(defects, map[string]any{
			"kind": string(d.Kind), "line": int64(d.Line), "message": d.Message, "fails_go": d.FailsGo, "fails_openssl": d.FailsOpenSSL,
		})
	}
	doc["certificates"], doc["defects"] = hashes, defects
	doc["go"], doc["openssl"] = c.Bundle.Go.String(), c.Bundle.OpenSSL.String()
	if depth, ok := c.Bundle.Depth(); ok {
		doc["depth"] = int64(depth)
	}
	return doc
}

// chainDocument describes how the certificates of a text hang together.
func chainDocument(c pki.Chain) map[string]any {
	path := make([]any, len(c.Path))
	for i, index := range c.Path {
		path[i] = int64(index)
	}
	doc := map[string]any{"path": path, "ordered": c.Ordered, "root": c.Root, "next": c.Next}
	if c.Leaf >= 0 {
		doc["leaf"] = int64(c.Leaf)
	}
	return doc
}

func describe(c *pki.Certificate, daysLeft int64) map[string]any {
	doc := map[string]any{
		"hash": c.Hash, "subject": c.Subject, "issuer": c.Issuer, "serial_number": c.SerialNumber,
		"dns_names": texts(c.DNSNames), "ip_addresses": texts(c.IPAddresses),
		"uris": texts(c.URIs), "email_addresses": texts(c.EmailAddresses),
		"ca": c.CA, "self_signed": c.SelfSigned,
		"key_type": c.KeyType, "key_bits": int64(c.KeyBits), "signature_algorithm": c.SignatureAlgorithm,
		"not_before": timestamp(c.NotBefore), "not_after": timestamp(c.NotAfter),
		"lifetime_days": days(c.NotBefore, c.NotAfter), "days_left": daysLeft,
		"spki": c.SPKI, "key_usage": texts(c.KeyUsage), "ext_key_usage": texts(c.ExtKeyUsage),
	}
	if c.PathLength != nil {
		doc["path_length"] = int64(*c.PathLength)
	}
	return doc
}

// days counts the whole days from one time to another, downwards where it is earlier. A duration would not do: certificates without
// an end end in the year 9999.
func days(from, to time.Time) int64 {
	const day = 24 * 60 * 60
	seconds := to.Unix() - from.Unix()
	if seconds < 0 {
		return (seconds - day + 1) / day
	}
	return seconds / day
}
