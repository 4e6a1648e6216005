package trust

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxNodes bounds a picture: with more than this nobody finds anything in it, and it no longer fits on a page or two.
const maxNodes = 70

// graph is what a picture shows: certificates on the left, what uses them in the middle, what is behind that on the right.
type graph struct {
	nodes []*node
	edges []*edge
	// notes say what is drawn together, or left out.
	notes []string
}

// stage is where in the picture a node belongs: what is in it, from left to right.
type stage int

const (
	authority stage = iota
	issuer
	certificate
	consumer
	backend
)

// mood says how a node is drawn.
type mood string

const (
	fine     mood = "fine"
	expired  mood = "expired"
	promised mood = "promised"
	missing  mood = "missing"
	unknown  mood = "unknown"
)

func (m mood) trouble() bool { return m == expired || m == missing }

type node struct {
	stage stage
	mood  mood
	// title is what it is, lines what else there is to say; each member of a group has one of them.
	title string
	lines []string
	// kind and namespaces are what nodes are grouped by, names those of a group's members.
	kind       string
	namespaces []string
	names      []string
	// hint is what is told of it on request.
	hint string
	// order is that of the inventory.
	order int

	in, out []*edge
	place
}

type edge struct {
	from, to *node
	labels   []string
	// made: it is there once something in sight is made. traffic: it leads from a consumer to what is behind it.
	made, traffic bool
}

// picture makes the graph of a part of the inventory, drawn together as far as is needed to take it in.
func (v *Inventory) picture(part *selection) *graph {
	d := &drawing{inventory: v, part: part, nodes: map[any]*node{}, edges: map[[2]*node]*edge{}, roots: v.commonFolder()}
	g := d.graph().simplify()
	if part != nil {
		g.notes = append([]string{part.note(v)}, g.notes...)
	}
	return g
}

// simplify draws nodes together, the gentlest way that makes few enough of them.
func (g *graph) simplify() *graph {
	all, singles := g, len(g.nodes)
	for _, key := range groupings() {
		// What is left may now differ in nothing but names.
		if g = all.group(key).group(sameNeighbours); len(g.nodes) <= maxNodes {
			break
		}
	}
	g.cut()
	if singles > maxNodes {
		g.reduce()
	}
	if drawn := len(g.nodes); drawn < singles && singles > maxNodes {
		g.notes = append(g.notes, fmt.Sprintf("%d certificates and objects are drawn together in %d boxes; --namespace, --host or --ca show single ones", singles, drawn))
	}
	return g
}

// reduce drops the edges of CAs to who uses them where another way, over a CA that they issued, leads there too.
func (g *graph) reduce() {
	g.edges = slices.DeleteFunc(g.edges, func(e *edge) bool {
		return e.from.stage == authority && e.to.stage == consumer && slices.ContainsFunc(e.from.out, func(down *edge) bool {
			return down.to.stage == authority && slices.ContainsFunc(down.to.out, func(other *edge) bool { return other.to == e.to })
		})
	})
	g.connect()
}

// drawing is a graph while it grows.
type drawing struct {
	inventory *Inventory
	part      *selection // of the inventory
	nodes     map[any]*node
	list      []*node
	edges     map[[2]*node]*edge
	edgeList  []*edge
	roots     string // the folder that all are in
}

func (d *drawing) add(key any, n node) *node {
	if known, ok := d.nodes[key]; ok {
		return known
	}
	n.order = len(d.list)
	d.nodes[key] = &n
	d.list = append(d.list, &n)
	return &n
}

func (d *drawing) join(from, to *node, label string, made, traffic bool) {
	if from == to {
		return
	}
	e, ok := d.edges[[2]*node{from, to}]
	if !ok {
		e = &edge{from: from, to: to, made: made, traffic: traffic}
		d.edges[[2]*node{from, to}] = e
		d.edgeList = append(d.edgeList, e)
	}
	e.made = e.made && made
	if label != "" && !slices.Contains(e.labels, label) {
		e.labels = append(e.labels, label)
	}
}

