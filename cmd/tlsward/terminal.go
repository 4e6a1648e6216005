package main

import (
	"io"
	"os"
	"strconv"
	"strings"

	"golang.org/x/term"

	"github.com/tlsward/tlsward/report"
)

// terminalStyle is how text looks where it goes to, and as --color wants it.
func terminalStyle(out io.Writer, color string) (report.Style, error) {
	var style report.Style
	file, isFile := out.(*os.File)
	terminal := isFile && term.IsTerminal(int(file.Fd()))
	if terminal {
		if width, _, err := term.GetSize(int(file.Fd())); err == nil {
			style.Width = width
		}
	}
	switch color {
	case "auto":
		// https://no-color.org
		style.Color = terminal && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	case "always":
		style.Color = true
	case "never":
	default:
		return style, oneOf("--color", color, colorWords())
	}
	style.Links = links(terminal && color != "never", os.Getenv)
	return style, nil
}

// links reports whether what reads the output shows OSC 8 links as links. No terminal can be asked, so those are known
// by what they set; one that is not known gets none, since some print the address. FORCE_HYPERLINK, which other programs
// read too, overrules: 0 is no, anything else yes.
// https://github.com/Alhadis/OSC8-Adoption
func links(terminal bool, env func(string) string) bool {
	if forced := env("FORCE_HYPERLINK"); forced != "" {
		return forced != "0"
	}
	name := env("TERM")
	if !terminal || name == "dumb" || env("TMUX") != "" || strings.HasPrefix(name, "screen") || strings.HasPrefix(name, "tmux") {
		return false // a multiplexer passes links on only if it is told to
	}
	switch name {
	case "xterm-kitty", "xterm-ghostty", "alacritty", "foot", "foot-extra", "contour", "rio":
		return true
	}
	switch env("TERM_PROGRAM") {
	case "iTerm.app", "WezTerm", "vscode", "ghostty", "rio", "zed", "Tabby", "Hyper":
		return true
	}
	// Windows Terminal, Konsole, and what is made of GNOME's VTE: before 0.50.1 a link could end it.
	const firstVTE = 5001
	vte, err := strconv.Atoi(env("VTE_VERSION"))
	return env("WT_SESSION") != "" || env("KONSOLE_VERSION") != "" || err == nil && vte >= firstVTE
}
