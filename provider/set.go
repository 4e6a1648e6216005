package provider

import (
	"slices"

	"github.com/tlsward/tlsward/kube"
)

// Set is several providers together, indexed by kind.
type Set struct {
	Providers []Provider
	kinds     map[string][]*Kind
	producers map[string][]*Producer
	relevant  map[string]bool
	filled    []Filled
	kept      []Kept
	passing   []Passing
	cluster   map[string]bool
	marks     []string
	keys      []string
	// identifiers are the entries that some reference reads as such.
	identifiers []string
	revoked     []string
	files       map[string]bool
	decisive    map[string]bool
	together    map[string]bool
	shows       map[string][]Path // by the target's kind
	// configured are the controllers with settings, settings the keys of their ConfigMaps, programs what is run of them, and
	// workloads the kinds that run them, with whether nobody else has to do with the kind.
	configured []*Controller
	settings   []string
	programs   []string
	workloads  map[string]bool
	// pods are the controllers whose proxies' pods are known.
	pods []*Controller
	// releases are the ways in which objects of a kind install charts.
	releases map[string][]*Release
	// mentions are the words of Kind.Mentions, by kind.
	mentions map[string][]string
}

// NewSet joins providers; the order given is the order in which references are gathered.
func NewSet(providers []Provider) *Set {
	s := &Set{
		Providers: providers,
		kinds:     map[string][]*Kind{}, producers: map[string][]*Producer{}, relevant: map[string]bool{}, files: map[string]bool{}, decisive: map[string]bool{},
		together: map[string]bool{}, releases: map[string][]*Release{}, shows: map[string][]Path{}, cluster: map[string]bool{},
		mentions: map[string][]string{},
	}
	for i := range providers {
		p := &providers[i]
		s.filled = append(s.filled, p.Filled...)
		s.kept = append(s.kept, p.Kept...)
		s.passing = append(s.passing, p.Passing...)
		for j := range p.Kinds {
			k := &p.Kinds[j]
			s.kinds[k.Kind] = append(s.kinds[k.Kind], k)
			if len(k.Mentions) > 0 {
				s.mentions[k.Kind] = append(s.mentions[k.Kind], k.Mentions...)
			} else {
				s.relevant[k.Kind] = true
				s.files[k.Kind] = k.File
			}
			s.cluster[k.Kind] = s.cluster[k.Kind] || k.Cluster
			for _, r := range k.References {
				for _, key := range slices.Concat([]string{r.Key, r.Anchors}, r.Also, r.Over[:min(len(r.Over), 1)]) {
					if key != "" && !slices.Contains(s.keys, key) {
						s.keys = append(s.keys, key)
					}
				}
				for _, key := range r.Identifiers {
					if !slices.Contains(s.identifiers, key) {
						s.identifiers = append(s.identifiers, key)
					}
				}
				if r.Revocation != "" && !slices.Contains(s.revoked, r.Revocation) {
					s.revoked = append(s.revoked, r.Revocation)
				}
				for _, kind := range r.Schemes {
					s.relevant[kind] = true
				}
				s.relevant[kube.GroupKind(r.Group, r.Kind)] = true
				s.shows[kube.GroupKind(r.Group, r.Kind)] = append(s.shows[kube.GroupKind(r.Group, r.Kind)], r.Shows...)
				// A reference that names its target's kind may name either of the two that hold certificates.
				if r.Form == FormObject && (r.Use == UseTrust || r.Use == UseCertificate) {
					s.relevant["Secret"], s.relevant["ConfigMap"] = true, true
				}
			}
			for _, peers := range k.Peers {
				if peers.Together {
					s.together[peers.Name] = true
				}
			}
			if k.Acting != nil && k.Acting.By == "" {
				s.decisive[k.Kind] = true
			}
			if k.Acting != nil && k.Acting.Kind != "" {
				s.relevant[k.Acting.Kind], s.decisive[k.Acting.Kind] = true, true
			}
		}
		for j := range p.Releases {
			s.releases[p.Releases[j].Kind] = append(s.releases[p.Releases[j].Kind], &p.Releases[j])
		}
		for j := range p.Producers {
			producer := &p.Producers[j]
			s.producers[producer.Kind] = append(s.producers[producer.Kind], producer)
			s.relevant[producer.Kind], s.relevant[producer.Makes] = true, true
			if producer.File {
				s.files[producer.Kind] = true
			}
			if producer.Namespaces.Selects() {
				// Which namespaces a selector takes is told by their labels.
				s.relevant["Namespace"] = true
			}
			for _, mark := range producer.marks() {
				if !slices.Contains(s.marks, mark) {
					s.marks = append(s.marks, mark)
				}
			}
		}
	}
	s.configure()
	s.showPods()
	return s
}

