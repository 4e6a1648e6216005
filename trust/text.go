package trust

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/tlsward/tlsward/report"
)

// maxShown bounds the uses of a certificate, and the holders it stands in, that the table shows: a public root may stand in
// every namespace.
const maxShown = 12

// soon is when the end of a certificate stands out. cert-manager renews what lives for ninety days thirty days before its end.
const soon = 30 * 24 * time.Hour

const (
	indent  = 4
	details = "    "
)

// WriteText writes the inventory as a table: a row for each certificate, its uses below it, and then what is not in sight.
func (v *Inventory) WriteText(w io.Writer, style report.Style) error {
	t := report.NewTerminal(w, style)
	v.table(t)
	v.outOfSight(t)
	t.Wrap(report.InkBold, v.summary(), indent)
	t.End()
	return t.Flush()
}

func (v *Inventory) table(t *report.Terminal) {
	if len(v.Certificates) == 0 {
		return
	}
	rows := [][]string{{"UNTIL", "CERTIFICATE", "ISSUED BY", "STANDS IN"}}
	for _, c := range v.Certificates {
		rows = append(rows, []string{v.until(c), c.Name, issuerCell(c), holdersCell(c)})
	}
	widths := columnWidths(rows, t.Width())
	for i, row := range rows {
		ink := report.InkBold
		for column, cell := range row {
			if i > 0 {
				ink = v.cellInk(column, v.Certificates[i-1])
			}
			last := column == len(row)-1
			if last {
				t.Wrap(ink, cell, sum(widths[:column]))
				break
			}
			t.Put(ink, padded(cell, widths[column], t.Width() > 0))
		}
		t.End()
		if i > 0 {
			v.below(t, v.Certificates[i-1])
		}
	}
	t.End()
}

// below writes what else there is to say of a certificate.
func (v *Inventory) below(t *report.Terminal, c *Certificate) {
	if len(c.VerifiedBy) > 0 {
		t.Put(report.InkDim, details)
		t.Wrap(report.InkDim, "verified by "+strings.Join(names(c.VerifiedBy), ", "), indent+2)
		t.End()
	}
	uses(t, c.Uses, c)
	if len(c.Uses) == 0 && len(c.Issued) == 0 {
		t.Put(report.InkDim, details+"nothing here uses it")
		t.End()
	}
}

func uses(t *report.Terminal, list []*Use, of *Certificate) {
	for _, u := range list[:min(len(list), maxShown)] {
		t.Put(report.InkPlain, details)
		t.Wrap(report.InkPlain, u.sentence(of), indent+2)
		t.End()
	}
	if more := len(list) - maxShown; more > 0 {
		t.Put(report.InkDim, fmt.Sprintf("%s... and %d more (--output json lists all)", details, more))
		t.End()
	}
}

// sentence says who uses a holder as what, and what is at stake with it, or with one of the certificates there.
func (u *Use) sentence(of *Certificate) string {
	s := u.Consumer.Label() + ": " + u.Title
	if u.Idle {
		return s + ", not in use"
	}
	condition := "; without it "
	if u.Holder.State.Broken() {
		condition = "; so that "
	}
	s += condition + u.Consumer.Kind + " " + u.Consumer.Name + " " + u.Without(of)
	if behind := u.Consumer.Behind; len(behind) > 0 {
		shown := behind[:min(len(behind), maxBehindShown)]
		s += "; behind it " + u.Consumer.labels(shown)
		if more := len(behind) - len(shown); more > 0 {
			s += fmt.Sprintf(" and %d more", more)
		}
	}
	return s
}

// maxBehindShown bounds the objects behind a consumer that a line names.
const maxBehindShown = 3

func (v *Inventory) outOfSight(t *report.Terminal) {
	first := true
	for _, h := range v.Holders {
		if h.State == Present || len(h.Uses) == 0 {
			continue
		}
		if first {
			t.Put(report.InkBold, "NOT IN SIGHT")
			t.End()
			first = false
		}
		ink := report.InkCyan
		if h.State.Broken() {
			ink = report.InkRed
		}
		t.Put(ink, string(h.State)+": ")
		t.Wrap(report.InkPlain, h.Title()+": "+h.Words, indent)
		t.End()
		uses(t, h.Uses, nil)
	}
	if !first {
		t.End()
	}
}

// Counts are what an inventory comes to.
type Counts struct {
	Certificates int `json:"certificates"`
	Authorities  int `json:"authorities"`
	Expired      int `json:"expired"`
	Consumers    int `json:"consumers"`
	// Promised and Missing count the holders that are promised, and those that consumers get nothing of.
	Promised int `json:"promised"`
	Missing  int `json:"missing"`
	Unused   int `json:"unused"`
}

