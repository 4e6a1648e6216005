package main

import (
	"sync"

	"github.com/google/licenseclassifier/v2/assets"
)

// known is the classifier with the texts of all licences, which take a second to read.
var known = sync.OnceValues(assets.DefaultClassifier)

// likely is how much of a text has to be that of a licence.
const likely = 0.9

// identify names the licences that a text is, by their SPDX identifiers.
func identify(text []byte) (ids []string, err error) {
	c, err := known()
	if err != nil {
		return nil, err
	}
	for _, m := range c.Match(c.Normalize(text)).Matches {
		if m.MatchType == "License" && m.Confidence >= likely {
			ids = append(ids, m.Name)
		}
	}
	return ids, nil
}
