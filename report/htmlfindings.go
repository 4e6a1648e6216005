package report

import (
	"html/template"
	"io"
	"strconv"
	"strings"

	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/rule"
)

// htmlFindings writes those parts of the page that have a place for each finding. The template asks for them where they are to stand,
// and would itself take five times as long for ten thousand: it looks every field up and finds out anew what to escape. All that is
// written of a finding is text between tags, and passes htmlText; attributes hold numbers and words of ours.
type htmlFindings struct {
	w    io.Writer
	run  Run
	list []rule.Finding
	// b is what was not written yet.
	b []byte
	// links lead to rules, by their ids, as the template escapes them.
	links map[string]string
}

// htmlBuffered is how much is put together before it is written, in bytes.
const htmlBuffered = 32 << 10

// Objects writes the findings by object, objects in the order in which they are first found.
func (h *htmlFindings) Objects() (template.HTML, error) {
	index := map[kube.ID]int{}
	var objects [][]int // indexes of findings
	for i := range h.list {
		at, known := index[h.list[i].Object]
		if !known {
			at = len(objects)
			index[h.list[i].Object] = at
			objects = append(objects, nil)
		}
		objects[at] = append(objects[at], i)
	}
	for _, object := range objects {
		h.put("\n<div class=\"object\">\n<h3>")
		h.text(visible(textOr(h.list[object[0]].Object.String(), "No object")))
		h.put("</h3>")
		for _, i := range object {
			if err := h.finding(i); err != nil {
				return "", err
			}
		}
		h.put("\n</div>")
	}
	return "", h.flush()
}

// Places writes the list of findings, of one rule, by their indexes.
func (h *htmlFindings) Places(findings []int) (template.HTML, error) {
	for _, i := range findings {
		f := &h.list[i]
		label, _ := labelOf(f)
		h.put("\n<li><a href=\"#finding-")
		h.number(i + 1)
		h.put("\">")
		h.text(visible(textOr(place(f.At), about(f.Object, f.Path))))
		h.put("</a> (")
		h.text(label)
		h.put(")</li>")
		if len(h.b) > htmlBuffered {
			if err := h.flush(); err != nil {
				return "", err
			}
		}
	}
	return "", h.flush()
}

func (h *htmlFindings) finding(i int) error {
	f := &h.list[i]
	label, _ := labelOf(f)
	h.put("\n<article class=\"finding ")
	h.put(htmlClass(f))
	h.put("\" id=\"finding-")
	h.number(i + 1)
	h.put("\">\n<h4><span class=\"label\">")
	h.text(label)
	h.put("</span>")
	h.text(visibleLines(f.Headline()))
	h.put("</h4>\n<p class=\"where\">")
	for _, where := range [...]string{place(f.At), f.Path.String()} {
		if where != "" {
			h.put("<code>")
			h.text(visible(where))
			h.put("</code> · ")
		}
	}
	link, err := h.link(f.Rule)
	if err != nil {
		return err
	}
	h.put(link)
	h.put("</p>")
	if fr, ok := newFrame(h.run, f, 0); ok {
		h.frame(f.At.Line, fr)
	}
	if more := details(f); len(more) > 0 {
		h.put("\n<dl class=\"more\">")
		for _, d := range more {
			h.put("\n<dt>")
			h.text(d.Label)
			h.put("</dt><dd>")
			h.text(visibleLines(d.Text))
			h.put("</dd>")
		}
		h.put("\n</dl>")
	}
	h.put("\n</article>")
	if len(h.b) > htmlBuffered {
		return h.flush()
	}
	return nil
}

func (h *htmlFindings) frame(number int, f frame) {
	before, mark, after := f.parts()
	h.put("\n<pre><span class=\"number\">")
	h.number(number)
	h.put("</span>")
	if f.cutLeft {
		h.put("…")
	}
	h.text(before)
	h.put("<mark>")
	h.text(mark)
	h.put("</mark>")
	h.text(after)
	if f.cutRight {
		h.put("…")
	}
	h.put("</pre>")
}

// link is made by the template, once for each rule: the id of a user's rule stands in an attribute.
func (h *htmlFindings) link(id string) (string, error) {
	if link, made := h.links[id]; made {
		return link, nil
	}
	var b strings.Builder
	if err := htmlTemplate().ExecuteTemplate(&b, "link", htmlRule{ID: visible(id), Anchor: ruleAnchor(id)}); err != nil {
		return "", err
	}
	if h.links == nil {
		h.links = map[string]string{}
	}
	h.links[id] = b.String()
	return b.String(), nil
}

// put is for what is HTML already.
func (h *htmlFindings) put(markup string) { h.b = append(h.b, markup...) }

func (h *htmlFindings) number(n int) { h.b = strconv.AppendInt(h.b, int64(n), 10) }

// text is for what others wrote.
func (h *htmlFindings) text(s string) { h.b = htmlText(h.b, s) }

func (h *htmlFindings) flush() error {
	_, err := h.w.Write(h.b)
	h.b = h.b[:0]
	return err
}

// htmlText appends a text as html/template writes it between tags.
func htmlText(b []byte, s string) []byte {
	done := 0
	for i := range len(s) {
		var escaped string
		switch s[i] {
		case '<':
			escaped = "&lt;"
		case '>':
			escaped = "&gt;"
		case '&':
			escaped = "&amp;"
		case '"':
			escaped = "&#34;"
		case '\'':
			escaped = "&#39;"
		case '+':
			escaped = "&#43;"
		case 0:
			escaped = "\uFFFD"
		default:
			continue
		}
		b = append(b, s[done:i]...)
		b = append(b, escaped...)
		done = i + 1
	}
	return append(b, s[done:]...)
}
