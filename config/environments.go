package config

import (
	"fmt"
	"maps"
	"regexp"

	"go.yaml.in/yaml/v4"

	"github.com/tlsward/tlsward/kube"
)

// Environment is one of several clusters whose manifests stand in one repository.
type Environment struct {
	Name string
	// Paths are globs of directories and files, as Roots are.
	Paths []string
	// Values are files of values for charts, relative to Dir; the later ones win.
	Values []string
	// Controllers is what holds there: what the environment says, over what the config says for all.
	Controllers Controllers
	// Differs: the environment says something of controllers itself.
	Differs bool
	Line    int
	// own is what the environment itself says of controllers.
	own Controllers
}

type environmentItem struct {
	Name        environmentName `key:"name,required"`
	Paths       []rootGlob      `key:"paths,required,nonempty"`
	Values      []directory     `key:"values"`
	Controllers controllers     `key:"controllers"`
	Line        int
}

type environmentName string

// environmentPattern is what is easily told from a path, a flag and the words around it.
const environmentPattern = `^[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?$`

func (e *environmentName) read(d *decoder, at kube.Path, n *yaml.Node) {
	*e = environmentName(d.checked(at, n, func(s string) error {
		if ok, err := regexp.MatchString(environmentPattern, s); err != nil || !ok {
			return fmt.Errorf("want a name such as prod or eu-west.staging, got %s", clip(s))
		}
		return nil
	}))
}

// differ refuses two environments of one name: their findings could not be told apart.
func (d *decoder) differ(environments []environmentItem) {
	first := map[environmentName]int{}
	for i, e := range environments {
		if line, ok := first[e.Name]; ok && e.Name != "" {
			d.errorAt(e.Line, 1, "environments[%d].name: want each name once, got %s on line %d too", i, e.Name, line)
			continue
		}
		first[e.Name] = e.Line
	}
}

func (f file) environments(common Controllers) []Environment {
	var list []Environment
	for _, e := range f.Environments {
		own := e.Controllers.plain()
		list = append(list, Environment{
			Name: string(e.Name), Paths: plain(e.Paths), Values: plain(e.Values), Line: e.Line,
			Controllers: own.over(common), own: own,
			Differs: len(own.Only)+len(own.Classes)+len(own.Settings) > 0,
		})
	}
	return list
}

// over is what holds where something is said twice: a list replaces, what has a name is replaced by its name.
func (c Controllers) over(common Controllers) Controllers {
	if len(c.Only) == 0 {
		c.Only = common.Only
	}
	classes := maps.Clone(common.Classes)
	for class, controller := range c.Classes {
		if classes == nil {
			classes = map[string]string{}
		}
		classes[class] = controller
	}
	settings := maps.Clone(common.Settings)
	for controller, own := range c.Settings {
		if settings == nil {
			settings = map[string]map[string]string{}
		}
		merged := maps.Clone(settings[controller])
		if merged == nil {
			merged = map[string]string{}
		}
		maps.Copy(merged, own)
		settings[controller] = merged
	}
	return Controllers{Only: c.Only, Classes: classes, Settings: settings}
}
