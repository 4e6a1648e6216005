// Package trust takes stock of certificates: which there are, where they stand, who issued them, who uses them in which role, by
// which of them they are verified, and what would be missing if one went away. Cmd has it shown every object with what
// it refers to, and writes what comes of it as a table, as JSON or as a picture. It judges nothing, and resolves no reference:
// facts and inventory have done so.
package trust

import (
	"strings"
	"time"

	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/pki"
)

// Inventory is everything that was found, in a stated order.
type Inventory struct {
	// Now is the time as of which it is told.
	Now time.Time
	// Certificates are sorted by the end of their validity.
	Certificates []*Certificate
	// Holders are the Secrets and ConfigMaps that certificates stand in or belong into, by key, in order of identity.
	Holders []*Holder
	// Consumers refer to holders, in order of identity.
	Consumers []*Consumer
	// Unused counts the certificates that are left out since nothing has to do with them.
	Unused int
	// Incomplete: there are so many certificates of one name that not every issuer was looked for.
	Incomplete bool
	// links lead from a consumer to what traffic reaches behind it, by way of other objects too.
	links map[Object][]Object
	there map[Object]bool // those of links that are in sight
}

// Object is an object of one root. Root is "" where there is only one, and for what is in none in particular.
type Object struct {
	kube.ID
	Root string
}

// Compare orders objects by identity and root.
func (o Object) Compare(other Object) int {
	if n := o.ID.Compare(other.ID); n != 0 {
		return n
	}
	return strings.Compare(o.Root, other.Root)
}

// Label names an object, with its root where that is needed to tell it from others.
func (o Object) Label() string {
	if o.Root == "" {
		return o.String()
	}
	return o.String() + " in " + o.Root
}

// Certificate is one certificate, wherever it stands.
type Certificate struct {
	*pki.Certificate
	// Name is what people call it: the common name, else another name that it is for.
	Name string
	// Holders it stands in, each once.
	Holders []*Holder
	// IssuedBy are the certificates in sight whose key signed it; Issued is the reverse.
	IssuedBy, Issued []*Certificate
	// VerifiedBy are the trust anchors that somebody uses and that vouch for it.
	VerifiedBy []*Certificate
	// Uses are those of its holders, but for what is not read of them.
	Uses []*Use
}

// Holder is a key of a Secret or ConfigMap.
type Holder struct {
	Object
	Key string
	// At is where the object stands; zero where it is not in a file.
	At    kube.Position
	State State
	// Words complete "<label> ..." with what is known of it.
	Words string
	// Producer is what has it made, or made anew, and Signer who signs for that; Chain names both. Their names are "" where there is
	// none, or none that can be told.
	Producer, Signer Object
	Chain            string
	// Certificates in it, in order.
	Certificates []*Certificate
	Uses         []*Use
}

// Title names a holder with its key.
func (h *Holder) Title() string {
	title := h.String() + " " + h.Key
	if h.Root != "" {
		title += " in " + h.Root
	}
	return title
}

// State says how far the certificates of a holder are in sight.
type State string

// Present: they are. Opaque: something else fills them in. Promised: something in sight will create the object. External: it is
// declared. Empty: it is there, with no certificate under the key. Missing: it is not there, or has no such key. NotGranted: the
// consumer may not refer to it, and whether it is there is nobody's business. Unknown: nothing tells whether it is there.
const (
	Present    State = "present"
	Opaque     State = "opaque"
	Promised   State = "promised"
	External   State = "external"
	Empty      State = "empty"
	Missing    State = "missing"
	NotGranted State = "not-granted"
	Unknown    State = "unknown"
)

// Broken reports whether who refers to it gets nothing.
func (s State) Broken() bool { return s == Missing || s == Empty || s == NotGranted }

// Use is one role in which a consumer refers to a holder.
type Use struct {
	Consumer *Consumer
	Holder   *Holder
	// Role and Title are those of the reference; Kind is trust, certificate or other, Usage serverAuth, clientAuth or "".
	Role, Title, Kind, Usage string
	// Paths are the fields, in order.
	Paths []string
	// Idle: what the object says otherwise has the controller not use it.
	Idle bool
}

// Without says what the consumer does if what it refers to goes away, or, if one is given, one of the certificates there; "" if it
// does not matter to it.
func (u *Use) Without(c *Certificate) string {
	others := c != nil && len(u.Holder.Certificates) > 1
	switch {
	case u.Idle:
		return ""
	case u.Kind == "certificate" && others && u.Holder.Certificates[0] != c:
		return "sends an incomplete chain"
	case u.Kind == "certificate" && u.Usage == "clientAuth":
		return "has no certificate to show to backends"
	case u.Kind == "certificate":
		return "has no certificate to show"
	case u.Kind == "trust" && u.Usage == "serverAuth" && others:
		return "cannot verify the backends that it vouches for"
	case u.Kind == "trust" && u.Usage == "serverAuth":
		return "can verify no backend"
	case u.Kind == "trust" && others:
		return "cannot verify the clients that it vouches for"
	case u.Kind == "trust":
		return "can verify no client"
	default:
		return "has no " + u.Title
	}
}

// Consumer is an object that refers to certificates.
type Consumer struct {
	Object
	At   kube.Position
	Uses []*Use
	// Behind are the Services, routes and the like that are reached through it, in order of identity.
	Behind []Object
	// hosts are the keys by which it shares something with others, host names among them.
	hosts []string
}

// Authority reports whether a certificate is there to issue others.
func (c *Certificate) Authority() bool { return c.MayIssue() }

// Expired reports whether a certificate is past its end.
func (c *Certificate) Expired(now time.Time) bool { return !now.Before(c.NotAfter) }

// Validity is expired, not-yet-valid or valid.
func (c *Certificate) Validity(now time.Time) string {
	switch {
	case c.Expired(now):
		return "expired"
	case now.Before(c.NotBefore):
		return "not-yet-valid"
	default:
		return "valid"
	}
}

// IssuerName is what a certificate says of its issuer, as people call it.
func (c *Certificate) IssuerName() string {
	if len(c.IssuedBy) > 0 {
		return c.IssuedBy[0].Name
	}
	return commonName(c.Issuer)
}
