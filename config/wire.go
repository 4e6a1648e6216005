package config

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/rule"
)

// The file as it is written. The tag names the key and says whether it must be there and whether its list may be empty;
// everything else about a value is in its type.
type (
	file struct {
		APIVersion apiVersion  `key:"apiVersion"`
		Kind       fileKind    `key:"kind"`
		Extends    []extension `key:"extends"`
		Locked     []lockable  `key:"locked,nonempty"`
		decisions
		Roots        []rootGlob                  `key:"roots"`
		Environments []environmentItem           `key:"environments"`
		Clusters     map[environmentName]overlay `key:"clusters"`
	}
	// decisions are what a cluster may have otherwise.
	decisions struct {
		Profile     profile                       `key:"profile"`
		Actions     []actionItem                  `key:"actions"`
		Parameters  map[ruleID]map[text]parameter `key:"parameters"`
		Complete    []namespaceGlob               `key:"complete"`
		External    []externalItem                `key:"external"`
		Controllers controllers                   `key:"controllers"`
		Exemptions  []exemptionItem               `key:"exemptions"`
		Annotations flag                          `key:"annotationExemptions"`
		Rulebook    version                       `key:"rulebook"`
		Rulebooks   []rulebookItem                `key:"rulebooks"`
		Schemas     schemas                       `key:"schemas"`
		Admission   admission                     `key:"admission"`
	}
	overlay    struct{ decisions }
	actionItem struct {
		Rules        []ruleGlob      `key:"rules,required,nonempty"`
		Namespaces   []namespaceGlob `key:"namespaces,nonempty"`
		Action       action          `key:"action,required"`
		EnforceFrom  enforceFrom     `key:"enforceFrom"`
		Suppressible flag            `key:"suppressible"`
	}
	exemptionItem struct {
		Rules   []ruleGlob   `key:"rules,required,nonempty"`
		Objects []objectGlob `key:"objects,required,nonempty"`
		Reason  reason       `key:"reason,required"`
		Until   until        `key:"until"`
		Line    int
	}
	// externalFields is the long form of an externalItem; the short one is "Kind namespace/name".
	externalFields struct {
		Kind      groupKind     `key:"kind,required"`
		Namespace namespaceGlob `key:"namespace"`
		Name      nameGlob      `key:"name,required"`
		Keys      []text        `key:"keys"`
		Line      int
	}
	externalItem struct{ externalFields }
	controllers  struct {
		Only     []text                 `key:"only,nonempty"`
		Classes  map[text]text          `key:"classes"`
		Settings map[text]map[text]text `key:"settings"`
	}
)

// schemas are the releases of CRDs.
type schemas struct {
	GatewayAPI   release `key:"gateway-api"`
	Channel      channel `key:"channel"`
	CertManager  release `key:"cert-manager"`
	EnvoyGateway release `key:"envoy-gateway"`
}

// unset is how a file writes the namespace of objects that have none. A namespace of that very name is [u]nset.
const unset = "unset"

type (
	text          string
	apiVersion    string
	fileKind      string
	profile       string
	action        rule.Action
	ruleID        string
	ruleGlob      string
	namespaceGlob string
	nameGlob      string
	objectGlob    string
	groupKind     string
	rootGlob      string
	directory     string
	reason        string
	version       rule.Version
	release       string
	channel       string
	// flag is nil where nothing was said.
	flag        struct{ on *bool }
	until       struct{ time.Time }
	enforceFrom struct {
		time.Time
		node *yaml.Node
	}
	parameter struct{ json any }
)

func (t *text) read(d *decoder, at kube.Path, n *yaml.Node) {
	s, _ := d.text(at, n)
	*t = text(s)
}

// oneOf reads a string that is one of a few.
func (d *decoder) oneOf(at kube.Path, n *yaml.Node, words ...string) (string, bool) {
	want := strings.Join(words[:len(words)-1], ", ")
	if want != "" {
		want += " or "
	}
	want += words[len(words)-1]
	// For YAML 1.1, by which Helm and others read, off is a boolean; what they write is false.
	if n.ShortTag() == "!!bool" && n.Value == "false" && slices.Contains(words, "off") {
		d.errorf(at, n, `want %s, got the boolean false, which YAML 1.1 makes of an unquoted off; write "off"`, want)
		return "", false
	}
	s, ok := d.text(at, n)
	if !ok {
		return "", false
	}
	for _, word := range words {
		if s == word {
			return s, true
		}
	}
	hint := ""
	if near, ok := kube.Near(s, words); ok && len(words) > 1 {
		hint = "; did you mean " + near + "?"
	}
	d.errorf(at, n, "want %s, got %s%s", want, clip(s), hint)
	return "", false
}

