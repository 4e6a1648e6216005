package trust

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/tlsward/tlsward/kube"
)

// Filter picks a part of an inventory. The zero value picks all.
type Filter struct {
	// Namespace, if set, reports whether a namespace is picked: a use is, if its consumer or its holder is in one.
	Namespace func(namespace string) bool
	// Host picks the uses of certificates that name a host, and of objects that serve it.
	Host string
	// CA picks an authority, by name (a glob) or by the beginning of its fingerprint, and what it issued.
	CA string
}

// Check refuses what can pick nothing.
func (f Filter) Check() error {
	if _, err := path.Match(f.CA, ""); err != nil {
		return fmt.Errorf("--ca %s: want the name of a CA, or a glob of names", f.CA)
	}
	if strings.ContainsAny(f.Host, " /:") {
		return fmt.Errorf("--host %s: want the name of a host, without a scheme, a port or a path", f.Host)
	}
	return nil
}

// errNoAuthority says that the name of a CA is nobody's.
var errNoAuthority = errors.New("no CA in sight has this name or fingerprint")

// authority reports an error if a name picks no authority of an inventory.
func (v *Inventory) authority(name string) error {
	var names []string
	for _, c := range v.Certificates {
		if c.Authority() {
			if c.called(name) {
				return nil
			}
			names = append(names, c.Name)
		}
	}
	if near, ok := kube.Near(name, names); ok {
		return fmt.Errorf("%s: %w; did you mean %s?", name, errNoAuthority, near)
	}
	return fmt.Errorf("%s: %w", name, errNoAuthority)
}

func (c *Certificate) called(name string) bool {
	const shortest = 8 // hex digits: fewer are more likely a name
	plain := strings.ToLower(strings.ReplaceAll(name, ":", ""))
	matched, _ := path.Match(name, c.Name) // Check has refused malformed globs
	return matched || len(plain) >= shortest && strings.HasPrefix(c.Hash, plain)
}

// serves reports whether a consumer shares something under the name of a host, or a wildcard above it.
func (c *Consumer) serves(host string) bool {
	_, domain, _ := strings.Cut(host, ".")
	return slices.ContainsFunc(c.hosts, func(key string) bool { return key == host || key == "*."+domain })
}

func (f Filter) any() bool { return f.Namespace != nil || f.Host != "" || f.CA != "" }

// narrow leaves out what the filter does not pick, and what nothing has to do with.
func (b *builder) narrow() {
	v, f := b.inventory, b.Filter
	f.Host = strings.ToLower(f.Host)
	below := map[*Certificate]bool{}
	for _, c := range v.Certificates {
		if f.CA == "" || slices.ContainsFunc(c.above(), func(a *Certificate) bool { return a.Authority() && a.called(f.CA) }) {
			below[c] = true
		}
	}
	namesHost := func(c *Certificate) bool { return f.Host == "" || c.Covers(f.Host) }
	inNamespace := func(h *Holder) bool { return f.Namespace == nil || f.Namespace(h.Namespace) }
	picks := func(u *Use) bool {
		return (inNamespace(u.Holder) || f.Namespace(u.Consumer.Namespace)) &&
			(f.Host == "" || u.Consumer.serves(f.Host) || slices.ContainsFunc(u.Holder.Certificates, namesHost)) &&
			(f.CA == "" || slices.ContainsFunc(u.Holder.Certificates, func(c *Certificate) bool { return below[c] }))
	}
	dropped := func(u *Use) bool { return f.any() && !picks(u) }
	for _, c := range v.Consumers {
		c.Uses = slices.DeleteFunc(c.Uses, dropped)
	}
	v.Consumers = slices.DeleteFunc(v.Consumers, func(c *Consumer) bool { return len(c.Uses) == 0 })
	for _, h := range v.Holders {
		h.Uses = slices.DeleteFunc(h.Uses, dropped)
	}
	kept := map[*Certificate]bool{}
	for _, c := range v.Certificates {
		c.Uses = slices.DeleteFunc(c.Uses, dropped)
		if len(c.Uses) > 0 {
			for _, above := range c.above() {
				kept[above] = true
			}
		}
	}
	for _, c := range v.Certificates {
		switch {
		case kept[c]:
		case !below[c] || !namesHost(c) || !slices.ContainsFunc(c.Holders, inNamespace):
		case b.All || f.CA != "":
			for _, above := range c.above() {
				kept[above] = true
			}
		default:
			v.Unused++
		}
	}
	v.keep(kept)
}

// keep drops all certificates but some, and the holders that are of no interest then.
func (v *Inventory) keep(kept map[*Certificate]bool) {
	drop := func(c *Certificate) bool { return !kept[c] }
	v.Certificates = slices.DeleteFunc(v.Certificates, drop)
	for _, c := range v.Certificates {
		c.IssuedBy, c.Issued, c.VerifiedBy = slices.DeleteFunc(c.IssuedBy, drop), slices.DeleteFunc(c.Issued, drop), slices.DeleteFunc(c.VerifiedBy, drop)
	}
	v.Holders = slices.DeleteFunc(v.Holders, func(h *Holder) bool {
		return len(h.Uses) == 0 && !slices.ContainsFunc(h.Certificates, func(c *Certificate) bool { return kept[c] })
	})
}
