package facts

import "time"

// Times lists the moments that a document compares itself with, but for those of certificates: when revocation lists end.
func Times(document Facts) (times []time.Time) {
	roles, _ := document["refs"].(map[string]any)
	for _, role := range roles {
		refs, _ := role.([]any)
		for _, element := range refs {
			ref, _ := element.(map[string]any)
			revocation, _ := ref["revocation"].(map[string]any)
			lists, _ := revocation["lists"].([]any)
			for _, list := range lists {
				fields, _ := list.(map[string]any)
				for _, key := range []string{"this_update", "next_update"} {
					text, _ := fields[key].(string)
					if t, err := time.Parse(time.RFC3339, text); err == nil {
						times = append(times, t)
					}
				}
			}
		}
	}
	return times
}
