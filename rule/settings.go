package rule

import (
	"cmp"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/tlsward/tlsward/kube"
)

// Action is what a door does about a finding of the rule, of that severity, on an object of that namespace. The
// severity's own action is replaced by the profile's, and that by the operator's: the last entry that matches. A rule that the
// profile leaves off is put on by its own name only, and by no glob. A denial
// whose time has not come is a warning, and enforceFrom says when that ends. What is new to a pinned rulebook is a note at most.
func (s Settings) Action(d Definition, sev Severity, namespace string, now time.Time) (action Action, enforceFrom time.Time) {
	action = ActionFor(sev)
	if a, ok := d.Profiles[cmp.Or(s.Profile, "default")]; ok {
		action = a
	}
	if setting := s.setting(d, namespace); setting != nil {
		action, enforceFrom = setting.Action, setting.EnforceFrom
	}
	switch {
	case action == Deny && now.Before(enforceFrom):
		action = Warn
	default:
		enforceFrom = time.Time{}
	}
	return held(s.Ahead(d, Version{}, namespace), action, enforceFrom)
}

// Mandatory reports whether only the config may suppress what a rule finds on objects of a namespace.
func (s Settings) Mandatory(d Definition, namespace string) bool {
	setting := s.setting(d, namespace)
	return setting != nil && setting.Mandatory
}

// setting is the last of the operator's entries that is about a rule and a namespace, or nil.
func (s Settings) setting(d Definition, namespace string) *ActionSetting {
	// Who sets an action for ingress-nginx/* does not ask for the rules that are off until somebody does.
	asleep := s.asleep(d)
	for i := range slices.Backward(s.Actions) {
		setting := &s.Actions[i]
		if asleep && !slices.Contains(setting.Rules, d.ID) {
			continue
		}
		if matchAny(setting.Rules, d.ID) && (len(setting.Namespaces) == 0 || matchAny(setting.Namespaces, namespace)) {
			return setting
		}
	}
	return nil
}

// Matching lists the operator's entries that are about a rule and a namespace, by their indexes. The last of them counts.
func (s Settings) Matching(d Definition, namespace string) []int {
	var list []int
	for i := range s.Actions {
		one := Settings{Profile: s.Profile, Actions: s.Actions[i : i+1]}
		if one.setting(d, namespace) != nil {
			list = append(list, i)
		}
	}
	return list
}

// Off reports whether whatever a rule finds comes to nothing, on every object and at any time.
func (s Settings) Off(d Definition) bool {
	off := s.asleep(d)
	asleep := off
	for _, setting := range s.Actions {
		if asleep && !slices.Contains(setting.Rules, d.ID) || !matchAny(setting.Rules, d.ID) {
			continue
		}
		off = setting.Action == Off && (off || len(setting.Namespaces) == 0)
	}
	return off
}

// asleep reports whether the profile leaves a rule off.
func (s Settings) asleep(d Definition) bool {
	action, ok := d.Profiles[cmp.Or(s.Profile, "default")]
	return ok && action == Off
}

// Selects reports whether a rule is to be evaluated at all.
func (s Settings) Selects(id string) bool {
	return (len(s.Only) == 0 || matchAny(s.Only, id)) && !matchAny(s.Skip, id)
}

// Exempts returns the first exemption that excuses an object from a rule at that time. One that has ended excuses
// nothing, so that it is reported as unused.
func (s Settings) Exempts(ruleID string, obj kube.ID, now time.Time) (index int, ok bool) {
	for i, e := range s.Exemptions {
		if !e.Until.IsZero() && now.After(e.Until) {
			continue
		}
		if !matchAny(e.Rules, ruleID) {
			continue
		}
		for _, glob := range e.Objects {
			if MatchObject(glob, obj) {
				return i, true
			}
		}
	}
	return 0, false
}

