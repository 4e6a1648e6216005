package kube

import (
	"strings"

	"github.com/agnivade/levenshtein"
)

// Near returns the candidate that name was most likely meant to be: one that differs in case only, or else the first of
// those the fewest slips away, two at most. A slip is a character missing, added or changed. Short names must agree in more than half of their characters, or everything would resemble everything.
func Near(name string, candidates []string) (string, bool) {
	const slips = 2
	best, distance := "", slips+1
	for _, candidate := range candidates {
		if candidate == name {
			continue
		}
		if strings.EqualFold(candidate, name) {
			return candidate, true
		}
		// Names come from files: one of a megabyte is no slip of anything, and must not cost a megabyte of work.
		if len(candidate)-len(name) > slips || len(name)-len(candidate) > slips {
			continue
		}
		d := levenshtein.ComputeDistance(name, candidate)
		if d < distance && 2*d < max(len(name), len(candidate)) {
			best, distance = candidate, d
		}
	}
	return best, best != ""
}
