package report

import (
	"errors"
	"html/template"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// TestHTMLText: what is written without the template is escaped as the template escapes it.
func TestHTMLText(t *testing.T) {
	page := template.Must(template.New("").Parse("<p>{{.}}</p>"))
	texts := []string{
		"", "plain", "<script>alert(1)</script>", `"'>&lt;&amp;`, "a+b", "</p></article><!--", "]]>", "\u2028\u202e\ufeff", "ä€😀", "\xff\xc3(\xed\xa0\x80",
		"&#x3c;script&#x3e;", "<", "+", "\x00", "trailing<", "<leading",
	}
	for c := range rune(0x180) {
		texts = append(texts, "x"+string(c)+"y", string([]byte{'x', byte(c), 'y'}))
	}
	for _, text := range texts {
		var want strings.Builder
		if err := page.Execute(&want, text); err != nil {
			t.Fatal(err)
		}
		if got := "<p>" + string(htmlText(nil, text)) + "</p>"; got != want.String() {
			t.Errorf("%q: %q, want %q", text, got, want.String())
		}
	}
}

// TestHTMLHostile: whatever stands in a finding, the page has the elements and the attributes that it has for harmless text.
func TestHTMLHostile(t *testing.T) {
	outline := func(s string) string {
		root, err := html.Parse(strings.NewReader(written(t, "html", hostile(s))))
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		for n := range root.Descendants() {
			if n.Type == html.TextNode {
				continue
			}
			b.WriteString(n.Data)
			for _, a := range n.Attr {
				b.WriteString(" " + a.Key)
				if a.Key != "id" && a.Key != "href" {
					b.WriteString("=" + a.Val)
				} else if strings.Contains(strings.ToLower(a.Val), "script") {
					t.Errorf("%q: attribute %s=%q", s, a.Key, a.Val)
				}
			}
			b.WriteByte('\n')
		}
		return b.String()
	}
	want := outline("harmless")
	for _, s := range []string{
		`<img src=x onerror=alert(1)>`, `" onmouseover="alert(1)`, `' onclick='alert(1)`, `</code></p></article><b>`, `--><!--`, `<!--`, `&quot; onx=&quot;`,
		`</style><b>`, `</title><b>`, `</pre><b>`, `</h4><h1>`, `<plaintext>`, `<svg/onload=alert(1)>`, "<\x00b>", `{{.}}`,
	} {
		if got := outline(s); got != want {
			t.Errorf("%q makes another page:\n%s\nwant\n%s", s, got, want)
		}
	}
}

type brokenWriter struct{ left int }

var errFull = errors.New("disk full")

func (b *brokenWriter) Write(p []byte) (int, error) {
	if b.left -= len(p); b.left < 0 {
		return 0, errFull
	}
	return len(p), nil
}

// TestHTMLWriteFails: wherever the disk is full, the error is told.
func TestHTMLWriteFails(t *testing.T) {
	r := everything()
	for range 7 {
		r.Findings = append(r.Findings, r.Findings...)
	}
	r.Arrange()
	var size countingWriter
	if err := writeHTML(&size, r, Style{}); err != nil {
		t.Fatal(err)
	}
	if size < 4*htmlBuffered {
		t.Fatalf("%d bytes: too little to be written in parts", size)
	}
	for left := range 40 {
		if err := writeHTML(&brokenWriter{left: int(size) * left / 40}, r, Style{}); !errors.Is(err, errFull) {
			t.Errorf("%d bytes of %d: %v", int(size)*left/40, size, err)
		}
	}
}

type countingWriter int

func (c *countingWriter) Write(p []byte) (int, error) {
	*c += countingWriter(len(p))
	return len(p), nil
}
