package report

import (
	"regexp"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/rule"
)

// frame is one line of source with the part a finding is about: what is left of both after hiding and trimming.
type frame struct {
	text     string
	pad      string // as wide as the text before the caret, tabs kept: they end where those above them end
	carets   int
	from, to int // the part, as indexes of the characters of text; to may be past its end
	cutLeft  bool
	cutRight bool
}

const (
	// defaultWidth cuts frames where nobody knows a width: a chart rendered to one line of JSON must not fill a CI log.
	defaultWidth = 160
	// minimumWidth of source is shown however narrow the terminal claims to be.
	minimumWidth = 20
)

// kustomizeGroup is that of kustomizations and components themselves. What is found in one is about a comment, which may stand behind
// a literal for a Secret.
const kustomizeGroup = "kustomize.config.k8s.io"

// newFrame reports false where there is nothing to show, or nothing that may be shown.
func newFrame(r Run, f *rule.Finding, width int) (frame, bool) {
	if r.Source == nil || f.At.Line < 1 || holdsSecret(f.Object) {
		return frame{}, false
	}
	text, ok := r.Source(f.At.File, f.At.Line)
	if !ok || strings.TrimSpace(text) == "" || strings.Contains(text, "Secret") && secretKind().MatchString(text) {
		return frame{}, false
	}
	line := []rune(visible(hideKeys(strings.TrimRight(text, "\r\n"))))
	from, to := span(line, f.At.Column, f.End)
	if f.Object.Group == kustomizeGroup && strings.TrimSpace(string(line[:from])) != "" {
		return frame{}, false
	}
	return cut(line, from, to, width), true
}

// span turns columns into indexes; [from, to) holds at least one position, which may be the one after the line's end.
func span(line []rune, column, end int) (from, to int) {
	if column < 1 {
		column = 1
		for column <= len(line) && unicode.IsSpace(line[column-1]) {
			column++
		}
	}
	from = min(column-1, len(line))
	if to = min(end-1, len(line)); end < 1 {
		to = endOfText(line, from)
	}
	return from, max(to, from+1)
}

// endOfText is where the text from an index on ends, if nobody says it more closely: before a comment and the blanks.
func endOfText(line []rune, from int) int {
	to := len(line)
	for i := from + 1; i < len(line); i++ {
		if line[i] == '#' && unicode.IsSpace(line[i-1]) {
			to = i
			break
		}
	}
	for to > from && unicode.IsSpace(line[to-1]) {
		to--
	}
	return to
}

// cut trims a line that is too wide to what stands around the caret, which is kept in sight whatever else must go.
func cut(line []rune, from, to, width int) frame {
	if width == 0 {
		width = defaultWidth
	}
	width = max(width, minimumWidth)
	first, last := 0, len(line)
	if totalColumns(line) > width {
		const ellipses = 2
		room := width - ellipses
		if totalColumns(line[:min(to, len(line))]) > room {
			// Half of what the span leaves free stands before it; of a span wider than the room the beginning is shown.
			before := max((room-totalColumns(line[from:min(to, len(line))]))/2, room/4)
			for first = from; first > 0 && before >= columns(line[first-1]); first-- {
				before -= columns(line[first-1])
			}
		}
		for last = first; last < len(line) && room >= columns(line[last]); last++ {
			room -= columns(line[last])
		}
	}
	f := frame{text: string(line[first:last]), cutLeft: first > 0, cutRight: last < len(line), from: from - first, to: min(to, last) - first}
	var pad strings.Builder
	if f.cutLeft {
		pad.WriteByte(' ')
	}
	for _, c := range line[first:from] {
		if c == '\t' {
			pad.WriteByte('\t')
			continue
		}
		pad.WriteString(strings.Repeat(" ", columns(c)))
	}
	f.pad = pad.String()
	f.carets = 1
	if from < last {
		f.carets = max(1, totalColumns(line[from:min(to, last)]))
	}
	return f
}

// parts are the text before the part that the finding is about, that part, and the text after it.
func (f frame) parts() (before, part, after string) {
	from, to := len(f.text), len(f.text)
	n := 0
	for i := range f.text {
		if n == f.from {
			from = i
		}
		if n == f.to {
			to = i
		}
		n++
	}
	from = min(from, to)
	return f.text[:from], f.text[from:to], f.text[to:]
}

func (f frame) print(p printer, number int, i ink) {
	n := strconv.Itoa(number)
	p.put(blue, " "+n+" |")
	p.put(plain, " ")
	if f.cutLeft {
		p.put(dim, "…")
	}
	p.put(plain, f.text)
	if f.cutRight {
		p.put(dim, "…")
	}
	p.end()
	p.put(blue, strings.Repeat(" ", len(n)+2)+"|")
	p.put(plain, " "+f.pad)
	p.put(i, strings.Repeat("^", f.carets))
	p.end()
}

// Private keys never reach a report, and a line of source can hold one: in a Secret; in a ConfigMap that should have
// been a Secret, which is what the finding is about; or in a List written as one line of JSON, next to the field shown.
var (
	secretKind = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\bkind["']?\s*:\s*["']?Secret(?:["'\s,}]|$)`) })
	keyBlock   = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----)(.*?)(-----END|$)`)
	})
	// PEM breaks base64 after 64 characters, or does not break it; what is shorter than that by a few is a hash or a name.
	longBase64 = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`[A-Za-z0-9+/=]{60,}`) })
	hash       = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[0-9A-Fa-f]+$`) })
)

const shortestBase64 = 60

func holdsSecret(id kube.ID) bool { return id.Group == "" && id.Kind == "Secret" }

// hideKeys puts stars in place of what may be key material, one for one so that columns keep their numbers.
func hideKeys(line string) string {
	// Most lines are spared the patterns, which cost more than all else that is done to a line.
	if strings.Contains(line, "PRIVATE KEY") {
		line = keyBlock().ReplaceAllStringFunc(line, func(s string) string {
			part := keyBlock().FindStringSubmatch(s)
			return part[1] + stars(part[2]) + part[3]
		})
	}
	if len(line) < shortestBase64 {
		return line
	}
	return longBase64().ReplaceAllStringFunc(line, func(s string) string {
		if hash().MatchString(s) {
			return s
		}
		const recognisable = 8 // "LS0tLS1C" is the base64 of "-----B"
		return s[:recognisable] + stars(s[recognisable:])
	})
}

func stars(s string) string { return strings.Repeat("*", utf8.RuneCountInString(s)) }