// Reading is the set in which objects of further kinds are relevant too, and read beyond their metadata.
func (s *Set) Reading(groupKinds ...string) *Set {
	var more Provider
	for _, groupKind := range groupKinds {
		if !s.Reads(groupKind) && !s.Shows(groupKind) {
			more.Kinds = append(more.Kinds, Kind{Kind: groupKind})
		}
	}
	return NewSet(slices.Concat(s.Providers, []Provider{more}))
}

// Kinds returns the descriptions of a kind, given as kube.GroupKind writes it.
func (s *Set) Kinds(groupKind string) []*Kind { return s.kinds[groupKind] }

// Producers returns what objects of a kind make controllers create.
func (s *Set) Producers(groupKind string) []*Producer { return s.producers[groupKind] }

// Reads reports whether some provider says what to read in objects of a kind beyond their metadata, rather than only
// referring to them. What is said only of those that mention something is not meant.
func (s *Set) Reads(groupKind string) bool {
	return slices.ContainsFunc(s.kinds[groupKind], func(k *Kind) bool { return len(k.Mentions) == 0 && !k.light() }) ||
		slices.ContainsFunc(s.producers[groupKind], func(p *Producer) bool { return !p.light() })
}

// light reports whether all that is read in objects of the kind stands in their metadata, as in Services.
func (k *Kind) light() bool {
	elsewhere := func(p Path) bool { return len(p.Steps()) == 0 || p.Steps()[0] != "metadata" }
	return k.Acting == nil && len(k.References) > 0 &&
		!slices.ContainsFunc(k.References, func(r Reference) bool { return elsewhere(r.Path) || elsewhere(r.KindAt) && r.KindAt.String() != "" }) &&
		!slices.ContainsFunc(k.Peers, func(p Peers) bool { return slices.ContainsFunc(p.Paths, elsewhere) })
}

// Shows reports whether rules see more of objects of a kind than their metadata, although no provider reads it.
func (s *Set) Shows(groupKind string) bool { return !s.Reads(groupKind) && len(s.shows[groupKind]) > 0 }

// Filled reports whether something else fills in a Secret or ConfigMap, and the keys that are certain to be in it then; only:
// there are no others.
func (s *Set) Filled(obj kube.Object) (filled bool, keys []string, only bool) {
	for i := range s.filled {
		if f := &s.filled[i]; f.holds(obj) {
			return true, f.Keys, f.Only
		}
	}
	return false, nil, false
}

// Kept lists what programs keep in every namespace.
func (s *Set) Kept() []Kept { return s.kept }

// Cluster reports whether objects of a kind have no namespace.
func (s *Set) Cluster(groupKind string) bool { return s.cluster[groupKind] }

// Marks lists the annotations of Secrets and ConfigMaps by which something copies them.
func (s *Set) Marks() []string { return s.marks }

// Passing reports whether a controller made an object for a moment only.
func (s *Set) Passing(obj kube.Object) bool {
	return slices.ContainsFunc(s.passing, func(p Passing) bool { return p.Holds(obj) })
}

// Decisive reports whether objects of a kind tell which controller acts: classes, and what has one itself.
func (s *Set) Decisive(groupKind string) bool { return s.decisive[groupKind] }

// Together reports whether objects that share a key of an index go down together.
func (s *Set) Together(index string) bool { return s.together[index] }

// KeysRead lists the entries of Secrets and ConfigMaps that some reference reads.
func (s *Set) KeysRead() []string { return s.keys }

// IdentifiersRead lists those that some reference reads as an identifier.
func (s *Set) IdentifiersRead() []string { return s.identifiers }

// RevocationRead lists those that some reference reads revocation lists from.
func (s *Set) RevocationRead() []string { return s.revoked }

// Relevant lists, in order, every kind that some provider describes, refers to or lets produce.
func (s *Set) Relevant() []string { return kube.SortedKeys(s.relevant) }

// Served lists, in order, the kinds that a cluster may serve and that are relevant, or may run a controller.
func (s *Set) Served() []string {
	served := slices.DeleteFunc(s.Relevant(), func(groupKind string) bool { return s.files[groupKind] })
	served = append(served, kube.SortedKeys(s.workloads)...)
	slices.Sort(served)
	return slices.Compact(served)
}

// IsRelevant reports whether some provider has to do with a kind.
func (s *Set) IsRelevant(groupKind string) bool { return s.relevant[groupKind] }

// Described lists, in order, the kinds with an entry of their own.
func (s *Set) Described() []string { return kube.SortedKeys(s.kinds) }
