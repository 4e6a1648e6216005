package crd

import (
	"archive/zip"
	"bytes"
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"

	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/schema"
)

// The projects whose CRDs are embedded.
const (
	gatewayAPI   = "gateway-api"
	certManager  = "cert-manager"
	envoyGateway = "envoy-gateway"
)

var titles = map[string]string{gatewayAPI: "Gateway API", certManager: "cert-manager", envoyGateway: "Envoy Gateway"}

// See data/README.md.
//
//go:embed data/index.txt data/*.zip
var data embed.FS

// entry is a line of the index: one version of one kind in one release and channel.
type entry struct {
	provider, release, channel string
	version                    string
	served, status             bool
	// schema is the name in the release's archive; equal schemas of a release have the same.
	schema string
}

// catalogue is the index, read.
type catalogue struct {
	// kinds holds, by group and kind, the entries, the newest release first, and the standard channel before the other.
	kinds    map[string][]entry
	releases map[string][]string // by provider, the oldest first
}

var embedded = sync.OnceValue(func() *catalogue {
	text, err := data.ReadFile("data/index.txt")
	if err != nil {
		panic(err) // it is part of the binary
	}
	c := &catalogue{kinds: map[string][]entry{}, releases: map[string][]string{}}
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		if len(fields) != 8 || fields[0] == "#" {
			continue
		}
		e := entry{
			provider: fields[0], release: fields[1], channel: fields[2], version: fields[5],
			served: strings.HasPrefix(fields[6], "served"), status: strings.HasSuffix(fields[6], ",status"), schema: fields[7],
		}
		groupKind := kube.GroupKind(fields[3], fields[4])
		c.kinds[groupKind] = append(c.kinds[groupKind], e)
		if !slices.Contains(c.releases[e.provider], e.release) {
			c.releases[e.provider] = append(c.releases[e.provider], e.release)
		}
	}
	for _, releases := range c.releases {
		slices.SortFunc(releases, compareReleases)
	}
	for _, entries := range c.kinds {
		slices.SortStableFunc(entries, func(a, b entry) int {
			// "standard" comes after "experimental" in the alphabet, and before it here.
			if order := compareReleases(b.release, a.release); order != 0 {
				return order
			}
			return strings.Compare(b.channel, a.channel)
		})
	}
	return c
})

// compareReleases orders 1.9 before 1.10.
func compareReleases(a, b string) int {
	if len(a) != len(b) {
		return len(a) - len(b)
	}
	return strings.Compare(a, b)
}

// Known lists the releases of a project that are embedded, the oldest first: of "gateway-api", "cert-manager" or
// "envoy-gateway".
func Known(project string) []string { return slices.Clone(embedded().releases[project]) }

// choice is a kind in one release and channel, with its versions.
type choice struct {
	provider, release, channel string
	entries                    []entry
}

func (c choice) same(other choice) bool {
	return c.provider == other.provider && c.release == other.release && c.channel == other.channel
}

func (c choice) name() string {
	name := titles[c.provider] + " " + c.release
	if c.provider == gatewayAPI {
		name += " (" + c.channel + " channel)"
	}
	return name
}

func (c choice) version(obj kube.Object) (entry, bool) {
	i := slices.IndexFunc(c.entries, func(e entry) bool { return e.version == obj.Version && e.served })
	if i < 0 {
		return entry{}, false
	}
	return c.entries[i], true
}

func (c choice) serves(obj kube.Object) bool {
	_, ok := c.version(obj)
	return ok
}

func (c choice) judge(obj kube.Object) judged {
	e, _ := c.version(obj)
	return e.load()().judge(obj, e.status)
}

// loaded holds the schemas that were asked for, by archive and name, for the whole process.
var loaded sync.Map // of string to func() *node

func (e entry) load() func() *node {
	key := e.archive() + "/" + e.schema
	if known, ok := loaded.Load(key); ok {
		load, _ := known.(func() *node)
		return load
	}
	known, _ := loaded.LoadOrStore(key, sync.OnceValue(func() *node {
		c, err := e.read()
		if err != nil {
			// It is part of the binary, and a test reads every one.
			panic(fmt.Errorf("%s: %w", key, err))
		}
		return c
	}))
	load, _ := known.(func() *node)
	return load
}

func (e entry) archive() string { return "data/" + e.provider + "-" + e.release + ".zip" }

func (e entry) read() (*node, error) {
	text, err := data.ReadFile(e.archive())
	if err != nil {
		return nil, err
	}
	archive, err := zip.NewReader(bytes.NewReader(text), int64(len(text)))
	if err != nil {
		return nil, err
	}
	raw, err := fs.ReadFile(archive, e.schema)
	if err != nil {
		return nil, err
	}
	return readSchema(raw)
}

// chosen names the releases of a project that may be meant.
func (s *Set) chosen(provider string) string {
	release := s.release(provider)
	if release == "" {
		known := Known(provider)
		release = known[0]
		if len(known) > 1 {
			release += " to " + known[len(known)-1]
		}
	}
	name := titles[provider] + " " + release
	if provider == gatewayAPI && s.releases.Channel != "" {
		name += " (" + s.releases.Channel + " channel)"
	}
	return name
}

// unserved says that none of the releases that may be meant serves the object's version, and which ones they do.
func (s *Set) unserved(obj kube.Object, choices []choice) []schema.Violation {
	var served []string
	for _, c := range choices {
		for _, e := range c.entries {
			if e.served && !slices.Contains(served, e.version) {
				served = append(served, e.version)
			}
		}
	}
	return unserved(obj, s.chosen(choices[0].provider), served)
}

func unserved(obj kube.Object, subject string, served []string) []schema.Violation {
	message := fmt.Sprintf("%s does not serve %s of %s", subject, obj.Version, obj.ID.Kind)
	if len(served) > 0 {
		slices.Sort(served)
		message += ", but " + strings.Join(served, ", ")
	}
	return refused(kube.Path{"apiVersion"}, message)
}

func refused(path kube.Path, message string) []schema.Violation {
	return []schema.Violation{{Path: path, Kind: Unserved, Message: message}}
}