func (v *apiVersion) read(d *decoder, at kube.Path, n *yaml.Node) {
	s, _ := d.oneOf(at, n, "tlsward.dev/v1")
	*v = apiVersion(s)
}

func (k *fileKind) read(d *decoder, at kube.Path, n *yaml.Node) {
	s, _ := d.oneOf(at, n, "Config")
	*k = fileKind(s)
}

func (p *profile) read(d *decoder, at kube.Path, n *yaml.Node) {
	s, _ := d.oneOf(at, n, "default", "strict", "migration")
	*p = profile(s)
}

func (a *action) read(d *decoder, at kube.Path, n *yaml.Node) {
	// Off needs no quotes: YAML 1.2, as the library reads it, takes only true and false for booleans.
	if s, ok := d.oneOf(at, n, rule.Deny.String(), rule.Warn.String(), rule.Note.String(), rule.Off.String()); ok {
		parsed, err := rule.ParseAction(s)
		if err != nil {
			d.errorf(at, n, "%v", err)
		}
		*a = action(parsed)
	}
}

func (a *actionItem) read(d *decoder, at kube.Path, n *yaml.Node) {
	d.structureOf(a, at, n)
	// An action that is missing or misspelt is left at Deny, and reported already.
	if a.EnforceFrom.node != nil && a.Action != action(rule.Deny) {
		d.errorf(at.Append("enforceFrom"), a.EnforceFrom.node, "want it beside action: deny only, got it beside action: %s", rule.Action(a.Action))
	}
}

// checked reads a string that must pass a check.
func (d *decoder) checked(at kube.Path, n *yaml.Node, check func(string) error) string {
	s, ok := d.text(at, n)
	if !ok {
		return ""
	}
	if err := check(s); err != nil {
		d.errorf(at, n, "%v", err)
		return ""
	}
	return s
}

func (g *ruleGlob) read(d *decoder, at kube.Path, n *yaml.Node) {
	*g = ruleGlob(d.checked(at, n, rule.CheckRules))
}

func (i *ruleID) read(d *decoder, at kube.Path, n *yaml.Node) {
	*i = ruleID(d.checked(at, n, func(s string) error {
		if strings.ContainsAny(s, `*?[\ `) || rule.CheckRules(s) != nil {
			return fmt.Errorf("want the id of one rule, as in gateway-api/backend-ca-missing, got %s", clip(s))
		}
		return nil
	}))
}

func (g *namespaceGlob) read(d *decoder, at kube.Path, n *yaml.Node) {
	*g = namespaceGlob(unsetNamespace(d.checked(at, n, rule.CheckNamespace)))
}

func unsetNamespace(glob string) string {
	if glob == unset {
		return ""
	}
	return glob
}

func (g *nameGlob) read(d *decoder, at kube.Path, n *yaml.Node) {
	*g = nameGlob(d.checked(at, n, func(s string) error {
		if strings.ContainsAny(s, "/ ") {
			return fmt.Errorf("want a name or a glob of names, got %s", clip(s))
		}
		return malformed(s)
	}))
}

func malformed(glob string) error {
	if _, err := path.Match(glob, ""); err != nil {
		return fmt.Errorf("glob %q is malformed: want an end to its [ or \\", clip(glob))
	}
	return nil
}

func (g *objectGlob) read(d *decoder, at kube.Path, n *yaml.Node) {
	s := d.checked(at, n, checkObject)
	kind, rest, _ := strings.Cut(s, " ")
	if name, ok := strings.CutPrefix(rest, unset+"/"); ok {
		s = kind + " /" + name
	}
	*g = objectGlob(s)
}

func checkObject(glob string) error {
	if strings.Contains(glob, " /") {
		return fmt.Errorf("glob %q lacks a namespace: write %s/ for objects that have none", clip(glob), unset)
	}
	return rule.CheckObject(glob)
}

// kindPattern is Kind or Kind.group: the kind in camel case, the group a DNS name.
var kindPattern = regexp.MustCompile(`^[A-Z][A-Za-z0-9]*(\.[a-z0-9]([a-z0-9.-]*[a-z0-9])?)?$`)

func (k *groupKind) read(d *decoder, at kube.Path, n *yaml.Node) {
	*k = groupKind(d.checked(at, n, checkKind))
}

func checkKind(s string) error {
	if !kindPattern.MatchString(s) {
		return fmt.Errorf("want one kind, as in Secret or Gateway.gateway.networking.k8s.io, got %s", clip(s))
	}
	return nil
}

