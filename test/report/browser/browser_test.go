// Package browser opens the HTML report in a real Chromium: what a reader sees, in light, in dark and on paper, and what the
// page must not do. It needs Debian's chromium-headless-shell, or installs it.
package browser

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"html"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/tlsward/tlsward/test/report"
)

const root = "../../.."

var (
	// program is what is tested, chromium what reads its page.
	program, chromium string
	screenshots       = flag.String("screenshots", "", "write the pictures of the manual into this folder")
)

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(func() int {
		folder, err := os.MkdirTemp("", "tlsward-browser")
		if err == nil {
			defer os.RemoveAll(folder)
			program, err = report.Build(root, folder)
		}
		if err == nil {
			chromium, err = install()
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "test/report/browser:", err)
			return 1
		}
		return m.Run()
	}())
}

// install finds a Chromium, or installs Debian's.
func install() (string, error) {
	find := func() (string, error) {
		for _, name := range []string{"chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"} {
			if path, err := exec.LookPath(name); err == nil {
				return path, nil
			}
		}
		return "", errors.New("no chromium in PATH")
	}
	if path, err := find(); err == nil {
		return path, nil
	}
	for _, arguments := range [][]string{{"update"}, {"install", "--yes", "--no-install-recommends", "chromium-headless-shell", "fonts-dejavu-core"}} {
		command := exec.Command("apt-get", arguments...)
		command.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
		if output, err := command.CombinedOutput(); err != nil {
			return "", fmt.Errorf("chromium is not installed, and apt-get %s: %w\n%s", arguments[0], err, output)
		}
	}
	return find()
}

// reader is a page that is open, and what it did.
type reader struct {
	ctx  context.Context
	mu   sync.Mutex
	said []string // to the console, and errors
	got  []string // addresses asked for
}

// open writes a report and opens it.
func open(t *testing.T, arguments ...string) *reader {
	t.Helper()
	file := filepath.Join(t.TempDir(), "report.html")
	if _, err := report.Lint(t.Context(), program, root, append([]string{"--output", "html=" + file}, arguments...)...); err != nil {
		t.Fatal(err)
	}
	r := &reader{}
	ctx, end := chromedp.NewContext(t.Context(), chromedp.WithErrorf(t.Logf), chromedp.WithListener(r.note), chromedp.WithAllocatorOptions(
		chromedp.ExecPath(chromium), chromedp.NoSandbox, // root, as in containers, may not have one
		chromedp.WindowSize(1200, 900), chromedp.Flag("disable-dev-shm-usage", true),
	))
	t.Cleanup(end)
	late := time.AfterFunc(patience, end)
	t.Cleanup(func() { late.Stop() })
	r.ctx = ctx
	r.do(t)
	call(t, r, network.Enable, network.EnableParams{})
	call(t, r, cdplog.Enable, cdp.Empty{})
	call(t, r, runtime.Enable, cdp.Empty{})
	r.do(t, chromedp.Navigate("file://"+file), chromedp.WaitReady(chromedp.CSS("footer")))
	return r
}

// note keeps what a page does. It runs while the page does it.
func (r *reader) note(event any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventConsoleAPICalled:
		r.said = append(r.said, fmt.Sprintf("console.%s %v", e.Type, e.Args))
	case *runtime.EventExceptionThrown:
		r.said = append(r.said, e.ExceptionDetails.Text)
	case *cdplog.EventEntryAdded:
		r.said = append(r.said, e.Entry.Text)
	case *network.EventRequestWillBeSent:
		r.got = append(r.got, e.Request.URL)
	}
}

// patience bounds a test: starting a browser takes seconds on a machine that is busy.
const patience = 2 * time.Minute

func (r *reader) do(t *testing.T, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(r.ctx, steps...); err != nil {
		t.Fatal(err)
	}
}

