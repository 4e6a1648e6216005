package lint

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tlsward/tlsward/facts"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/rule"
)

// Environment is one of several clusters to which manifests of a tree are applied.
type Environment struct {
	// Name is how findings name it. The one without a name is what no environment takes in.
	Name  string
	Paths []string
	// Reviewer is the environment's own; nil is that of the options.
	Reviewer Reviewer
	// Values come before those of the options.
	Values []string
}

// RunEnvironments lints each environment by itself, as Run would, and says once what is found in several of them at the same place.
// What has no name is judged last, without the files that an environment has read.
func RunEnvironments(ctx context.Context, environments []Environment, o Options) (*Result, error) {
	m := merging{read: map[string]int{}, Result: &Result{files: map[string]*file{}, rendered: map[finding]*document{}}, places: map[environmentPlace]int{}}
	var given []string
	for _, e := range environments {
		given = append(given, e.Paths...)
	}
	m.limits = newBounds(o.Boundary, slices.Concat(given, o.Given))
	for _, e := range environments {
		own := o
		own.severalEnvironments = true
		own.environment, own.Values, own.Exemptions, own.Given = e.Name, slices.Concat(e.Values, o.Values), nil, slices.Concat(o.Given, given)
		if e.Reviewer != nil {
			own.Reviewer = e.Reviewer
		}
		if e.Name == "" {
			own.readBefore = m.files
		}
		result, err := Run(ctx, e.Paths, own)
		if err != nil {
			return nil, err
		}
		m.add(e.Name, result)
	}
	m.name()
	scope := m.scope(nil, o)
	if err := m.say(ctx, o, "Suppression", scope.remarks(m.Result, usedElsewhere(o, m.agreed()))); err != nil {
		return nil, err
	}
	if o.Exemptions != nil {
		if err := m.say(ctx, o, "Config", scope.remarks(m.Result, usedElsewhere(o, o.Exemptions.remarks(m.Suppressed, o.Now)))); err != nil {
			return nil, err
		}
	}
	sortFindings(m.Findings)
	sortFindings(m.Suppressed)
	m.Files = len(m.files)
	slices.SortStableFunc(m.Problems, func(a, b Problem) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Message, b.Message)) })
	m.Problems = slices.Compact(m.Problems)
	slices.SortStableFunc(m.Skipped, func(a, b Skipped) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Reason, b.Reason)) })
	m.Skipped = slices.Compact(m.Skipped)
	return m.Result, nil
}

// FixEnvironments is Fix for environments: a file that several take in is fixed once.
func FixEnvironments(ctx context.Context, environments []Environment, o Options, f FixOptions) (*Result, *Fixes, error) {
	return fix(o, f, func(o Options) (*Result, error) { return RunEnvironments(ctx, environments, o) })
}

// merging joins the results of environments.
type merging struct {
	*Result
	places map[environmentPlace]int
	// in are the environments of each finding.
	in [][]string
	// excused are the suppressed findings that are known.
	excused map[finding]bool
	// read counts the environments that took in a file.
	read map[string]int
}

// environmentPlace is where a finding stands, whatever its object is called there and in whatever words it is said.
type environmentPlace struct {
	rule, path string
	at         kube.Position
	action     rule.Action
	// object and subject tell apart what a template makes: all of it may stand at one line, and values say what it refers to.
	// Elsewhere object is the kind alone.
	object, subject kube.ID
}

func (m *merging) add(environment string, result *Result) {
	for _, f := range result.Findings {
		place := environmentPlace{
			rule: f.Rule, path: f.Path.String(), at: f.At, action: f.Action, object: kube.ID{Group: f.Object.Group, Kind: f.Object.Kind},
		}
		if d := result.rendered[identify(&f)]; d != nil && d.made.source == nil {
			place.object, place.subject = f.Object, f.Subject
		}
		index, said := m.places[place]
		if !said {
			index = len(m.Findings)
			m.places[place] = index
			m.Findings = append(m.Findings, f)
			m.in = append(m.in, nil)
			if d := result.rendered[identify(&f)]; d != nil {
				m.rendered[identify(&f)] = d
			}
		}
		if environment != "" && !slices.Contains(m.in[index], environment) {
			m.in[index] = append(m.in[index], environment)
		}
	}
	for _, s := range result.Suppressed {
		if m.excused == nil {
			m.excused = map[finding]bool{}
		}
		if key := identify(&s); !m.excused[key] {
			m.excused[key] = true
			m.Suppressed = append(m.Suppressed, s)
		}
	}
	m.Problems = append(m.Problems, result.Problems...)
	m.Skipped = append(m.Skipped, result.Skipped...)
	m.Objects += result.Objects
	m.Outside += result.Outside
	m.remarks = append(m.remarks, result.remarks...)
	for name, f := range maps.All(result.files) {
		m.read[name]++
		if m.files[name] == nil {
			m.files[name] = f
		}
	}
}

// agreed are the remarks of the environments, each once. That a comment or annotation suppresses nothing has to be so wherever its
// file is taken in.
func (m *merging) agreed() (list []remark) {
	type key struct {
		at                  kube.Position
		kind, message, path string
	}
	said := map[key]int{}
	of := func(r remark) key { return key{r.at, r.kind, r.message, r.path.String()} }
	for _, r := range m.remarks {
		said[of(r)]++
	}
	for _, r := range m.remarks {
		n := said[of(r)]
		said[of(r)] = 0
		if n > 0 && (r.kind != facts.SuppressionUnused || n >= m.read[r.at.File]) {
			list = append(list, r)
		}
	}
	return list
}

// usedElsewhere leaves out that something is of no use, where it may be in an environment that is not judged.
func usedElsewhere(o Options, list []remark) []remark {
	return slices.DeleteFunc(list, func(r remark) bool {
		return o.Part && (r.kind == facts.SuppressionUnused || r.kind == facts.ExemptionUnused)
	})
}

// name says of each finding in which environments it is.
func (m *merging) name() {
	for i := range m.Findings {
		if names := m.in[i]; len(names) > 0 {
			m.Findings[i].Related = append(slices.Clip(m.Findings[i].Related), rule.Related{Message: inEnvironments(names)})
		}
	}
}

// maxEnvironments bounds the environments that are named.
const maxEnvironments = 8

func inEnvironments(names []string) string {
	slices.Sort(names)
	if len(names) == 1 {
		return "in environment " + names[0]
	}
	if more := len(names) - maxEnvironments; more > 1 {
		return "in environments: " + strings.Join(names[:maxEnvironments], ", ") + fmt.Sprintf(" and %d more", more)
	}
	return "in environments: " + strings.Join(names, ", ")
}
