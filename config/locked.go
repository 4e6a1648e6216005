package config

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/rule"
)

// lockable is a key that no other file may loosen, but those that the locking one extends.
type lockable string

func lockables() []string {
	return []string{
		"profile", "actions", "parameters", "external", "controllers", "exemptions", "annotationExemptions", "rulebook", "schemas", "admission",
	}
}

func (l *lockable) read(d *decoder, at kube.Path, n *yaml.Node) {
	s, _ := d.oneOf(at, n, lockables()...)
	*l = lockable(s)
}

// lock is a key that is locked, and what held then.
type lock struct {
	key string
	// by is where it is locked.
	by kube.Position
	// held is the config up to and with the layer that locks.
	held Config
}

// lock notes what a source locks. Its own overlays are part of it, and come before.
func (m *merger) lock(s *source) {
	for i, key := range s.file.Locked {
		held := *m.into
		held.Settings.Actions, held.origins = slices.Clip(held.Settings.Actions), maps.Clone(held.origins)
		at := kube.Position{File: s.name, Line: Line(s.text, kube.Path{"locked", i})}
		m.locks = append(m.locks, lock{string(key), at, held})
		m.into.locks = append(m.into.locks, Lock{string(key), at})
	}
}

// before reports what files loosen that come before the one that locks and are not its own: a lock would else be undone by naming
// something looser first.
func (m *merger) before(s *source, earlier []*source, cluster string) (errs []error) {
	own := map[*source]bool{}
	s.own(own)
	if len(s.file.Locked) == 0 || len(own) > len(earlier) {
		return nil
	}
	alone := merger{into: &Config{File: m.into.File, Dir: m.into.Dir, origins: map[string]origin{}}, own: m.own}
	for _, e := range append(slices.Clip(earlier), s) {
		if own[e] {
			alone.add(e, cluster)
		}
	}
	alone.lock(s)
	for _, e := range earlier {
		if own[e] {
			continue
		}
		for _, l := range alone.layings(e, cluster) {
			l.check()
			errs = append(errs, l.sorted()...)
		}
	}
	return errs
}

// Lock is a key that no other file may loosen, and where it is locked.
type Lock struct {
	Key string
	At  kube.Position
}

// Locks lists what is locked, in the order of the layers.
func (c *Config) Locks() []Lock { return c.locks }

// check reports what a layer would loosen.
func (l *laying) check() {
	for i := range l.locks {
		k := &l.locks[i]
		switch k.key {
		case "profile":
			if l.says("profile") && k.held.Settings.Profile == "strict" && l.from.Settings.Profile != "strict" {
				l.refuse(k, kube.Path{"profile"}, "%s denies less than strict", l.from.Settings.Profile)
			}
		case "annotationExemptions":
			if l.from.Settings.AnnotationExemptions && !k.held.Settings.AnnotationExemptions {
				l.refuse(k, kube.Path{"annotationExemptions"}, "true lets annotations suppress findings")
			}
		case "rulebook":
			if held := k.held.Rulebook; l.says("rulebook") && (held.IsZero() || l.from.Rulebook.Compare(held) < 0) {
				l.refuse(k, kube.Path{"rulebook"}, "%s has less in force than %s", l.from.Rulebook, pinText(held))
			}
			l.checkRulebooks(k)
		case "exemptions":
			if len(l.from.Settings.Exemptions) > 0 {
				l.refuse(k, kube.Path{"exemptions", 0}, "an exemption excuses findings")
			}
		case "external":
			if len(l.from.External) > 0 {
				l.refuse(k, kube.Path{"external", 0}, "what is declared to exist is no longer found missing")
			}
		case "actions":
			l.checkActions(k)
		case "parameters":
			for _, id := range kube.SortedKeys(l.from.Settings.Parameters) {
				for _, name := range kube.SortedKeys(l.from.Settings.Parameters[id]) {
					l.same(k, kube.Path{"parameters", id, name}, k.held.Settings.Parameters[id][name], l.from.Settings.Parameters[id][name])
				}
			}
		case "controllers":
			l.checkControllers(k)
		case "schemas":
			held, from := reflect.ValueOf(k.held.Schemas), reflect.ValueOf(l.from.Schemas)
			for i, name := range []string{"gateway-api", "cert-manager", "envoy-gateway", "channel"} {
				if l.says("schemas", name) {
					l.same(k, kube.Path{"schemas", name}, held.Field(i).String(), from.Field(i).String())
				}
			}
		case "admission":
			l.checkAdmission(k)
		}
	}
}