// Validate names every glob that could never match as it was meant: a malformed glob matches nothing, and a setting
// that silently does nothing is worse than an error.
func (s Settings) Validate() error {
	var errs []error
	check := func(what string, globs []string, check func(string) error) {
		for i, glob := range globs {
			if err := check(glob); err != nil {
				errs = append(errs, fmt.Errorf("%s[%d]: %w", what, i, err))
			}
		}
	}
	check("only", s.Only, CheckRules)
	check("skip", s.Skip, CheckRules)
	for i, a := range s.Actions {
		check(fmt.Sprintf("actions[%d].rules", i), a.Rules, CheckRules)
		check(fmt.Sprintf("actions[%d].namespaces", i), a.Namespaces, CheckNamespace)
	}
	for i, e := range s.Exemptions {
		check(fmt.Sprintf("exemptions[%d].rules", i), e.Rules, CheckRules)
		check(fmt.Sprintf("exemptions[%d].objects", i), e.Objects, CheckObject)
	}
	return errors.Join(errs...)
}

// Match reports whether a glob, as path.Match reads it, matches a name. "*" alone matches every name, also one that
// holds a slash, as rule ids do; a malformed glob matches none.
func Match(glob, name string) bool {
	if glob == "*" {
		return true
	}
	ok, err := path.Match(glob, name)
	return ok && err == nil
}

func matchAny(globs []string, name string) bool {
	for _, glob := range globs {
		if Match(glob, name) {
			return true
		}
	}
	return false
}

// MatchObject reports whether a glob in the form of kube.ID.String matches an object: "Secret shop/*", where the kind
// may carry its group to tell Gateways from Gateways: "Gateway.networking.istio.io shop/public". Without a namespace,
// "ClusterIssuer letsencrypt", it matches that name in every namespace and in none; an empty one, "Ingress /api", only
// objects whose namespace is unset. "*" alone matches every object.
func MatchObject(glob string, id kube.ID) bool {
	if glob == "*" {
		return true
	}
	kind, rest, ok := strings.Cut(glob, " ")
	if !ok || !Match(kind, id.Kind) && !Match(kind, id.GroupKind()) {
		return false
	}
	if namespace, name, ok := strings.Cut(rest, "/"); ok {
		return Match(namespace, id.Namespace) && Match(name, id.Name)
	}
	return Match(rest, id.Name)
}

// CheckRules says what is wrong with a glob over rule ids.
func CheckRules(glob string) error {
	switch {
	case glob == "*":
		return nil
	case strings.Count(glob, "/") != 1 || strings.HasPrefix(glob, "/") || strings.HasSuffix(glob, "/"):
		return fmt.Errorf("glob %q matches no rule: a rule id is provider/rule, so want provider/rule, provider/*, */rule or *", glob)
	default:
		return checkGlob(glob)
	}
}

// CheckNamespace says what is wrong with a glob over namespaces.
func CheckNamespace(glob string) error {
	if strings.ContainsAny(glob, "/ ") {
		return fmt.Errorf("glob %q matches no namespace: its name holds neither slash nor space", glob)
	}
	return checkGlob(glob)
}

// CheckObject says what is wrong with a glob over objects.
func CheckObject(glob string) error {
	if glob == "*" {
		return nil
	}
	kind, rest, ok := strings.Cut(glob, " ")
	namespace, name, namespaced := strings.Cut(rest, "/")
	if !namespaced {
		namespace, name = "", rest
	}
	if !ok || kind == "" || name == "" || strings.Contains(kind, "/") || strings.ContainsAny(name, "/ ") || strings.Contains(namespace, " ") {
		return fmt.Errorf("glob %q matches no object: want \"Kind namespace/name\", \"Kind name\" or *", glob)
	}
	// Each part is matched by itself: "a[b/c]d" as a whole would be well-formed.
	for _, part := range []string{kind, namespace, name} {
		if err := checkGlob(part); err != nil {
			return err
		}
	}
	return nil
}

func checkGlob(glob string) error {
	if _, err := path.Match(glob, ""); err != nil {
		return fmt.Errorf("glob %q is malformed: want an end to its [ or \\", glob)
	}
	return nil
}
