package policies_test

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"iter"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/tlsward/tlsward/engine"
	"github.com/tlsward/tlsward/policies"
	"github.com/tlsward/tlsward/rule"
	"github.com/tlsward/tlsward/ruletest"
)

var update = flag.Bool("update", false, "write the decisions of the version that is not released yet, and those of new scenes of one that is")

// decisionsFile holds, for the newest version of the rulebook that the file was written for, what each scene is refused for.
const decisionsFile = "testdata/decisions.txt"

// TestDecisions holds the rules to what their version promises: within a version nothing more is denied. What a rule denies that it
// did not before, in a scene that has not changed since, its history must tell of.
func TestDecisions(t *testing.T) {
	versions, err := engine.Versions(policies.FS())
	if err != nil {
		t.Fatal(err)
	}
	now, err := ruletest.Decisions(context.Background(), engine.Rulebook{Name: "tlsward", FS: os.DirFS("."), Verified: true})
	if err != nil {
		t.Fatal(err)
	}
	before, version := readDecisions(t)
	released := slices.ContainsFunc(versions, func(p engine.Published) bool { return p.Version == version && p.Released })
	rules := map[string]rule.Definition{}
	for _, d := range definitions(t, os.DirFS(".")) {
		rules[d.ID] = d
	}
	news := newDenials(before, now, rules, version)
	if target := onRecord(versions); *update && (len(news) == 0 || !released) {
		if released && target == version {
			// What was released is never unsaid; what did not exist then is said as of now.
			now = slices.DeleteFunc(now, func(d ruletest.Decision) bool {
				_, known := before[d.File+" "+d.Sum]
				return known
			})
			now = slices.SortedFunc(concat(slices.Values(now), maps.Values(before)), func(a, b ruletest.Decision) int {
				return strings.Compare(a.File+" "+a.Sum, b.File+" "+b.Sum)
			})
		}
		writeDecisions(t, now, target)
		return
	}
	for _, text := range news {
		t.Error(text)
	}
	if len(news) > 0 {
		if released {
			t.Errorf("rulebook %s is released, so that it denies nothing more: say in the rule's history which later version of rulebook.yaml widened it, "+
				"or, of a scene that is new and that %s denies too, take it up with go test ./policies -run TestDecisions -update", version, version)
		} else {
			t.Errorf("rulebook %s is not released: go test ./policies -run TestDecisions -update takes these up", version)
		}
	}
}

// newDenials says what is denied now and was not as of a version, but for rules that tell of it.
func newDenials(before map[string]ruletest.Decision, now []ruletest.Decision, rules map[string]rule.Definition, version rule.Version) []string {
	var news []string
	for _, d := range now {
		old := before[d.File+" "+d.Sum]
		for _, denied := range d.Denied {
			id, _, _ := strings.Cut(denied, " ")
			told := slices.ContainsFunc(rules[id].History, func(c rule.Change) bool {
				return c.Effect != rule.Narrowed && c.Version.Compare(version) > 0
			})
			if !told && !slices.Contains(old.Denied, denied) {
				news = append(news, fmt.Sprintf("%s: denied since rulebook %s, with nothing in the rule's history: %s", d.File, version, denied))
			}
		}
	}
	return news
}

// A line for each scene that is refused: its file and sum. The lines after it that are indented are what it is refused for.
func readDecisions(t *testing.T) (map[string]ruletest.Decision, rule.Version) {
	t.Helper()
	file, err := os.Open(decisionsFile)
	if *update && os.IsNotExist(err) {
		return nil, rule.Version{}
	}
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	decisions := map[string]ruletest.Decision{}
	var version rule.Version
	last := ""
	for lines := bufio.NewScanner(file); lines.Scan(); {
		line := lines.Text()
		if text, ok := strings.CutPrefix(line, "# rulebook "); ok {
			if version, err = rule.ParseVersion(text); err != nil {
				t.Fatal(err)
			}
		} else if denied, ok := strings.CutPrefix(line, "  "); ok {
			d := decisions[last]
			d.Denied = append(d.Denied, denied)
			decisions[last] = d
		} else {
			last = line
			name, sum, _ := strings.Cut(line, " ")
			decisions[last] = ruletest.Decision{File: name, Sum: sum}
		}
	}
	if version.IsZero() {
		t.Fatalf("%s: want a first line like # rulebook v0.1", decisionsFile)
	}
	return decisions, version
}

