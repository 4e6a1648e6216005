package trust

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/tlsward/tlsward/report"
)

// WriteDOT writes the graph for Graphviz, drawn together as the picture is.
func (v *Inventory) WriteDOT(w io.Writer) error {
	g := v.picture(nil)
	var b bytes.Buffer
	fmt.Fprintf(&b, "digraph trust {\n  rankdir=LR;\n  label=%s;\n", quoted(strings.Join(append([]string{v.summary()}, g.notes...), "\n")))
	fmt.Fprintln(&b, `  node [shape=box, style="rounded,filled", fillcolor=white, fontname="sans-serif", fontsize=11];`)
	fmt.Fprintln(&b, `  edge [fontname="sans-serif", fontsize=9, color=gray40];`)
	for i, n := range g.nodes {
		fmt.Fprintf(&b, "  n%d [label=%s, tooltip=%s%s];\n", i, quoted(strings.Join(append([]string{n.title}, n.lines...), "\n")), quoted(n.hint), n.attributes())
	}
	for _, e := range g.edges {
		var attributes []string
		if len(e.labels) > 0 {
			attributes = append(attributes, "label="+quoted(strings.Join(e.labels, ", ")))
		}
		switch {
		case e.from.mood == expired:
			attributes = append(attributes, "color=red3")
		case e.from.mood == missing:
			attributes = append(attributes, "color=red3", "style=dashed")
		case e.made:
			attributes = append(attributes, "style=dashed")
		}
		fmt.Fprintf(&b, "  n%d -> n%d", slices.Index(g.nodes, e.from), slices.Index(g.nodes, e.to))
		if len(attributes) > 0 {
			fmt.Fprintf(&b, " [%s]", strings.Join(attributes, ", "))
		}
		fmt.Fprintln(&b, ";")
	}
	fmt.Fprintln(&b, "}")
	_, err := b.WriteTo(w)
	return err
}

func (n *node) attributes() string {
	switch n.mood {
	case expired:
		return ", color=red3, fontcolor=red3, fillcolor=mistyrose, penwidth=2"
	case missing:
		return `, color=red3, fontcolor=red3, style="rounded,dashed", penwidth=2`
	case promised:
		return `, color=purple, style="rounded,dashed"`
	case unknown:
		return `, style="rounded,dotted"`
	case fine:
	}
	switch n.stage {
	case authority, issuer:
		return ", color=blue, fillcolor=aliceblue"
	case certificate:
		return ", color=darkgreen, fillcolor=honeydew"
	case consumer, backend:
	}
	return ""
}

// quoted is a string of DOT. In labels a backslash begins an escape, so that one of ours is written twice.
func quoted(text string) string {
	text = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(report.Lines(text))
	return `"` + text + `"`
}