func (l *laying) says(steps ...any) bool { return l.source.line(l.key(steps).String()) > 0 }

func pinText(v rule.Version) string {
	if v.IsZero() {
		return "the newest"
	}
	return v.String()
}

// refuse reports a loosening at its line, with the file and line that forbid it and, where there is one, those of what is loosened.
func (l *laying) refuse(k *lock, at kube.Path, format string, args ...any) {
	path := l.key(at)
	set := ""
	if held := k.held.Locate(at); k.held.Has(at) && held.Line > 0 {
		set = fmt.Sprintf(", set at %s:%d", held.File, held.Line)
	}
	l.errs = append(l.errs, l.source.errorAt(Line(l.source.text, path), "%s: %s, and %s is locked at %s:%d%s",
		path, fmt.Sprintf(format, args...), k.key, k.by.File, k.by.Line, set))
}

// same refuses another value than the one that is locked, where it cannot be told which of them is looser.
func (l *laying) same(k *lock, at kube.Path, held, from any) {
	if !reflect.DeepEqual(held, from) {
		l.refuse(k, at, "want it as it is locked")
	}
}

// checkRulebooks refuses other pins of rulebooks that are there already.
func (l *laying) checkRulebooks(k *lock) {
	for i, r := range l.from.Rulebooks {
		for _, held := range k.held.Rulebooks {
			if held.Path == l.here(r.Path) && !r.Version.IsZero() && (held.Version.IsZero() || r.Version.Compare(held.Version) < 0) {
				l.refuse(k, kube.Path{"rulebooks", i, "version"}, "%s has less in force than %s", r.Version, pinText(held.Version))
			}
		}
	}
}

func (l *laying) checkControllers(k *lock) {
	for i, e := range l.from.Environments {
		was := Controllers{}.over(k.held.Controllers)
		if at := slices.IndexFunc(k.held.Environments, func(other Environment) bool { return other.Name == e.Name }); at >= 0 {
			was = k.held.Environments[at].Controllers
		}
		l.same(k, kube.Path{"environments", i, "controllers"}, was, e.own.over(k.held.Controllers))
	}
	from, held := l.from.Controllers, k.held.Controllers
	if len(from.Only) > 0 && !reflect.DeepEqual(from.Only, held.Only) {
		l.refuse(k, kube.Path{"controllers", "only"}, "want it as it is locked")
	}
	for _, class := range kube.SortedKeys(from.Classes) {
		l.same(k, kube.Path{"controllers", "classes", class}, held.Classes[class], from.Classes[class])
	}
	for _, name := range kube.SortedKeys(from.Settings) {
		for _, key := range kube.SortedKeys(from.Settings[name]) {
			l.same(k, kube.Path{"controllers", "settings", name, key}, held.Settings[name][key], from.Settings[name][key])
		}
	}
}

