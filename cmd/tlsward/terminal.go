package main

import (
	"io"
	"os"

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
	return style, nil
}
