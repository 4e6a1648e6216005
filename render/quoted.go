package render

import "regexp"

// quoted is what the messages of kustomize, Helm and their YAML libraries repeat of the text that they could not use: a literal of
// a generator, a whole patch, a node, an object. It may be the data of a Secret, which no report shows.
var quoted = []struct {
	text *regexp.Regexp
	with string
}{
	{regexp.MustCompile(`(?s)literal sources \[.*\]: invalid literal source .*, expected key=value`), "a literal source is not key=value"},
	{regexp.MustCompile("(?s) with config: `.*`: "), ": "},
	{regexp.MustCompile(`(?s)\[patch: \\*".*"\]`), "[patch]"},
	{regexp.MustCompile("(?s)(!!\\w+) `.*?` (into|as) "), "$1 $2 "},
	{regexp.MustCompile(`(?s)unknown anchor '.*?' referenced`), "unknown anchor referenced"},
	{regexp.MustCompile(`(?s)cannot parse template ".*": template: `), "cannot parse template: "},
	{regexp.MustCompile(`(?s)(error during tpl function execution) for ".*": template: `), "$1: "},
	{regexp.MustCompile(`(?s)(must specify one of patch and path|patch and path can't be set at the same time)( in)?\s.*`), "$1"},
	{regexp.MustCompile(`(?s)(must specify a target for (JSON )?patch) .*`), "$1"},
	{regexp.MustCompile(`(?s)(:? node contents|[;,:]? content summary| for the following resource):.*`), ""},
	{regexp.MustCompile(`(?s)(possible referrals: .*?)(\s|\\n)*\*{4} Too many possible referral targets.*`), "$1"},
	{regexp.MustCompile(`(?s)line \[?[\d ]+\]? has invalid utf8 bytes : .*`), "a line is no UTF-8"},
	{regexp.MustCompile(`(?s)(is out of bounds) for value .*`), "$1"},
	{regexp.MustCompile(`(?s)(expected 1 resource, found \d+|empty item at \S+) in .*`), "$1"},
}

func withoutData(text string) string {
	for _, q := range quoted {
		text = q.text.ReplaceAllString(text, q.with)
	}
	return text
}