func (d *drawing) graph() *graph {
	v := d.inventory
	for _, c := range v.Certificates {
		if d.part.certificate(c) {
			d.certificate(c)
		}
	}
	for _, c := range v.Certificates {
		if !d.part.certificate(c) {
			continue
		}
		for _, i := range c.IssuedBy {
			if d.part.certificate(i) {
				d.join(d.certificate(i), d.certificate(c), "", false, false)
			}
		}
	}
	for _, c := range v.Consumers {
		if !d.part.consumer(c) {
			continue
		}
		to := d.consumer(c)
		for _, u := range c.Uses {
			if !d.part.use(u) {
				continue
			}
			label := u.Title
			if u.Idle {
				label += " (not in use)"
			}
			for _, from := range d.shown(u.Holder, u.Kind) {
				d.join(from, to, label, u.Holder.State == Promised, false)
			}
		}
	}
	for i := 0; i < len(v.Consumers) && len(d.list) < maxDrawn; i++ {
		if d.part.consumer(v.Consumers[i]) {
			d.behind(v.Consumers[i].Object)
		}
	}
	g := &graph{nodes: d.list, edges: d.edgeList}
	g.connect()
	return g
}

// maxDrawn bounds what is behind consumers before anything is drawn together.
const maxDrawn = 100_000

func (d *drawing) behind(from Object) {
	for _, next := range d.inventory.links[from] {
		to, known := d.nodes[next]
		if !known {
			mood := fine
			if !d.inventory.there[next] {
				mood = unknown
			}
			to = d.add(next, node{
				stage: backend, mood: mood, title: next.Kind, lines: d.lines(next), kind: next.Kind, namespaces: []string{next.Namespace},
				names: []string{d.name(next)}, hint: next.Label(),
			})
		}
		d.join(d.nodes[from], to, "", false, true)
		if !known {
			d.behind(next)
		}
	}
}

func (d *drawing) certificate(c *Certificate) *node {
	v := d.inventory
	n := node{stage: certificate, mood: fine, title: c.Name, kind: "certificate", names: []string{c.Name}}
	if c.Authority() {
		n.stage, n.kind = authority, "CA"
	}
	switch c.Validity(v.Now) {
	case "expired":
		n.mood, n.lines = expired, []string{"expired " + c.NotAfter.Format(time.DateOnly)}
	case "not-yet-valid":
		n.mood, n.lines = expired, []string{"not valid before " + c.NotBefore.Format(time.DateOnly)}
	default:
		n.lines = []string{"until " + c.NotAfter.Format(time.DateOnly)}
	}
	if len(c.Holders) > 0 {
		at := c.Holders[0].Kind + " " + short(c.Holders[0].Object)
		if more := len(c.Holders) - 1; more > 0 {
			at += fmt.Sprintf(" +%d", more)
		}
		n.namespaces = []string{c.Holders[0].Namespace}
		n.lines = append(n.lines, at)
	}
	n.hint = c.Subject + "\n" + strings.Join(n.lines, "\n") + "\nSHA-256 " + c.Hash
	return d.add(c.Hash, n)
}

func (d *drawing) consumer(c *Consumer) *node {
	n := node{
		stage: consumer, mood: fine, title: c.Kind, lines: d.lines(c.Object), kind: c.Kind, namespaces: []string{c.Namespace},
		names: []string{d.name(c.Object)}, hint: c.Label(),
	}
	if signs(c) {
		n.stage = issuer
	}
	return d.add(c.Object, n)
}

// signs reports whether a consumer has use for a CA other than to verify somebody: it issues.
func signs(c *Consumer) bool {
	return !slices.ContainsFunc(c.Uses, func(u *Use) bool { return u.Kind != "other" })
}

