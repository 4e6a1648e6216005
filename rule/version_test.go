package rule

import (
	"testing"
	"time"
)

func TestParseVersion(t *testing.T) {
	for text, want := range map[string]Version{
		"v0.1": {0, 1}, "v1.0": {1, 0}, "v10.9999": {10, 9999},
		"": {}, "v": {}, "v1": {}, "0.1": {}, "v0.0": {}, "v01.1": {}, "v1.-1": {}, "v1.+1": {}, "v1.1.1": {}, "v1.99999": {}, "v1.": {}, "v.1": {}, "V1.1": {}, "v1.1 ": {},
	} {
		got, err := ParseVersion(text)
		if got != want || (err == nil) == want.IsZero() {
			t.Errorf("%q: %v, %v, want %v", text, got, err, want)
		}
	}
	for text, want := range map[string]Version{"v0.1.0": {0, 1}, "v0.1.12": {0, 1}, "v2.3": {2, 3}, "v0.1.x": {}, "v0.1.0.0": {}} {
		if got, _ := ParseRelease(text); got != want {
			t.Errorf("release %q: %v, want %v", text, got, want)
		}
	}
}

// What an upgrade brings to who has pinned the rulebook is a note, unless they ask for it by name.
func TestJudgePinned(t *testing.T) {
	v := func(minor int) Version { return Version{1, minor} }
	added := func(minor int) Change { return Change{Version: v(minor), Effect: Added} }
	widened := func(minor int, marked bool) Change {
		return Change{Version: v(minor), Effect: Widened, What: "x", Marked: marked}
	}
	old := []Change{added(0)}
	named := []ActionSetting{{Rules: []string{"acme/x"}, Action: Deny}}
	globbed := []ActionSetting{{Rules: []string{"acme/*"}, Action: Deny}}
	now := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	for name, test := range map[string]struct {
		history []Change
		pin     Version
		told    Version
		actions []ActionSetting
		want    Action
		ahead   Version
	}{
		"not pinned":                        {[]Change{added(9)}, Version{}, Version{}, nil, Deny, Version{}},
		"as old as the pin":                 {[]Change{added(2)}, v(2), Version{}, nil, Deny, Version{}},
		"newer":                             {[]Change{added(3)}, v(2), Version{}, nil, Note, v(3)},
		"newer, denied by glob":             {[]Change{added(3)}, v(2), Version{}, globbed, Note, v(3)},
		"newer, denied by name":             {[]Change{added(3)}, v(2), Version{}, named, Deny, Version{}},
		"newer, off":                        {[]Change{added(3)}, v(2), Version{}, []ActionSetting{{Rules: []string{"*"}, Action: Off}}, Off, v(3)},
		"newer, announced":                  {[]Change{added(3)}, v(2), Version{}, []ActionSetting{{Rules: []string{"*"}, EnforceFrom: now.Add(time.Hour)}}, Note, v(3)},
		"widened since":                     {append(old, widened(3, false)), v(2), Version{}, nil, Note, v(3)},
		"widened since, by name":            {append(old, widened(3, false)), v(2), Version{}, named, Note, v(3)},
		"widened before":                    {append(old, widened(1, false)), v(2), Version{}, nil, Deny, Version{}},
		"narrowed since":                    {append(old, Change{Version: v(3), Effect: Narrowed}), v(2), Version{}, nil, Deny, Version{}},
		"widened since, and marked: old":    {append(old, widened(3, true)), v(2), Version{}, nil, Deny, Version{}},
		"widened since, and marked: new":    {append(old, widened(3, true)), v(2), v(3), nil, Note, v(3)},
		"widened twice, the later not told": {append(old, widened(3, true), widened(4, false)), v(2), v(3), nil, Note, v(4)},
		"told, and the pin knows it":        {append(old, widened(3, true)), v(3), v(3), nil, Deny, Version{}},
	} {
		d := Definition{ID: "acme/x", History: test.history, Pin: test.pin}
		s := Settings{Actions: test.actions}
		action, from, ahead := s.Judge(d, Error, test.told, "shop", now)
		if action != test.want || ahead != test.ahead || !from.IsZero() {
			t.Errorf("%s: %s, ahead %v, from %v; want %s, ahead %v", name, action, ahead, from, test.want, test.ahead)
		}
		if test.told.IsZero() {
			if action, _ := s.Action(d, Error, "shop", now); action != test.want {
				t.Errorf("%s: Action says %s, want %s", name, action, test.want)
			}
		}
	}
}
