package report

import (
	"regexp"
	"strings"
)

// Lines is text of several lines for a terminal, as an example of a rule: visible, and with its lines where they are.
func Lines(text string) string { return visibleBy(text, "\r") }

// Plain is text for a terminal by another way than a report, as an error message: visible, with its lines after the first
// indented.
func Plain(text string) string {
	return strings.ReplaceAll(visibleBy(strings.TrimSpace(text), " \r"), "\n", "\n    ")
}

// visibleLines is Lines without the blanks and empty lines around the text.
func visibleLines(text string) string { return Lines(withoutCommands(strings.TrimSpace(text))) }

// commandOfCI is a line break before a command of GitHub, Azure Pipelines or TeamCity.
var commandOfCI = regexp.MustCompile(`\s*\n\s*(::|##\[|##[a-z]+\[)`)

// withoutCommands has no line begin with what a CI would take for a command in its log.
func withoutCommands(text string) string {
	if !strings.Contains(text, "\n") {
		return text
	}
	return commandOfCI.ReplaceAllString(text, "\u240a$1")
}

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
