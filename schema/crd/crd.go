// Package crd is the API server's view of custom resources: what it drops of an object, what it fills in, and why it
// refuses one. It knows the CRDs of Gateway API, cert-manager and Envoy Gateway, of several releases, and reads those that
// a tree holds itself. The linter calls it, and who compares the linter with an API server; it knows no rule. A schema costs
// nothing until the first object of its kind is judged, and each rule of a schema until an object has the field that it is
// about.
package crd

import (
	"cmp"
	"fmt"
	"slices"
	"sync"

	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/schema"
)

// Kinds of violation beside those of package schema, for which the API server refuses the object. schema.UnknownField is what
// it drops.
const (
	// Missing is a required field that is not there.
	Missing schema.Kind = "missing-field"
	// Duplicate is an element that its list already has, by the keys of a list map or in a set.
	Duplicate schema.Kind = "list-duplicate"
	// Rule is a rule of the schema (CEL) that does not hold.
	Rule schema.Kind = "rule-violated"
	// Unserved is a kind or version that the API server does not know.
	Unserved schema.Kind = "version-unserved"
)

// Standard and Experimental are Gateway API's channels.
const (
	Standard     = "standard"
	Experimental = "experimental"
)

// Releases says which CRDs a cluster has. What is empty nobody has said.
type Releases struct {
	// GatewayAPI, CertManager and EnvoyGateway are releases like "1.5".
	GatewayAPI, CertManager, EnvoyGateway string
	// Channel is Gateway API's.
	Channel string
}

// Set is the CRDs to judge by. It may be used by many goroutines. A nil Set knows none.
type Set struct {
	releases Releases
	// own are the kinds that the tree defines, by group and kind.
	own map[string]*Definition
	// byKind are the choices of the kinds that were asked for.
	byKind *sync.Map
}

// New makes a set of the embedded CRDs.
func New(r Releases) (*Set, error) {
	for _, choice := range []struct{ key, provider, release string }{
		{"gateway-api", gatewayAPI, r.GatewayAPI}, {"cert-manager", certManager, r.CertManager}, {"envoy-gateway", envoyGateway, r.EnvoyGateway},
	} {
		if known := Known(choice.provider); choice.release != "" && !slices.Contains(known, choice.release) {
			return nil, fmt.Errorf("schemas: %s: no release %s; known are %v", choice.key, choice.release, known)
		}
	}
	if r.Channel != "" && r.Channel != Standard && r.Channel != Experimental {
		return nil, fmt.Errorf("schemas: channel: want %s or %s, got %s", Standard, Experimental, r.Channel)
	}
	return &Set{releases: r, byKind: &sync.Map{}}, nil
}

// Knows reports whether the set has a schema of some version of a kind.
func (s *Set) Knows(groupKind string) bool {
	if s == nil {
		return false
	}
	return s.own[groupKind] != nil || embedded().kinds[groupKind] != nil
}

// Verdict is what the API server makes of an object.
type Verdict struct {
	// Stored is the object without what is dropped and with what is filled in. Where there is no schema, or none that the
	// object could be read by, it is the object given.
	Stored kube.Object
	// Violations, in the order of their paths.
	Violations []schema.Violation
	// Schema names what it was judged by, as "Gateway API 1.6"; "" where there is no schema for it. Assumed: nobody said that
	// this is what the cluster has.
	Schema  string
	Assumed bool
	// Beyond: the object could not be judged by the newest standard release that is assumed of everybody, so that another
	// one was taken.
	Beyond bool
}

