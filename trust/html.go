package trust

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"sync"

	"github.com/tlsward/tlsward/report"
)

//go:embed html.tmpl
var htmlPart string

// htmlTemplate is parsed by the first run that writes HTML: no other pays for it.
var htmlTemplate = sync.OnceValue(func() *template.Template { return template.Must(template.New("trust").Parse(htmlPart)) })

// The types below are what the template is given. Their strings are visible; the template escapes them for where they stand.
type htmlInventory struct {
	Summary string
	Drawn   bool
	Graph   template.HTML
	Rows    []htmlRow
	Gone    []htmlRow
	Left    string
}

type htmlRow struct {
	Class, Until, Name, Issuer, Holders string
	Uses                                []string
	More                                int
}

// HTML is the inventory as a part of the HTML report: the picture, and the tables.
func (v *Inventory) HTML() (template.HTML, error) {
	out := htmlInventory{Summary: report.Visible(v.summary()), Drawn: len(v.Certificates)+len(v.Consumers) > 0}
	shown := v.excerpt()
	if out.Drawn {
		var picture bytes.Buffer
		v.drawSVG(&picture, shown.drawn)
		out.Graph = template.HTML(picture.String()) //nolint:gosec // every text in it went through escaped
	}
	for _, c := range shown.certificates {
		row := htmlRow{Until: v.until(c), Name: report.Visible(c.Name), Issuer: report.Visible(issuerCell(c)), Holders: report.Visible(holdersCell(c))}
		if c.Validity(v.Now) != "valid" {
			row.Class = "bad"
		}
		row.uses(c.Uses, c)
		out.Rows = append(out.Rows, row)
	}
	for _, h := range shown.gone {
		row := htmlRow{Until: string(h.State), Name: report.Visible(h.Title()), Issuer: report.Visible(h.Words)}
		if h.State.Broken() {
			row.Class = "bad"
		}
		row.uses(h.Uses, nil)
		out.Gone = append(out.Gone, row)
	}
	out.Left = shown.left
	var b bytes.Buffer
	if err := htmlTemplate().Execute(&b, out); err != nil {
		return "", fmt.Errorf("trust inventory: %w", err)
	}
	return template.HTML(b.String()), nil //nolint:gosec // made by a template, which escapes
}

func (r *htmlRow) uses(list []*Use, of *Certificate) {
	for _, u := range list[:min(len(list), maxShown)] {
		r.Uses = append(r.Uses, report.Visible(u.sentence(of)))
	}
	r.More = max(0, len(list)-maxShown)
}