// call sends a command of the protocol.
func call[P, R any](t *testing.T, r *reader, command cdp.Command[P, R], parameters P) R {
	t.Helper()
	result, err := chromedp.Call(r.ctx, command, parameters)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// eval is the value of an expression in the page.
func eval[T any](t *testing.T, r *reader, expression string) T {
	t.Helper()
	value, err := chromedp.Run(r.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// show sets the medium and the colours that the reader prefers.
func (r *reader) show(t *testing.T, media, scheme string) {
	t.Helper()
	call(t, r, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Media: media, Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
	})
}

var everything = []string{"test/report/testdata/scene", "examples/ingress-nginx/broken"}

// TestPage: a reader sees every finding, once and with its line of source, and finds the way between the parts. The page asks
// for nothing, says nothing to the console and takes nothing of a manifest for markup.
func TestPage(t *testing.T) {
	out, err := report.Lint(t.Context(), program, root, append([]string{"--output", "jsonl"}, everything...)...)
	if err != nil {
		t.Fatal(err)
	}
	findings := strings.Count(string(out), `"rule":`)
	r := open(t, everything...)
	if n := eval[int](t, r, `document.querySelectorAll("article.finding").length`); n != findings || n == 0 {
		t.Errorf("%d findings, want %d", n, findings)
	}
	text := eval[string](t, r, `document.body.textContent`)
	for _, want := range []string{
		"Ingress shop/web", "every request to web.shop.test gets 403", "nginx.ingress.kubernetes.io/auth-tls-secret: shop/client-ca",
		"<img src=x onerror=document.title=1> @team & co", "ingress-nginx/client-ca-missing: Client CA Secret does not exist",
		"test/report/testdata/scene/unreadable.yaml:3", "values file",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the page does not show %q", want)
		}
	}
	if title := eval[string](t, r, `document.title`); !regexp.MustCompile(`^tlsward: \d+ would be denied$`).MatchString(title) {
		t.Errorf("title %q", title)
	}
	for what, expression := range map[string]string{
		"images and scripts":        `document.querySelectorAll("img,script,iframe,object,embed,form").length`,
		"links that lead nowhere":   `[...document.querySelectorAll('a[href^="#"]')].filter(a => !document.getElementById(a.getAttribute("href").slice(1))).length`,
		"ids that occur twice":      `(ids => ids.length - new Set(ids).size)([...document.querySelectorAll("[id]")].map(e => e.id))`,
		"links to other than https": `[...document.links].filter(a => !a.getAttribute("href").startsWith("#") && a.protocol != "https:").length`,
		"scrolling sideways":        `document.documentElement.scrollWidth > innerWidth ? 1 : 0`,
	} {
		if n := eval[int](t, r, expression); n != 0 {
			t.Errorf("%s: %d", what, n)
		}
	}
	if mark := eval[string](t, r, `document.querySelector("article.deny mark").textContent`); mark == "" {
		t.Error("no part of a line is marked")
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.said) > 0 {
		t.Errorf("the console has %q", r.said)
	}
	for _, address := range r.got {
		if !strings.HasPrefix(address, "file://") && !strings.HasPrefix(address, "data:") {
			t.Errorf("the page asks for %s", address)
		}
	}
	if len(r.got) == 0 {
		t.Error("nothing was asked for, not even the page: the listener does not work")
	}
}

// TestFilter: the boxes hide and show, without a script.
func TestFilter(t *testing.T) {
	r := open(t, everything...)
	shown := `[...document.querySelectorAll("article.finding.note")].filter(e => e.checkVisibility()).length`
	all := eval[int](t, r, shown)
	if all == 0 {
		t.Fatal("no note to hide")
	}
	r.do(t, chromedp.Click(chromedp.CSS("#show-note")))
	if n := eval[int](t, r, shown); n != 0 {
		t.Errorf("%d notes are shown", n)
	}
	if n := eval[int](t, r, `[...document.querySelectorAll("article.finding.deny")].filter(e => e.checkVisibility()).length`); n == 0 {
		t.Error("denials are hidden too")
	}
	r.do(t, chromedp.Click(chromedp.CSS("#show-note")))
	if n := eval[int](t, r, shown); n != all {
		t.Errorf("%d notes come back, want %d", n, all)
	}
}

// contrasts lists text whose colour is too near to its background's, by WCAG 2.2's formula: 4.5 to 1 for text of this size.
const contrasts = `(() => {
	const channels = c => c.match(/[\d.]+/g).map(Number);
	const light = ([r, g, b]) => [r, g, b].map(v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
		.reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
	const behind = e => { for (; e; e = e.parentElement) { const c = channels(getComputedStyle(e).backgroundColor); if (c.length < 4 || c[3] > 0) return c; } return [255, 255, 255]; };
	const poor = new Set();
	for (const e of document.querySelectorAll("body *")) {
		if (![...e.childNodes].some(n => n.nodeType == 3 && n.textContent.trim())) continue;
		const [a, b] = [light(channels(getComputedStyle(e).color)), light(behind(e))].sort((x, y) => y - x);
		const ratio = (a + 0.05) / (b + 0.05);
		if (ratio < 4.5) poor.add(e.tagName + "." + e.className + " " + ratio.toFixed(2));
	}
	return [...poor];
})()`

// TestColours: the page follows the reader's choice of light or dark, is black on white on paper, and can be read in each.
func TestColours(t *testing.T) {
	r := open(t, everything...)
	background := `getComputedStyle(document.body).backgroundColor`
	for _, c := range []struct{ name, media, scheme, want string }{
		{"light", "screen", "light", "rgb(255, 255, 255)"},
		{"dark", "screen", "dark", "rgb(15, 19, 24)"},
		{"paper", "print", "dark", "rgb(255, 255, 255)"},
	} {
		r.show(t, c.media, c.scheme)
		if got := eval[string](t, r, background); got != c.want {
			t.Errorf("%s: background %s, want %s", c.name, got, c.want)
		}
		if poor := eval[[]string](t, r, contrasts); len(poor) > 0 {
			t.Errorf("%s: too little contrast: %v", c.name, poor)
		}
	}
	if n := eval[int](t, r, `[...document.querySelectorAll("nav, fieldset")].filter(e => e.checkVisibility()).length`); n != 0 {
		t.Errorf("%d controls on paper", n)
	}
	if data, err := chromedp.Run(r.ctx, chromedp.PrintToPDF()); err != nil || !strings.HasPrefix(string(data), "%PDF-") {
		t.Errorf("%v: no PDF", err)
	}
}

// TestAccessibility: what a screen reader goes by.
func TestAccessibility(t *testing.T) {
	r := open(t, everything...)
	for what, expression := range map[string]string{
		"no language":              `document.documentElement.lang == "en" ? 0 : 1`,
		"not one main, one header": `document.querySelectorAll("main").length + document.querySelectorAll("body > header").length - 2`,
		"headings out of order":    `[...document.querySelectorAll("h1,h2,h3,h4")].filter((h, i, all) => i && h.tagName[1] - all[i-1].tagName[1] > 1).length`,
		"boxes without a label":    `[...document.querySelectorAll("input")].filter(e => !e.labels.length).length`,
		"sections without a name":  `[...document.querySelectorAll("section")].filter(e => !document.getElementById(e.getAttribute("aria-labelledby"))?.textContent).length`,
		"links without text":       `[...document.links].filter(a => !a.textContent.trim()).length`,
		"cells without a header":   `[...document.querySelectorAll("table")].filter(e => !e.querySelector("th[scope=col]")).length`,
	} {
		if n := eval[int](t, r, expression); n != 0 {
			t.Errorf("%s: %d", what, n)
		}
	}
	// The first stop of the tabulator leads past everything.
	r.do(t, chromedp.KeyEvent("\t"))
	if first := eval[string](t, r, `document.activeElement.textContent`); first != "To the findings" {
		t.Errorf("the first stop is %q", first)
	}
}

// TestNarrow: on a telephone nothing is cut off.
func TestNarrow(t *testing.T) {
	r := open(t, everything...)
	r.do(t, chromedp.EmulateViewport(360, 740))
	if width := eval[int](t, r, `document.documentElement.scrollWidth`); width > 360 {
		t.Errorf("the page is %d wide", width)
	}
}

// TestClean: a page without findings says so.
func TestClean(t *testing.T) {
	r := open(t, "examples/gateway-api/mended")
	text := eval[string](t, r, `document.body.textContent`)
	if !strings.Contains(text, "Nothing would be denied") || !strings.Contains(text, "No findings.") {
		t.Errorf("the page says:\n%s", text)
	}
}

// TestScreenshots writes the pictures of docs/reports.md, if it is asked to.
func TestScreenshots(t *testing.T) {
	if *screenshots == "" {
		t.Skip("no -screenshots")
	}
	folder, err := filepath.Abs(*screenshots)
	if err != nil {
		t.Fatal(err)
	}
	r := open(t, "examples/")
	for _, scheme := range []string{"light", "dark"} {
		r.show(t, "screen", scheme)
		r.do(t, chromedp.EmulateViewport(1000, 860))
		picture, err := chromedp.Run(r.ctx, chromedp.CaptureScreenshot())
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, "report-"+scheme+".png"), picture, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// TestTerminal writes the pictures of terminals, if it is asked to: what the program writes to one of a hundred columns.
func TestTerminal(t *testing.T) {
	if *screenshots == "" {
		t.Skip("no -screenshots")
	}
	terminal(t, "text.png", root, "lint --only 'ingress-nginx/*' examples/ingress-nginx/broken")
	terminal(t, "effective.png", changed(t), "effective deploy/", "effective --diff main deploy/")
}

// changed makes a repository in which an Ingress is weaker than on its branch main.
func changed(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	script := `git init --quiet --initial-branch=main && cp -r "$EXAMPLE" deploy && git add -A && git -c user.name=a -c user.email=a@example.com commit --quiet -m base &&
sed -i 's/verify-client: "on"/verify-client: optional/; s/^spec:/    nginx.ingress.kubernetes.io\/ssl-redirect: "false"\nspec:/' deploy/ingress.yaml`
	command := exec.Command("sh", "-ec", script)
	example, err := filepath.Abs(filepath.Join(root, "examples", "ingress-nginx", "mended"))
	if err != nil {
		t.Fatal(err)
	}
	command.Dir, command.Env = dir, append(os.Environ(), "EXAMPLE="+example)
	if output, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	return dir
}

// terminal writes a picture of commands and what they write, run in a folder. What stands in quotes is not shown.
func terminal(t *testing.T, name, dir string, commands ...string) {
	t.Helper()
	colours := strings.NewReplacer("\x1b[0m", "</span>", "\x1b[1m", "<span style='font-weight:bold;color:#fff'>", "\x1b[2m", "<span style='color:#8b949e'>",
		"\x1b[1;31m", "<span style='font-weight:bold;color:#ff7b72'>", "\x1b[1;32m", "<span style='font-weight:bold;color:#7ee787'>",
		"\x1b[1;33m", "<span style='font-weight:bold;color:#e3b341'>", "\x1b[1;34m", "<span style='font-weight:bold;color:#79c0ff'>",
		"\x1b[1;36m", "<span style='font-weight:bold;color:#56d4dd'>")
	shown := strings.NewReplacer(" --only 'ingress-nginx/*'", "")
	var screen strings.Builder
	for i, arguments := range commands {
		command := exec.Command("script", "-qec", "stty cols 100; exec "+program+" "+arguments+" --now "+report.Now, "/dev/null")
		command.Dir, command.Env = dir, append(os.Environ(), "TERM=xterm-256color", "NO_COLOR=")
		output, _ := command.Output() // it may exit with 1
		text := colours.Replace(html.EscapeString(strings.ReplaceAll(string(output), "\r", "")))
		if strings.Contains(text, "\x1b") {
			t.Fatalf("an ink that has no colour here: %q", text)
		}
		if i > 0 {
			screen.WriteByte('\n')
		}
		screen.WriteString("<b style='color:#7ee787'>$</b> tlsward " + shown.Replace(arguments) + "\n" + text)
	}
	file := filepath.Join(t.TempDir(), "terminal.html")
	page := "<meta charset=utf-8><body style='margin:0;background:#0d1117;color:#c9d1d9'><pre style='margin:0;padding:16px;display:inline-block;font:14px/1.4 \"DejaVu Sans Mono\",monospace'>" +
		screen.String() + "</pre>"
	if err := os.WriteFile(file, []byte(page), 0o600); err != nil {
		t.Fatal(err)
	}
	r := open(t, "examples/gateway-api/mended")
	r.do(t, chromedp.EmulateViewport(900, 500), chromedp.Navigate("file://"+file))
	picture, err := chromedp.Run(r.ctx, chromedp.Screenshot(chromedp.CSS("pre")))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(*screenshots, name), picture, 0o644); err != nil {
		t.Fatal(err)
	}
}
