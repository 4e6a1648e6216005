// Command crds writes what schema/crd embeds: the schemas of CRDs, taken from the modules that modules/go.mod pins, as the
// module cache holds them. The same pins give the same bytes.
//
// Of each version of each kind only its schema is kept. Of a schema everything goes that decides nothing: descriptions,
// titles, examples and external documents, and the status, which no author of a manifest writes.
package main

import (
	"archive/zip"
	"bytes"
	"cmp"
	"compress/flate"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// provider says where a project's modules keep their CRDs.
type provider struct {
	name string
	// folders by channel; a project without channels has one, "standard".
	folders map[string]string
	// kinds to keep; nil means all.
	kinds    []string
	releases []string
}

var providers = []provider{
	{
		name:     "gateway-api",
		folders:  map[string]string{"standard": "config/crd/standard", "experimental": "config/crd/experimental"},
		releases: []string{"1.1", "1.2", "1.3", "1.4", "1.5", "1.6"},
	},
	{
		name:     "cert-manager",
		folders:  map[string]string{"standard": "deploy/crds"},
		kinds:    []string{"Certificate", "ClusterIssuer", "Issuer"},
		releases: []string{"1.21"},
	},
	{
		name:     "envoy-gateway",
		folders:  map[string]string{"standard": "charts/gateway-helm/charts/crds/crds/generated"},
		kinds:    []string{"Backend", "BackendTrafficPolicy", "ClientTrafficPolicy", "EnvoyProxy", "SecurityPolicy"},
		releases: []string{"1.8", "1.9"},
	},
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: crds MODULES TARGET")
		os.Exit(2)
	}
	if err := generate(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "crds:", err)
		os.Exit(1)
	}
}

func generate(modules, target string) error {
	old, err := filepath.Glob(filepath.Join(target, "*.zip"))
	if err != nil {
		return err
	}
	for _, name := range old {
		if err := os.Remove(name); err != nil {
			return err
		}
	}
	var index strings.Builder
	index.WriteString("# provider release channel group kind version properties schema\n")
	for _, p := range providers {
		for _, release := range p.releases {
			lines, archive, err := p.release(modules, release)
			if err != nil {
				return fmt.Errorf("%s %s: %w", p.name, release, err)
			}
			for _, line := range lines {
				index.WriteString(line + "\n")
			}
			if err := os.WriteFile(filepath.Join(target, p.name+"-"+release+".zip"), archive, 0o644); err != nil {
				return err
			}
		}
	}
	return os.WriteFile(filepath.Join(target, "index.txt"), []byte(index.String()), 0o644)
}

// crd is what is read of a CustomResourceDefinition.
type crd struct {
	Kind string `yaml:"kind"`
	Spec struct {
		Group string `yaml:"group"`
		Names struct {
			Kind string `yaml:"kind"`
		} `yaml:"names"`
		PreserveUnknownFields bool      `yaml:"preserveUnknownFields"`
		Versions              []version `yaml:"versions"`
	} `yaml:"spec"`
}

type version struct {
	Name         string         `yaml:"name"`
	Served       bool           `yaml:"served"`
	Subresources map[string]any `yaml:"subresources"`
	Schema       struct {
		OpenAPI map[string]any `yaml:"openAPIV3Schema"`
	} `yaml:"schema"`
}

// release makes the archive of one release, and the lines of the index that lead to its entries. Equal schemas, as those
// of several versions or of both channels often are, are kept once.
func (p provider) release(modules, release string) (lines []string, archive []byte, err error) {
	module, err := moduleFolder(modules, p.name+"-"+release+".data/crds")
	if err != nil {
		return nil, nil, err
	}
	entries := map[string][]byte{}
	for _, channel := range sortedKeys(p.folders) {
		files, err := filepath.Glob(filepath.Join(module, filepath.FromSlash(p.folders[channel]), "*.yaml"))
		if err != nil || len(files) == 0 {
			return nil, nil, fmt.Errorf("%s: no CRDs: %w", channel, err)
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				return nil, nil, err
			}
			definitions, err := read(data)
			if err != nil {
				return nil, nil, fmt.Errorf("%s: %w", filepath.Base(file), err)
			}
			for _, d := range definitions {
				if d.Kind != "CustomResourceDefinition" || p.kinds != nil && !slices.Contains(p.kinds, d.Spec.Names.Kind) {
					continue
				}
				for _, v := range d.Spec.Versions {
					properties, entry, err := v.entry(d.Spec.PreserveUnknownFields)
					if err != nil {
						return nil, nil, fmt.Errorf("%s %s: %w", d.Spec.Names.Kind, v.Name, err)
					}
					sum := sha256.Sum256(entry)
					id := hex.EncodeToString(sum[:8])
					entries[id] = entry
					lines = append(lines, strings.Join([]string{
						p.name, release, channel, d.Spec.Group, d.Spec.Names.Kind, v.Name, properties, id,
					}, " "))
				}
			}
		}
	}
	slices.Sort(lines)
	archive, err = pack(entries)
	return lines, archive, err
}