// Counts counts.
func (v *Inventory) Counts() Counts {
	n := Counts{Certificates: len(v.Certificates), Consumers: len(v.Consumers), Unused: v.Unused}
	for _, c := range v.Certificates {
		if c.Authority() {
			n.Authorities++
		}
		if c.Expired(v.Now) {
			n.Expired++
		}
	}
	for _, h := range v.Holders {
		switch {
		case h.State == Promised:
			n.Promised++
		case h.State.Broken():
			n.Missing++
		}
	}
	return n
}

func (v *Inventory) summary() string {
	n := v.Counts()
	parts := []string{fmt.Sprintf("%s (%s), %s", plural(n.Certificates, "certificate"), pluralOf(n.Authorities, "authority", "authorities"), plural(n.Consumers, "consumer"))}
	for _, more := range []struct {
		n    int
		what string
	}{{n.Expired, "expired"}, {n.Missing, "missing"}, {n.Promised, "promised"}} {
		if more.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", more.n, more.what))
		}
	}
	if n.Unused > 0 {
		parts = append(parts, fmt.Sprintf("%d that nothing here uses (--all lists them)", n.Unused))
	}
	if v.Incomplete {
		parts = append(parts, "not every issuer looked for: too many certificates have one name")
	}
	return strings.Join(parts, "; ")
}

// until says when a certificate ends, and how far off that is.
func (v *Inventory) until(c *Certificate) string {
	date := c.NotAfter.Format(time.DateOnly)
	switch {
	case c.Expired(v.Now):
		return date + " expired"
	case v.Now.Before(c.NotBefore):
		return date + " from " + c.NotBefore.Format(time.DateOnly)
	default:
		return date + " " + distance(c.NotAfter.Sub(v.Now))
	}
}

// distance writes a time to come in one unit.
func distance(d time.Duration) string {
	const day, year = 24 * time.Hour, 365 * 24 * time.Hour
	switch {
	case d >= 2*year:
		return fmt.Sprintf("%d years", d/year)
	case d >= 2*day:
		return fmt.Sprintf("%d days", d/day)
	default:
		return fmt.Sprintf("%d hours", d/time.Hour)
	}
}

func (v *Inventory) cellInk(column int, c *Certificate) report.Ink {
	switch {
	case column > 0:
		return report.InkPlain
	case c.Validity(v.Now) != "valid":
		return report.InkRed
	case c.NotAfter.Sub(v.Now) < soon:
		return report.InkYellow
	default:
		return report.InkPlain
	}
}

func issuerCell(c *Certificate) string {
	switch {
	case c.SelfSigned:
		return "itself"
	case len(c.IssuedBy) == 0:
		return commonName(c.Issuer) + " (not in sight)"
	default:
		return strings.Join(names(c.IssuedBy), ", ")
	}
}

func holdersCell(c *Certificate) string {
	shown := c.Holders[:min(len(c.Holders), maxBehindShown)]
	var list []string
	for _, h := range shown {
		list = append(list, h.Title())
	}
	cell := strings.Join(list, ", ")
	if more := len(c.Holders) - len(shown); more > 0 {
		cell += fmt.Sprintf(" and %d more", more)
	}
	return cell
}

// gap is what stands between two columns, at least.
const gap = 2

// columnWidths are those of all columns but the last, with the gap. On a terminal names take at most a quarter of it.
func columnWidths(rows [][]string, width int) []int {
	widths := make([]int, len(rows[0])-1)
	for _, row := range rows {
		for column := range widths {
			widths[column] = max(widths[column], report.Columns(row[column])+gap)
		}
	}
	for column := range widths {
		if most := width / 4; width > 0 && column > 0 { //nolint:mnd // see above
			widths[column] = min(widths[column], max(most, len("CERTIFICATE")+gap))
		}
	}
	return widths
}

// padded fills a cell up to a width; with cut, what is longer loses its end.
func padded(cell string, width int, cut bool) string {
	cell = report.Visible(cell)
	if cut && report.Columns(cell) > width-gap {
		runes := []rune(cell)
		for len(runes) > 0 && report.Columns(string(runes))+1 > width-gap {
			runes = runes[:len(runes)-1]
		}
		cell = string(runes) + "…"
	}
	return cell + strings.Repeat(" ", max(gap, width-report.Columns(cell)))
}

func names(list []*Certificate) []string {
	var found []string
	for _, c := range list {
		if !slices.Contains(found, c.Name) {
			found = append(found, c.Name)
		}
	}
	return found
}

// labels names objects, as one of its root would.
func (c *Consumer) labels(list []Object) string {
	var found []string
	for _, o := range list {
		if o.Root == c.Root {
			o.Root = ""
		}
		found = append(found, o.Label())
	}
	return strings.Join(found, ", ")
}

func sum(list []int) (total int) {
	for _, n := range list {
		total += n
	}
	return total
}

func plural(n int, what string) string { return pluralOf(n, what, what+"s") }

func pluralOf(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
