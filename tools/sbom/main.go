// Command sbom writes a CycloneDX bill of materials of built binaries: the Go modules that are in them as the binaries themselves say,
// with their checksums and licences, the version of Go, and the modules of whose files they embed data. With an image, it is that of the
// image which holds the binaries. It is a function of the arguments: the same binaries give the same bytes.
package main

import (
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/CycloneDX/cyclonedx-go"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/uuid"
	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
)

func main() {
	if err := run(os.Args[1:], os.Stderr); err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(os.Stderr, "sbom:", err)
		}
		os.Exit(2)
	}
}

// product is what a bill is of.
type product struct {
	version string
	created time.Time
	// modules is the module cache, in which the texts of licences are.
	modules    string
	data       []module.Version
	binaries   []binary
	repository string
	// digest is that of the image, "sha256:..."; "" where the bill is of a binary.
	digest string
}

type binary struct {
	info   *debug.BuildInfo
	digest string // SHA-256, in hex
}

func run(args []string, errOut io.Writer) error {
	flags := flag.NewFlagSet("sbom", flag.ContinueOnError)
	flags.SetOutput(errOut)
	flags.Usage = func() {
		fmt.Fprintln(errOut, "usage: sbom -version V -created RFC3339 -modules DIR [-data GO.MOD] [-image DIR] -out FILE BINARY...")
		flags.PrintDefaults()
	}
	version := flags.String("version", "", "the version of what is described")
	created := flags.String("created", "", "the commit's time, in RFC 3339")
	modules := flags.String("modules", "", "the module cache: go env GOMODCACHE")
	data := flags.String("data", "", "a go.mod whose modules are embedded as data")
	image := flags.String("image", "", "the image layout (a folder) that holds the binaries")
	repository := flags.String("repository", "ghcr.io/tlsward/tlsward", "where the image will live")
	out := flags.String("out", "", "the bill")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *version == "" || *modules == "" || *out == "" || flags.NArg() == 0 || *image == "" && flags.NArg() != 1 {
		flags.Usage()
		return flag.ErrHelp
	}
	p := product{version: *version, modules: *modules, repository: *repository}
	var err error
	if p.created, err = time.Parse(time.RFC3339, *created); err != nil {
		return fmt.Errorf("-created: %w", err)
	}
	if *data != "" {
		if p.data, err = replaced(*data); err != nil {
			return err
		}
	}
	if *image != "" {
		if p.digest, err = imageDigest(*image); err != nil {
			return err
		}
	}
	for _, path := range flags.Args() {
		b, err := read(path)
		if err != nil {
			return err
		}
		p.binaries = append(p.binaries, b)
	}
	bill, err := p.bill()
	if err != nil {
		return err
	}
	var text strings.Builder
	// 1.6 is what scanners in use read; nothing of 1.7 is needed.
	encoder := cyclonedx.NewBOMEncoder(&text, cyclonedx.BOMFileFormatJSON).SetPretty(true)
	if err := encoder.EncodeVersion(bill, cyclonedx.SpecVersion1_6); err != nil {
		return err
	}
	return os.WriteFile(*out, []byte(text.String()), 0o644)
}

