package engine

import (
	"github.com/tlsward/tlsward/facts"
	"github.com/tlsward/tlsward/kube"
)

// Injected is a value that the mutating door has set in an object, as its record says.
type Injected struct {
	Path string
	// Set is what was set, Now what stands there; nil where nothing does.
	Set, Now any
	There    bool
	// Ours: nobody has changed it since.
	Ours bool
}

// InjectedIn lists what an object's record says, in order of the paths.
func InjectedIn(obj kube.Object) (list []Injected) {
	recorded, ours := facts.Recorded(obj), facts.Defaulted(obj)
	for _, at := range kube.SortedKeys(recorded) {
		i := Injected{Path: at, Set: recorded[at]}
		if path, err := kube.ParsePath(at); err == nil {
			i.Now, i.There = kube.Lookup(obj.Fields, path)
		}
		_, i.Ours = ours[at]
		list = append(list, i)
	}
	return list
}
