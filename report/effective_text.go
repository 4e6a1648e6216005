package report

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/tlsward/tlsward/parallel"
)

// writeEffectiveText writes a block for each host, and below them what is unknown and what the answers rest on.
func writeEffectiveText(w io.Writer, e Effective, s Style) error {
	t := effectiveText{printer: newPrinter(w, s), sources: e.Sources, workers: e.Workers, notes: map[note]string{}}
	rows, hosts, services := 0, map[string]bool{}, map[string]bool{}
	for i := range e.Trees {
		tree := &e.Trees[i]
		if title := treeTitle(tree.Environment, tree.Root); title != "" && len(e.Trees) > 1 {
			t.put(blue, "== "+title)
			t.end()
			t.end()
		}
		list := sites(tree.Rows)
		for j := range tree.Rows {
			if r := &tree.Rows[j]; r.Service != "" {
				services[r.Service] = true
			} else {
				hosts[r.Host] = true
			}
		}
		t.sites(joinLost(list))
		rows += len(tree.Rows)
	}
	t.footnotes("unknown, and what would settle it", true)
	t.footnotes("assumed", false)
	problems(t.printer, e.Errors)
	line := plural(len(hosts), "host")
	if len(services) > 0 {
		line += ", " + plural(len(services), "Service")
	}
	line += ", " + plural(rows, "row")
	if t.unknown > 0 {
		line += fmt.Sprintf("; %d unknown", t.unknown)
	}
	if t.assumed > 0 {
		line += fmt.Sprintf("; %d assumed", t.assumed)
	}
	if len(e.Errors) > 0 {
		line += fmt.Sprintf("; %d unreadable", len(e.Errors))
	}
	const indent = 4
	summary := paragraph{printer: t.printer, indent: indent}
	summary.add(bold, line, "")
	t.end()
	return t.out.Flush()
}

// effectiveText writes rows for people.
type effectiveText struct {
	printer
	sources bool
	workers int
	// notes are what marks lead to, each with its mark; list holds them in the order in which they come.
	notes            map[note]string
	list             []note
	unknown, assumed int
	// place is the column at which places stand.
	place int
	// said are the reasons that were given for the row already.
	said map[string]bool
}

// The columns of a block: ports, then questions, then answers.
const (
	portIndent     = 2
	questionIndent = 4
	questionWidth  = len("backend's certificate") + 2
	answerIndent   = questionIndent + questionWidth
	// longestAnswer keeps places near where nobody knows how wide the output is.
	longestAnswer = 60
)

// sitesAtOnce are told by one goroutine before it takes others, and partsAtOnce of those are held before they are written.
const sitesAtOnce, partsAtOnce = 64, 32

// sites writes a block for each site. Blocks are made on all processors, after what they have in common: the column of places, and the
// numbers of notes.
func (t *effectiveText) sites(list []site) {
	parts := slices.Collect(slices.Chunk(list, sitesAtOnce))
	layouts := make([]layout, len(parts))
	parallel.Each(context.Background(), len(parts), t.workers, func(i int) { layouts[i] = t.layOut(parts[i]) })
	t.place = 0
	widest := 0
	for _, l := range layouts {
		t.place, widest = max(t.place, answerIndent+l.longest+2), max(widest, l.widest)
		for _, n := range l.notes {
			t.number(n)
		}
	}
	if t.width > 0 {
		const least = 20
		t.place = max(min(t.place, t.width-widest), answerIndent+least)
	}
	var blocks [partsAtOnce]bytes.Buffer
	for some := range slices.Chunk(parts, partsAtOnce) {
		parallel.Each(context.Background(), len(some), t.workers, func(i int) {
			blocks[i].Reset()
			part := *t
			part.out = bufio.NewWriter(&blocks[i])
			for j := range some[i] {
				part.site(&some[i][j])
			}
			part.out.Flush() //nolint:errcheck // a buffer takes everything
		})
		for i := range some {
			t.out.Write(blocks[i].Bytes()) //nolint:errcheck // its Flush tells
		}
	}
}

// layout is what the blocks of some sites ask of all: how long answers and places are, and the notes, in the order in which they come.
type layout struct {
	longest, widest int
	notes           []note
}