func (l *laying) checkAdmission(k *lock) {
	from, held := l.from.Admission, k.held.Admission
	// The stricter comes first.
	modes, guards, creations := []Mode{Enforce, Warn, Off}, []Guard{GuardDeny, GuardWarn, GuardOff}, []OnCreate{Deny, Auto, Pending}
	if slices.Index(modes, from.Mode) > slices.Index(modes, held.Mode) && l.says("admission", "mode") {
		l.refuse(k, kube.Path{"admission", "mode"}, "%s denies less than %s", from.Mode, held.Mode)
	}
	if held.NoRatchet && !from.NoRatchet && l.says("admission", "ratchet") {
		l.refuse(k, kube.Path{"admission", "ratchet"}, "true admits what an object already had")
	}
	if slices.Index(guards, from.Guard) > slices.Index(guards, held.Guard) && l.says("admission", "guard") {
		l.refuse(k, kube.Path{"admission", "guard"}, "%s guards less than %s", from.Guard, held.Guard)
	}
	if slices.Index(creations, from.OnCreate) > slices.Index(creations, held.OnCreate) && l.says("admission", "references", "onCreate") {
		l.refuse(k, kube.Path{"admission", "references", "onCreate"}, "%s admits more than %s", from.OnCreate, held.OnCreate)
	}
	if now, was := from.WithDefaults(), held.WithDefaults(); now.PendingGrace > was.PendingGrace && l.says("admission", "references", "pendingGrace") {
		l.refuse(k, kube.Path{"admission", "references", "pendingGrace"}, "%s is longer than %s", now.PendingGrace, was.PendingGrace)
	}
	if now, was := from.WithDefaults(), held.WithDefaults(); now.LiveReads < was.LiveReads && l.says("admission", "liveReads") {
		l.refuse(k, kube.Path{"admission", "liveReads"}, "%d are fewer than %d, and what is not confirmed is not denied", now.LiveReads, was.LiveReads)
	}
}

// checkActions refuses entries that make less of what a locked one decides. Globs that may have a rule or namespace in common count as
// if they had: nobody sees from a glob which rules there will be.
func (l *laying) checkActions(k *lock) {
	for i, a := range l.from.Settings.Actions {
		for j, held := range k.held.Settings.Actions {
			if !overlap(a.Rules, held.Rules) || !overlap(a.Namespaces, held.Namespaces) && len(a.Namespaces) > 0 && len(held.Namespaces) > 0 {
				continue
			}
			if a.Action > held.Action || a.Action == rule.Deny && held.Action == rule.Deny && a.EnforceFrom.After(held.EnforceFrom) {
				at := k.held.Locate(kube.Path{"actions", j})
				path := l.key(kube.Path{"actions", i})
				l.errs = append(l.errs, l.source.errorAt(Line(l.source.text, path), "%s: %s is less than %s at %s:%d, and actions is locked at %s:%d",
					path, actionText(a), actionText(held), at.File, at.Line, k.by.File, k.by.Line))
				break
			}
		}
	}
}

func actionText(a rule.ActionSetting) string {
	text := a.Action.String()
	if !a.EnforceFrom.IsZero() {
		text += " from " + a.EnforceFrom.Format(time.DateOnly)
	}
	return text
}

// underLock reports whether an entry is about what a locked one decides: it inherits that only the config suppresses it.
func (l *laying) underLock(a rule.ActionSetting) bool {
	if slices.Contains(l.source.file.Locked, "actions") {
		return true
	}
	return slices.ContainsFunc(l.locks, func(k lock) bool {
		return k.key == "actions" && slices.ContainsFunc(k.held.Settings.Actions, func(held rule.ActionSetting) bool { return overlap(a.Rules, held.Rules) })
	})
}

// overlap reports whether some of two lists of globs may match one name.
func overlap(a, b []string) bool {
	return slices.ContainsFunc(a, func(one string) bool {
		return slices.ContainsFunc(b, func(other string) bool { return overlaps(one, other) })
	})
}

func overlaps(a, b string) bool {
	if rule.Match(a, b) || rule.Match(b, a) {
		return true
	}
	const meta = `*?[\`
	first, second := strings.IndexAny(a, meta), strings.IndexAny(b, meta)
	if first < 0 || second < 0 {
		return false // a name matches, or it does not
	}
	shorter := min(first, second)
	return a[:shorter] == b[:shorter]
}
