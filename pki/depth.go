package pki

import "slices"

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
// under it. Hence needed = max dist(c), and at least 1, since ingress-nginx turns 0 into its default of 1. It is a lower bound:
// intermediates that only the client sends come on top.
//
// known is false, and needed 1, where there is nothing to go by: no certificate, none that reaches a self-signed one (nginx then
// rejects every client, whatever the depth, as it never accepts a partial chain), or a text or chains beyond the limits.
func (b *Bundle) Depth() (needed int, known bool) {
	needed = 1
	for i, d := range b.distances() {
		known = known || d >= 0
		if b.Certificates[i].mayIssue() {
			needed = max(needed, d)
		}
	}
	if !known || b.spent || b.Truncated {
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

func (b *Bundle) distances() []int {
	b.chains.Do(func() {
		g := newGraph(b.Certificates)
		b.dist, b.shadow, b.spent = g.distances()
	})
	return b.dist
}

// Intermediates counts the CA certificates between a leaf and the first self-signed certificate, looking for issuers in the
// bundles in the order given: what verify depth, as nginx counts, this leaf needs. 0 for a leaf issued by a root and for a
// self-signed leaf. known is false where no self-signed certificate is reached.
func Intermediates(leaf *Certificate, pool ...*Bundle) (n int, known bool) {
	if leaf == nil {
		return 0, false
	}
	all := []*Certificate{leaf}
	seen := map[string]bool{leaf.Hash: true}
	for _, b := range pool {
		if b == nil {
			continue
		}
		for _, c := range b.Certificates {
			if !seen[c.Hash] {
				seen[c.Hash] = true
				all = append(all, c)
			}
		}
	}
	dist, _, spent := newGraph(all).distances()
	if dist[0] < 0 || spent {
		return 0, false
	}
	return max(0, dist[0]-1), true
}

// graph holds the issuers of each certificate of a list, in the order of the list. A self-signed certificate has none: it ends a
// chain.
type graph struct {
	issuers [][]int
	root    []bool
	spent   bool
}

func newGraph(list []*Certificate) *graph {
	g := &graph{issuers: make([][]int, len(list)), root: make([]bool, len(list))}
	bySubject := make(map[string][]int, len(list))
	read := make([]parsed, len(list))
	for i, c := range list {
		g.root[i] = c.SelfSigned
		// A root alone, which most bundles are, needs no look at anything.
		if len(list) > 1 {
			read[i] = c.parse()
		}
		bySubject[read[i].subjectName] = append(bySubject[read[i].subjectName], i)
	}
	checks := checksPerCertificate * len(list)
	for i := range list {
		if g.root[i] {
			continue
		}
		for _, j := range bySubject[read[i].issuerName] {
			if i == j || !list[j].mayIssue() || !read[j].named(read[i]) {
				continue
			}
			if checks--; checks < 0 {
				g.spent = true
				return g
			}
			if read[j].issued(read[i]) {
				g.issuers[i] = append(g.issuers[i], j)
			}
		}
	}
	return g
}

func (g *graph) distances() (dist, shadowed []int, spent bool) {
	dist = make([]int, len(g.root))
	shortest := g.shortest()
	for i := range dist {
		dist[i] = g.walk(i)
		if dist[i] < 0 && shortest[i] >= 0 {
			dist[i] = shortest[i]
			shadowed = append(shadowed, i)
		}
	}
	return dist, shadowed, g.spent
}

// walk follows the first issuer up to a root; -1 where there is none or the way goes in a circle.
func (g *graph) walk(i int) int {
	for hops := range g.root {
		if g.root[i] {
			return hops
		}
		if len(g.issuers[i]) == 0 {
			return -1
		}
		i = g.issuers[i][0]
	}
	return -1
}

// shortest spreads from the roots downwards, so that circles of cross-signed certificates do no harm.
func (g *graph) shortest() []int {
	children := make([][]int, len(g.root))
	for i, issuers := range g.issuers {
		for _, j := range issuers {
			children[j] = append(children[j], i)
		}
	}
	dist := make([]int, len(g.root))
	var queue []int
	for i := range dist {
		dist[i] = -1
		if g.root[i] {
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
