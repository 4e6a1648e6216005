package report

import "strings"

// Lines is text of several lines for a terminal, as an example of a rule: visible, and with its lines where they are.
func Lines(text string) string { return visibleBy(text, "\r") }

// Plain is text for a terminal by another way than a report, as an error message: visible, with its lines after the first
// indented.
func Plain(text string) string {
	return strings.ReplaceAll(visibleBy(strings.TrimSpace(text), " \r"), "\n", "\n    ")
}

// visibleLines is Lines without the blanks and empty lines around the text.
func visibleLines(text string) string { return Lines(strings.TrimSpace(text)) }

// visibleBy is visible line by line, without the characters of ends at the end of each.
func visibleBy(text, ends string) string {
	if !strings.Contains(text, "\n") {
		return visible(strings.TrimRight(text, ends))
	}
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = visible(strings.TrimRight(line, ends))
	}
	return strings.Join(lines, "\n")
}
