package trust

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// random makes a graph as inventories have it: edges lead from one stage to a later one, or among CAs and backends.
func random(seed uint64, nodes int) *graph {
	source := rand.New(rand.NewPCG(seed, 1))
	d := &drawing{nodes: map[any]*node{}, edges: map[[2]*node]*edge{}}
	for i := range nodes {
		n := node{
			stage: stage(source.IntN(int(backend) + 1)), mood: fine, title: strings.Repeat("n", 1+source.IntN(60)), kind: "Ingress",
			names: []string{fmt.Sprint(i)}, namespaces: []string{fmt.Sprint("shop-", i%9)},
		}
		for range source.IntN(4) {
			n.lines = append(n.lines, "a line")
		}
		if source.IntN(5) == 0 {
			n.mood = expired
		}
		d.add(i, n)
	}
	for range 2 * nodes {
		a, b := d.list[source.IntN(nodes)], d.list[source.IntN(nodes)]
		if a.stage < b.stage || a.stage == b.stage && (a.stage == authority || a.stage == backend) {
			d.join(a, b, "client CA", false, false)
		}
	}
	g := &graph{nodes: d.list, edges: d.edgeList}
	g.connect()
	return g
}

// TestArrange: boxes lie side by side, within the picture, and every edge leads to the right, but for one of those that go round
// in a circle.
func TestArrange(t *testing.T) {
	for seed := range uint64(60) {
		l := random(seed, 3+int(seed)).arrange()
		for i, n := range l.nodes {
			if n.x < margin || n.y < margin-0.01 || n.x+n.width > l.width || n.y+n.height > l.height {
				t.Errorf("seed %d: a box at %v is outside of %.0f x %.0f", seed, n.place, l.width, l.height)
			}
			for _, other := range l.nodes[:i] {
				if n.x < other.x+other.width && other.x < n.x+n.width && n.y < other.y+other.height && other.y < n.y+n.height {
					t.Errorf("seed %d: %v lies over %v", seed, n.place, other.place)
				}
			}
		}
		for _, r := range l.routes {
			if r.edge.from.x+r.edge.from.width >= r.edge.to.x {
				t.Errorf("seed %d: an edge leads from %v to %v", seed, r.edge.from.place, r.edge.to.place)
			}
			if len(r.slots) != r.edge.to.rank-r.edge.from.rank+1 {
				t.Errorf("seed %d: an edge over %d ranks has %d slots", seed, r.edge.to.rank-r.edge.from.rank, len(r.slots))
			}
		}
		for _, e := range l.edges {
			drawn := slices.ContainsFunc(l.routes, func(r *route) bool { return r.edge == e })
			if !drawn && e.from.stage != e.to.stage {
				t.Errorf("seed %d: an edge between stages is not drawn", seed)
			}
		}
	}
}

// TestUntangle: a graph that can be drawn without a crossing is.
func TestUntangle(t *testing.T) {
	d := &drawing{nodes: map[any]*node{}, edges: map[[2]*node]*edge{}}
	const pairs = 12
	for i := range pairs {
		d.add(i, node{stage: certificate, mood: fine, title: "c"})
	}
	for i := range pairs {
		d.add(pairs+i, node{stage: consumer, mood: fine, title: "u"})
	}
	for i := range pairs {
		d.join(d.list[i], d.list[pairs+(i*5)%pairs], "", false, false)
	}
	g := &graph{nodes: d.list, edges: d.edgeList}
	g.connect()
	if n := g.arrange().crossings(); n != 0 {
		t.Errorf("%d crossings", n)
	}
}

// TestGroup: however large a graph is, what is drawn is bounded, no member is lost, and a word says what was done.
func TestGroup(t *testing.T) {
	for _, size := range []int{10, 100, 1000, 5000} {
		g := random(7, size)
		all := 0
		for _, n := range g.nodes {
			all += len(n.names)
		}
		drawn := g.simplify()
		members := 0
		for _, n := range drawn.nodes {
			members += len(n.names)
		}
		if len(drawn.nodes) > maxNodes {
			t.Errorf("%d nodes: %d boxes", size, len(drawn.nodes))
		}
		if members != all {
			t.Errorf("%d nodes: %d members, want %d", size, members, all)
		}
		if said := len(drawn.notes) > 0; said != (size > maxNodes) {
			t.Errorf("%d nodes: notes %q", size, drawn.notes)
		}
	}
	// As many kinds as there can be nodes: what is in trouble stays.
	g := random(3, 500)
	for i, n := range g.nodes {
		n.kind = fmt.Sprint("Kind", i)
		if i >= maxNodes/2 {
			n.mood = fine
		} else {
			n.mood = missing
		}
	}
	drawn := g.simplify()
	trouble := 0
	for _, n := range drawn.nodes {
		if n.mood == missing {
			trouble++
		}
	}
	if len(drawn.nodes) != maxNodes || trouble != maxNodes/2 || len(drawn.notes) == 0 || !strings.Contains(drawn.notes[0], "430 boxes are left out") {
		t.Errorf("%d boxes, %d in trouble, notes %q", len(drawn.nodes), trouble, drawn.notes)
	}
}
