package trust

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/tlsward/tlsward/report"
)

// The layout is the usual one of layered graphs (Sugiyama, Tagawa, Toda 1981): ranks, an order within each that crosses few
// edges, then coordinates. The ranks are mostly given by what a node is, and a picture has a few dozen nodes, so that the simple
// way of doing each step is enough. It is our own: no Go library for such a layout was to be had that does without C or WebAssembly
// (Graphviz in either), and the whole is some 400 lines.

// place is where a node is drawn; x and y are its upper left corner.
type place struct {
	rank                int
	x, y, width, height float64
}

// Measures, in units of the picture, which are pixels at its natural size.
const (
	fontSize   = 13.0
	lineHeight = 17.0
	padding    = 9.0
	rowGap     = 14.0
	// rankGap is the least between two ranks; labels stand there.
	rankGap    = 56.0
	portGap    = 15.0
	maxPorts   = 8
	margin     = 16.0
	maxLetters = 38
	sweeps     = 24
)

// slot is a node, or a point at which an edge passes through a rank.
type slot struct {
	node       *node
	rank       int
	x, y       float64 // y of the upper edge
	height     float64
	prev, next []*slot // neighbours in the ranks before and after
	order      float64
}

func (s *slot) center() float64 { return s.y + s.height/2 }

// route is the way of an edge: the slots it goes through, its ends included.
type route struct {
	edge  *edge
	slots []*slot
}

// layout is a graph with coordinates.
type layout struct {
	*graph
	routes        []*route
	width, height float64
	ranks         [][]*slot
}

// arrange finds coordinates.
func (g *graph) arrange() *layout {
	l := &layout{graph: g}
	g.rankNodes()
	for _, n := range g.nodes {
		n.measure()
	}
	l.fill()
	l.untangle()
	l.columns()
	l.rows()
	return l
}

// measure gives a node its size.
func (n *node) measure() {
	n.title = clip(n.title)
	n.width = textWidth(n.title) * bold
	for i, line := range n.lines {
		n.lines[i] = clip(line)
		n.width = max(n.width, textWidth(n.lines[i])*smaller)
	}
	n.width += 2 * padding
	ports := min(max(len(n.in), len(n.out)), maxPorts)
	n.height = max(float64(1+len(n.lines))*lineHeight+2*padding-4, float64(ports)*portGap+padding)
}

// smaller is the size of lines beside that of the title; bold is how much wider bold letters are.
const (
	smaller = 0.88
	bold    = 1.1
)

// textWidth is about how wide a text is: as DejaVu Sans has it, which is wider than most.
func textWidth(text string) float64 {
	const narrow, usual, capital, broad = 4.8, 8.2, 9.5, 12.6
	width := 0.0
	for _, c := range text {
		switch {
		case strings.ContainsRune("iljtfr.,:;/-|'() ", c):
			width += narrow
		case strings.ContainsRune("mwMW@", c):
			width += broad
		case c >= 'A' && c <= 'Z' || c == '…' || c == '+':
			width += capital
		default:
			width += usual * float64(report.Columns(string(c)))
		}
	}
	return width
}

func clip(text string) string {
	runes := []rune(report.Visible(text))
	if len(runes) <= maxLetters {
		return string(runes)
	}
	// Names that differ do so at the end as often as at the beginning.
	half := (maxLetters - 1) / 2
	return string(runes[:half]) + "…" + string(runes[len(runes)-half:])
}

// rankNodes puts nodes into columns: behind all that leads to them, and each stage behind the ones before.
func (g *graph) rankNodes() {
	first := 0
	for s := authority; s <= backend; s++ {
		last := first - 1
		visiting := map[*node]bool{}
		done := map[*node]bool{}
		var visit func(n *node) int
		visit = func(n *node) int {
			if done[n] || visiting[n] {
				return n.rank
			}
			visiting[n] = true
			n.rank = first
			for _, e := range n.in {
				if e.from.stage == s && !visiting[e.from] {
					n.rank = max(n.rank, visit(e.from)+1)
				} else if e.from.stage < s {
					n.rank = max(n.rank, e.from.rank+1)
				}
			}
			visiting[n], done[n] = false, true
			last = max(last, n.rank)
			return n.rank
		}
		for _, n := range g.nodes {
			if n.stage == s {
				visit(n)
			}
		}
		first = last + 1
	}
	// What leads to the right only stands as far right as it can: a CA beside who verifies by it.
	for changed := true; changed; {
		changed = false
		for _, n := range g.nodes {
			if n.stage > issuer || len(n.out) == 0 {
				continue
			}
			nearest := math.MaxInt
			for _, e := range n.out {
				nearest = min(nearest, e.to.rank)
			}
			if nearest-1 > n.rank {
				n.rank, changed = nearest-1, true
			}
		}
	}
}

// fill makes the ranks, with slots where edges pass through.
func (l *layout) fill() {
	last := 0
	for _, n := range l.nodes {
		last = max(last, n.rank)
	}
	l.ranks = make([][]*slot, last+1)
	slots := map[*node]*slot{}
	for _, n := range l.nodes {
		s := &slot{node: n, rank: n.rank, height: n.height}
		slots[n] = s
		l.ranks[n.rank] = append(l.ranks[n.rank], s)
	}
	for _, e := range l.edges {
		from, to := slots[e.from], slots[e.to]
		if from.rank >= to.rank {
			continue // against the grain: two CAs that signed each other
		}
		r := &route{edge: e, slots: []*slot{from}}
		at := from
		for rank := from.rank + 1; rank < to.rank; rank++ {
			bend := &slot{rank: rank}
			l.ranks[rank] = append(l.ranks[rank], bend)
			at.next, bend.prev = append(at.next, bend), append(bend.prev, at)
			r.slots = append(r.slots, bend)
			at = bend
		}
		at.next, to.prev = append(at.next, to), append(to.prev, at)
		r.slots = append(r.slots, to)
		l.routes = append(l.routes, r)
	}
}

