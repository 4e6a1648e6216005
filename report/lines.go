package report

import "strings"

// Lines is text of several lines for a terminal, as an example of a rule: visible, and with its lines where they are.
func Lines(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = visible(strings.TrimRight(line, "\r"))
	}
	return strings.Join(lines, "\n")
}
