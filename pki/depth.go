package pki

import (
	"slices"
	"time"
)

// checksPerCertificate bounds the signature checks spent on the chains of one bundle. A CA has one issuer, two while it is
// cross-signed; a thousand certificates of one name and no key identifiers would otherwise cost a million checks.
const checksPerCertificate = 4

// EnvoyDepth turns a depth as nginx counts it into Envoy's max_verify_depth. nginx hands the number to OpenSSL, which since 1.1.0
// counts intermediates only: neither the leaf nor the trust anchor. Envoy's field leaves out the leaf and counts the anchor, so
// nginx's default of 1 is Envoy's 2.
func EnvoyDepth(nginx int) int { return nginx + 1 }

// Depth is the smallest verify depth, as nginx counts it (EnvoyDepth for the other convention), at which a leaf issued by any CA
// of the bundle is accepted.
//
// OpenSSL counts the CA certificates strictly between the leaf and the first self-signed certificate it trusts; whether the
// client sent an intermediate or the bundle holds it makes no difference. For a leaf issued by a CA c of the bundle that is
// dist(c), the issuer hops from c to a self-signed certificate of the bundle (Distances): 0 for a root, 1 for an intermediate
// under it; see Needs for where that comes from. Hence needed = max dist(c), and at least 1, since ingress-nginx turns 0 into
// its default of 1. It is a lower bound: intermediates that only the client sends come on top. A CA under which no leaf can be
// accepted, because a pathLenConstraint above it leaves no room, asks for nothing.
//
// known is false, and needed 1, where there is nothing to go by: no certificate, none that reaches a self-signed one (nginx then
// rejects every client, whatever the depth, as it never accepts a partial chain), or a text or chains beyond the limits.
func (b *Bundle) Depth() (needed int, known bool) {
	needed = 1
	needs := b.Needs(time.Time{})
	for i, d := range b.distances() {
		known = known || d >= 0
		if needs[i] >= 0 || b.Certificates[i].MayIssue() && slices.Contains(b.shadow, i) {
			needed = max(needed, d)
		}
	}
	if !known || b.graph.spent || b.Truncated {
		return 1, false
	}
	return needed, true
}

// Distances gives for each of Certificates the issuer hops to a self-signed certificate of the bundle, -1 where it reaches none.
// Of several issuers the first in the file counts, as it does for OpenSSL (X509_STORE_CTX_get1_issuer: the first match that is
// currently valid): measured, root + cross-signed root + intermediate needs 1 if the root comes first and 2 if the cross-signed
// certificate does. Where that way ends nowhere, the shortest way that does end at a root counts; see Shadowed.
func (b *Bundle) Distances() []int { return slices.Clone(b.distances()) }

// Shadowed lists the indexes in Certificates of those that have a way to a root which OpenSSL does not find, because an issuer
// earlier in the file leads nowhere and it never goes back (openssl/openssl#18708): a cross-signed certificate placed before the
// root of the same name, without the root that signed it. Unless that issuer is expired, nginx rejects all leaves under these.
func (b *Bundle) Shadowed() []int {
	b.distances()
	return slices.Clone(b.shadow)
}

// Needs gives for each of Certificates the verify depth, as nginx counts it, that a leaf needs which it issued itself and which
// comes without further certificates; -1 where no depth is enough or where it issues nothing. A self-signed certificate that
// is no CA is a leaf itself, and needs 0. The clock decides between issuers of the same name, and an expired certificate on
// the way makes -1; with the zero time nothing ever expires.
//
// Where the formula comes from: OpenSSL's build_chain starts with the leaf and adds issuers until it meets a self-signed
// certificate of the store; it stops looking once the chain has depth+2 certificates (crypto/x509/x509_vfy.c, "Build chains up
// to one longer the limit"). With k certificates between leaf and root the chain has k+2, so k <= depth. For a leaf under c
// these are c, unless it is the root itself, and what stands between c and the root: as many as the hops from c to the root.
// It makes no difference whether a certificate between was sent or is in the bundle. -1 follows from what nginx never does: it
// never accepts a chain that ends below a root (no version sets X509_V_FLAG_PARTIAL_CHAIN), it never goes back from a wrong
// issuer (Shadowed), and a pathLenConstraint above c with less room than there are CAs below it fails whatever the depth.
// Where checking all this costs more than the limits of this package allow, all are -1, as Depth is then not known.
func (b *Bundle) Needs(at time.Time) []int {
	b.distances()
	needs := make([]int, len(b.Certificates))
	for i, c := range b.Certificates {
		needs[i] = -1
		path := b.graph.walk(i, at)
		if b.graph.spent || path == nil || !at.IsZero() && slices.ContainsFunc(path, func(j int) bool { return !b.Certificates[j].validAt(at) }) {
			continue
		}
		if c.MayIssue() && roomy(b.Certificates, path) || c.SelfSigned && !c.MayIssue() {
			needs[i] = len(path) - 1
		}
	}
	return needs
}

