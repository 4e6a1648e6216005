package main

import (
	"archive/tar"
	"bytes"
	"debug/elf"
	encoding "encoding/binary"
	"errors"
	"io"
	"log"
	"maps"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"github.com/google/go-containerregistry/pkg/v1/validate"
)

const (
	at    = "2026-05-04T05:06:07+02:00"
	epoch = "1777863967" // the same instant
)

var instant = time.Unix(1777863967, 0)

var machines = map[string]elf.Machine{"linux/amd64": elf.EM_X86_64, "linux/arm64": elf.EM_AARCH64}

func TestArchive(t *testing.T) {
	archive := build(t, "", at)
	for path, h := range entries(t, bytes.NewReader(archive)) {
		if h.Typeflag != tar.TypeReg || h.Mode != 0o644 || h.Uid != 0 || h.Uname != "" || !h.ModTime.Equal(instant) {
			t.Errorf("%s: header %+v", path, h.Header)
		}
	}

	top := open(t, archive)
	if err := validate.Index(top); err != nil {
		t.Fatal(err)
	}
	outer := manifest(t, top)
	if len(outer.Manifests) != 1 || outer.Manifests[0].MediaType != types.OCIImageIndex {
		t.Fatalf("the layout holds %v, want one index", outer.Manifests)
	}
	wantNames := map[string]string{
		"org.opencontainers.image.ref.name": "v1.2.3",
		"io.containerd.image.name":          "ghcr.io/tlsward/tlsward:v1.2.3",
	}
	if got := outer.Manifests[0].Annotations; !maps.Equal(got, wantNames) {
		t.Errorf("names: %v", got)
	}
	index, err := top.ImageIndex(outer.Manifests[0].Digest)
	if err != nil {
		t.Fatal(err)
	}
	inner := manifest(t, index)
	var platforms []string
	for _, d := range inner.Manifests {
		platforms = append(platforms, d.Platform.String())
		image, err := index.Image(d.Digest)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(d.Platform.String(), func(t *testing.T) { checkImage(t, image, d.Platform.String(), inner.Annotations) })
	}
	if want := []string{"linux/amd64", "linux/arm64"}; !slices.Equal(platforms, want) {
		t.Errorf("platforms %v, want %v", platforms, want)
	}
}

func checkImage(t *testing.T, image v1.Image, platform string, annotations map[string]string) {
	m, err := image.Manifest()
	if err != nil {
		t.Fatal(err)
	}
	if m.MediaType != types.OCIManifestSchema1 || m.Config.MediaType != types.OCIConfigJSON || m.Layers[0].MediaType != types.OCILayer {
		t.Errorf("media types: %s, %s, %s", m.MediaType, m.Config.MediaType, m.Layers[0].MediaType)
	}
	c, err := image.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	if c.Platform().String() != platform || !c.Created.Equal(instant) || !c.History[0].Created.Equal(instant) {
		t.Errorf("config: %+v", c)
	}
	if c.Config.User != "65532:65532" || !slices.Equal(c.Config.Entrypoint, []string{"/tlsward"}) || !slices.Equal(c.Config.Env, []string{"PATH=/"}) {
		t.Errorf("config: %+v", c.Config)
	}
	labels := c.Config.Labels
	if labels["org.opencontainers.image.version"] != "v1.2.3" || labels["org.opencontainers.image.revision"] != "0123abc" || !maps.Equal(labels, annotations) {
		t.Errorf("labels %v, annotations %v", labels, annotations)
	}

	// The layer itself, not mutate.Extract, which may rewrite headers.
	layers, err := image.Layers()
	if err != nil || len(layers) != 1 {
		t.Fatalf("layers: %v, %v", layers, err)
	}
	content, err := layers[0].Uncompressed()
	if err != nil {
		t.Fatal(err)
	}
	defer content.Close()
	got := entries(t, content)
	want := map[string]struct {
		mode    int64
		content string
	}{
		"tlsward":    {0o755, string(fake(platform))},
		"etc/":       {0o755, ""},
		"etc/passwd": {0o644, "nonroot:x:65532:65532:nonroot:/:/sbin/nologin\n"},
		"etc/group":  {0o644, "nonroot:x:65532:\n"},
		"tmp/":       {0o1777, ""},
	}
	for path, w := range want {
		g, ok := got[path]
		if !ok || g.Mode != w.mode || g.content != w.content || g.Uid != 0 || g.Gid != 0 || !g.ModTime.Equal(instant) {
			t.Errorf("%s: got %+v", path, g)
		}
	}
	if len(got) != len(want) {
		t.Errorf("the layer holds %v", slices.Sorted(maps.Keys(got)))
	}
	// And once through the library's own reading of a root file system.
	if files := entries(t, mutate.Extract(image)); files["tlsward"].Mode != 0o755 {
		t.Errorf("extracted: %v", slices.Sorted(maps.Keys(files)))
	}
}

// Two writes give equal bytes, however the one moment is said.
func TestReproducible(t *testing.T) {
	archive := build(t, "", at)
	if !bytes.Equal(archive, build(t, "", at)) {
		t.Error("two archives of the same arguments differ")
	}
	if !bytes.Equal(archive, build(t, epoch, "2001-01-01T00:00:00Z")) {
		t.Error("SOURCE_DATE_EPOCH does not go before -created")
	}
	if bytes.Equal(archive, build(t, "1", at)) {
		t.Error("the moment does not reach the archive")
	}
}

