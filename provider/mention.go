package provider

import (
	"path"
	"slices"
	"strings"

	"github.com/tlsward/tlsward/kube"
)

// Mentioned reports whether some provider has to do with objects of a kind only where they mention something.
func (s *Set) Mentioned(groupKind string) bool { return len(s.mentions[groupKind]) > 0 }

// MentionedIn lists the kinds whose objects may be of interest in a text, as far as they are only where they mention something;
// names reports whether a word stands in the text, and is asked once for each.
func (s *Set) MentionedIn(names func(word string) bool) map[string]bool {
	asked, kinds := map[string]bool{}, map[string]bool{}
	for groupKind, words := range s.mentions {
		for _, word := range words {
			if _, known := asked[word]; !known {
				asked[word] = names(word)
			}
			if asked[word] {
				kinds[groupKind] = true
			}
		}
	}
	return kinds
}

// Mentions reports whether an object is one that some provider has to do with for what it mentions.
func (s *Set) Mentions(obj kube.Object) bool {
	words := s.mentions[obj.ID.GroupKind()]
	return len(words) > 0 && holds(obj.Fields, words)
}

// About reports whether what is said of the kind is about an object of it.
func (k *Kind) About(obj kube.Object) bool {
	return len(k.Mentions) == 0 || holds(obj.Fields, k.Mentions)
}

// About reports whether a rule may have something to say of an object of a kind that it judges: unless its own provider has to do
// with such objects only where they mention something.
func (s *Set) About(ruleID string, obj kube.Object) bool {
	limited := false
	for i := range s.Providers {
		if s.Providers[i].Name != path.Dir(ruleID) {
			continue
		}
		for j := range s.Providers[i].Kinds {
			if k := &s.Providers[i].Kinds[j]; k.Kind == obj.ID.GroupKind() {
				if k.About(obj) {
					return true
				}
				limited = true
			}
		}
	}
	return !limited
}

// holds reports whether one of the words stands somewhere in a value.
func holds(value any, words []string) bool {
	names := func(text string) bool {
		return slices.ContainsFunc(words, func(word string) bool { return strings.Contains(text, word) })
	}
	switch v := value.(type) {
	case string:
		return names(v)
	case []any:
		return slices.ContainsFunc(v, func(child any) bool { return holds(child, words) })
	case map[string]any:
		for key, child := range v {
			if names(key) || holds(child, words) {
				return true
			}
		}
	}
	return false
}
