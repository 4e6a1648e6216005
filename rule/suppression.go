package rule

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tlsward/tlsward/kube"
)

// SuppressionKind says what leaves a finding out of the verdict.
type SuppressionKind string

// An entry of the config, the annotation of the object, a comment in its file, or an entry of the baseline.
const (
	ByConfig     SuppressionKind = "config"
	ByAnnotation SuppressionKind = "annotation"
	ByComment    SuppressionKind = "comment"
	ByBaseline   SuppressionKind = "baseline"
)

// Suppression says why a finding does not count.
type Suppression struct {
	Kind SuppressionKind
	// Reason is what somebody wrote down; "" for a baseline, which has none.
	Reason string
	// Until is the last instant at which it counts, zero if there is none.
	Until time.Time
	// Exemption is, of an entry of the config, its index in Settings.Exemptions.
	Exemption int
}

// Exempted returns the suppression of what an exemption of the config excuses an object from at that time, nil if none does.
func (s Settings) Exempted(ruleID string, obj kube.ID, now time.Time) *Suppression {
	i, exempt := s.Exempts(ruleID, obj, now)
	if !exempt {
		return nil
	}
	return &Suppression{Kind: ByConfig, Reason: s.Exemptions[i].Reason, Until: s.Exemptions[i].Until, Exemption: i}
}

// IgnoreAnnotation is the annotation in which an object asks for findings to be suppressed: entries as ParseIgnores reads them.
const IgnoreAnnotation = "tlsward.dev/ignore"

// Ignore is what a comment or an entry of the annotation asks for: "provider/rule, provider/rule until 2027-03-31 -- reason".
type Ignore struct {
	Rules []string
	// Until is the end of the last day on which it counts, zero if there is none.
	Until  time.Time
	Reason string
	// Defect says why it cannot be understood, "" if it can.
	Defect string
}

const (
	// maxIgnoreBytes bounds an annotation's text: it is read in every review that finds something, and anybody who may write
	// an object may make it as long as an object can be. It holds a hundred entries.
	maxIgnoreBytes = 16 << 10
	// reasonMark stands before the reason: rule ids and dates hold single dashes.
	reasonMark = "--"
	untilMark  = "until"
)

// ParseIgnores reads an annotation: entries with a semicolon or a line break between them.
func ParseIgnores(text string) []Ignore {
	if len(text) > maxIgnoreBytes {
		return []Ignore{{Defect: fmt.Sprintf("longer than %d KiB", maxIgnoreBytes>>10)}}
	}
	var entries []Ignore
	for _, entry := range strings.FieldsFunc(text, func(r rune) bool { return r == ';' || r == '\n' || r == '\r' }) {
		if strings.TrimSpace(entry) != "" {
			entries = append(entries, ParseIgnore(entry))
		}
	}
	if len(entries) == 0 {
		return []Ignore{{Defect: "it names no rule"}}
	}
	return entries
}

// ParseIgnore reads one entry.
func ParseIgnore(text string) Ignore {
	head, reason, _ := strings.Cut(text, reasonMark)
	ignore := Ignore{Reason: strings.TrimSpace(reason)}
	words := strings.FieldsFunc(head, func(r rune) bool { return r == ',' || r == ' ' || r == '\t' })
	if i := slices.Index(words, untilMark); i >= 0 {
		day, err := time.Time{}, error(nil)
		if i == len(words)-2 {
			day, err = time.Parse(time.DateOnly, words[i+1])
		}
		if day.IsZero() || err != nil {
			ignore.Defect = "want one date after until, as in until 2027-03-31"
		} else {
			ignore.Until = day.AddDate(0, 0, 1).Add(-time.Nanosecond)
		}
		words = words[:i]
	}
	for _, word := range words {
		if err := checkID(word); err != nil && ignore.Defect == "" {
			ignore.Defect = err.Error()
		}
	}
	if ignore.Rules = words; len(words) == 0 && ignore.Defect == "" {
		ignore.Defect = "it names no rule"
	}
	return ignore
}

// checkID says what is wrong with the id of one rule. Globs are for the config: whoever excuses one object knows from what.
func checkID(id string) error {
	provider, name, ok := strings.Cut(id, "/")
	if !ok || provider == "" || name == "" || strings.ContainsAny(id, `*?[]\:"'`) || strings.Contains(name, "/") {
		return fmt.Errorf("%q is no rule id: want provider/rule, then %s and the reason", id, reasonMark)
	}
	return nil
}

// Names reports whether the entry is about a rule.
func (i Ignore) Names(ruleID string) bool { return slices.Contains(i.Rules, ruleID) }

// Expired reports whether its last day is over.
func (i Ignore) Expired(now time.Time) bool { return !i.Until.IsZero() && now.After(i.Until) }

// Void says, as a clause, why the entry counts for nothing at that time; "" if it counts.
func (i Ignore) Void(now time.Time) string {
	switch {
	case i.Defect != "":
		return "it cannot be understood: " + i.Defect
	case i.Reason == "":
		return "it gives no reason: want one after " + reasonMark
	case i.Expired(now):
		return "it ended with " + i.Until.UTC().Format(time.DateOnly)
	}
	return ""
}

// FindIgnore returns the first entry that names a rule and counts, nil if there is none; void then says why the last one
// that names it does not count, "" if none does.
func FindIgnore(entries []Ignore, ruleID string, now time.Time) (found *Ignore, void string) {
	for i := range entries {
		if !entries[i].Names(ruleID) {
			continue
		}
		if void = entries[i].Void(now); void == "" {
			return &entries[i], ""
		}
	}
	return nil, void
}

// Annotated returns the entries of an object's annotation.
func Annotated(fields map[string]any) []Ignore {
	metadata, _ := fields["metadata"].(map[string]any)
	annotations, _ := metadata["annotations"].(map[string]any)
	text, ok := annotations[IgnoreAnnotation].(string)
	if !ok {
		return nil
	}
	return ParseIgnores(text)
}
