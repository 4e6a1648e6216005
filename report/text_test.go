package report

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/rule"
)

// hostile puts one text wherever text that others wrote can stand.
func hostile(s string) Run {
	at := func(line, column int) kube.Position { return kube.Position{File: s, Line: line, Column: column} }
	f := rule.Finding{
		Rule: s, Object: kube.ID{Group: s, Kind: s, Namespace: s, Name: s}, Version: s, Path: kube.Path{s, 1, s}, At: at(1, 3), End: 6,
		Message: s, Effect: s, Remedy: s, Assumed: s, Unheeded: s,
		Related: []rule.Related{{Object: kube.ID{Kind: s, Name: s}, Path: kube.Path{s}, At: at(2, 1), Message: s}},
		Fix:     &rule.Fix{Title: s, Edits: []kube.Edit{{Path: kube.Path{s}, Value: map[string]any{s: s}}}},
	}
	warn, note, noplace := f, f, f
	warn.Action, note.Action, noplace.At, noplace.Fix = rule.Warn, rule.Note, kube.Position{}, nil
	note.Unknown, warn.Unknown = true, true
	suppressed := f
	suppressed.Suppression = &rule.Suppression{Kind: rule.ByComment, Reason: s}
	return arranged(Run{
		Suppressed: []rule.Finding{suppressed},
		Summary:    Summary{Files: 1, Objects: 1}, Findings: []rule.Finding{f, warn, note, note, note, note, note, note, note, noplace},
		Errors:  []Problem{{File: s, Line: 1, Message: s}, {Message: s}},
		Skipped: []Skipped{{File: s, Line: 1, Reason: s}},
		Source:  func(string, int) (string, bool) { return s, true },
		Docs:    func(string) string { return s },
		Rule:    func(id string) (rule.Definition, bool) { return rule.Definition{ID: id, Title: s, Rationale: s}, true },
	})
}

var ours = regexp.MustCompile("\x1b\\[[0-9;]*m|\x1b\\]8;;[!-~]*\x1b\\\\")

// invisible finds what a terminal acts on instead of showing it.
func invisible(s string) (rune, bool) {
	for _, c := range s {
		if c != '\n' && c != '\t' && !unicode.IsGraphic(c) {
			return c, true
		}
	}
	return 0, !utf8.ValidString(s)
}

func checkHostile(t *testing.T, s string, width int) {
	t.Helper()
	for _, f := range Formats() {
		var plain, color bytes.Buffer
		if err := f.Write(&plain, hostile(s), Style{Width: width}); err != nil {
			t.Fatalf("%s: %v", f.Name, err)
		}
		if err := f.Write(&color, hostile(s), Style{Width: width, Color: true, Links: true}); err != nil {
			t.Fatalf("%s: %v", f.Name, err)
		}
		if c, bad := invisible(plain.String()); bad {
			t.Fatalf("%s of %q has %U", f.Name, s, c)
		}
		if got := ours.ReplaceAllString(color.String(), ""); got != plain.String() {
			t.Fatalf("%s of %q: colour changes more than colour:\n%q\n%q", f.Name, s, got, &plain)
		}
	}
}

const nasty = "\x00\x07\x08\x1b[]0;31mJ\\\r\n\t\v\f\x7f\u0080\u0085\u009b\u009d\u00a0\u200b\u200d\u2028\u202e\u2066\ufeff\U000e0001\U000f0000e\u0301秘😀#:'\"{} a"

func TestNoEscapeReachesTheTerminal(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	alphabet := []rune(nasty)
	for range 100 {
		var s strings.Builder
		for range random.IntN(60) {
			if random.IntN(12) == 0 {
				s.WriteByte(byte(random.IntN(256))) // broken UTF-8
				continue
			}
			s.WriteRune(alphabet[random.IntN(len(alphabet))])
		}
		checkHostile(t, s.String(), random.IntN(120))
	}
}

func FuzzHostile(f *testing.F) {
	f.Add(nasty, 0)
	f.Add("\x1b]8;;http://x\x07", 40)
	f.Add(strings.Repeat("LS0tLS1C", 9)+"\xff", 30)
	f.Fuzz(func(t *testing.T, s string, width int) { checkHostile(t, s, width) })
}

// What a manifest says cannot start a line of the report, where people and editors' matchers look for findings.
func TestNoForgedLine(t *testing.T) {
	var b bytes.Buffer
	if err := writeText(&b, hostile("x\nFORGED:1:1: error\r\nFORGED"), Style{}); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(b.String()) {
		if strings.HasPrefix(line, "FORGED") {
			t.Errorf("forged: %s", line)
		}
	}
}