func read(data []byte) ([]crd, error) {
	var definitions []crd
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	for {
		var d crd
		switch err := decoder.Decode(&d); {
		case errors.Is(err, io.EOF):
			return definitions, nil
		case err != nil:
			return nil, err
		}
		definitions = append(definitions, d)
	}
}

// entry is the schema of a version as it is kept, with what must be known beside it: whether the version is served, and
// whether the status is a subresource, so that what a manifest says there is dropped.
func (v version) entry(preserve bool) (properties string, schema []byte, err error) {
	if preserve {
		return "", nil, errors.New("preserveUnknownFields is true")
	}
	properties = "unserved"
	if v.Served {
		properties = "served"
	}
	root := v.Schema.OpenAPI
	if _, ok := v.Subresources["status"]; ok {
		properties += ",status"
		fields, _ := root["properties"].(map[string]any)
		delete(fields, "status")
	}
	strip(root)
	for _, rule := range list(root["x-kubernetes-validations"]) {
		if text, err := json.Marshal(rule); err != nil || strings.Contains(string(text), "self.status") {
			return "", nil, fmt.Errorf("rule %s asks for the status: %w", text, err)
		}
	}
	schema, err = json.Marshal(root)
	return properties, schema, err
}

func list(value any) []any {
	elements, _ := value.([]any)
	return elements
}

// strip removes what decides nothing from a schema and those within it. The names in properties are fields, and one of
// them may well be "description".
func strip(schema map[string]any) {
	for _, key := range []string{"description", "title", "example", "externalDocs"} {
		delete(schema, key)
	}
	for _, key := range []string{"items", "additionalProperties", "not"} {
		if inner, ok := schema[key].(map[string]any); ok {
			strip(inner)
		}
	}
	for _, key := range []string{"allOf", "anyOf", "oneOf"} {
		for _, element := range list(schema[key]) {
			if inner, ok := element.(map[string]any); ok {
				strip(inner)
			}
		}
	}
	properties, _ := schema["properties"].(map[string]any)
	for _, field := range properties {
		if inner, ok := field.(map[string]any); ok {
			strip(inner)
		}
	}
}

// pack writes an archive without times, in the order of names.
func pack(entries map[string][]byte) ([]byte, error) {
	var buffer bytes.Buffer
	writer := zip.NewWriter(&buffer)
	writer.RegisterCompressor(zip.Deflate, func(out io.Writer) (io.WriteCloser, error) {
		return flate.NewWriter(out, flate.BestCompression)
	})
	for _, id := range sortedKeys(entries) {
		file, err := writer.CreateHeader(&zip.FileHeader{Name: id, Method: zip.Deflate})
		if err != nil {
			return nil, err
		}
		if _, err := file.Write(entries[id]); err != nil {
			return nil, err
		}
	}
	if err := writer.Close(); err != nil {
		return nil, err
	}
	return buffer.Bytes(), nil
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, cmp.Compare[string])
	return keys
}

// moduleFolder is where the module cache holds a module. What is not there yet is fetched; go.sum vouches for it in either
// case.
func moduleFolder(modules, module string) (string, error) {
	command := exec.Command("go", "mod", "download", "-json", module)
	command.Dir = modules
	output, runErr := command.Output()
	var answer struct{ Dir, Error string }
	if err := json.Unmarshal(output, &answer); err != nil {
		return "", fmt.Errorf("%s: %w", command, errors.Join(runErr, err))
	}
	if answer.Error != "" || answer.Dir == "" {
		return "", fmt.Errorf("%s: %s", command, answer.Error)
	}
	return answer.Dir, nil
}
