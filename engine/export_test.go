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

// Kept lists the rules of the first rulebook that were asked as CompiledFile has them.
func (e *Engine) Kept() (ids []string) {
	for _, r := range e.rules {
		if r.kept {
			ids = append(ids, r.ID)
		}
	}
	return ids
}

// CompiledVersions are those of the first rulebook's rules, by their ids.
func (e *Engine) CompiledVersions() (map[string]string, error) {
	return e.books[0].versions(e.books[0].compiledVersion)
}