// layOut looks for a column behind the longest answer that leaves room for the longest place.
func (t *effectiveText) layOut(list []site) (l layout) {
	noted := map[note]bool{}
	mark := func(a *answer) {
		for i := range a.parts {
			if n := a.parts[i].note; n.text != "" && !noted[n] {
				noted[n] = true
				l.notes = append(l.notes, n)
			}
		}
	}
	for i := range list {
		for _, port := range list[i].ports {
			for _, f := range port.folds {
				a := transport(f.rows[0])
				mark(&a)
				for a := range questions(f.rows[0]) {
					mark(a)
					l.longest = max(l.longest, min(a.columns()+len(" [99]"), longestAnswer))
					if t.width > 0 {
						l.widest = max(l.widest, Columns(where(a.decisive())))
					}
				}
			}
		}
	}
	return l
}

func (t *effectiveText) site(s *site) {
	t.put(bold, s.name)
	if s.server != "" {
		t.put(dim, "  "+s.server)
	}
	t.end()
	for i := range s.ports {
		for _, f := range s.ports[i].folds {
			t.fold(s.ports[i].port, f)
		}
	}
	t.end()
}

func (t *effectiveText) fold(port int, f fold) {
	r := f.rows[0]
	t.said = map[string]bool{}
	if r.Service == "" {
		a := transport(r)
		head := ":" + strconv.Itoa(port)
		if port == 0 {
			head = "all ports and paths" // of hosts that are told together
		} else if paths := f.paths(); paths != "" {
			head += " " + paths
		}
		t.put(plain, strings.Repeat(" ", portIndent))
		t.put(bold, head)
		column := portIndent + Columns(head)
		if gap := answerIndent - column; gap > 1 {
			t.put(plain, strings.Repeat(" ", gap))
			t.answer(&a, answerIndent)
		} else {
			t.put(plain, "  ")
			t.answer(&a, column+2)
		}
	}
	for a := range questions(r) {
		gap := max(questionWidth-Columns(a.question), 1)
		t.put(plain, strings.Repeat(" ", questionIndent)+a.question+strings.Repeat(" ", gap))
		t.answer(a, answerIndent)
	}
}

// answer writes an answer from a column on, its place, and below it why a field decided it.
func (t *effectiveText) answer(a *answer, column int) {
	line := paragraph{printer: t.printer, column: column, indent: answerIndent + 2}
	for _, p := range a.parts {
		line.add(p.ink, p.text, "")
		if p.note.text != "" {
			line.add(dim, " "+t.notes[p.note], "")
		}
	}
	if at := where(a.decisive()); at != "" {
		gap := t.place - line.column
		if t.width == 0 {
			gap = t.place - column - t.columns(a)
		}
		fits := t.width == 0 || t.place+Columns(at) <= t.width
		if gap > 1 && fits {
			t.put(plain, strings.Repeat(" ", gap))
			line.column += gap
			t.put(dim, at)
		} else {
			line.add(dim, "  "+at, "")
		}
	}
	t.end()
	for _, s := range a.sources(t.sources) {
		switch {
		case t.sources:
			text := "by " + sourceText(*s)
			if s.Because != "" {
				text += ": " + s.Because
			}
			if at := where(s); at != s.Object.String() {
				text += " (" + at + ")"
			}
			t.because(text)
		case !t.said[s.Because]:
			t.said[s.Because] = true
			t.because(s.Because)
		}
	}
}

// columns is how wide an answer with its marks is.
func (t *effectiveText) columns(a *answer) int {
	n := a.columns()
	for i := range a.parts {
		if p := &a.parts[i]; p.note.text != "" {
			n += 1 + len(t.notes[p.note])
		}
	}
	return n
}

func (t *effectiveText) because(text string) {
	t.put(plain, strings.Repeat(" ", answerIndent+2))
	line := paragraph{printer: t.printer, column: answerIndent + 2, indent: answerIndent + 4}
	line.add(dim, strings.Join(strings.Fields(text), " "), "")
	t.end()
}

// number gives a note the next number, unless it has one.
func (t *effectiveText) number(n note) {
	if t.notes[n] != "" {
		return
	}
	t.list = append(t.list, n)
	t.notes[n] = "[" + strconv.Itoa(len(t.list)) + "]"
	if n.unknown {
		t.unknown++
	} else {
		t.assumed++
	}
}

// footnotes lists what marks lead to, of one of the two sorts.
func (t *effectiveText) footnotes(title string, unknown bool) {
	first := true
	for i, n := range t.list {
		if n.unknown != unknown {
			continue
		}
		if first {
			t.put(bold, title)
			t.end()
			first = false
		}
		number := fmt.Sprintf("  [%d] ", i+1)
		t.put(dim, number)
		t.block(strings.Join(strings.Fields(n.text), " "), len(number), len(number))
	}
	if !first {
		t.end()
	}
}
