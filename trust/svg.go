package trust

import (
	"bytes"
	"cmp"
	_ "embed"
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/tlsward/tlsward/report"
)

// svgStyle is the style of the picture, for light, dark and paper.
//
//go:embed svg.css
var svgStyle string

// labelSize is the size of labels beside that of titles.
const labelSize = 0.8

// WriteSVG writes the graph as a picture that stands by itself: it loads and runs nothing.
func (v *Inventory) WriteSVG(w io.Writer) error {
	var b bytes.Buffer
	b.WriteString(xml.Header)
	v.drawSVG(&b, nil)
	_, err := b.WriteTo(w)
	return err
}

type legendEntry struct {
	mood  mood
	text  string
	stage stage
}

// legend is what the kinds of boxes and lines mean.
var legend = []legendEntry{
	{fine, "CA", authority},
	{fine, "certificate", certificate},
	{fine, "uses it", consumer},
	{fine, "behind it", backend},
	{expired, "expired", certificate},
	{promised, "will be made", certificate},
	{missing, "missing", certificate},
	{unknown, "not in sight", certificate},
}

const (
	legendHeight = 30.0
	legendBox    = 18.0
	legendGap    = 7.0
	noteHeight   = 20.0
)

func (v *Inventory) drawSVG(w io.Writer, part *selection) {
	l := v.picture(part).arrange()
	if len(l.nodes) == 0 {
		l.notes = append(l.notes, "No certificate is in sight, and nothing refers to one.")
		l.width, l.height = 0, margin
	}
	shown := l.legendOf()
	legendWidth := margin
	for _, entry := range shown {
		legendWidth += entry.width()
	}
	width := max(l.width, legendWidth+margin)
	for _, note := range l.notes {
		width = max(width, textWidth(note)*smaller+2*margin)
	}
	height := l.height + legendHeight + noteHeight*float64(len(l.notes))
	fmt.Fprintf(w, `<svg xmlns="http://www.w3.org/2000/svg" class="trust" role="img" aria-labelledby="trust-title" `+
		`width="%.0f" height="%.0f" viewBox="0 0 %.0f %.0f">`+"\n", width, height, width, height)
	fmt.Fprintf(w, "<title id=\"trust-title\">%s</title>\n", escaped("Who trusts whom: "+v.summary()))
	fmt.Fprintf(w, "<style>\n%s</style>\n", svgStyle)
	fmt.Fprintf(w, "<rect class=\"ground\" width=\"%.0f\" height=\"%.0f\"/>\n", width, height)
	l.drawEdges(w)
	for _, n := range l.nodes {
		n.draw(w)
	}
	l.drawLegend(w, shown)
	fmt.Fprintln(w, "</svg>")
}