// TestNoForgedCommand: what a manifest says begins no line, in any format, that a CI would take for a command.
func TestNoForgedCommand(t *testing.T) {
	const text = "x\n::error::FORGED\r\n  ##[error]FORGED\n##vso[task.x]FORGED\n::FORGED"
	// Those that a report writes itself have a blank after the word.
	command := regexp.MustCompile(`(?m)^\s*(::[a-z]*::|##\[|##vso).*FORGED`)
	for _, f := range Formats() {
		var b bytes.Buffer
		if err := f.Write(&b, hostile(text), Style{}); err != nil {
			t.Fatal(err)
		}
		if found := command.FindString(b.String()); found != "" {
			t.Errorf("%s: %s", f.Name, found)
		}
	}
}

func TestFirstLineStandsAlone(t *testing.T) {
	var b bytes.Buffer
	if err := writeText(&b, everything(), Style{}); err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(b.String(), "\n")
	const want = "shop/web.yaml:7:50: error: every request to api.shop.test gets 403, because Secret shop/client-ca is not in this tree " +
		"and nothing here creates it [ingress-nginx/client-ca-missing]"
	if first != want {
		t.Errorf("got  %s\nwant %s", first, want)
	}
}

// Wherever the caret stands and however narrow the terminal is, the frame fits and the caret is under its character.
func TestFrameFitsAndPoints(t *testing.T) {
	line := []rune(strings.Repeat("ab: 秘e\u0301, ", 60))
	for width := minimumWidth; width < 90; width += 7 {
		for from := range line {
			for _, length := range []int{1, 5, 200} {
				to := min(from+length, len(line))
				f := cut(line, from, to, width)
				used := totalColumns([]rune(f.text))
				if f.cutLeft {
					used++
				}
				if f.cutRight {
					used++
				}
				if used > width || len(f.pad)+f.carets > width {
					t.Fatalf("width %d, span %d-%d: %d columns, caret %d+%d", width, from, to, used, len(f.pad), f.carets)
				}
				if got := runeAt(f, len(f.pad)); columns(line[from]) > 0 && got != line[from] {
					t.Fatalf("width %d, span %d-%d: caret under %q, want %q", width, from, to, got, line[from])
				}
			}
		}
	}
}

func runeAt(f frame, column int) rune {
	at := 0
	if f.cutLeft {
		at++
	}
	for _, c := range f.text {
		if w := columns(c); w > 0 {
			if at == column {
				return c
			}
			at += w
		}
	}
	return -1
}

func TestSpan(t *testing.T) {
	for _, test := range []struct {
		line               string
		column, end        int
		wantFrom, wantTo   int
		wantText, describe string
	}{
		{"  a: b # why", 6, 7, 5, 6, "b", "given"},
		{"  a: b c # why", 6, 0, 5, 8, "b c", "to the comment"},
		{"  a: b#c ", 6, 0, 5, 8, "b#c", "no comment"},
		{"  a: b", 0, 0, 2, 6, "a: b", "no column"},
		{"  a:", 5, 0, 4, 5, "", "behind the end"},
		{"  a:", 99, 120, 4, 5, "", "far behind the end"},
		{"  a: b", 6, 3, 5, 6, "b", "end before start"},
		{"  a: b", 3, 99, 2, 6, "a: b", "end behind the end"},
	} {
		line := []rune(test.line)
		from, to := span(line, test.column, test.end)
		if from != test.wantFrom || to != test.wantTo || string(line[from:min(to, len(line))]) != test.wantText {
			t.Errorf("%s: %q %d-%d: got %d-%d, want %d-%d", test.describe, test.line, test.column, test.end, from, to, test.wantFrom, test.wantTo)
		}
	}
}

