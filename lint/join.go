package lint

import "slices"

// join has the documents of files stand in roots that they are not in by their place; the root is named as Tree has it. What names no
// root that there is stays where it is.
func join(roots []*root, files []*file, joined map[string]string) []*root {
	for _, f := range files {
		name, ok := joined[f.name]
		if !ok {
			continue
		}
		if name == "" {
			name = Rest
		}
		i := slices.IndexFunc(roots, func(r *root) bool { return r.name == name })
		if i < 0 {
			continue
		}
		own := make(map[*document]bool, len(f.documents))
		for _, d := range f.documents {
			own[d] = true
		}
		for _, r := range roots {
			r.documents = slices.DeleteFunc(r.documents, func(d *document) bool { return own[d] })
		}
		roots[i].documents = append(roots[i].documents, f.documents...)
	}
	return slices.DeleteFunc(roots, func(r *root) bool { return len(r.documents) == 0 })
}
