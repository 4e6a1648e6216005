package config

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/rule"
)

// Options say how a config is read that is made of several texts.
type Options struct {
	// Cluster is the one whose overlay counts, "" for none.
	Cluster string
	// Fetch reads what is extended from elsewhere; nil refuses that.
	Fetch func(context.Context, Reference) ([]byte, error)
}

const (
	// maxLayers bounds the files that a config extends: an organisation, a platform, a team and an application are four.
	maxLayers = 32
	// maxNesting bounds the files that extend each other in turn.
	maxNesting = 8
)

// source is one file as it was read.
type source struct {
	name, dir string
	// remote: it is from elsewhere, and has no folders here.
	remote bool
	text   []byte
	file   file
	set    map[string]int
	config *Config
	// extends are those that it names itself.
	extends []*source
}

// own adds a file and what it extends, in turn.
func (s *source) own(into map[*source]bool) {
	if into[s] {
		return
	}
	into[s] = true
	for _, e := range s.extends {
		e.own(into)
	}
}

// line is where a key stands, 0 if it is not there.
func (s *source) line(key string) int { return s.set[key] }

func (s *source) errorAt(line int, format string, args ...any) *Error {
	return &Error{At: kube.Position{File: s.name, Line: max(line, 1), Column: 1}, Message: oneLine(fmt.Sprintf(format, args...))}
}

// layer is a text, or a cluster's part of one.
type layer struct {
	file string
	// cluster is the one whose part of the text counts, too.
	cluster string
	text    []byte
}

// origin is where a field of the whole stands.
type origin struct {
	layer int
	path  kube.Path
}

func parse(name string, data []byte) (*source, error) {
	d := &decoder{file: name}
	s := &source{name: name, dir: filepath.Dir(name), text: data}
	d.document(data, &s.file)
	d.differ(s.file.Environments)
	if len(d.errs) > 0 {
		slices.SortStableFunc(d.errs, func(a, b *Error) int { return a.At.Compare(b.At) })
		joined := make([]error, len(d.errs))
		for i, err := range d.errs {
			joined[i] = err
		}
		return nil, errors.Join(joined...)
	}
	s.set = d.set
	s.config = s.file.config(name)
	return s, nil
}

// Read reads a file and what it extends: first what comes first in its list, each with what that extends, and the file last. Each layer
// counts over those before it. Where a cluster is named, its overlay in a file counts over the rest of that file.
func Read(ctx context.Context, name string, o Options) (*Config, error) {
	data, err := readFile(name)
	if err != nil {
		return nil, err
	}
	r := reader{ctx: ctx, options: o}
	if _, err := r.add(name, data, false, nil); err != nil {
		return nil, err
	}
	return lay(r.sources, o.Cluster)
}

// reader reads files in the order in which they count.
type reader struct {
	ctx     context.Context
	options Options
	sources []*source
	done    map[string]*source
	read    int
}

func (r *reader) add(name string, data []byte, remote bool, above []string) (*source, error) {
	s, err := parse(name, data)
	if err != nil {
		return nil, err
	}
	s.remote = remote
	if r.read++; r.read > maxLayers {
		return nil, s.errorAt(1, "config: want at most %d files that extend each other", maxLayers)
	}
	if remote {
		for _, key := range []string{"roots", "environments", "rulebooks"} {
			if line := s.line(key); line > 0 {
				return nil, s.errorAt(line, "%s: means nothing in a config from elsewhere, which has no folders here", key)
			}
		}
	}
	above = append(slices.Clip(above), identityOf(name, remote))
	if len(above) > maxNesting {
		return nil, s.errorAt(s.line("extends"), "extends: want at most %d files that extend each other in turn", maxNesting)
	}
	for i, e := range s.file.Extends {
		if err := r.extend(s, kube.Path{"extends", i}, e, above); err != nil {
			return nil, err
		}
	}
	r.sources = append(r.sources, s)
	return s, nil
}

// identityOf tells a file again, by whatever name.
func identityOf(name string, remote bool) string {
	if remote {
		return name
	}
	if real, err := filepath.EvalSymlinks(name); err == nil {
		name = real
	}
	if absolute, err := filepath.Abs(name); err == nil {
		name = absolute
	}
	return name
}