// ports are the heights at which edges meet one side of a box, in the order of their other ends.
func ports(n *node, routes []*route, other func(*route) float64) map[*route]float64 {
	sorted := slices.Clone(routes)
	slices.SortStableFunc(sorted, func(a, b *route) int {
		switch x, y := other(a), other(b); {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return 0
	})
	at := map[*route]float64{}
	step := min(portGap+3, (n.height-padding)/float64(max(1, len(sorted))))
	first := n.y + n.height/2 - step*float64(len(sorted)-1)/2
	for i, r := range sorted {
		at[r] = first + step*float64(i)
	}
	return at
}

func (l *layout) drawEdges(w io.Writer) {
	outgoing, incoming := map[*node][]*route{}, map[*node][]*route{}
	for _, r := range l.routes {
		outgoing[r.edge.from] = append(outgoing[r.edge.from], r)
		incoming[r.edge.to] = append(incoming[r.edge.to], r)
	}
	starts, ends := map[*route]float64{}, map[*route]float64{}
	for _, n := range l.nodes {
		for r, y := range ports(n, outgoing[n], func(r *route) float64 { return r.slots[1].center() }) {
			starts[r] = y
		}
		for r, y := range ports(n, incoming[n], func(r *route) float64 { return r.slots[len(r.slots)-2].center() }) {
			ends[r] = y
		}
	}
	for _, n := range l.nodes {
		routes := incoming[n]
		slices.SortFunc(routes, func(a, b *route) int { return cmp.Compare(ends[a], ends[b]) })
		said := ""
		for _, r := range routes {
			label := r.edge.label()
			if label == said || len(routes) > maxPorts {
				label = "" // the one above says it
			} else {
				said = label
			}
			l.drawEdge(w, r, starts[r], ends[r], label)
		}
	}
}

func (l *layout) drawEdge(w io.Writer, r *route, start, end float64, label string) {
	class := "edge"
	switch {
	case r.edge.from.mood.trouble():
		class += " " + string(r.edge.from.mood)
	case r.edge.made:
		class += " " + string(promised)
	case r.edge.traffic:
		class += " traffic"
	}
	x, y := r.edge.from.x+r.edge.from.width, start
	var path strings.Builder
	fmt.Fprintf(&path, "M%.1f %.1f", x, y)
	for _, s := range r.slots[1 : len(r.slots)-1] {
		bend := (s.x - x) / 2
		fmt.Fprintf(&path, " C%.1f %.1f %.1f %.1f %.1f %.1f", x+bend, y, s.x-bend, s.center(), s.x, s.center())
		through := l.widthOf(s.rank)
		x, y = s.x+through, s.center()
		fmt.Fprintf(&path, " H%.1f", x)
	}
	// Labels stand on the straight end of the line.
	to := r.edge.to.x - arrow
	turn := to - l.labels(r.edge.to)
	bend := (turn - x) / 2
	fmt.Fprintf(&path, " C%.1f %.1f %.1f %.1f %.1f %.1f H%.1f", x+bend, y, turn-bend, end, turn, end, to)
	fmt.Fprintf(w, "<path class=\"%s\" d=\"%s\"/>\n", class, path.String())
	fmt.Fprintf(w, "<path class=\"%s head\" d=\"M%.1f %.1fl-8 -3.5v7z\"/>\n", class, r.edge.to.x-1, end)
	if label != "" {
		fmt.Fprintf(w, "<text class=\"role\" x=\"%.1f\" y=\"%.1f\">%s</text>\n", to-4, end-3, escaped(label))
	}
}

// labels is the room that the labels before a box take.
func (l *layout) labels(n *node) (widest float64) {
	if len(n.in) > maxPorts {
		return 0
	}
	for _, e := range n.in {
		widest = max(widest, textWidth(e.label())*labelSize)
	}
	return widest
}

// arrow is how long the head of an edge is.
const arrow = 8.0

// widthOf is that of the boxes of a rank.
func (l *layout) widthOf(rank int) float64 {
	for _, s := range l.ranks[rank] {
		if s.node != nil {
			return s.node.width
		}
	}
	return 0
}

// label is what an edge is called.
func (e *edge) label() string { return clip(strings.Join(e.labels, ", ")) }

func (n *node) draw(w io.Writer) {
	fmt.Fprintf(w, "<g class=\"node %s %s\"><title>%s</title>", n.stage, n.mood, escaped(lines(n.hint)))
	fmt.Fprintf(w, "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" rx=\"5\"/>", n.x, n.y, n.width, n.height)
	y := n.y + (n.height-float64(1+len(n.lines))*lineHeight)/2 + fontSize
	fmt.Fprintf(w, "<text class=\"title\" x=\"%.1f\" y=\"%.1f\">%s</text>", n.x+padding, y, escaped(n.title))
	for _, line := range n.lines {
		y += lineHeight
		fmt.Fprintf(w, "<text x=\"%.1f\" y=\"%.1f\">%s</text>", n.x+padding, y, escaped(line))
	}
	fmt.Fprintln(w, "</g>")
}

// legendOf are the entries of the legend that occur.
func (l *layout) legendOf() (shown []legendEntry) {
	for _, entry := range legend {
		if slices.ContainsFunc(l.nodes, func(n *node) bool {
			return n.mood == entry.mood && (n.stage == entry.stage || entry.mood != fine)
		}) {
			shown = append(shown, entry)
		}
	}
	return shown
}

func (l *layout) drawLegend(w io.Writer, shown []legendEntry) {
	x, y := margin, l.height
	for _, entry := range shown {
		fmt.Fprintf(w, "<g class=\"node %s %s\"><rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"12\" rx=\"3\"/>"+
			"<text x=\"%.1f\" y=\"%.1f\">%s</text></g>\n", entry.stage, entry.mood, x, y, legendBox, x+legendBox+legendGap, y+lineHeight-7, entry.text)
		x += entry.width()
	}
	for _, note := range l.notes {
		y += noteHeight
		fmt.Fprintf(w, "<text class=\"remark\" x=\"%.1f\" y=\"%.1f\">%s</text>\n", margin, y+lineHeight-7, escaped(note))
	}
}

func (e legendEntry) width() float64 {
	return legendBox + 3*legendGap + textWidth(e.text)*smaller
}

func (s stage) String() string {
	return [...]string{"authority", "issuer", "certificate", "consumer", "backend"}[s]
}

// escaped is text for XML.
func escaped(text string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(text)) // a strings.Builder takes everything
	return b.String()
}

// lines is visible text of several lines.
func lines(text string) string { return report.Lines(text) }