// Judge says what the API server makes of an object. The object is not changed.
func (s *Set) Judge(obj kube.Object) Verdict {
	verdict := Verdict{Stored: obj}
	if s == nil {
		return verdict
	}
	if own := s.own[obj.ID.GroupKind()]; own != nil {
		verdict.Schema = "the CustomResourceDefinition in this tree"
		judged, ok := own.judge(obj)
		if !ok {
			verdict.Violations = own.unserved(obj)
			return verdict
		}
		verdict.take(judged)
		return verdict
	}
	choices := s.choices(obj)
	if len(choices) == 0 {
		if entries := embedded().kinds[obj.ID.GroupKind()]; len(entries) > 0 {
			verdict.Schema = s.chosen(entries[0].provider)
			verdict.Violations = refused(kube.Path{"kind"}, fmt.Sprintf("%s has no kind %s", verdict.Schema, obj.ID.Kind))
		}
		return verdict
	}
	first := slices.IndexFunc(choices, func(c choice) bool { return c.serves(obj) })
	if first < 0 {
		verdict.Schema, verdict.Assumed = choices[0].name(), !s.decided(choices[0])
		verdict.Violations = s.unserved(obj, choices)
		return verdict
	}
	chosen := choices[first]
	judged := chosen.judge(obj)
	// The experimental channel has all that the standard one has, and more fields. Who writes one of them has it.
	if chosen.channel == Standard && s.releases.Channel == "" && judged.drops() > 0 {
		for _, other := range choices {
			if other.release != chosen.release || other.channel != Experimental || !other.serves(obj) {
				continue
			}
			if further := other.judge(obj); further.drops() < judged.drops() {
				chosen, judged = other, further
			}
		}
	}
	verdict.take(judged)
	verdict.Schema, verdict.Assumed, verdict.Beyond = chosen.name(), !s.decided(chosen), s.beyond(chosen)
	return verdict
}

func (v *Verdict) take(j judged) {
	v.Stored, v.Violations = j.stored, j.violations
	slices.SortStableFunc(v.Violations, func(a, b schema.Violation) int { return comparePaths(a.Path, b.Path) })
}

func comparePaths(a, b kube.Path) int {
	return slices.CompareFunc(a, b, func(a, b any) int {
		i, isIndex := a.(int)
		j, otherIsIndex := b.(int)
		if isIndex && otherIsIndex {
			return cmp.Compare(i, j)
		}
		return cmp.Compare(fmt.Sprint(a), fmt.Sprint(b))
	})
}

// choices are the embedded schemas' releases that may be what the cluster has, the likeliest first: the newest release, and of
// each the standard channel before the experimental one.
func (s *Set) choices(obj kube.Object) []choice {
	groupKind := obj.ID.GroupKind()
	known, ok := s.byKind.Load(groupKind)
	if !ok {
		known, _ = s.byKind.LoadOrStore(groupKind, s.choose(groupKind))
	}
	list, _ := known.([]choice)
	return list
}

func (s *Set) choose(groupKind string) (out []choice) {
	for _, e := range embedded().kinds[groupKind] {
		release := s.release(e.provider)
		if release != "" && release != e.release || e.provider == gatewayAPI && s.releases.Channel != "" && s.releases.Channel != e.channel {
			continue
		}
		at := choice{provider: e.provider, release: e.release, channel: e.channel}
		if i := slices.IndexFunc(out, func(c choice) bool { return c.same(at) }); i >= 0 {
			out[i].entries = append(out[i].entries, e)
		} else {
			at.entries = []entry{e}
			out = append(out, at)
		}
	}
	return out
}

func (s *Set) release(provider string) string {
	switch provider {
	case gatewayAPI:
		return s.releases.GatewayAPI
	case certManager:
		return s.releases.CertManager
	default:
		return s.releases.EnvoyGateway
	}
}

// beyond reports whether a choice is not what is assumed of everybody, and nobody has decided on it.
func (s *Set) beyond(c choice) bool {
	known := embedded().releases[c.provider]
	return s.release(c.provider) == "" && c.release != known[len(known)-1] ||
		c.provider == gatewayAPI && s.releases.Channel == "" && c.channel != Standard
}

// decided reports whether the config names the release and channel.
func (s *Set) decided(c choice) bool {
	return s.release(c.provider) != "" && (c.provider != gatewayAPI || s.releases.Channel != "")
}