func (r *reader) extend(s *source, at kube.Path, e extension, above []string) error {
	line := Line(s.text, at)
	var name string
	var data []byte
	var err error
	switch {
	case e.reference != nil && r.options.Fetch == nil:
		return s.errorAt(line, "%s: %s is elsewhere, and nothing is fetched here", at, clip(e.text))
	case e.reference != nil:
		name = e.text
		data, err = r.options.Fetch(r.ctx, *e.reference)
	case s.remote:
		return s.errorAt(line, "%s: want what is elsewhere, too: a config from elsewhere has no files here", at)
	default:
		name = filepath.Join(s.dir, filepath.FromSlash(e.text))
		data, err = readFile(name)
	}
	if err != nil {
		return s.errorAt(line, "%s: %v", at, err)
	}
	identity := identityOf(name, e.reference != nil)
	if slices.Contains(above, identity) {
		return s.errorAt(line, "%s: %s extends this file in turn", at, name)
	}
	extended := r.done[identity] // it counts where it was first met
	if extended == nil {
		if extended, err = r.add(name, data, e.reference != nil, above); err != nil {
			return err
		}
		if r.done == nil {
			r.done = map[string]*source{}
		}
		r.done[identity] = extended
	}
	s.extends = append(s.extends, extended)
	return nil
}

