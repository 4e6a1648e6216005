package pki

import "slices"

// Anchored reports whether whoever trusts the certificates of another bundle takes the first one for signed by them: one of them
// is it or has issued it, at once or through further certificates of its own bundle. Nothing but names, keys and signatures is asked.
func (b *Bundle) Anchored(trust *Bundle) bool {
	if len(b.Certificates) == 0 {
		return false
	}
	own, anchors := parseList(b.Certificates), parseList(trust.Certificates)
	at, seen := 0, map[int]bool{}
	for at >= 0 && !seen[at] {
		seen[at] = true
		above := func(p parsed) bool { return p.issued(own[at]) }
		if slices.ContainsFunc(anchors, func(p parsed) bool { return p.Equal(own[at].Certificate) || above(p) }) {
			return true
		}
		at = slices.IndexFunc(own, above)
	}
	return false
}

func parseList(list []*Certificate) []parsed {
	read := make([]parsed, len(list))
	for i, c := range list {
		read[i] = c.parse()
	}
	return read
}
