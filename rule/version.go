package rule

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Version is that of a rulebook. The zero value is no version. Releases that differ in their patch alone have one version: what they
// deny is the same.
type Version struct{ Major, Minor int }

func (v Version) String() string { return fmt.Sprintf("v%d.%d", v.Major, v.Minor) }

// IsZero reports whether it is no version.
func (v Version) IsZero() bool { return v == Version{} }

// Compare orders versions.
func (v Version) Compare(other Version) int {
	return cmp.Or(cmp.Compare(v.Major, other.Major), cmp.Compare(v.Minor, other.Minor))
}

// ParseVersion reads what String writes.
func ParseVersion(s string) (Version, error) {
	major, minor, ok := strings.Cut(strings.TrimPrefix(s, "v"), ".")
	v := Version{number(major), number(minor)}
	if !ok || v.Major < 0 || v.Minor < 0 || v.IsZero() || v.String() != s {
		return Version{}, fmt.Errorf("version %q: want one such as v0.1", s)
	}
	return v, nil
}

// ParseRelease reads a version with or without a patch, which says nothing: v0.1.2 is v0.1.
func ParseRelease(s string) (Version, error) {
	if parts := strings.Split(s, "."); len(parts) == 3 && number(parts[2]) >= 0 {
		s = parts[0] + "." + parts[1]
	}
	return ParseVersion(s)
}

// number is what digits say, -1 for what has others among them. Four are more than anybody counts versions by.
func number(digits string) int {
	n, err := strconv.Atoi(digits)
	if err != nil || len(digits) > 4 || digits[0] < '0' || digits[0] > '9' {
		return -1
	}
	return n
}

// Effect is what a version of a rulebook changed about a rule.
type Effect string

// Added: the rule is new. Widened: it finds more, or what it finds is graver. Narrowed: it finds less, or that is milder.
const (
	Added    Effect = "added"
	Widened  Effect = "widened"
	Narrowed Effect = "narrowed"
)

// Change is what a version of a rulebook changed about a rule.
type Change struct {
	Version Version
	Effect  Effect
	// What says it in a sentence; "" for an Added rule.
	What string
	// Marked: what is found in addition names the version, so that what was found before need not be taken for new.
	Marked bool
}

// Ahead returns the version by which a finding is new to an operator who has pinned the rulebook, zero if it is not. told is the
// version that the finding itself names.
func (s Settings) Ahead(d Definition, told Version, namespace string) Version {
	if d.Pin.IsZero() {
		return Version{}
	}
	// A rule that the pinned version does not have was named by somebody who knows it; one that has been widened was not, so far.
	named := false
	if setting := s.setting(d, namespace); setting != nil {
		named = slices.Contains(setting.Rules, d.ID)
	}
	var ahead Version
	for _, c := range append(slices.Clip(d.History), Change{Version: told, Effect: Widened}) {
		if c.Version.Compare(d.Pin) <= 0 || c.Effect == Narrowed || c.Marked || c.Effect == Added && named {
			continue
		}
		if c.Version.Compare(ahead) > 0 {
			ahead = c.Version
		}
	}
	return ahead
}

// held is what is done about a finding that is new to a pinned rulebook: nobody is denied or warned by an upgrade.
func held(ahead Version, action Action, enforceFrom time.Time) (Action, time.Time) {
	if ahead.IsZero() {
		return action, enforceFrom
	}
	return max(action, Note), time.Time{}
}

// Judge is Action for a finding that names the version of the rulebook that brought it, and tells by which version it is new.
func (s Settings) Judge(d Definition, sev Severity, told Version, namespace string, now time.Time) (action Action, enforceFrom time.Time, ahead Version) {
	action, enforceFrom = s.Action(d, sev, namespace, now)
	ahead = s.Ahead(d, told, namespace)
	action, enforceFrom = held(ahead, action, enforceFrom)
	return action, enforceFrom, ahead
}
