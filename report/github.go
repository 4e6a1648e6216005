package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/tlsward/tlsward/kube"
)

// writeGitHub writes workflow commands, which GitHub shows as annotations of a change. It shows ten of each level for a
// step, the first ones, so what is denied comes first.
// https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
func writeGitHub(w io.Writer, r Run, _ Style) error {
	out := bufio.NewWriter(w)
	for _, p := range r.Errors {
		githubCommand(out, "error", kube.Position{File: p.File, Line: p.Line}, 0, "tlsward: cannot read", p.Message)
	}
	for _, f := range byGravity(r.Findings) {
		githubCommand(out, levelOf(f.Action, "notice"), f.At, f.End, f.Rule+", "+f.Object.String(), paragraphs(&f, details(&f)))
	}
	return out.Flush()
}

func githubCommand(out *bufio.Writer, level string, at kube.Position, end int, title, message string) {
	properties := make([]string, 0, 5)
	add := func(name, value string) { properties = append(properties, name+"="+githubProperty(value)) }
	if at.File != "" {
		add("file", slashed(at.File))
		if at.Line > 0 {
			add("line", fmt.Sprint(at.Line))
		}
		if at.Column > 0 {
			add("col", fmt.Sprint(at.Column))
		}
		if end > at.Column {
			add("endColumn", fmt.Sprint(end-1)) // GitHub's is the last character's
		}
	}
	add("title", title)
	out.WriteString("::" + level + " " + strings.Join(properties, ",") + "::" + githubMessage(message) + "\n")
}

// githubMessage keeps a message on its line: a line break would let a manifest write a command of its own.
// https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts
func githubMessage(s string) string {
	return strings.NewReplacer("%", "%25", "\n", "%0A").Replace(Lines(s))
}

// githubProperty is githubMessage for what ends at a comma or a colon.
func githubProperty(s string) string {
	return strings.NewReplacer(":", "%3A", ",", "%2C").Replace(githubMessage(s))
}