func TestPrivateKeysStayPrivate(t *testing.T) {
	const key = "MC4CAQAwBQYDK2VwBCIEIAAAAAAAAAAAAAAAAAAAthrowawayAAAAAAAAAAAAAAA"
	sources := []string{
		"  tls.key: -----BEGIN PRIVATE KEY-----\\n" + key[:40] + "\\n-----END PRIVATE KEY-----",
		"  tls.key: -----BEGIN EC PRIVATE KEY-----" + key[:40],
		"    " + key,
		`{"items":[{"kind":"Secret","data":{"p":"` + key[:40] + `"}},{"spec":{}}]}`,
		"{kind: Secret, data: {p: " + key[:40] + "}}",
	}
	for _, source := range sources {
		var b bytes.Buffer
		if err := writeText(&b, onLine(source, 3, 0), Style{}); err != nil || strings.Contains(b.String(), key[10:40]) {
			t.Errorf("%v: shown:\n%s", err, &b)
		}
	}
	r := onLine("  password: hunter2", 3, 0)
	r.Findings[0].Object = kube.ID{Kind: "Secret", Name: "db"}
	var b bytes.Buffer
	if err := writeText(&b, r, Style{}); err != nil || strings.Contains(b.String(), "hunter2") {
		t.Errorf("%v: a Secret's data is shown:\n%s", err, &b)
	}
	for _, shown := range []string{"image: web@sha256:" + strings.Repeat("0123456789abcdef", 4), "kind: SecretStore", "secretName: x", "kind: SealedSecret"} {
		b.Reset()
		if err := writeText(&b, onLine(shown, 1, 0), Style{}); err != nil || !strings.Contains(b.String(), shown) {
			t.Errorf("%v: hidden without need: %s\n%s", err, shown, &b)
		}
	}
}

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }

func TestWriteErrorIsReturned(t *testing.T) {
	for _, f := range Formats() {
		if err := f.Write(brokenPipe{}, everything(), Style{}); err == nil || !strings.Contains(err.Error(), "broken pipe") {
			t.Errorf("%s: %v", f.Name, err)
		}
	}
}

// Where a terminal knows links, a rule leads to its page; an address that could end the sequence leads nowhere.
func TestLinks(t *testing.T) {
	r := fromCluster()
	for address, linked := range map[string]bool{
		"https://docs.test/a": true, "docs/rules/a.md": false, "https://x\x1b\\\x1b[31m": false, "https://x\u009cy": false, "javascript:alert(1)": false, "https://a b": false,
	} {
		r.Docs = func(string) string { return address }
		var b bytes.Buffer
		if err := writeText(&b, r, Style{Links: true}); err != nil {
			t.Fatal(err)
		}
		want := "\x1b]8;;" + address + "\x1b\\[ingress-nginx/client-ca-missing]\x1b]8;;\x1b\\"
		if strings.Contains(b.String(), want) != linked || !linked && strings.Contains(b.String(), "\x1b") {
			t.Errorf("%q: %q", address, b.String())
		}
		b.Reset()
		if err := writeText(&b, r, Style{}); err != nil || strings.Contains(b.String(), "\x1b") {
			t.Errorf("%v: a link where nobody knows links: %q", err, b.String())
		}
	}
}

// Lines are wrapped at blanks for a terminal, and for nothing else; what they say stays the same.
func TestWrapping(t *testing.T) {
	words := func(s string) []string { return strings.Fields(s) }
	var whole bytes.Buffer
	if err := writeText(&whole, fromCluster(), Style{}); err != nil {
		t.Fatal(err)
	}
	for width := 40; width < 200; width += 7 {
		var b bytes.Buffer
		if err := writeText(&b, fromCluster(), Style{Width: width}); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(words(b.String()), words(whole.String())) {
			t.Errorf("width %d changes the words:\n%s", width, &b)
		}
		for line := range strings.Lines(b.String()) {
			line = strings.TrimRight(line, "\n")
			if totalColumns([]rune(line)) > width && strings.Contains(strings.TrimSpace(line), " ") && !strings.HasPrefix(line, "more about") {
				t.Errorf("width %d: %q has %d columns", width, line, totalColumns([]rune(line)))
			}
			if strings.HasSuffix(line, " ") {
				t.Errorf("width %d: %q ends with a blank", width, line)
			}
		}
	}
}

// TestNoLiteralBesideAComment: of a line of a kustomization that holds more than a comment nothing is shown: it may be a literal for a Secret.
func TestNoLiteralBesideAComment(t *testing.T) {
	for line, shown := range map[string]bool{"- password=hunter2 # tlsward:ignore": false, "  # tlsward:ignore": true} {
		r := onLine(line, strings.Index(line, "#")+1, 0)
		r.Findings[0].Object, r.Findings[0].Path = kube.ID{Group: "kustomize.config.k8s.io", Kind: "Kustomization"}, nil
		for _, f := range Formats() {
			var b bytes.Buffer
			if err := f.Write(&b, r, Style{}); err != nil {
				t.Fatal(err)
			}
			if strings.Contains(b.String(), "hunter2") || f.Name == "text" && strings.Contains(b.String(), "tlsward:ignore") != shown {
				t.Errorf("%s: %s", f.Name, &b)
			}
		}
	}
}
