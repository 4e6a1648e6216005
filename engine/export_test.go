package engine

// Asked lists the rules that OPA has been asked about: these alone are compiled.
func (e *Engine) Asked() (ids []string) {
	for _, r := range e.rules {
		if r.compiled != nil {
			ids = append(ids, r.ID)
		}
	}
	return ids
}
