package pki

// Chain is how the certificates of a text served as tls.crt hang together. Indexes are into Bundle.Certificates, where a
// certificate that stands in the text twice stands once.
type Chain struct {
	// Leaf is the one certificate that issued none of the others and is no CA, or the one that issued none if all are CAs; -1
	// where that is none, or more than one. It is found without the key: nginx and ingress-nginx take the first for the leaf, whatever it is, and refuse the pair if the key is another's.
	Leaf int
	// Path leads from the leaf, or from the first certificate where the leaf is not told, upwards: each issued the one before.
	Path []int
	// Ordered says that the text is the path, in its order, with nothing else in it. RFC 8446, section 4.4.2, asks clients to
	// cope with any order, and many libraries do not.
	Ordered bool
	// Root says that the path ends at a self-signed certificate that is not the leaf. It is sent for nothing, since a client
	// that does not have it will not trust it; for ingress-nginx see Widening.
	Root bool
	// Next is the issuer that the last certificate of the path names, if it is not itself, as RFC 2253 text. Clients must have
	// it. Whether it is a root, which they do, or an intermediate that is missing here, cannot be told from this text: a leaf
	// alone is fine under a private root and broken under a public CA. It can be told where the issuer is in sight (ca.crt).
	Next string
}

// Chain says how the certificates hang together. Of several issuers of one certificate, the path takes the first.
func (b *Bundle) Chain() Chain {
	c := Chain{Leaf: -1}
	if len(b.Certificates) == 0 {
		return c
	}
	b.distances()
	g := b.graph
	issues := make([]bool, len(b.Certificates))
	for _, issuers := range g.issuers {
		for _, i := range issuers {
			issues[i] = true
		}
	}
	var bottom, plain []int
	for i, other := range b.Certificates {
		if issues[i] {
			continue
		}
		bottom = append(bottom, i)
		if !other.MayIssue() {
			plain = append(plain, i)
		}
	}
	switch {
	case g.spent:
	case len(plain) == 1:
		c.Leaf = plain[0]
	case len(plain) == 0 && len(bottom) == 1:
		c.Leaf = bottom[0]
	}
	at := max(0, c.Leaf)
	on := make([]bool, len(b.Certificates))
	for !on[at] {
		on[at] = true
		c.Path = append(c.Path, at)
		if len(g.issuers[at]) == 0 {
			break
		}
		at = g.issuers[at][0]
	}
	last := b.Certificates[c.Path[len(c.Path)-1]]
	c.Root = last.SelfSigned && len(c.Path) > 1
	if !last.SelfSigned {
		c.Next = last.Issuer
	}
	c.Ordered = len(c.Path) == len(b.Certificates) && c.Leaf >= 0
	for position, index := range c.Path {
		c.Ordered = c.Ordered && position == index
	}
	return c
}

// LeafFirst says whether the leaf is the first certificate, as every server wants it; false as well where it is not told.
func (c Chain) LeafFirst() bool { return c.Leaf == 0 }