// untangle orders the slots of each rank by the middle of their neighbours, back and forth, and keeps the best order.
func (l *layout) untangle() {
	best, fewest := l.orders(), math.MaxInt
	for sweep := range sweeps {
		l.number()
		for i := range l.ranks {
			rank, neighbours := i, func(s *slot) []*slot { return s.prev }
			if sweep%2 == 1 {
				rank, neighbours = len(l.ranks)-1-i, func(s *slot) []*slot { return s.next }
			}
			middle := func(s *slot) float64 {
				around := neighbours(s)
				if len(around) == 0 {
					return s.order
				}
				total := 0.0
				for _, n := range around {
					total += n.order
				}
				return total / float64(len(around))
			}
			slices.SortStableFunc(l.ranks[rank], func(a, b *slot) int { return cmp.Compare(middle(a), middle(b)) })
			for at, s := range l.ranks[rank] {
				s.order = float64(at)
			}
		}
		if n := l.crossings(); n < fewest {
			best, fewest = l.orders(), n
		}
	}
	l.ranks = best
	l.number()
}

func (l *layout) number() {
	for _, rank := range l.ranks {
		for at, s := range rank {
			s.order = float64(at)
		}
	}
}

func (l *layout) orders() [][]*slot {
	kept := make([][]*slot, len(l.ranks))
	for i, rank := range l.ranks {
		kept[i] = slices.Clone(rank)
	}
	return kept
}

// crossings counts the pairs of edges between neighbouring ranks that cross.
func (l *layout) crossings() (count int) {
	for _, rank := range l.ranks {
		var ends []float64
		for _, s := range rank {
			next := make([]float64, 0, len(s.next))
			for _, n := range s.next {
				next = append(next, n.order)
			}
			for _, to := range next {
				for _, before := range ends {
					if before > to {
						count++
					}
				}
			}
			ends = append(ends, next...)
		}
	}
	return count
}

// columns gives each rank its place from left to right, with room for the labels before it.
func (l *layout) columns() {
	x := margin
	for i, rank := range l.ranks {
		if i > 0 {
			widest := 0.0
			for _, s := range rank {
				if s.node == nil {
					continue
				}
				for _, e := range s.node.in {
					widest = max(widest, textWidth(e.label())*labelSize)
				}
			}
			x += rankGap + widest
		}
		widest := 0.0
		for _, s := range rank {
			s.x = x
			if s.node != nil {
				widest = max(widest, s.node.width)
			}
		}
		for _, s := range rank {
			if s.node != nil {
				// All boxes of a column are equally wide, which is calmer.
				s.node.x, s.node.width = x, widest
			}
		}
		x += widest
	}
	l.width = x + margin
}

// rows gives each slot its place from top to bottom: near the middle of its neighbours, with the order kept and room between.
func (l *layout) rows() {
	for _, rank := range l.ranks {
		y := margin
		for _, s := range rank {
			s.y = y
			y += s.height + rowGap
		}
	}
	for sweep := range sweeps {
		for i := range l.ranks {
			rank := i
			if sweep%2 == 1 {
				rank = len(l.ranks) - 1 - i
			}
			l.settle(l.ranks[rank])
		}
	}
	l.close()
	for _, rank := range l.ranks {
		for _, s := range rank {
			if s.node != nil {
				s.node.y = s.y
			}
			l.height = max(l.height, s.y+s.height+margin)
		}
	}
}

// close moves up what has nothing above it, in no rank, and begins at the top.
func (l *layout) close() {
	all := slices.Concat(l.ranks...)
	slices.SortStableFunc(all, func(a, b *slot) int { return cmp.Compare(a.y, b.y) })
	end, up := margin-rowGap, 0.0
	for _, s := range all {
		if empty := s.y - up - end - rowGap; empty > 0 || end < margin {
			up += empty
		}
		s.y -= up
		end = max(end, s.y+s.height)
	}
}

// settle moves the slots of a rank as near to where they want to be as their order and the room between allow: the least
// squares of it, by pooling those that would overlap.
func (l *layout) settle(rank []*slot) {
	type pool struct {
		wanted float64 // of the first slot
		count  float64
		slots  []*slot
		length float64
	}
	var pools []*pool
	for _, s := range rank {
		around := slices.Concat(s.prev, s.next)
		wanted := s.y
		if len(around) > 0 {
			total := 0.0
			for _, n := range around {
				total += n.center()
			}
			wanted = total/float64(len(around)) - s.height/2
		}
		pools = append(pools, &pool{wanted: wanted, count: 1, slots: []*slot{s}, length: s.height + rowGap})
		for len(pools) > 1 {
			a, b := pools[len(pools)-2], pools[len(pools)-1]
			if a.wanted+a.length <= b.wanted {
				break
			}
			a.wanted = (a.wanted*a.count + (b.wanted-a.length)*b.count) / (a.count + b.count)
			a.count += b.count
			a.slots = append(a.slots, b.slots...)
			a.length += b.length
			pools = pools[:len(pools)-1]
		}
	}
	for _, p := range pools {
		y := p.wanted
		for _, s := range p.slots {
			s.y = y
			y += s.height + rowGap
		}
	}
}