func read(path string) (binary, error) {
	info, err := buildinfo.ReadFile(path)
	if err != nil {
		return binary{}, fmt.Errorf("%s: %w", path, err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return binary{}, err
	}
	sum := sha256.Sum256(content)
	return binary{info, hex.EncodeToString(sum[:])}, nil
}

// replaced lists the modules that others stand for in a go.mod.
func replaced(path string) ([]module.Version, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	file, err := modfile.Parse(path, text, nil)
	if err != nil {
		return nil, err
	}
	var list []module.Version
	for _, r := range file.Replace {
		list = append(list, r.New)
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("%s: want replace lines that name the modules", path)
	}
	module.Sort(list)
	return list, nil
}

// imageDigest is the digest of the one image in a layout.
func imageDigest(folder string) (string, error) {
	index, err := layout.ImageIndexFromPath(folder)
	if err != nil {
		return "", fmt.Errorf("%s: %w", folder, err)
	}
	manifest, err := index.IndexManifest()
	if err != nil {
		return "", fmt.Errorf("%s: %w", folder, err)
	}
	if len(manifest.Manifests) != 1 {
		return "", fmt.Errorf("%s: holds %d images, want one", folder, len(manifest.Manifests))
	}
	return manifest.Manifests[0].Digest.String(), nil
}

// bill puts everything together. References are package URLs, so that they are the same in every bill.
func (p product) bill() (*cyclonedx.BOM, error) {
	bill := cyclonedx.NewBOM()
	subject := p.subject()
	bill.SerialNumber = "urn:uuid:" + uuid.NewSHA1(uuid.NameSpaceURL, []byte(subject.PackageURL+" "+p.digests())).String()
	bill.Metadata = &cyclonedx.Metadata{Timestamp: p.created.UTC().Format(time.RFC3339), Component: &subject}
	components := map[string]cyclonedx.Component{}
	needed := map[string][]string{}
	for _, b := range p.binaries {
		owner := subject.BOMRef
		if p.digest != "" {
			program := p.program(b)
			components[program.BOMRef] = program
			needed[owner], owner = append(needed[owner], program.BOMRef), program.BOMRef
		}
		parts, err := p.parts(b)
		if err != nil {
			return nil, err
		}
		for _, part := range parts {
			components[part.BOMRef] = part
			needed[owner] = append(needed[owner], part.BOMRef)
		}
	}
	list := make([]cyclonedx.Component, 0, len(components))
	for _, c := range components {
		list = append(list, c)
	}
	slices.SortFunc(list, func(a, b cyclonedx.Component) int { return strings.Compare(a.BOMRef, b.BOMRef) })
	bill.Components = &list
	dependencies := make([]cyclonedx.Dependency, 0, len(needed))
	for owner, refs := range needed {
		slices.Sort(refs)
		refs = slices.Compact(refs)
		dependencies = append(dependencies, cyclonedx.Dependency{Ref: owner, Dependencies: &refs})
	}
	slices.SortFunc(dependencies, func(a, b cyclonedx.Dependency) int { return strings.Compare(a.Ref, b.Ref) })
	bill.Dependencies = &dependencies
	// All that is in a binary is listed; who of them needs whom is not known from it.
	bill.Compositions = &[]cyclonedx.Composition{{
		Aggregate: cyclonedx.CompositionAggregateComplete, Assemblies: &[]cyclonedx.BOMReference{cyclonedx.BOMReference(subject.BOMRef)},
	}}
	return bill, nil
}

func (p product) digests() string {
	var list []string
	for _, b := range p.binaries {
		list = append(list, b.digest)
	}
	return strings.Join(append(list, p.digest), " ")
}

// subject is what the bill is of: the binary, or the image.
func (p product) subject() cyclonedx.Component {
	if p.digest == "" {
		return p.program(p.binaries[0])
	}
	name := p.repository[strings.LastIndex(p.repository, "/")+1:]
	at := "pkg:oci/" + name + "@" + url.QueryEscape(p.digest) + "?repository_url=" + url.QueryEscape(p.repository) + "&tag=" + url.QueryEscape(p.version)
	return cyclonedx.Component{
		BOMRef: at, Type: cyclonedx.ComponentTypeContainer, Name: p.repository, Version: p.version, PackageURL: at,
		Hashes:   hashes(strings.TrimPrefix(p.digest, "sha256:")),
		Licenses: licences("Apache-2.0"),
	}
}

// program is one of the binaries.
func (p product) program(b binary) cyclonedx.Component {
	at := packageURL(b.info.Main.Path, p.version) + "?goos=" + setting(b.info, "GOOS") + "&goarch=" + setting(b.info, "GOARCH")
	return cyclonedx.Component{
		BOMRef: at, Type: cyclonedx.ComponentTypeApplication, Name: b.info.Main.Path, Version: p.version, PackageURL: at,
		Hashes: hashes(b.digest), Licenses: licences("Apache-2.0"),
		ExternalReferences: &[]cyclonedx.ExternalReference{{Type: cyclonedx.ERTypeVCS, URL: "https://" + b.info.Main.Path}},
	}
}

func setting(info *debug.BuildInfo, key string) string {
	for _, s := range info.Settings {
		if s.Key == key {
			return s.Value
		}
	}
	return ""
}

// parts are what a binary is made of.
func (p product) parts(b binary) ([]cyclonedx.Component, error) {
	goVersion := strings.TrimPrefix(b.info.GoVersion, "go")
	std := packageURL("std", goVersion)
	parts := []cyclonedx.Component{{
		BOMRef: std, Type: cyclonedx.ComponentTypeLibrary, Name: "std", Version: goVersion, PackageURL: std, Licenses: licences("BSD-3-Clause"),
	}}
	for _, dep := range b.info.Deps {
		if dep.Replace != nil {
			dep = dep.Replace
		}
		found, err := p.licencesOf(module.Version{Path: dep.Path, Version: dep.Version})
		if err != nil {
			return nil, err
		}
		at := packageURL(dep.Path, dep.Version)
		component := cyclonedx.Component{
			BOMRef: at, Type: cyclonedx.ComponentTypeLibrary, Name: dep.Path, Version: dep.Version, PackageURL: at, Licenses: licences(found...),
		}
		if sum, ok := strings.CutPrefix(dep.Sum, "h1:"); ok {
			decoded, err := base64.StdEncoding.DecodeString(sum)
			if err != nil {
				return nil, fmt.Errorf("%s: checksum %s: %w", dep.Path, dep.Sum, err)
			}
			component.Hashes = hashes(hex.EncodeToString(decoded))
		}
		parts = append(parts, component)
	}
	for _, from := range p.data {
		found, err := p.licencesOf(from)
		if err != nil {
			return nil, err
		}
		at := packageURL(from.Path, from.Version)
		parts = append(parts, cyclonedx.Component{
			BOMRef: "data:" + at, Type: cyclonedx.ComponentTypeData, Name: from.Path, Version: from.Version, PackageURL: at, Licenses: licences(found...),
			Description: "CustomResourceDefinitions, embedded as data; no code of it",
		})
	}
	return parts, nil
}

// packageURL is a purl of type golang (https://github.com/package-url/purl-spec).
func packageURL(path, version string) string {
	steps := strings.Split(path, "/")
	for i, step := range steps {
		steps[i] = url.PathEscape(step)
	}
	return "pkg:golang/" + strings.Join(steps, "/") + "@" + url.QueryEscape(version)
}

func hashes(digest string) *[]cyclonedx.Hash {
	return &[]cyclonedx.Hash{{Algorithm: cyclonedx.HashAlgoSHA256, Value: digest}}
}

func licences(ids ...string) *cyclonedx.Licenses {
	if len(ids) == 0 {
		return nil
	}
	list := make(cyclonedx.Licenses, 0, len(ids))
	for _, id := range ids {
		list = append(list, cyclonedx.LicenseChoice{License: &cyclonedx.License{ID: id}})
	}
	return &list
}

// licenceFile is how files with a licence are named, at the top of a module.
var licenceFile = regexp.MustCompile(`(?i)^(licen[cs]e|copying|unlicen[cs]e)([-._].*)?$`)

// licencesOf reads the licences of a module, by their SPDX identifiers.
func (p product) licencesOf(m module.Version) ([]string, error) {
	path, err := module.EscapePath(m.Path)
	if err != nil {
		return nil, err
	}
	version, err := module.EscapeVersion(m.Version)
	if err != nil {
		return nil, err
	}
	folder := filepath.Join(p.modules, filepath.FromSlash(path)+"@"+version)
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, fmt.Errorf("%s: is not in the module cache, where its licence is: %w", m, err)
	}
	var found []string
	for _, entry := range entries {
		if !entry.Type().IsRegular() || !licenceFile.MatchString(entry.Name()) {
			continue
		}
		text, err := os.ReadFile(filepath.Join(folder, entry.Name()))
		if err != nil {
			return nil, err
		}
		ids, err := identify(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %s: %w", m, entry.Name(), err)
		}
		found = append(found, ids...)
	}
	slices.Sort(found)
	return slices.Compact(found), nil
}