func (b *Bundle) distances() []int {
	b.chains.Do(func() {
		b.graph = newGraph(b.Certificates)
		b.dist, b.shadow = b.graph.distances()
	})
	return b.dist
}

// roomy says whether every pathLenConstraint on a path, which leads from the issuer of a leaf to a root, leaves room for the CAs
// below it. Those that a CA issued to itself do not count (RFC 5280, section 4.2.1.9).
func roomy(list []*Certificate, path []int) bool {
	below := 0
	for _, i := range path {
		if c := list[i]; !c.roomFor(below) {
			return false
		} else if !c.selfIssued {
			below++
		}
	}
	return true
}

// graph holds the issuers of each certificate of a list, in the order of the list. A self-signed certificate has none: it ends a
// chain.
type graph struct {
	list    []*Certificate
	named   [][]int // by name and key identifier, whether or not they made the signature: OpenSSL takes the first that is valid
	issuers [][]int // of these, the CAs that did
	spent   bool
}

func newGraph(list []*Certificate) *graph {
	g := &graph{list: list, named: make([][]int, len(list)), issuers: make([][]int, len(list))}
	bySubject := make(map[string][]int, len(list))
	read := make([]parsed, len(list))
	for i, c := range list {
		// A root alone, which most bundles are, needs no look at anything.
		if len(list) > 1 {
			read[i] = c.parse()
		}
		bySubject[read[i].subjectName] = append(bySubject[read[i].subjectName], i)
	}
	checks := checksPerCertificate * len(list)
	for i, c := range list {
		if c.SelfSigned {
			continue
		}
		for _, j := range bySubject[read[i].issuerName] {
			if i == j || !read[j].named(read[i]) {
				continue
			}
			// One that is not looked at any more is one that would not be found.
			if checks--; checks < 0 {
				g.spent = true
				return g
			}
			g.named[i] = append(g.named[i], j)
			if list[j].MayIssue() && read[j].issued(read[i]) {
				g.issuers[i] = append(g.issuers[i], j)
			}
		}
	}
	return g
}

func (g *graph) distances() (dist, shadowed []int) {
	dist = make([]int, len(g.list))
	shortest := g.shortest()
	for i := range dist {
		dist[i] = len(g.walk(i, time.Time{})) - 1
		if dist[i] < 0 && shortest[i] >= 0 {
			dist[i] = shortest[i]
			shadowed = append(shadowed, i)
		}
	}
	return dist, shadowed
}

// walk goes from a certificate up to a root as OpenSSL does; nil where it does not get there.
func (g *graph) walk(i int, at time.Time) []int {
	path := []int{i}
	for range g.list {
		if g.list[i].SelfSigned {
			return path
		}
		next := firstValid(g.named[i], at, func(j int) *Certificate { return g.list[j] })
		if next < 0 || !slices.Contains(g.issuers[i], g.named[i][next]) {
			return nil
		}
		i = g.named[i][next]
		path = append(path, i)
	}
	return nil
}

// firstValid is how OpenSSL chooses among candidates (X509_STORE_CTX_get1_issuer, find_issuer): the first that is valid, else the
// one that ended last. It gives an index into the list, -1 of none. With the zero time all are valid.
func firstValid[T any](list []T, at time.Time, certificate func(T) *Certificate) int {
	best := -1
	for i, item := range list {
		c := certificate(item)
		if at.IsZero() || c.validAt(at) {
			return i
		}
		if best < 0 || c.NotAfter.After(certificate(list[best]).NotAfter) {
			best = i
		}
	}
	return best
}

// shortest spreads from the roots downwards, so that circles of cross-signed certificates do no harm.
func (g *graph) shortest() []int {
	children := make([][]int, len(g.list))
	for i, issuers := range g.issuers {
		for _, j := range issuers {
			children[j] = append(children[j], i)
		}
	}
	dist := make([]int, len(g.list))
	var queue []int
	for i, c := range g.list {
		dist[i] = -1
		if c.SelfSigned {
			dist[i] = 0
			queue = append(queue, i)
		}
	}
	for at := 0; at < len(queue); at++ {
		for _, child := range children[queue[at]] {
			if dist[child] < 0 {
				dist[child] = dist[queue[at]] + 1
				queue = append(queue, child)
			}
		}
	}
	return dist
}
