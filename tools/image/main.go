// Command image writes the OCI image archive of tlsward from built binaries: no container engine, no base image. An
// archive is an image layout in a tar (https://specs.opencontainers.org/image-spec/image-layout/), and it is a function
// of the arguments: the same binaries, version, revision and time give the same bytes.
package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"debug/elf"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// user is nonroot by number, for a cluster with runAsNonRoot cannot look a name up.
const user = "65532"

func main() {
	if err := run(os.Args[1:], os.Getenv("SOURCE_DATE_EPOCH"), os.Stderr); err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(os.Stderr, "image:", err)
		}
		os.Exit(2)
	}
}

// release is what an archive is made of.
type release struct {
	tag      name.Tag // what a container engine calls the image once it is loaded
	revision string
	created  time.Time
	binaries []binary
}

type binary struct {
	platform v1.Platform
	content  []byte
}

func run(args []string, epoch string, errOut io.Writer) error {
	flags := flag.NewFlagSet("image", flag.ContinueOnError)
	flags.SetOutput(errOut)
	flags.Usage = func() {
		fmt.Fprintln(errOut, "usage: image -version V -revision SHA -created RFC3339 -out FILE OS/ARCH=BINARY...")
		flags.PrintDefaults()
	}
	repository := flags.String("repository", "ghcr.io/tlsward/tlsward", "where the image will live")
	version := flags.String("version", "", "the image's tag and version label")
	revision := flags.String("revision", "", "the commit")
	created := flags.String("created", "", "the commit's time, in RFC 3339; SOURCE_DATE_EPOCH in the environment goes before it")
	out := flags.String("out", "", "the archive")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *version == "" || *revision == "" || *out == "" || flags.NArg() == 0 {
		flags.Usage()
		return flag.ErrHelp
	}
	r := release{revision: *revision}
	var err error
	if r.tag, err = name.NewTag(*repository+":"+*version, name.StrictValidation); err != nil {
		return err
	}
	if r.created, err = moment(*created, epoch); err != nil {
		return err
	}
	for _, arg := range flags.Args() {
		b, err := read(arg)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(r.binaries, func(other binary) bool { return other.platform.Equals(b.platform) }) {
			return fmt.Errorf("%s: the platform comes twice", arg)
		}
		r.binaries = append(r.binaries, b)
	}
	var archive bytes.Buffer
	if err := write(&archive, r); err != nil {
		return err
	}
	return os.WriteFile(*out, archive.Bytes(), 0o644)
}

// moment is the one time that every header, history and label of the archive carries.
func moment(created, epoch string) (time.Time, error) {
	if epoch != "" {
		seconds, err := strconv.ParseInt(epoch, 10, 64)
		if err != nil {
			return time.Time{}, fmt.Errorf("SOURCE_DATE_EPOCH: want seconds, got %q", epoch)
		}
		return time.Unix(seconds, 0).UTC(), nil
	}
	t, err := time.Parse(time.RFC3339, created)
	if err != nil {
		return time.Time{}, fmt.Errorf("-created: %w", err)
	}
	return t.UTC(), nil
}

func read(arg string) (binary, error) {
	left, path, ok := strings.Cut(arg, "=")
	if !ok {
		return binary{}, fmt.Errorf("%s: want OS/ARCH=BINARY", arg)
	}
	platform, err := v1.ParsePlatform(left)
	if err != nil {
		return binary{}, err
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return binary{}, err
	}
	if err := runnable(content, *platform); err != nil {
		return binary{}, fmt.Errorf("%s: %w", path, err)
	}
	return binary{*platform, content}, nil
}

// runnable refuses what an image without a base would answer with "exec format error" or "no such file or directory".
func runnable(content []byte, platform v1.Platform) error {
	machines := map[string]elf.Machine{"linux/amd64": elf.EM_X86_64, "linux/arm64": elf.EM_AARCH64}
	machine, ok := machines[platform.String()]
	if !ok {
		return fmt.Errorf("platform %s is not known here", platform)
	}
	file, err := elf.NewFile(bytes.NewReader(content))
	if err != nil {
		return fmt.Errorf("is no ELF binary: %w", err)
	}
	if file.Machine != machine {
		return fmt.Errorf("is built for %s, not for %s", file.Machine, platform)
	}
	if slices.ContainsFunc(file.Progs, func(p *elf.Prog) bool { return p.Type == elf.PT_INTERP }) {
		return errors.New("is not static, and the image has no loader: build it with CGO_ENABLED=0")
	}
	return nil
}