// shown are the nodes of a holder: what is in it, or what stands for that.
func (d *drawing) shown(h *Holder, use string) (list []*node) {
	if h.State == Present {
		certificates := h.Certificates
		if use == "certificate" {
			// What is sent with it hangs together with it anyway.
			certificates = certificates[:1]
		}
		for _, c := range certificates {
			if use == "trust" && slices.ContainsFunc(c.Issued, func(below *Certificate) bool { return slices.Contains(certificates, below) }) {
				continue // the way over what it issued shows it
			}
			if n, ok := d.nodes[c.Hash]; ok {
				list = append(list, n)
			}
		}
		return list
	}
	n := node{
		stage: certificate, title: h.Kind + " " + short(h.Object), kind: h.Kind, namespaces: []string{h.Namespace}, names: []string{d.name(h.Object)},
		hint: h.Title() + ": " + h.Words,
	}
	switch {
	case h.State == Promised:
		n.mood, n.lines = promised, []string{"will be made"}
		if h.Producer.Name != "" {
			n.lines = []string{"for " + h.Producer.Kind + " " + h.Producer.Name}
		}
	case h.State == NotGranted:
		n.mood, n.lines = missing, []string{"not granted"}
	case h.State == Missing && strings.HasPrefix(h.Words, "has no key"):
		n.mood, n.lines = missing, []string{h.Words}
	case h.State.Broken():
		n.mood, n.lines = missing, []string{string(h.State)}
	case h.State == External:
		n.mood, n.lines = unknown, []string{"declared external"}
	default:
		n.mood, n.lines = unknown, []string{"not in sight"}
	}
	n.lines = append(n.lines, d.lines(h.Object)[1:]...)
	type part struct {
		Object
		State
	}
	made := d.add(part{h.Object, h.State}, n)
	if !slices.Contains(made.lines, n.lines[0]) {
		made.lines = slices.Insert(made.lines, 0, n.lines[0])
	}
	if h.Signer.Name != "" {
		by := d.add(h.Signer, node{
			stage: issuer, mood: fine, title: h.Signer.Kind, lines: d.lines(h.Signer), kind: h.Signer.Kind, namespaces: []string{h.Signer.Namespace},
			names: []string{d.name(h.Signer)}, hint: h.Signer.Label(),
		})
		d.join(by, made, "", true, false)
	}
	return []*node{made}
}

// short names an object without its kind.
func short(o Object) string {
	if o.Namespace != "" {
		return o.Namespace + "/" + o.Name
	}
	return o.Name
}

// lines are what a box says of an object: its name and, where there are several, its root as far as it differs from others.
func (d *drawing) lines(o Object) []string {
	if o.Root == "" {
		return []string{short(o)}
	}
	return []string{short(o), "in " + strings.TrimPrefix(o.Root, d.roots)}
}

func (d *drawing) name(o Object) string { return strings.Join(d.lines(o), " ") }

// commonFolder is the folder that all roots are in, with a slash at the end; "" if that is none.
func (v *Inventory) commonFolder() string {
	common, first := "", true
	note := func(o Object) {
		if o.Root == "" {
			return
		}
		if first {
			common, first = o.Root[:strings.LastIndexAny(o.Root, separators)+1], false
		}
		for !strings.HasPrefix(o.Root, common) {
			common = common[:strings.LastIndexAny(common[:len(common)-1], separators)+1]
		}
	}
	for _, c := range v.Consumers {
		note(c.Object)
	}
	for _, h := range v.Holders {
		note(h.Object)
	}
	return common
}

const separators = `/\\`

// connect fills in the edges of nodes, in a stated order.
func (g *graph) connect() {
	for _, n := range g.nodes {
		n.in, n.out = nil, nil
	}
	slices.SortFunc(g.edges, func(a, b *edge) int {
		return cmp.Or(cmp.Compare(a.from.order, b.from.order), cmp.Compare(a.to.order, b.to.order))
	})
	for _, e := range g.edges {
		e.from.out, e.to.in = append(e.from.out, e), append(e.to.in, e)
	}
}

// grouping is a way to draw nodes together: those with one key are one box.
type grouping func(n *node) string

// groupings are the ways, the gentlest first: those that keep apart what is broken, and what is in different namespaces.

func groupings() []grouping {
	return []grouping{sameNeighbours, gently(byNamespace), byNamespace, gently(byKind), byKind, byMood}
}

// sameNeighbours are nodes that differ in nothing but their names.
func sameNeighbours(n *node) string {
	const usual = 8 // digits and mark of an edge
	key := make([]byte, 0, len(n.mood)+len(n.kind)+usual*(1+len(n.in)+len(n.out)))
	key = append(key, byMood(n)...)
	for _, e := range n.in {
		key = strconv.AppendInt(append(key, '<'), int64(e.from.order), 10)
	}
	for _, e := range n.out {
		key = strconv.AppendInt(append(key, '>'), int64(e.to.order), 10)
	}
	return string(key)
}

// gently leaves what is in trouble as it is.
func gently(key grouping) grouping {
	return func(n *node) string {
		if n.mood.trouble() {
			return sameNeighbours(n)
		}
		return key(n)
	}
}

