package engine_test

import (
	"context"
	"errors"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/tlsward/tlsward/engine"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/rule"
)

func versioned(versions string, replace ...string) fs.FS {
	files, _ := book(replace...).(fstest.MapFS)
	files[engine.VersionsFile] = &fstest.MapFile{Data: []byte(versions)}
	return files
}

const twoVersions = "versions:\n- {version: v0.1, released: true}\n- {version: v0.2, summary: More.}\n"

func TestPinned(t *testing.T) {
	v := func(minor int) rule.Version { return rule.Version{Minor: minor} }
	widened := "since: v0.1.0, history: [{version: v0.2, effect: widened, what: More tags., marked: true}]"
	for name, test := range map[string]struct {
		fs    fs.FS
		pin   rule.Version
		want  string
		fails string
	}{
		"not pinned":         {fs: versioned(twoVersions, "since: v0.1.0", "since: v0.2.0"), want: "warn"},
		"new rule":           {fs: versioned(twoVersions, "since: v0.1.0", "since: v0.2.0"), pin: v(1), want: "note v0.2"},
		"pinned to the rule": {fs: versioned(twoVersions, "since: v0.1.0", "since: v0.2.0"), pin: v(2), want: "warn"},
		"old rule":           {fs: versioned(twoVersions), pin: v(1), want: "warn"},
		"old finding":        {fs: versioned(twoVersions, "since: v0.1.0", widened), pin: v(1), want: "warn"},
		"new finding": {
			fs:  versioned(twoVersions, "since: v0.1.0", widened, `"message": "no tag"`, `"message": "no tag", "since": "v0.2"`),
			pin: v(1), want: "note v0.2",
		},
		"a version to come":                    {fs: versioned(twoVersions), pin: v(3), fails: "rulebook: rulebook acme has no version v0.3: want one of v0.1, v0.2; this build's is v0.2"},
		"a version that never was":             {fs: versioned("versions: [{version: v0.1}, {version: v0.3}]"), pin: v(2), fails: "has no version v0.2: want one of v0.1, v0.3"},
		"no versions":                          {fs: book(), pin: v(1), fails: "rulebook acme has no versions: want a rulebook.yaml in it"},
		"since no version":                     {fs: versioned(twoVersions, "since: v0.1.0", "since: spring"), fails: `custom.since: want one of the versions in rulebook.yaml, got "spring"`},
		"since no version, and none there are": {fs: book("since: v0.1.0", "since: spring"), want: "warn"},
		"since a version to come":              {fs: versioned(twoVersions, "since: v0.1.0", "since: v0.3.0"), fails: "added in v0.3: rulebook.yaml has no such version, want one of v0.1, v0.2"},
		"widened when":                         {fs: versioned(twoVersions, "since: v0.1.0", "since: v0.2.0, history: [{version: v0.1, effect: widened, what: x}]"), fails: "v0.1: want it newer than v0.2"},
		"widened how":                          {fs: versioned(twoVersions, "since: v0.1.0", "since: v0.1.0, history: [{version: v0.2, effect: widened}]"), fails: "what: want a sentence"},
		"odd effect":                           {fs: versioned(twoVersions, "since: v0.1.0", "since: v0.1.0, history: [{version: v0.2, effect: wider, what: x}]"), fails: `effect "wider": want widened or narrowed`},
		"odd key":                              {fs: versioned(twoVersions, "since: v0.1.0", "since: v0.1.0, history: [{version: v0.2, effects: widened, what: x}]"), fails: "effects: unknown key"},
		"odd mark":                             {fs: versioned(twoVersions, "since: v0.1.0", "since: v0.1.0, history: [{version: v0.2, effect: narrowed, what: x, marked: true}]"), fails: "marked: want true or false, beside effect: widened"},
		"history of nothing":                   {fs: versioned(twoVersions, "since: v0.1.0", "since: v0.1.0, history: []"), fails: "custom.history: want a list of changes"},
		"versions out of order":                {fs: versioned("versions: [{version: v0.2}, {version: v0.1}]"), fails: "rulebook.yaml: versions[1]: v0.1: want it newer than v0.2"},
		"versions with a typo":                 {fs: versioned("version: v0.1\n"), fails: "rulebook.yaml: "},
		"no version in the file":               {fs: versioned("# nothing\n"), fails: "rulebook.yaml: want versions"},
	} {
		t.Run(name, func(t *testing.T) {
			e, err := engine.New(engine.Settings{}, engine.Rulebook{Name: "acme", FS: test.fs, Pin: test.pin, PinnedAt: kube.Path{"rulebook"}})
			if test.fails != "" {
				if err == nil || !strings.Contains(err.Error(), test.fails) {
					t.Fatalf("%v, want %s", err, test.fails)
				}
				var setting *engine.SettingError
				if !test.pin.IsZero() && !errors.As(err, &setting) {
					t.Errorf("%v: want an error that names the setting", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			decision, err := e.Review(context.Background(), widget(nil))
			if err != nil || len(decision.Findings) != 1 {
				t.Fatalf("%v, %v", decision, err)
			}
			got := decision.Findings[0].Action.String()
			if ahead := decision.Findings[0].Ahead; !ahead.IsZero() {
				got += " " + ahead.String()
			}
			if got != test.want {
				t.Errorf("%s, want %s", got, test.want)
			}
			// Where nobody hears of notes, a rule that has none but these is not asked.
			request := widget(nil)
			request.SkipNotes = true
			quiet, err := e.Review(context.Background(), request)
			if err != nil {
				t.Fatal(err)
			}
			if heard := len(quiet.Findings) > 0; heard != (test.want == "warn") && !strings.Contains(name, "new finding") {
				t.Errorf("with notes skipped: found %t", heard)
			}
		})
	}
}

// A default that an upgrade brings is not written for who has pinned an older version.
func TestPinnedDefault(t *testing.T) {
	fix := `"fix": {"title": "tag it", "safe": true, "edits": [{"op": "set", "path": ["spec", "tag"], "value": "x"}]}`
	files := versioned(twoVersions, "since: v0.1.0", "since: v0.2.0, default: true", "severity: warning", "severity: info",
		`"message": "no tag"`, `"message": "no tag", `+fix)
	for minor, want := range map[int]bool{1: false, 2: true} {
		e, err := engine.New(engine.Settings{}, engine.Rulebook{Name: "acme", FS: files, Pin: rule.Version{Minor: minor}})
		if err != nil {
			t.Fatal(err)
		}
		request := widget(map[string]any{"a": "b"})
		request.Door = rule.DoorAdmission
		obj, err := e.Defaults(context.Background(), request)
		if err != nil {
			t.Fatal(err)
		}
		if _, tagged := kube.Lookup(obj.Fields, kube.Path{"spec", "tag"}); tagged != want {
			t.Errorf("pinned to v0.%d: tagged %t, want %t", minor, tagged, want)
		}
	}
}
