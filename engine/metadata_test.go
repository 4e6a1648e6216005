package engine_test

import (
	"reflect"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/tlsward/tlsward/engine"
)

// TestMetadata: the file is read instead of YAML, all of which it keeps, and of what has changed since the YAML counts.
func TestMetadata(t *testing.T) {
	const provider = "title: Acme\nkinds: [{kind: Widget.acme.example, references: [{role: ca, use: trust, path: 'spec.cas[*].name', kind: Secret, key: ca.crt}]}]\n"
	files := func(metadata string, replace ...string) fstest.MapFS {
		f, _ := book(replace...).(fstest.MapFS)
		f["acme/provider.yaml"] = &fstest.MapFile{Data: []byte(provider)}
		if metadata != "" {
			f[engine.MetadataFile] = &fstest.MapFile{Data: []byte(metadata)}
		}
		return f
	}
	load := func(f fstest.MapFS) (*engine.Engine, error) {
		return engine.New(engine.Settings{}, engine.Rulebook{Name: "acme", FS: f, Verified: true})
	}
	made := func(f fstest.MapFS) *engine.Engine {
		e, err := load(f)
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	plain := made(files(""))
	metadata, err := plain.Metadata()
	if err != nil {
		t.Fatal(err)
	}
	kept := made(files(metadata))
	if got, want := kept.Rules(), plain.Rules(); !reflect.DeepEqual(got, want) {
		t.Errorf("rules: got %+v, want %+v", got, want)
	}
	if got, want := kept.Providers().Providers, plain.Providers().Providers; !reflect.DeepEqual(got, want) {
		t.Errorf("providers: got %+v, want %+v", got, want)
	}
	other := strings.NewReplacer("A widget", "A wodget", "Acme", "Ecma").Replace(metadata)
	if e := made(files(other)); e.Rules()[0].Title != "A wodget without a name tag" || e.Providers().Providers[0].Title != "Ecma" {
		t.Errorf("the file is not read: %q, %q", e.Rules()[0].Title, e.Providers().Providers[0].Title)
	}
	if e := made(files(metadata, "A widget", "A gadget")); e.Rules()[0].Title != "A gadget without a name tag" {
		t.Errorf("a rule that has changed is still %q", e.Rules()[0].Title)
	}
	changed := files(metadata)
	changed["acme/provider.yaml"] = &fstest.MapFile{Data: []byte("title: Zenith\nkinds: [{kind: Widget.acme.example}]\n")}
	if title := made(changed).Providers().Providers[0].Title; title != "Zenith" {
		t.Errorf("a provider that has changed is still %q", title)
	}
	if _, err := load(files(metadata[:len(metadata)/2])); err == nil {
		t.Error("a file that was cut off is taken")
	}
}
