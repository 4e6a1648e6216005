package trust

import (
	"cmp"
	"fmt"
	"slices"
)

// The page of a report is about findings, and is to be opened and read, so that of a large inventory it holds an excerpt: what has come to
// its end or is about to, what is missing, and what is used by most. A picture of what is left takes a few milliseconds to lay out, whatever
// the size of the tree.
const (
	excerptRows      = 150 // of each table
	excerptConsumers = 150
)

// excerpt is the part of an inventory that a page shows. What is not in it is in Inventory all the same.
type excerpt struct {
	certificates []*Certificate // in the order of the inventory
	gone         []*Holder
	// left is what the tables leave out, in words; "" if that is nothing.
	left string
	// drawn is what the picture shows; nil for all.
	drawn *selection
}

// selection is a part of an inventory.
type selection struct {
	certificates map[*Certificate]bool
	uses         map[*Use]bool
	consumers    map[*Consumer]bool
}

// has reports whether something is selected; a nil selection holds everything.
func (s *selection) certificate(c *Certificate) bool { return s == nil || s.certificates[c] }
func (s *selection) use(u *Use) bool                 { return s == nil || s.uses[u] }
func (s *selection) consumer(c *Consumer) bool       { return s == nil || s.consumers[c] }

// excerpt chooses what a page shows.
func (v *Inventory) excerpt() excerpt {
	var gone []*Holder
	for _, h := range v.Holders {
		if h.State != Present && len(h.Uses) > 0 {
			gone = append(gone, h)
		}
	}
	var e excerpt
	e.certificates = foremost(v.Certificates, func(a, b *Certificate) int {
		return cmp.Or(cmp.Compare(v.urgency(a), v.urgency(b)), cmp.Compare(len(b.Uses), len(a.Uses)))
	})
	e.gone = foremost(gone, func(a, b *Holder) int {
		return cmp.Or(cmp.Compare(brokenLast(b), brokenLast(a)), cmp.Compare(len(b.Uses), len(a.Uses)))
	})
	certificates, objects := len(v.Certificates)-len(e.certificates), len(gone)-len(e.gone)
	if certificates+objects == 0 && len(v.Consumers) <= excerptConsumers {
		return e
	}
	e.drawn = e.selection()
	switch {
	case certificates > 0 && objects > 0:
		e.left = plural(certificates, "other certificate") + " and " + plural(objects, "other object") + " that are not in sight"
	case certificates > 0:
		e.left = plural(certificates, "other certificate")
	case objects > 0:
		e.left = plural(objects, "other object") + " not in sight"
	}
	return e
}

// urgency orders certificates by what they ask of a reader: those that are not valid, those that will soon not be, and others.
func (v *Inventory) urgency(c *Certificate) int {
	switch {
	case c.Validity(v.Now) != "valid":
		return 0
	case c.NotAfter.Sub(v.Now) < soon:
		return 1
	default:
		return 2 //nolint:mnd // the last of three
	}
}

func brokenLast(h *Holder) int {
	if h.State.Broken() {
		return 1
	}
	return 0
}

// foremost picks as many of a list as a table may have, and leaves them in their order.
func foremost[T comparable](list []T, by func(a, b T) int) []T {
	if len(list) <= excerptRows {
		return list
	}
	ranked := slices.Clone(list)
	slices.SortStableFunc(ranked, by)
	picked := make(map[T]bool, excerptRows)
	for _, one := range ranked[:excerptRows] {
		picked[one] = true
	}
	return slices.DeleteFunc(slices.Clone(list), func(one T) bool { return !picked[one] })
}

// selection is what the picture of an excerpt shows: what the tables show, what issued that, and who uses it, as far as there is room. Each
// has its first use before any has its second, so that what is used by most takes no place from what is in trouble.
func (e excerpt) selection() *selection {
	s := &selection{certificates: map[*Certificate]bool{}, uses: map[*Use]bool{}, consumers: map[*Consumer]bool{}}
	var lists [][]*Use
	for _, h := range e.gone {
		if h.State.Broken() {
			lists = append(lists, h.Uses)
		}
	}
	for _, c := range e.certificates {
		for _, above := range c.above() {
			s.certificates[above] = true
		}
		lists = append(lists, c.Uses)
	}
	for _, h := range e.gone {
		if !h.State.Broken() {
			lists = append(lists, h.Uses)
		}
	}
	for round, more := 0, true; more; round++ {
		more = false
		for _, uses := range lists {
			if round >= len(uses) {
				continue
			}
			more = true
			u := uses[round]
			if s.consumers[u.Consumer] || len(s.consumers) < excerptConsumers {
				s.uses[u], s.consumers[u.Consumer] = true, true
			}
		}
	}
	return s
}

// note says how much of an inventory is drawn.
func (s *selection) note(v *Inventory) string {
	return fmt.Sprintf("%d of %s and %d of %s are drawn: what is in trouble, and what is used by most; tlsward trust --output svg draws all of them",
		len(s.certificates), plural(len(v.Certificates), "certificate"), len(s.consumers), plural(len(v.Consumers), "consumer"))
}