func TestRefused(t *testing.T) {
	folder := t.TempDir()
	file := func(name string, content []byte) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, content, 0o755); err != nil {
			t.Fatal(err)
		}
		return path
	}
	amd64 := file("amd64", fake("linux/amd64"))
	dynamic := file("dynamic", fake("linux/amd64", elf.Prog64{Type: uint32(elf.PT_INTERP)}))
	for _, c := range []struct {
		want, version, created, epoch string
		binaries                      []string
	}{
		{"is built for EM_X86_64, not for linux/arm64", "v1", at, "", []string{"linux/arm64=" + amd64}},
		{"is not static", "v1", at, "", []string{"linux/amd64=" + dynamic}},
		{"is no ELF binary", "v1", at, "", []string{"linux/amd64=" + file("text", []byte("#!/bin/sh\n"))}},
		{"platform plan9/386 is not known here", "v1", at, "", []string{"plan9/386=" + amd64}},
		{"the platform comes twice", "v1", at, "", []string{"linux/amd64=" + amd64, "linux/amd64=" + amd64}},
		{"want OS/ARCH=BINARY", "v1", at, "", []string{amd64}},
		{"no such file", "v1", at, "", []string{"linux/amd64=" + amd64 + "x"}},
		{"-created: ", "v1", "yesterday", "", []string{"linux/amd64=" + amd64}},
		{"SOURCE_DATE_EPOCH: want seconds", "v1", at, "yesterday", []string{"linux/amd64=" + amd64}},
		{"tag can only contain", "v1+meta", at, "", []string{"linux/amd64=" + amd64}},
		{"help requested", "", at, "", []string{"linux/amd64=" + amd64}},
		{"help requested", "v1", at, "", nil},
	} {
		out := filepath.Join(folder, "out.tar")
		err := run(append([]string{"-version", c.version, "-revision", "r", "-created", c.created, "-out", out}, c.binaries...), c.epoch, io.Discard)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v, want %q", err, c.want)
		}
		if _, err := os.Stat(out); err == nil {
			t.Errorf("%q leaves an archive behind", c.want)
		}
	}
}

// build runs the command on two fake binaries.
func build(t *testing.T, epoch, created string) []byte {
	t.Helper()
	out := filepath.Join(t.TempDir(), "tlsward.tar")
	args := []string{"-version", "v1.2.3", "-revision", "0123abc", "-created", created, "-out", out}
	for _, platform := range slices.Sorted(maps.Keys(machines)) {
		path := filepath.Join(t.TempDir(), "tlsward")
		if err := os.WriteFile(path, fake(platform), 0o700); err != nil { // its own mode does not reach the image
			t.Fatal(err)
		}
		args = append(args, platform+"="+path)
	}
	if err := run(args, epoch, io.Discard); err != nil {
		t.Fatal(err)
	}
	archive, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return archive
}

// fake is an ELF header, the program headers, and nothing to run.
func fake(platform string, programs ...elf.Prog64) []byte {
	header := elf.Header64{
		Type: uint16(elf.ET_EXEC), Machine: uint16(machines[platform]), Version: uint32(elf.EV_CURRENT),
		Ehsize: 64, Phoff: 64, Phentsize: 56, Phnum: uint16(len(programs)),
	}
	copy(header.Ident[:], elf.ELFMAG+string([]byte{byte(elf.ELFCLASS64), byte(elf.ELFDATA2LSB), byte(elf.EV_CURRENT)}))
	var b bytes.Buffer
	encoding.Write(&b, encoding.LittleEndian, header)
	encoding.Write(&b, encoding.LittleEndian, programs)
	return b.Bytes()
}

type entry struct {
	tar.Header
	content string
}

func entries(t *testing.T, r io.Reader) map[string]entry {
	t.Helper()
	found := map[string]entry{}
	archive := tar.NewReader(r)
	for {
		h, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return found
		}
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(archive)
		if err != nil {
			t.Fatal(err)
		}
		found[h.Name] = entry{*h, string(content)}
	}
}

// open reads the layout in an archive.
func open(t *testing.T, archive []byte) v1.ImageIndex {
	t.Helper()
	index, err := layout.ImageIndexFromPath(unpacked(t, archive))
	if err != nil {
		t.Fatal(err)
	}
	return index
}

func unpacked(t *testing.T, archive []byte) string {
	t.Helper()
	folder := t.TempDir()
	for path, e := range entries(t, bytes.NewReader(archive)) {
		path = filepath.Join(folder, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(e.content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

func manifest(t *testing.T, index v1.ImageIndex) *v1.IndexManifest {
	t.Helper()
	m, err := index.IndexManifest()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestPushed: what the release pushes to a registry is the image that the archive holds, by its digest, for each platform.
func TestPushed(t *testing.T) {
	archive := build(t, "", at)
	folder, want := unpacked(t, archive), manifest(t, open(t, archive)).Manifests[0].Digest.String()
	server := httptest.NewServer(registry.New(registry.Logger(log.New(io.Discard, "", 0))))
	defer server.Close()
	target := strings.TrimPrefix(server.URL, "http://") + "/tlsward/tlsward:v1.2.3"
	for _, args := range [][]string{{"push", folder, target}, {"digest", target}} {
		out, err := exec.Command("go", append([]string{"tool", "crane"}, args...)...).CombinedOutput()
		if err != nil || !strings.Contains(string(out), want) {
			t.Fatalf("crane %v: %v, want %s\n%s", args, err, want, out)
		}
	}
}
