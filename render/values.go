package render

import (
	"maps"
	"slices"
	"strings"

	chart "helm.sh/helm/v4/pkg/chart/v2"
)

// Helm's own packages for values and for conditions of dependencies bring a JSON Schema library along that takes 3 ms and
// 1.7 MiB at every start of the program, whatever it does. What they decide is written down here instead, after
// https://helm.sh/docs/chart_template_guide/subcharts_and_globals and https://helm.sh/docs/topics/charts.

// over puts one table of values over another one: its entries win, tables are joined, and null takes away.
func over(given, below map[string]any) map[string]any {
	joined := maps.Clone(below)
	if joined == nil {
		joined = map[string]any{}
	}
	for key, value := range given {
		table, isTable := value.(map[string]any)
		under, wasTable := joined[key].(map[string]any)
		_, was := joined[key]
		switch {
		case value == nil && was:
			delete(joined, key)
		case isTable && wasTable:
			joined[key] = over(table, under)
		case isTable:
			joined[key] = over(table, nil)
		default:
			joined[key] = value
		}
	}
	return joined
}

// globals are handed down to dependencies, and there win over their own.
const globals = "global"

// valuesOf are the values that a chart's templates see, those of its dependencies included.
func valuesOf(c *chart.Chart, given map[string]any) map[string]any {
	values := over(given, c.Values)
	for _, dependency := range c.Dependencies() {
		own, _ := values[dependency.Name()].(map[string]any)
		if shared, ok := values[globals].(map[string]any); ok {
			own = over(map[string]any{globals: shared}, own)
		}
		values[dependency.Name()] = valuesOf(dependency, own)
	}
	return values
}

// settle leaves of a chart's dependencies those that are to be rendered, under the names they go by, and takes over the values
// that they export. tags are the root's.
func settle(c *chart.Chart, given, tags map[string]any) {
	rename(c)
	values := valuesOf(c, given)
	if tags == nil {
		tags, _ = values["tags"].(map[string]any)
		if tags == nil {
			tags = map[string]any{}
		}
	}
	c.SetDependencies(slices.DeleteFunc(slices.Clone(c.Dependencies()), func(d *chart.Chart) bool {
		wanted := wantedAs(c, d.Name())
		return wanted != nil && !enabled(wanted, values, tags)
	})...)
	for _, dependency := range c.Dependencies() {
		own, _ := values[dependency.Name()].(map[string]any)
		settle(dependency, own, tags)
	}
	for _, dependency := range c.Dependencies() {
		if wanted := wantedAs(c, dependency.Name()); wanted != nil {
			own, _ := values[dependency.Name()].(map[string]any)
			c.Values = over(imported(wanted, valuesOf(dependency, own)), c.Values)
		}
	}
}

// rename gives dependencies the aliases they are wanted under; one may be wanted several times.
func rename(c *chart.Chart) {
	var dependencies []*chart.Chart
	wanted := map[string]bool{}
	for _, want := range c.Metadata.Dependencies {
		if want == nil {
			continue
		}
		wanted[want.Name] = true
		for _, have := range c.Dependencies() {
			if have.Name() != want.Name {
				continue
			}
			if want.Alias != "" {
				have = named(have, want.Alias)
			}
			dependencies = append(dependencies, have)
			break
		}
	}
	for _, have := range c.Dependencies() {
		if !wanted[have.Name()] {
			dependencies = append(dependencies, have)
		}
	}
	c.SetDependencies(dependencies...)
}

// named copies a chart under another name.
func named(c *chart.Chart, name string) *chart.Chart {
	renamed := *c
	metadata := *c.Metadata
	if name != "" {
		metadata.Name = name
	}
	renamed.Metadata = &metadata
	var dependencies []*chart.Chart
	for _, dependency := range c.Dependencies() {
		dependencies = append(dependencies, named(dependency, ""))
	}
	renamed.SetDependencies(dependencies...)
	return &renamed
}

// wantedAs is the entry of Chart.yaml for a dependency by the name it goes by; nil if it only stands in charts/.
func wantedAs(c *chart.Chart, name string) *chart.Dependency {
	for _, want := range c.Metadata.Dependencies {
		if want != nil && (want.Alias == name || want.Alias == "" && want.Name == name) {
			return want
		}
	}
	return nil
}

// enabled reports whether a dependency is rendered: the first of its conditions that is set decides, then its tags.
func enabled(d *chart.Dependency, values, tags map[string]any) bool {
	for condition := range strings.SplitSeq(d.Condition, ",") {
		if on, ok := at(values, strings.TrimSpace(condition)).(bool); ok {
			return on
		}
	}
	known, some := false, false
	for _, tag := range d.Tags {
		if on, ok := tags[tag].(bool); ok {
			known, some = true, some || on
		}
	}
	return !known || some
}

// imported are the values that a chart takes over from a dependency.
func imported(d *chart.Dependency, values map[string]any) map[string]any {
	found := map[string]any{}
	for _, entry := range d.ImportValues {
		switch entry := entry.(type) {
		case string:
			if table, ok := at(values, "exports."+entry).(map[string]any); ok {
				found = over(table, found)
			}
		case map[string]any:
			child, _ := entry["child"].(string)
			parent, _ := entry["parent"].(string)
			if value := at(values, child); value != nil {
				found = over(under(parent, value), found)
			}
		}
	}
	return found
}

// at is the value at a path with dots; nil if there is none.
func at(values map[string]any, path string) any {
	var value any = values
	for step := range strings.SplitSeq(path, ".") {
		table, ok := value.(map[string]any)
		if !ok {
			return nil
		}
		value = table[step]
	}
	return value
}

// under makes the tables that a path with dots leads through; "." is the top.
func under(path string, value any) map[string]any {
	steps := strings.FieldsFunc(path, func(r rune) bool { return r == '.' })
	for _, step := range slices.Backward(steps) {
		value = map[string]any{step: value}
	}
	table, _ := value.(map[string]any)
	return table
}