func byNamespace(n *node) string { return byKind(n) + " in " + strings.Join(n.namespaces, " ") }

// byKind draws all together that is of one kind, but for CAs, which are few and make the difference.
func byKind(n *node) string {
	if n.stage == authority {
		return sameNeighbours(n)
	}
	return byMood(n)
}

func byMood(n *node) string { return n.stage.String() + " " + string(n.mood) + " " + n.kind }

// group draws nodes together.
func (g *graph) group(key grouping) *graph {
	d := &drawing{edges: map[[2]*node]*edge{}, nodes: map[any]*node{}}
	members := map[string][]*node{}
	of := map[*node]*node{}
	for _, n := range g.nodes {
		k := key(n)
		members[k] = append(members[k], n)
		of[n] = d.add(k, *n)
	}
	for k, list := range members {
		if len(list) > 1 {
			d.nodes[k].together(list)
		}
	}
	for _, e := range g.edges {
		from, to := of[e.from], of[e.to]
		if len(e.labels) == 0 {
			d.join(from, to, "", e.made, e.traffic)
		}
		for _, label := range e.labels {
			d.join(from, to, label, e.made, e.traffic)
		}
	}
	grouped := &graph{nodes: d.list, edges: d.edgeList}
	grouped.connect()
	return grouped
}

// maxNames bounds the members that a box names.
const maxNames = 3

// together makes one node of several.
func (n *node) together(list []*node) {
	n.names, n.lines, n.namespaces = nil, nil, nil
	for _, member := range list {
		n.names = append(n.names, member.names...)
		n.namespaces = append(n.namespaces, member.namespaces...)
	}
	slices.Sort(n.namespaces)
	n.namespaces = slices.Compact(n.namespaces)
	n.title = pluralOf(len(n.names), n.kind, pluralKind(n.kind))
	if n.mood != fine {
		n.lines = append(n.lines, moodWords(n, list))
	}
	shown := n.names[:min(len(n.names), maxNames)]
	n.lines = append(n.lines, shown...)
	if more := len(n.names) - len(shown); more > 0 {
		last := fmt.Sprintf("and %d more", more)
		if len(n.namespaces) > 1 {
			last += fmt.Sprintf(", in %d namespaces", len(n.namespaces))
		}
		n.lines = append(n.lines, last)
	}
	n.hint = n.title + "\n" + strings.Join(n.names[:min(len(n.names), maxHint)], "\n")
}

// maxHint bounds what a box tells on request.
const maxHint = 40

// moodWords says what is the matter with all of a group: in the words of each, if they are the same.
func moodWords(n *node, list []*node) string {
	words := map[string]bool{}
	for _, member := range list {
		if len(member.lines) > 0 {
			words[member.lines[0]] = true
		}
	}
	if len(words) == 1 {
		for word := range maps.Keys(words) {
			return word
		}
	}
	for _, entry := range legend {
		if entry.mood == n.mood {
			return entry.text
		}
	}
	return string(n.mood)
}

func pluralKind(kind string) string {
	switch {
	case strings.HasSuffix(kind, "y") && !strings.HasSuffix(kind, "ay"):
		return strings.TrimSuffix(kind, "y") + "ies"
	case strings.HasSuffix(kind, "s"):
		return kind + "es"
	default:
		return kind + "s"
	}
}

// cut drops what is too much even when drawn together: what is in no trouble and has the fewest edges goes first.
func (g *graph) cut() {
	if len(g.nodes) <= maxNodes {
		return
	}
	list := slices.Clone(g.nodes)
	slices.SortStableFunc(list, func(a, b *node) int {
		if a.mood.trouble() != b.mood.trouble() {
			if a.mood.trouble() {
				return -1
			}
			return 1
		}
		return cmp.Compare(len(b.in)+len(b.out), len(a.in)+len(a.out))
	})
	kept := map[*node]bool{}
	for _, n := range list[:maxNodes] {
		kept[n] = true
	}
	g.notes = append(g.notes, fmt.Sprintf("%d boxes are left out; --namespace, --host or --ca show them", len(list)-maxNodes))
	g.nodes = slices.DeleteFunc(g.nodes, func(n *node) bool { return !kept[n] })
	g.edges = slices.DeleteFunc(g.edges, func(e *edge) bool { return !kept[e.from] || !kept[e.to] })
	g.connect()
}
