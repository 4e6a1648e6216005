package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/tlsward/tlsward/effective"
)

// Migration is what becomes of hosts whose objects are written anew for another controller.
type Migration struct {
	// Groups are in order, the gravest first.
	Groups []MigrationGroup
	// Lint is what the rules say of what is written, and Diff what is in force of it as compared with the source.
	Lint Run
	Diff EffectiveDiff
	// Written and LeftOut count hosts, Objects what is written for them.
	Written, LeftOut, Objects int
	// To names what is to serve them.
	To string
}

// MigrationGroup are remarks of one sort.
type MigrationGroup struct {
	Title string
	// Grave has the title stand out.
	Grave   bool
	Remarks []MigrationRemark
}

// MigrationRemark is something that does not survive, or that remains to be done.
type MigrationRemark struct {
	// Hosts are concerned, in order; none: all of them.
	Hosts []string
	// Field says what is lost; its object is empty where none does.
	Field effective.Source
	Why   string
}

// WriteMigration writes for people: what is lost, what remains to be done, and the proof.
func WriteMigration(w io.Writer, m Migration, s Style) error {
	p := newPrinter(w, s)
	for _, g := range m.Groups {
		if len(g.Remarks) == 0 {
			continue
		}
		i := bold
		if g.Grave {
			i = red
		}
		p.put(i, g.Title)
		p.end()
		for _, r := range g.Remarks {
			r.write(p)
		}
		p.end()
	}
	if m.Written > 0 {
		if err := m.proof(p, s); err != nil {
			return err
		}
	}
	p.put(bold, m.summary())
	p.end()
	return p.out.Flush()
}

func (r MigrationRemark) write(p printer) {
	const indent = 4
	line := paragraph{printer: p, indent: indent}
	line.add(plain, "  ", "")
	if len(r.Hosts) > 0 {
		hosts := slices.Clone(r.Hosts)
		for i, host := range hosts {
			if host == "" {
				hosts[i] = anyHost
			}
		}
		line.add(bold, some(hosts, maxNames, "host"), "")
		line.add(plain, ": ", "")
	}
	line.add(plain, strings.Join(strings.Fields(r.Why), " "), "")
	p.end()
	if r.Field.Object.Kind == "" {
		return
	}
	p.put(plain, strings.Repeat(" ", indent))
	place := paragraph{printer: p, column: indent, indent: indent + 2}
	text := sourceText(r.Field)
	if at := where(&r.Field); at != r.Field.Object.String() {
		text = at + ": " + text
	}
	place.add(dim, text, "")
	p.end()
}

// proof is what the other commands say of what is written.
func (m Migration) proof(p printer, s Style) error {
	p.put(bold, "what tlsward lint says of it")
	p.end()
	if err := p.out.Flush(); err != nil {
		return err
	}
	if err := writeText(p.out, m.Lint, s); err != nil {
		return err
	}
	p.end()
	p.put(bold, "what tlsward effective --diff says of it")
	p.end()
	if err := p.out.Flush(); err != nil {
		return err
	}
	if err := writeEffectiveDiffText(p.out, m.Diff, s); err != nil {
		return err
	}
	p.end()
	return nil
}

func (m Migration) summary() string {
	counts, _ := m.Diff.Changed()
	line := plural(m.Written, "host") + " written to " + m.To + " (" + plural(m.Objects, "object") + "), " + fmt.Sprint(m.LeftOut) + " left out"
	switch {
	case m.Written == 0:
		return "nothing written: " + plural(m.LeftOut, "host") + " left out"
	case counts[effective.Weaker] > 0:
		return line + "; " + fmt.Sprint(counts[effective.Weaker]) + " weaker"
	case m.Lint.Summary.Denied > 0:
		return line + "; nothing weaker, and " + plural(m.Lint.Summary.Denied, "finding") + " of lint"
	default:
		return line + "; nothing weaker"
	}
}
