package browser

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/tlsward/tlsward/test/report"
)

// overlaps lists what lies over each other in the picture of certificates, and what runs out of its box or of the picture.
const overlaps = `(() => {
	const svg = document.querySelector("svg.trust"), bad = [];
	const meet = (a, b) => a.x + 0.5 < b.x + b.width && b.x + 0.5 < a.x + a.width && a.y + 0.5 < b.y + b.height && b.y + 0.5 < a.y + a.height;
	const name = e => e.textContent.slice(0, 60);
	const nodes = [...svg.querySelectorAll("g.node")], boxes = nodes.map(n => n.querySelector("rect").getBBox());
	const whole = svg.viewBox.baseVal;
	nodes.forEach((n, i) => {
		for (let j = 0; j < i; j++) if (meet(boxes[i], boxes[j])) bad.push(name(n) + " lies over " + name(nodes[j]));
		const box = boxes[i];
		if (box.x < 0 || box.y < 0 || box.x + box.width > whole.width || box.y + box.height > whole.height) bad.push(name(n) + " is outside");
		if (box.height < 15) return; // the legend's texts stand beside their boxes
		for (const t of n.querySelectorAll("text")) {
			const b = t.getBBox();
			if (b.x + b.width > box.x + box.width || b.x < box.x || b.y < box.y || b.y + b.height > box.y + box.height) bad.push(t.textContent + " runs out of its box");
		}
	});
	const labels = [...svg.querySelectorAll("text.role")];
	labels.forEach((l, i) => {
		const box = l.getBBox();
		for (let j = 0; j < nodes.length; j++) if (meet(box, boxes[j])) bad.push(name(l) + " lies over " + name(nodes[j]));
		for (let j = 0; j < i; j++) {
			// The line above and below a letter is empty.
			const other = labels[j].getBBox(), trim = b => ({x: b.x, width: b.width, y: b.y + 2, height: b.height - 4});
			if (meet(trim(box), trim(other))) bad.push(name(l) + " lies over " + name(labels[j]));
		}
	});
	for (const t of svg.querySelectorAll("text")) { const b = t.getBBox(); if (b.x + b.width > whole.width || b.y + b.height > whole.height) bad.push(name(t) + " is outside"); }
	return bad;
})()`

// faint lists texts of the picture whose colour is too near to that of their box, by the formula of contrasts.
const faint = `(() => {
	const channels = c => c.match(/[\d.]+/g).map(Number);
	const light = ([r, g, b]) => [r, g, b].map(v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
		.reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
	const ground = document.querySelector("svg.trust rect.ground"), poor = new Set();
	for (const e of document.querySelectorAll("svg.trust text")) {
		const legend = e.parentElement.querySelector("rect")?.getBBox().height < 15;
		const behind = e.parentElement.matches("g.node") && !legend ? e.parentElement.querySelector("rect") : ground;
		const [a, b] = [light(channels(getComputedStyle(e).fill)), light(channels(getComputedStyle(behind).fill))].sort((x, y) => y - x);
		if ((a + 0.05) / (b + 0.05) < 4.5) poor.add(e.parentElement.getAttribute("class") + " " + e.getAttribute("class") + " " + ((a + 0.05) / (b + 0.05)).toFixed(2));
	}
	return [...poor];
})()`

// TestTrustPicture: in the report's picture of certificates nothing lies over anything else, in the inventories of all examples, and all can
// be read in light, in dark and on paper.
func TestTrustPicture(t *testing.T) {
	folders, err := filepath.Glob(root + "/examples/[a-z]*")
	if err != nil || len(folders) == 0 {
		t.Fatal(err, folders)
	}
	arguments := [][]string{everything, {"examples"}, {"test/report/testdata/trust"}}
	for _, folder := range folders {
		arguments = append(arguments, []string{"examples/" + filepath.Base(folder)})
	}
	for _, paths := range arguments {
		t.Run(strings.Join(paths, " "), func(t *testing.T) {
			r := open(t, paths...)
			if n := eval[int](t, r, `document.querySelectorAll("svg.trust g.node").length`); n == 0 {
				t.Fatal("no picture")
			}
			if bad := eval[[]string](t, r, overlaps); len(bad) > 0 {
				t.Errorf("%s", strings.Join(bad, "\n"))
			}
			for _, c := range []struct{ media, scheme string }{{"screen", "light"}, {"screen", "dark"}, {"print", "dark"}} {
				r.show(t, c.media, c.scheme)
				if poor := eval[[]string](t, r, faint); len(poor) > 0 {
					t.Errorf("%s %s: too little contrast: %v", c.media, c.scheme, poor)
				}
				if c.media == "print" {
					if wide := eval[bool](t, r, `document.querySelector("svg.trust").getBoundingClientRect().width > document.documentElement.clientWidth`); wide {
						t.Error("the picture is wider than the paper")
					}
				}
			}
		})
	}
}

// TestTrustScreenshot writes the picture of docs/trust.md, if it is asked to.
func TestTrustScreenshot(t *testing.T) {
	if *screenshots == "" {
		t.Skip("no -screenshots")
	}
	file := filepath.Join(t.TempDir(), "trust.svg")
	command := exec.Command(program, "trust", "--now", report.Now, "--output", "svg="+file, "test/report/testdata/trust")
	command.Dir = root
	if output, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	svg, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	page := filepath.Join(filepath.Dir(file), "trust.html")
	_, picture, _ := strings.Cut(string(svg), "\n") // without the XML declaration
	if err := os.WriteFile(page, []byte("<!DOCTYPE html><meta charset=utf-8><body style='margin:0'>"+picture), 0o600); err != nil {
		t.Fatal(err)
	}
	r := open(t, "examples/gateway-api/mended")
	r.do(t, chromedp.EmulateViewport(1500, 900), chromedp.Navigate("file://"+page))
	shot, err := chromedp.Run(r.ctx, chromedp.Screenshot(chromedp.CSS("svg.trust")))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(*screenshots, "trust.png"), shot, 0o644); err != nil {
		t.Fatal(err)
	}
}