func concat[T any](parts ...iter.Seq[T]) iter.Seq[T] {
	return func(yield func(T) bool) {
		for _, part := range parts {
			for element := range part {
				if !yield(element) {
					return
				}
			}
		}
	}
}

// onRecord is the version whose decisions are kept: the last that is released, or the first that will be.
func onRecord(versions []engine.Published) rule.Version {
	for _, p := range slices.Backward(versions) {
		if p.Released {
			return p.Version
		}
	}
	return versions[len(versions)-1].Version
}

func writeDecisions(t *testing.T, decisions []ruletest.Decision, version rule.Version) {
	t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "# rulebook %s\n", version)
	for _, d := range decisions {
		if len(d.Denied) == 0 {
			continue
		}
		fmt.Fprintf(&b, "%s %s\n", d.File, d.Sum)
		for _, denied := range d.Denied {
			fmt.Fprintf(&b, "  %s\n", denied)
		}
	}
	if err := os.MkdirAll("testdata", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(decisionsFile, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}

// The comparison notices what it is for.
func TestNewDenials(t *testing.T) {
	released := rule.Version{Minor: 1}
	added := func(minor int, more ...rule.Change) rule.Definition {
		return rule.Definition{History: append([]rule.Change{{Version: rule.Version{Minor: minor}, Effect: rule.Added}}, more...)}
	}
	rules := map[string]rule.Definition{
		"acme/old": added(1), "acme/new": added(2),
		"acme/wider":    added(1, rule.Change{Version: rule.Version{Minor: 2}, Effect: rule.Widened}),
		"acme/narrower": added(1, rule.Change{Version: rule.Version{Minor: 2}, Effect: rule.Narrowed}),
	}
	before := map[string]ruletest.Decision{"s 1": {File: "s", Sum: "1", Denied: []string{"acme/old Ingress a/b spec"}}}
	tests := map[string]struct {
		now  ruletest.Decision
		want int
	}{
		"as before":          {ruletest.Decision{File: "s", Sum: "1", Denied: []string{"acme/old Ingress a/b spec"}}, 0},
		"no longer":          {ruletest.Decision{File: "s", Sum: "1"}, 0},
		"elsewhere":          {ruletest.Decision{File: "s", Sum: "1", Denied: []string{"acme/old Ingress a/b metadata"}}, 1},
		"in another scene":   {ruletest.Decision{File: "s", Sum: "2", Denied: []string{"acme/old Ingress a/b spec"}}, 1},
		"by a new rule":      {ruletest.Decision{File: "s", Sum: "1", Denied: []string{"acme/new Ingress a/b spec"}}, 0},
		"by a wider rule":    {ruletest.Decision{File: "s", Sum: "1", Denied: []string{"acme/wider Ingress a/b spec"}}, 0},
		"by a narrower rule": {ruletest.Decision{File: "s", Sum: "1", Denied: []string{"acme/narrower Ingress a/b spec"}}, 1},
	}
	for _, name := range slices.Sorted(maps.Keys(tests)) {
		if got := newDenials(before, []ruletest.Decision{tests[name].now}, rules, released); len(got) != tests[name].want {
			t.Errorf("%s: %d new denials, want %d: %v", name, len(got), tests[name].want, got)
		}
	}
}

// What is released has decisions on record, and what they are of is the last that was.
func TestReleasedHasDecisions(t *testing.T) {
	versions, err := engine.Versions(policies.FS())
	if err != nil {
		t.Fatal(err)
	}
	_, version := readDecisions(t)
	want := onRecord(versions)
	if version != want {
		t.Errorf("%s is of %s, want it of %s: go test ./policies -run TestDecisions -update", decisionsFile, version, want)
	}
}
