package engine

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/rule"
)

// VersionsFile is where a rulebook says which versions of it there have been. One without it has no versions.
const VersionsFile = "rulebook.yaml"

// Published is a version of a rulebook.
type Published struct {
	Version rule.Version
	// Summary is Markdown, for the changelog.
	Summary string
	// Released: others run it, so that it denies nothing more from then on.
	Released bool
}

// Versions reads the versions of a rulebook, oldest first; the last one is the rulebook's own. Nil: it has none.
func Versions(rulebook fs.FS) ([]Published, error) {
	text, err := readBounded(rulebook, VersionsFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var file struct {
		Versions []struct {
			Version  string `yaml:"version"`
			Summary  string `yaml:"summary"`
			Released bool   `yaml:"released"`
		} `yaml:"versions"`
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(&file); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: %w", VersionsFile, err)
	}
	var list []Published
	for i, v := range file.Versions {
		version, err := rule.ParseVersion(v.Version)
		if err != nil {
			return nil, fmt.Errorf("%s: versions[%d]: %w", VersionsFile, i, err)
		}
		if i > 0 && version.Compare(list[i-1].Version) <= 0 {
			return nil, fmt.Errorf("%s: versions[%d]: %s: want it newer than %s, as the oldest comes first", VersionsFile, i, version, list[i-1].Version)
		}
		list = append(list, Published{version, strings.TrimSpace(v.Summary), v.Released})
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("%s: want versions, with the oldest first", VersionsFile)
	}
	return list, nil
}

// pin tells the rules of a book which version of it counts.
func (b *book) pin() error {
	if b.Pin.IsZero() {
		return nil
	}
	versions, err := Versions(b.FS)
	if err != nil {
		return fmt.Errorf("rulebook %s: %w", b.Name, err)
	}
	if len(versions) == 0 {
		return wrong(b.PinnedAt, "%s: rulebook %s has no versions: want a %s in it", b.Pin, b.Name, VersionsFile)
	}
	if !slices.ContainsFunc(versions, func(p Published) bool { return p.Version == b.Pin }) {
		hint := ""
		if newest := versions[len(versions)-1].Version; b.Pin.Compare(newest) > 0 {
			hint = "; this build's is " + newest.String()
		}
		return wrong(b.PinnedAt, "rulebook %s has no version %s: want %s%s", b.Name, b.Pin, versionList(versions), hint)
	}
	for _, r := range b.rules {
		r.Pin = b.Pin
	}
	return nil
}

func versionList(versions []Published) string {
	words := make([]string, len(versions))
	for i, v := range versions {
		words[i] = v.Version.String()
	}
	if len(words) == 1 {
		return words[0]
	}
	return "one of " + strings.Join(words, ", ")
}

// checkHistory holds what rules say of their past against the versions there are.
func (b *book) checkHistory() error {
	versions, err := Versions(b.FS)
	if err != nil || versions == nil {
		return err
	}
	var errs []error
	for _, r := range b.rules {
		if len(r.History) == 0 || r.History[0].Effect != rule.Added {
			errs = append(errs, fmt.Errorf("%s: metadata: custom.since: want one of the versions in %s, got %q", r.file, VersionsFile, r.Since))
			continue
		}
		for _, c := range r.History {
			if !slices.ContainsFunc(versions, func(p Published) bool { return p.Version == c.Version }) {
				errs = append(errs, fmt.Errorf("%s: metadata: %s in %s: %s has no such version, want %s", r.file, c.Effect, c.Version, VersionsFile, versionList(versions)))
			}
		}
	}
	return errors.Join(errs...)
}

// history reads what became of a rule after it was added, which since says.
func (m *metadata) history(since string) []rule.Change {
	var changes []rule.Change
	// What is no version is none where the rulebook has none, and refused where it has.
	if added, err := rule.ParseRelease(since); err == nil {
		changes = append(changes, rule.Change{Version: added, Effect: rule.Added})
	}
	value := m.value("history")
	if value == nil {
		return changes
	}
	list, _ := value.([]any)
	if len(list) == 0 || len(changes) == 0 {
		m.fail(errors.New("custom.history: want a list of changes, and since with the version such as v0.1 that had the rule first"))
		return changes
	}
	for i, element := range list {
		change, err := readChange(element)
		if err == nil && change.Version.Compare(changes[len(changes)-1].Version) <= 0 {
			err = fmt.Errorf("%s: want it newer than %s, as the oldest comes first", change.Version, changes[len(changes)-1].Version)
		}
		if err != nil {
			m.fail(fmt.Errorf("custom.history[%d]: %w", i, err))
			continue
		}
		changes = append(changes, change)
	}
	return changes
}

func readChange(value any) (rule.Change, error) {
	fields, _ := value.(map[string]any)
	text := func(key string) string { s, _ := fields[key].(string); return s }
	for _, key := range kube.SortedKeys(fields) {
		if !slices.Contains([]string{"version", "effect", "what", "marked"}, key) {
			return rule.Change{}, fmt.Errorf("%s: unknown key, want version, effect, what or marked", key)
		}
	}
	version, err := rule.ParseVersion(text("version"))
	if err != nil {
		return rule.Change{}, err
	}
	marked, isFlag := fields["marked"].(bool)
	c := rule.Change{Version: version, Effect: rule.Effect(text("effect")), What: strings.TrimSpace(text("what")), Marked: marked}
	switch {
	case c.Effect != rule.Widened && c.Effect != rule.Narrowed:
		return c, fmt.Errorf("effect %q: want widened or narrowed", c.Effect)
	case c.What == "":
		return c, errors.New("what: want a sentence that says what changed")
	case fields["marked"] != nil && !isFlag || marked && c.Effect != rule.Widened:
		return c, errors.New("marked: want true or false, beside effect: widened")
	}
	return c, nil
}