func (e *externalItem) read(d *decoder, at kube.Path, n *yaml.Node) {
	if n.Kind != yaml.ScalarNode {
		// Without a namespace, what is meant may stand in any.
		e.Namespace = "*"
		d.structureOf(&e.externalFields, at, n)
		return
	}
	if n.ShortTag() != "!!str" {
		d.errorf(at, n, "want \"Kind namespace/name\" or a mapping, got %s", describe(n))
		return
	}
	s := d.checked(at, n, func(s string) error {
		if err := checkObject(s); err != nil {
			return err
		}
		kind, _, _ := strings.Cut(s, " ")
		return checkKind(kind)
	})
	kind, rest, _ := strings.Cut(s, " ")
	namespace, name, namespaced := strings.Cut(rest, "/")
	if !namespaced {
		namespace, name = "*", rest
	}
	e.externalFields = externalFields{
		Kind: groupKind(kind), Namespace: namespaceGlob(unsetNamespace(namespace)), Name: nameGlob(name), Line: n.Line,
	}
}

func (g *rootGlob) read(d *decoder, at kube.Path, n *yaml.Node) {
	*g = rootGlob(path.Clean(d.checked(at, n, func(s string) error {
		clean := path.Clean(s)
		switch {
		case path.IsAbs(s) || strings.Contains(s, ":"):
			return fmt.Errorf("want a directory relative to this file, got %s", clip(s))
		case clean == ".." || strings.HasPrefix(clean, "../"):
			return fmt.Errorf("want a directory below this file, got %s", clip(s))
		case strings.Contains(s, "**"):
			return fmt.Errorf("want one * for each level of directories, got ** in %s", clip(s))
		default:
			return malformed(s)
		}
	})))
}

func (dir *directory) read(d *decoder, at kube.Path, n *yaml.Node) {
	*dir = directory(path.Clean(d.checked(at, n, func(s string) error {
		if path.IsAbs(s) || strings.Contains(s, ":") {
			return fmt.Errorf("want a directory relative to this file, got %s", clip(s))
		}
		return nil
	})))
}

// releasePattern is a minor release: the CRDs of its patch releases are alike.
var releasePattern = regexp.MustCompile(`^[0-9]+\.[0-9]+$`)

func (f *flag) read(d *decoder, at kube.Path, n *yaml.Node) {
	if on, ok := d.boolean(at, n); ok {
		f.on = &on
	}
}

func (f flag) or(unset bool) bool {
	if f.on == nil {
		return unset
	}
	return *f.on
}

func (r *release) read(d *decoder, at kube.Path, n *yaml.Node) {
	*r = release(d.checked(at, n, func(s string) error {
		if !releasePattern.MatchString(s) {
			return fmt.Errorf("want a release such as \"1.5\", got %s", clip(s))
		}
		return nil
	}))
}

func (c *channel) read(d *decoder, at kube.Path, n *yaml.Node) {
	s, _ := d.oneOf(at, n, "standard", "experimental")
	*c = channel(s)
}

func (r *reason) read(d *decoder, at kube.Path, n *yaml.Node) {
	*r = reason(d.checked(at, n, func(s string) error {
		if strings.TrimSpace(s) == "" {
			return fmt.Errorf("want a reason, got blanks")
		}
		return nil
	}))
}

// timePattern is what time.RFC3339 is meant to be; time.Parse takes 2027-01-31T1:00:00Z too.
var timePattern = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})$`)

// instant reads a time, or the date of a day that starts at it, in UTC.
func (d *decoder) instant(at kube.Path, n *yaml.Node) (start time.Time, day bool) {
	if n.Kind == yaml.ScalarNode && (n.ShortTag() == "!!timestamp" || n.ShortTag() == "!!str") {
		if day, err := time.Parse(time.DateOnly, n.Value); err == nil {
			return day, true
		}
		if instant, err := time.Parse(time.RFC3339, n.Value); err == nil && timePattern.MatchString(n.Value) {
			return instant.UTC(), false
		}
	}
	d.errorf(at, n, "want a date such as 2027-01-31 or a time such as 2027-01-31T18:00:00Z, got %s", describe(n))
	return time.Time{}, false
}

// read takes the last day, to its end, or an instant.
func (u *until) read(d *decoder, at kube.Path, n *yaml.Node) {
	start, day := d.instant(at, n)
	if day {
		start = start.AddDate(0, 0, 1).Add(-time.Nanosecond)
	}
	u.Time = start
}

// read takes the first day, from its start, or an instant.
func (e *enforceFrom) read(d *decoder, at kube.Path, n *yaml.Node) {
	e.Time, _ = d.instant(at, n)
	e.node = n
}