// write nests the index of platforms in the layout's own index, so that the archive holds one image by one name.
func write(w io.Writer, r release) (err error) {
	labels := map[string]string{
		"org.opencontainers.image.title":       "tlsward",
		"org.opencontainers.image.description": "Finds TLS and mTLS settings at the edge of Kubernetes that do not do what they say",
		"org.opencontainers.image.version":     r.tag.TagStr(),
		"org.opencontainers.image.revision":    r.revision,
		"org.opencontainers.image.source":      "https://github.com/tlsward/tlsward",
		"org.opencontainers.image.licenses":    "Apache-2.0",
	}
	var platforms v1.ImageIndex = empty.Index
	for _, b := range r.binaries {
		built, err := image(b, labels, r.created)
		if err != nil {
			return fmt.Errorf("%s: %w", b.platform, err)
		}
		platforms = mutate.AppendManifests(platforms, mutate.IndexAddendum{
			Add: built, Descriptor: v1.Descriptor{Platform: &b.platform},
		})
	}
	// Registries show the index's annotations where a config's labels are one platform deeper.
	platforms = mutate.Annotations(platforms, labels).(v1.ImageIndex)
	top := mutate.AppendManifests(empty.Index, mutate.IndexAddendum{
		Add: platforms, Descriptor: v1.Descriptor{Annotations: map[string]string{
			"org.opencontainers.image.ref.name": r.tag.TagStr(), // what follows oci-archive:FILE: in skopeo
			"io.containerd.image.name":          r.tag.Name(),   // the name after ctr, kind or docker load
		}},
	})
	folder, err := os.MkdirTemp("", "image")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	if _, err := layout.Write(folder, top); err != nil {
		return err
	}
	return pack(w, os.DirFS(folder), r.created)
}

func image(b binary, labels map[string]string, created time.Time) (v1.Image, error) {
	content, err := root(b.content, created)
	if err != nil {
		return nil, err
	}
	layer, err := tarball.LayerFromOpener(
		func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil },
		tarball.WithMediaType(types.OCILayer),
		tarball.WithCompressionLevel(gzip.BestCompression),
		tarball.WithCompressedCaching,
	)
	if err != nil {
		return nil, err
	}
	base := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON)
	base, err = mutate.ConfigFile(base, &v1.ConfigFile{
		OS:           b.platform.OS,
		Architecture: b.platform.Architecture,
		Created:      v1.Time{Time: created},
		RootFS:       v1.RootFS{Type: "layers"},
		Config: v1.Config{
			User:       user + ":" + user,
			Entrypoint: []string{"/tlsward"},
			Env:        []string{"PATH=/"},
			WorkingDir: "/",
			Labels:     labels,
		},
	})
	if err != nil {
		return nil, err
	}
	return mutate.Append(base, mutate.Addendum{
		Layer:   layer,
		History: v1.History{Created: v1.Time{Time: created}, CreatedBy: "tools/image"},
	})
}

// root is the image's one layer.
func root(content []byte, created time.Time) ([]byte, error) {
	var b bytes.Buffer
	t := tar.NewWriter(&b)
	for _, e := range []struct {
		path    string
		mode    int64
		content []byte
	}{
		{"etc/", 0o755, nil},
		{"etc/group", 0o644, []byte("nonroot:x:" + user + ":\n")},
		{"etc/passwd", 0o644, []byte("nonroot:x:" + user + ":" + user + ":nonroot:/:/sbin/nologin\n")},
		{"tlsward", 0o755, content},
		{"tmp/", 0o1777, nil},
	} {
		if err := add(t, e.path, e.mode, e.content, created); err != nil {
			return nil, err
		}
	}
	err := t.Close()
	return b.Bytes(), err
}

// pack writes files in the order of their names.
func pack(w io.Writer, files fs.FS, created time.Time) error {
	t := tar.NewWriter(w)
	err := fs.WalkDir(files, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := fs.ReadFile(files, path)
		if err != nil {
			return err
		}
		return add(t, path, 0o644, content, created)
	})
	if err != nil {
		return err
	}
	return t.Close()
}

// add leaves out what differs between machines: owners' names, times of access, formats chosen by content.
func add(t *tar.Writer, path string, mode int64, content []byte, created time.Time) error {
	kind := byte(tar.TypeReg)
	if strings.HasSuffix(path, "/") {
		kind = tar.TypeDir
	}
	err := t.WriteHeader(&tar.Header{
		Format: tar.FormatUSTAR, Typeflag: kind, Name: path, Mode: mode, Size: int64(len(content)), ModTime: created,
	})
	if err != nil {
		return err
	}
	_, err = t.Write(content)
	return err
}