// lay makes one config of several.
func lay(sources []*source, cluster string) (*Config, error) {
	own := sources[len(sources)-1]
	c := &Config{File: own.name, Dir: own.dir, origins: map[string]origin{}}
	var errs []error
	m := merger{into: c, own: own}
	clusters := map[string]bool{}
	for i, s := range sources {
		for name := range s.file.Clusters {
			clusters[string(name)] = true
		}
		errs = append(errs, m.add(s, cluster)...)
		errs = append(errs, m.before(s, sources[:i], cluster)...)
		m.lock(s)
	}
	if known := slices.Sorted(maps.Keys(clusters)); cluster != "" && !clusters[cluster] {
		errs = append(errs, unknownCluster(own, cluster, known))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return c, nil
}

func unknownCluster(own *source, cluster string, known []string) error {
	if len(known) == 0 {
		return own.errorAt(1, "clusters: no cluster %s: nothing names clusters", clip(cluster))
	}
	hint := ""
	if near, ok := kube.Near(cluster, known); ok {
		hint = "; did you mean " + near + "?"
	}
	return own.errorAt(own.line("clusters"), "clusters: no cluster %s: want one of %s%s", clip(cluster), strings.Join(known, ", "), hint)
}

// merger lays sources over each other.
type merger struct {
	into  *Config
	own   *source
	locks []lock
}

// add lays a source over what is there, and then its part for the cluster.
func (m *merger) add(s *source, cluster string) (errs []error) {
	for _, l := range m.layings(s, cluster) {
		if l.prefix == nil {
			m.into.layers = append(m.into.layers, layer{file: s.name, text: s.text})
		} else {
			m.into.layers[len(m.into.layers)-1].cluster = cluster
		}
		errs = append(errs, l.merge()...)
	}
	return errs
}

func (m *merger) layings(s *source, cluster string) []*laying {
	list := []*laying{{merger: m, source: s, from: s.config}}
	for name, o := range s.file.Clusters {
		if cluster == string(name) {
			part := file{decisions: o.decisions}
			list = append(list, &laying{merger: m, source: s, from: part.config(s.name), prefix: kube.Path{"clusters", cluster}})
		}
	}
	return list
}

// merge lays what a source says over what is there.
func (l *laying) merge() []error {
	l.check()
	s, from, m := l.source, l.from, l.merger
	c := m.into
	if l.has("profile") {
		c.Settings.Profile = from.Settings.Profile
	}
	if l.has("annotationExemptions") {
		c.Settings.AnnotationExemptions = from.Settings.AnnotationExemptions
	}
	if l.has("rulebook") {
		c.Rulebook = from.Rulebook
	}
	for i, a := range from.Settings.Actions {
		a.Mandatory = a.Mandatory || l.underLock(a)
		l.origin("actions", len(c.Settings.Actions), i)
		c.Settings.Actions = append(c.Settings.Actions, a)
	}
	for i, e := range from.Settings.Exemptions {
		l.origin("exemptions", len(c.Settings.Exemptions), i)
		c.Settings.Exemptions = append(c.Settings.Exemptions, e)
		line := from.ExemptionLines[i]
		if s != m.own {
			line = 0 // others need it, perhaps
		}
		c.ExemptionLines = append(c.ExemptionLines, line)
	}
	for i, x := range from.External {
		l.origin("external", len(c.External), i)
		c.External = append(c.External, x)
	}
	for i := range from.Complete {
		l.origin("complete", len(c.Complete)+i, i)
	}
	c.Complete = append(c.Complete, from.Complete...)
	for _, id := range kube.SortedKeys(from.Settings.Parameters) {
		if c.Settings.Parameters == nil {
			c.Settings.Parameters = map[string]map[string]any{}
		}
		values := maps.Clone(c.Settings.Parameters[id])
		if values == nil {
			values = map[string]any{}
		}
		for _, name := range kube.SortedKeys(from.Settings.Parameters[id]) {
			values[name] = from.Settings.Parameters[id][name]
			l.at(kube.Path{"parameters", id, name})
		}
		if _, ok := c.Settings.Parameters[id]; !ok {
			l.at(kube.Path{"parameters", id})
		}
		c.Settings.Parameters[id] = values
	}
	l.controllers()
	l.folders()
	l.schemas()
	l.admission()
	return l.sorted()
}

// laying is one layer on its way.
type laying struct {
	*merger
	source *source
	from   *Config
	// prefix is where in the source it stands.
	prefix kube.Path
	errs   []*Error
}

func (l *laying) sorted() (errs []error) {
	slices.SortStableFunc(l.errs, func(a, b *Error) int { return a.At.Compare(b.At) })
	for _, err := range l.errs {
		errs = append(errs, err)
	}
	return errs
}

func (l *laying) key(path kube.Path) kube.Path { return append(slices.Clip(l.prefix), path...) }

// has reports whether the layer says something of a key, and if so notes where.
func (l *laying) has(steps ...any) bool {
	path := kube.Path(steps)
	if l.source.line(l.key(path).String()) == 0 {
		return false
	}
	l.at(path)
	return true
}

// at notes that a field of the whole stands in this layer.
func (l *laying) at(path kube.Path) {
	l.into.origins[path.String()] = origin{len(l.into.layers) - 1, l.key(path)}
}

// origin notes it of an element of a list, whose place there is another.
func (l *laying) origin(list string, whole, own int) {
	l.into.origins[kube.Path{list, whole}.String()] = origin{len(l.into.layers) - 1, l.key(kube.Path{list, own})}
}

func (l *laying) controllers() {
	c, from := &l.into.Controllers, l.from.Controllers
	if len(from.Only) > 0 {
		l.at(kube.Path{"controllers", "only"})
	}
	for class := range from.Classes {
		l.at(kube.Path{"controllers", "classes", class})
	}
	for controller, settings := range from.Settings {
		for name := range settings {
			l.at(kube.Path{"controllers", "settings", controller, name})
		}
		l.at(kube.Path{"controllers", "settings", controller})
	}
	*c = from.over(*c)
}

// folders takes over what is relative to the file, as seen from the last one.
func (l *laying) folders() {
	c := l.into
	for i, r := range l.from.Rulebooks {
		whole := len(c.Rulebooks)
		l.origin("rulebooks", whole, i)
		r.Path, r.At = l.here(r.Path), kube.Path{"rulebooks", whole, "version"}
		if at := slices.IndexFunc(c.Rulebooks, func(other Rulebook) bool { return other.Path == r.Path }); at >= 0 {
			r.At = kube.Path{"rulebooks", at, "version"}
			l.origin("rulebooks", at, i)
			c.Rulebooks[at] = r
			continue
		}
		c.Rulebooks = append(c.Rulebooks, r)
	}
	for i, root := range l.from.Roots {
		l.origin("roots", len(c.Roots), i)
		c.Roots = append(c.Roots, l.here(root))
	}
	for _, e := range l.from.Environments {
		e.Paths, e.Values = slices.Clone(e.Paths), slices.Clone(e.Values)
		for i := range e.Paths {
			e.Paths[i] = l.here(e.Paths[i])
		}
		for i := range e.Values {
			e.Values[i] = l.here(e.Values[i])
		}
		// What an environment has of its own, whatever the file said for all.
		at := slices.IndexFunc(c.Environments, func(other Environment) bool { return other.Name == e.Name })
		if at < 0 {
			at = len(c.Environments)
			c.Environments = append(c.Environments, e)
		}
		c.Environments[at] = e
	}
	for i := range c.Environments {
		c.Environments[i].Controllers = c.Environments[i].own.over(c.Controllers)
	}
}

// here is a path of the source as seen from the last file.
func (l *laying) here(p string) string { return path.Join(l.relative(), p) }

// relative is the source's directory as seen from that of the last file.
func (l *laying) relative() string {
	if l.source.dir == l.own.dir || l.source.remote {
		return "."
	}
	from, err := filepath.Abs(l.own.dir)
	if err != nil {
		return filepath.ToSlash(l.source.dir)
	}
	to, err := filepath.Abs(l.source.dir)
	if err != nil {
		return filepath.ToSlash(l.source.dir)
	}
	relative, err := filepath.Rel(from, to)
	if err != nil {
		return filepath.ToSlash(to)
	}
	return filepath.ToSlash(relative)
}

func (l *laying) schemas() {
	c, from := &l.into.Schemas, l.from.Schemas
	for _, field := range []struct {
		key   string
		to    *string
		value string
	}{
		{"gateway-api", &c.GatewayAPI, from.GatewayAPI},
		{"channel", &c.Channel, from.Channel},
		{"cert-manager", &c.CertManager, from.CertManager},
		{"envoy-gateway", &c.EnvoyGateway, from.EnvoyGateway},
	} {
		if l.has("schemas", field.key) {
			*field.to = field.value
		}
	}
}

func (l *laying) admission() {
	c, from := &l.into.Admission, l.from.Admission
	if l.has("admission", "mode") {
		c.Mode = from.Mode
	}
	if l.has("admission", "ratchet") {
		c.NoRatchet = from.NoRatchet
	}
	if l.has("admission", "references", "onCreate") {
		c.OnCreate = from.OnCreate
	}
	if l.has("admission", "references", "pendingGrace") {
		c.PendingGrace = from.PendingGrace
	}
	if l.has("admission", "guard") {
		c.Guard = from.Guard
	}
	if l.has("admission", "liveReads") {
		c.LiveReads = from.LiveReads
	}
}

// Locate says where a field of the whole stands. Of a field that is not there it is the nearest one around it; the line is 0 where that
// is a whole file.
func (c *Config) Locate(field kube.Path) kube.Position {
	at, _ := c.Origin(field)
	return at
}

// Origin is Locate with the path that the field has in its file: lists of several files make one.
func (c *Config) Origin(field kube.Path) (kube.Position, kube.Path) {
	for n := len(field); n > 0; n-- {
		if o, ok := c.origins[field[:n].String()]; ok {
			l, own := c.layers[o.layer], append(slices.Clip(o.path), field[n:]...)
			return kube.Position{File: l.file, Line: Line(l.text, own)}, own
		}
	}
	if len(c.layers) == 0 {
		return kube.Position{File: c.File}, field
	}
	return kube.Position{File: c.File, Line: Line(c.layers[len(c.layers)-1].text, field)}, field
}

// Has reports whether something is said of a field, which Locate then finds.
func (c *Config) Has(field kube.Path) bool {
	_, ok := c.origins[field.String()]
	return ok
}

// Files lists what the config was made of, in the order in which it counts: names of files, and references to what is elsewhere.
func (c *Config) Files() []string {
	var names []string
	for _, l := range c.layers {
		names = append(names, l.file)
	}
	return names
}

// Layers lists what counts, each over those before it, as a reader would name it.
func (c *Config) Layers() []string {
	var names []string
	for _, l := range c.layers {
		names = append(names, l.file)
		if l.cluster != "" {
			names = append(names, l.file+", clusters."+l.cluster)
		}
	}
	return names
}

// Texts are those that the config was made of, one after the other: they change with any of them.
func (c *Config) Texts() string {
	var b strings.Builder
	for _, l := range c.layers {
		fmt.Fprintf(&b, "%s %d\n%s\n", l.file, len(l.text), l.text)
	}
	return b.String()
}

// Digest tells whether two configs decide alike about rules, whatever their texts: the hash of profile, actions, parameters, exemptions,
// annotationExemptions, pins and controllers. What only one of the doors heeds is not in it.
func (c *Config) Digest() string {
	var pins []rule.Version
	for _, r := range c.Rulebooks {
		pins = append(pins, r.Version)
	}
	settings := c.Settings
	if settings.Profile == "" {
		settings.Profile = "default"
	}
	// Marshal writes mappings in the order of their keys, and fails for no such value.
	text, err := json.Marshal([]any{settings, c.Rulebook, pins, c.Controllers})
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}
