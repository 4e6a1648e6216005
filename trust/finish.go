package trust

import (
	"cmp"
	"slices"

	"github.com/tlsward/tlsward/pki"
)

// finish links certificates with each other and puts everything in order.
func (b *builder) finish() (*Inventory, error) {
	v := b.inventory
	slices.SortFunc(v.Certificates, func(a, b *Certificate) int {
		return cmp.Or(a.NotAfter.Compare(b.NotAfter), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Hash, b.Hash))
	})
	v.sort()
	b.issue()
	for _, c := range v.Certificates {
		for _, h := range c.Holders {
			c.Uses = append(c.Uses, h.Uses...)
		}
		sortUses(c.Uses)
	}
	v.vouch()
	for _, c := range v.Consumers {
		c.Behind = v.behind(c.Object)
	}
	if b.Filter.CA != "" {
		if err := v.authority(b.Filter.CA); err != nil {
			return nil, err
		}
	}
	b.narrow()
	return v, nil
}

func (v *Inventory) sort() {
	slices.SortFunc(v.Holders, func(a, b *Holder) int {
		return cmp.Or(a.Compare(b.Object), cmp.Compare(a.Key, b.Key), cmp.Compare(a.State, b.State))
	})
	slices.SortFunc(v.Consumers, func(a, b *Consumer) int { return a.Compare(b.Object) })
	for _, h := range v.Holders {
		sortUses(h.Uses)
	}
	for _, c := range v.Consumers {
		sortUses(c.Uses)
	}
	for _, c := range v.Certificates {
		slices.SortFunc(c.Holders, func(a, b *Holder) int { return cmp.Or(a.Compare(b.Object), cmp.Compare(a.Key, b.Key)) })
	}
}

func sortUses(uses []*Use) {
	slices.SortFunc(uses, func(a, b *Use) int {
		return cmp.Or(a.Consumer.Compare(b.Consumer.Object), cmp.Compare(a.Title, b.Title),
			a.Holder.Compare(b.Holder.Object), cmp.Compare(a.Holder.Key, b.Holder.Key), cmp.Compare(a.Usage, b.Usage), cmp.Compare(a.Kind, b.Kind))
	})
}

// issue finds out who issued whom.
func (b *builder) issue() {
	v := b.inventory
	list := make([]*pki.Certificate, len(v.Certificates))
	for i, c := range v.Certificates {
		list[i] = c.Certificate
	}
	issuers, complete := pki.Issuers(list)
	v.Incomplete = !complete
	for i, found := range issuers {
		for _, j := range found {
			v.Certificates[i].IssuedBy = append(v.Certificates[i].IssuedBy, v.Certificates[j])
			v.Certificates[j].Issued = append(v.Certificates[j].Issued, v.Certificates[i])
		}
	}
}

// above lists a certificate and all that issued it, at once or through others.
func (c *Certificate) above() []*Certificate {
	list := []*Certificate{c}
	for i := 0; i < len(list); i++ {
		for _, issuer := range list[i].IssuedBy {
			if !slices.Contains(list, issuer) {
				list = append(list, issuer)
			}
		}
	}
	return list
}

// vouch finds the anchors of every certificate: those above it, or itself, that somebody verifies others by.
func (v *Inventory) vouch() {
	for _, c := range v.Certificates {
		for _, anchor := range c.above() {
			if (anchor != c || !c.Authority()) && anchor.anchors(c) {
				c.VerifiedBy = append(c.VerifiedBy, anchor)
			}
		}
	}
}

// anchors reports whether somebody verifies such certificates as c by this one.
func (c *Certificate) anchors(other *Certificate) bool {
	return slices.ContainsFunc(c.Uses, func(u *Use) bool {
		if u.Kind != "trust" {
			return false
		}
		for _, usage := range []string{u.Usage, "anyExtendedKeyUsage"} {
			if slices.Contains(other.ExtKeyUsage, usage) {
				return true
			}
		}
		return u.Usage == "" || len(other.ExtKeyUsage) == 0 || other.Authority()
	})
}

// maxBehind bounds what is followed behind one consumer: a Gateway may have thousands of routes.
const maxBehind = 10_000

// behind lists what is reached through an object.
func (v *Inventory) behind(from Object) []Object {
	list := []Object{from}
	seen := map[Object]bool{from: true}
	for i := 0; i < len(list) && len(list) < maxBehind; i++ {
		for _, next := range v.links[list[i]] {
			if !seen[next] {
				seen[next] = true
				list = append(list, next)
			}
		}
	}
	list = list[1:]
	slices.SortFunc(list, Object.Compare)
	return list
}
