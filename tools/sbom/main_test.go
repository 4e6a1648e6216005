package main

import (
	"debug/buildinfo"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/CycloneDX/cyclonedx-go"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/random"
)

const at = "2026-05-04T05:06:07+02:00"

// moduleCache is where the modules are that this test was built of.
func moduleCache(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("go", "env", "GOMODCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

func bill(t *testing.T, args ...string) *cyclonedx.BOM {
	t.Helper()
	var last []byte
	for range 2 {
		out := filepath.Join(t.TempDir(), "bill.json")
		if err := run(append([]string{"-version", "v1.2.3", "-created", at, "-modules", moduleCache(t), "-out", out}, args...), io.Discard); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		if last != nil && string(last) != string(text) {
			t.Error("two bills of one binary differ")
		}
		last = text
	}
	var b cyclonedx.BOM
	if err := cyclonedx.NewBOMDecoder(strings.NewReader(string(last)), cyclonedx.BOMFileFormatJSON).Decode(&b); err != nil {
		t.Fatal(err)
	}
	return &b
}

func byRef(t *testing.T, b *cyclonedx.BOM) map[string]cyclonedx.Component {
	t.Helper()
	found := map[string]cyclonedx.Component{}
	for _, c := range *b.Components {
		if _, twice := found[c.BOMRef]; twice {
			t.Errorf("%s is listed twice", c.BOMRef)
		}
		found[c.BOMRef] = c
		if c.Type != cyclonedx.ComponentTypeApplication && c.Licenses == nil {
			t.Errorf("%s: no licence is known", c.BOMRef)
		}
	}
	return found
}

// TestBinary: every module that `go version -m` shows of a binary is in its bill, with its checksum and its licence, and nothing that is
// not in it but for Go itself and the data.
func TestBinary(t *testing.T) {
	program := filepath.Join(t.TempDir(), "image")
	if out, err := exec.Command("go", "build", "-trimpath", "-o", program, "../image").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	info, err := buildinfo.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	b := bill(t, program)
	found := byRef(t, b)
	for _, dep := range info.Deps {
		c, ok := found[packageURL(dep.Path, dep.Version)]
		if !ok || c.Hashes == nil || len((*c.Hashes)[0].Value) != 64 {
			t.Errorf("%s %s: %+v", dep.Path, dep.Version, c)
		}
	}
	if len(found) != len(info.Deps)+1 || found[packageURL("std", strings.TrimPrefix(info.GoVersion, "go"))].Name == "" {
		t.Errorf("%d components for %d modules and Go", len(found), len(info.Deps))
	}
	if registry := found[packageURL("github.com/google/go-containerregistry", versionOf(t, info.Deps, "github.com/google/go-containerregistry"))]; (*registry.Licenses)[0].License.ID != "Apache-2.0" {
		t.Errorf("a licence is %+v", registry.Licenses)
	}
	if c := b.Metadata.Component; c.Version != "v1.2.3" || c.Type != cyclonedx.ComponentTypeApplication || c.Hashes == nil {
		t.Errorf("the bill is of %+v", c)
	}
	if b.Metadata.Timestamp != "2026-05-04T03:06:07Z" || b.SpecVersion != cyclonedx.SpecVersion1_6 || !strings.HasPrefix(b.SerialNumber, "urn:uuid:") {
		t.Errorf("%s %s %s", b.Metadata.Timestamp, b.SpecVersion, b.SerialNumber)
	}
	if len(*b.Dependencies) != 1 || len(*(*b.Dependencies)[0].Dependencies) != len(found) {
		t.Errorf("dependencies: %+v", b.Dependencies)
	}
}

// TestImage: the bill of an image is named by its digest, and leads over its binary to the modules and the embedded data.
func TestImage(t *testing.T) {
	program := filepath.Join(t.TempDir(), "image")
	if out, err := exec.Command("go", "build", "-trimpath", "-o", program, "../image").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	folder := t.TempDir()
	index, err := random.Index(64, 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	digest := func() string {
		written, err := layout.Write(folder, index)
		if err != nil {
			t.Fatal(err)
		}
		top, err := written.ImageIndex()
		if err != nil {
			t.Fatal(err)
		}
		manifest, err := top.IndexManifest()
		if err != nil {
			t.Fatal(err)
		}
		return manifest.Manifests[0].Digest.String()
	}()
	b := bill(t, "-image", folder, "-data", filepath.Join("..", "crds", "modules", "go.mod"), program)
	c := b.Metadata.Component
	if c.Type != cyclonedx.ComponentTypeContainer || !strings.HasPrefix(c.PackageURL, "pkg:oci/tlsward@"+strings.Replace(digest, ":", "%3A", 1)+"?") {
		t.Errorf("the bill is of %+v", c)
	}
	programs, data := 0, 0
	for _, c := range byRef(t, b) {
		switch c.Type {
		case cyclonedx.ComponentTypeApplication:
			programs++
		case cyclonedx.ComponentTypeData:
			data++
		}
	}
	if programs != 1 || data < 5 || len(*b.Dependencies) != 2 {
		t.Errorf("%d binaries, %d modules of data, %d that need others", programs, data, len(*b.Dependencies))
	}
}

func versionOf(t *testing.T, deps []*debug.Module, path string) string {
	t.Helper()
	for _, d := range deps {
		if d.Path == path {
			return d.Version
		}
	}
	t.Fatalf("%s is not in the binary", path)
	return ""
}

func TestRefused(t *testing.T) {
	folder, text := t.TempDir(), filepath.Join(t.TempDir(), "text")
	if err := os.WriteFile(text, []byte("no binary"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, args := range map[string][]string{
		"no binary":        {"-created", at, text},
		"no time":          {"-created", "now", os.Args[0]},
		"no image":         {"-created", at, "-image", folder, os.Args[0]},
		"no data":          {"-created", at, "-data", text, os.Args[0]},
		"no module cache":  {"-created", at, "-modules", folder, os.Args[0]},
		"several binaries": {"-created", at, os.Args[0], os.Args[0]},
	} {
		all := append([]string{"-version", "v1", "-modules", moduleCache(t), "-out", filepath.Join(folder, "out")}, args...)
		if err := run(all, io.Discard); err == nil {
			t.Errorf("%s: taken", name)
		}
		if _, err := os.Stat(filepath.Join(folder, "out")); err == nil {
			t.Errorf("%s: something is written", name)
		}
	}
}
