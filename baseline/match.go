package baseline

import (
	"path/filepath"

	"github.com/tlsward/tlsward/manifest"
	"github.com/tlsward/tlsward/rule"
)

// Match is a run held against a baseline.
type Match struct {
	// New are findings that the baseline does not list, Known those that it does, each with its Suppression.
	New, Known []rule.Finding
	// Stale are entries that the run would have found again and did not: what they stand for is mended, or suppressed otherwise.
	Stale []Entry
	// Next is what the baseline lists if it is written anew: all findings of the run that it may suppress, and the entries
	// that are not of this run.
	Next []Entry
}

// group is what findings have in common that may be taken for one another: the object or, since one that is rendered goes by other
// names elsewhere, the fingerprint.
type group struct{ rule, object, fingerprint string }

func byObject(e Entry) group { return group{rule: e.Rule, object: e.Object} }

func byFingerprint(e Entry) group { return group{rule: e.Rule, fingerprint: e.Fingerprint} }

// Match compares findings, which have their fingerprints, with a baseline. Judged says of an entry whether the run would have found it:
// whether its rule was asked, and its file read.
//
// Findings alike in all that a fingerprint is made of, as of one object in two environments, are numbered in the order of the run.
// With files that a run leaves out, or that came before the others, numbers shift; so the same file counts for more than the
// same number.
func (b *Baseline) Match(findings []rule.Finding, judged func(Entry) bool) Match {
	m := matching{baseline: b, findings: findings, entryOf: make([]int, len(findings)), taken: make([]bool, len(b.Entries))}
	m.entries = make([]Entry, len(findings))
	groups := map[group][]int{} // of entries
	listed := map[string]bool{}
	for i, e := range b.Entries {
		for _, g := range []group{byObject(e), byFingerprint(e)} {
			groups[g] = append(groups[g], i)
		}
		listed[e.Fingerprint] = true
	}
	found := map[string]bool{}
	for i, f := range findings {
		m.entryOf[i] = -1
		m.entries[i] = b.entry(f)
		found[f.Fingerprint] = !f.Mandatory
	}
	m.pair(groups, byFingerprint, func(f, e Entry) bool { return f.File == e.File })
	m.pair(groups, byObject, func(f, e Entry) bool {
		return f.File == e.File && f.Path == e.Path && (listed[f.Fingerprint] || found[e.Fingerprint])
	})
	m.pair(groups, byFingerprint, func(Entry, Entry) bool { return true })
	return m.result(judged)
}

// entry is what the baseline would list of a finding.
func (b *Baseline) entry(f rule.Finding) Entry {
	return Entry{File: b.relative(f.At.File), Rule: f.Rule, Object: f.Object.String(), Path: f.Path.String(), Fingerprint: f.Fingerprint}
}

// relative names a file from the baseline's directory, wherever the run was started.
func (b *Baseline) relative(file string) string {
	if file == "" || file == manifest.Stdin {
		return file
	}
	dir, err := filepath.Abs(filepath.Dir(b.File))
	if err != nil {
		return filepath.ToSlash(file)
	}
	absolute, err := filepath.Abs(file)
	if err != nil {
		return filepath.ToSlash(file)
	}
	relative, err := filepath.Rel(dir, absolute)
	if err != nil {
		return filepath.ToSlash(file)
	}
	return filepath.ToSlash(relative)
}

// Path is an entry's file as the system finds it.
func (b *Baseline) Path(e Entry) string {
	if e.File == "" || e.File == manifest.Stdin || filepath.IsAbs(filepath.FromSlash(e.File)) {
		return filepath.FromSlash(e.File)
	}
	return filepath.Join(filepath.Dir(b.File), filepath.FromSlash(e.File))
}

// matching is a match as it is made.
type matching struct {
	baseline *Baseline
	findings []rule.Finding
	entries  []Entry // what the baseline would list of the findings
	entryOf  []int   // the entry of each finding, -1 if it has none
	taken    []bool  // whether an entry has a finding
}

// pair gives findings that have none yet the first entry that is theirs.
func (m *matching) pair(groups map[group][]int, by func(Entry) group, same func(f, e Entry) bool) {
	for i, f := range m.entries {
		if m.entryOf[i] >= 0 || m.findings[i].Mandatory {
			continue
		}
		for _, n := range groups[by(f)] {
			if !m.taken[n] && same(f, m.baseline.Entries[n]) {
				m.entryOf[i], m.taken[n] = n, true
				break
			}
		}
	}
}

func (m *matching) result(judged func(Entry) bool) Match {
	var out Match
	for i, f := range m.findings {
		n := m.entryOf[i]
		if n < 0 {
			out.New = append(out.New, f)
			if !f.Mandatory {
				out.Next = append(out.Next, m.entries[i])
			}
			continue
		}
		entry := m.entries[i]
		if was := m.baseline.Entries[n]; was.File == entry.File && was.Path == entry.Path {
			entry = was // its number may be another one, in a run of other files
		}
		out.Next = append(out.Next, entry)
		f.Suppression, f.Unheeded = &rule.Suppression{Kind: rule.ByBaseline}, ""
		out.Known = append(out.Known, f)
	}
	for n, e := range m.baseline.Entries {
		switch {
		case m.taken[n]:
		case judged(e):
			out.Stale = append(out.Stale, e)
		default:
			out.Next = append(out.Next, e)
		}
	}
	return out
}
