package inventory

import "slices"

// Entries lists every object of a snapshot, in order of identity.
func (s *Snapshot) Entries() []*Entry {
	var all []*Entry
	for _, sh := range s.shards {
		if sh == nil {
			continue
		}
		for key, entries := range sh.entries {
			if key.index == nameIndex {
				all = append(all, entries...)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b *Entry) int { return a.ID.Compare(b.ID) })
	return all
}

// nameIndex is the one index that every object is in, and once.
const nameIndex = "name"
