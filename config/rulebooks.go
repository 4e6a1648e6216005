package config

import (
	"fmt"

	"go.yaml.in/yaml/v4"

	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/rule"
)

// Rulebook is a directory or archive of further rules.
type Rulebook struct {
	// Path is relative to the config's directory.
	Path string
	// Version is the one that is pinned, zero if none is.
	Version rule.Version
	// At is where the version stands in the file.
	At kube.Path
}

// rulebookFields is the long form of a rulebookItem; the short one is the path alone.
type rulebookFields struct {
	Path    directory `key:"path,required"`
	Version version   `key:"version"`
}

type rulebookItem struct{ rulebookFields }

func (r *rulebookItem) read(d *decoder, at kube.Path, n *yaml.Node) {
	if n.Kind == yaml.MappingNode {
		d.structureOf(&r.rulebookFields, at, n)
		return
	}
	r.Path.read(d, at, n)
}

func (v *version) read(d *decoder, at kube.Path, n *yaml.Node) {
	s := d.checked(at, n, func(s string) error {
		_, err := rule.ParseVersion(s)
		if near, release := rule.ParseRelease(s); err != nil && release == nil {
			return fmt.Errorf("want a version such as v0.1, got %s; did you mean %s? A patch release denies nothing more", clip(s), near)
		}
		if near, bare := rule.ParseRelease("v" + s); err != nil && bare == nil {
			return fmt.Errorf("want a version such as v0.1, got %s; did you mean %s?", clip(s), near)
		}
		if err != nil {
			return fmt.Errorf("want a version such as v0.1, got %s", clip(s))
		}
		return nil
	})
	if parsed, err := rule.ParseVersion(s); err == nil {
		*v = version(parsed)
	}
}

func rulebooksOf(items []rulebookItem) []Rulebook {
	var list []Rulebook
	for i, item := range items {
		list = append(list, Rulebook{
			Path: string(item.Path), Version: rule.Version(item.Version), At: kube.Path{"rulebooks", i, "version"},
		})
	}
	return list
}
