package pki

// Issuers gives for each certificate of a list the indexes of those in the list that made its signature: one as a rule, two of a
// CA that is cross-signed, none of a root, or where the issuer is not in the list. A certificate may stand in the list once only.
// complete is false where many certificates of one name would have cost more signature checks than are spent; the rest has no
// issuers then.
func Issuers(list []*Certificate) (issuers [][]int, complete bool) {
	g := newGraph(list)
	return g.issuers, !g.spent
}
