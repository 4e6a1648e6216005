// Package config reads .tlsward.yaml, the one file in which an operator says what tlsward shall do, the same for every
// door. It is strict: what it does not understand is an error at its line, because a setting that silently does
// nothing is found out too late. It knows no rule and no object: whether a rule or a controller of that name exists is
// for the engine and the doors to say.
package config

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/rule"
)

// FileName is how the file is called wherever it is looked for.
const FileName = ".tlsward.yaml"

// MaxSize bounds the file, in bytes. The longest entry, an exemption with a full sentence for a reason, takes about
// 250 bytes, so that a mebibyte holds 4000 of them; who has more wants another profile, not more exemptions.
const MaxSize = 1 << 20

// maxItems bounds every list and mapping of the file: what MaxSize holds of exemptions, rounded up.
const maxItems = 4096

// Schema is the JSON Schema (draft 2020-12) of the file, for editors and for whoever generates one. A test proves that
// it asks for the same keys and shapes as Parse.
//
//go:embed schema.json
var Schema []byte

// Config is what one file says. The zero value is what an empty file says.
type Config struct {
	// File is the name it was read by, and Dir its directory, which Roots and Rulebooks start from.
	File, Dir string
	Settings  rule.Settings
	// ExemptionLines holds the line of each of Settings.Exemptions, for reports of those that excuse nothing.
	ExemptionLines []int
	// Complete are globs of the namespaces whose objects all stand in the tree, so that what is not there is absent.
	// They match an unset namespace as "".
	Complete []string
	// External are objects that exist although the tree does not hold them.
	External    []External
	Controllers Controllers
	// Roots are globs of directories that hold one installation each: path.Match for each segment, with slashes.
	Roots []string
	// Environments are clusters that are judged each by itself.
	Environments []Environment
	// Rulebook is the version of tlsward's own rules that is pinned, zero if none is.
	Rulebook rule.Version
	// Rulebooks are directories of further rules.
	Rulebooks []Rulebook
	Schemas   Schemas
	Admission Admission
	// layers are the texts that it was made of, the later ones over the earlier, and origins says which of them a field stands in.
	layers  []layer
	origins map[string]origin
	locks   []Lock
}

// Schemas says which CRDs the cluster has: releases like "1.5". What is empty nobody has said. Whether such a release is
// known is for the doors to say.
type Schemas struct {
	GatewayAPI, CertManager, EnvoyGateway string
	// Channel is Gateway API's: standard or experimental.
	Channel string
}

// External describes objects that exist outside the tree.
type External struct {
	// Group is "" where none was written, and then stands for any.
	Group, Kind string
	// Namespace and Name are globs. The namespace of what is cluster-scoped or unset is "".
	Namespace, Name string
	// Keys are the keys of its data; nil means that nobody said.
	Keys []string
	Line int
}

// Matches reports whether an object is one of those described.
func (e External) Matches(id kube.ID) bool {
	return e.Kind == id.Kind && (e.Group == "" || e.Group == id.Group) &&
		rule.Match(e.Namespace, id.Namespace) && rule.Match(e.Name, id.Name)
}

// Controllers says who acts on the objects, where these do not tell.
type Controllers struct {
	// Only names the controllers at work; empty means that nobody said.
	Only []string
	// Classes names the controller of an IngressClass or GatewayClass.
	Classes map[string]string
	// Settings holds, by controller and name, what is configured there for all objects at once.
	Settings map[string]map[string]string
}

// Error is one thing wrong with the file.
type Error struct {
	At kube.Position
	// Message starts with the path of the field.
	Message string
}

func (e *Error) Error() string { return fmt.Sprintf("%s:%d: %s", e.At.File, e.At.Line, e.Message) }

// Find looks for the file in a directory and those above it, and returns the nearest, or "" where there is none. It
// looks no higher than the root of the repository that the directory stands in (where .git is): what lies above belongs
// to somebody else. A relative directory gives a relative path.
func Find(dir string) (string, error) {
	start, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("%s: %w", dir, err)
	}
	for at := start; ; at = filepath.Dir(at) {
		file := filepath.Join(at, FileName)
		switch info, err := os.Stat(file); {
		case err == nil && !info.Mode().IsRegular():
			return "", fmt.Errorf("%s: want a file, got a %s", file, describeMode(info.Mode()))
		case err == nil:
			return relativeTo(dir, start, file), nil
		case !errors.Is(err, fs.ErrNotExist):
			return "", fmt.Errorf("%s: %w", file, errors.Unwrap(err))
		}
		// In a worktree or submodule .git is a file, and a boundary all the same.
		if _, err := os.Lstat(filepath.Join(at, ".git")); err == nil || at == filepath.Dir(at) {
			return "", nil
		}
	}
}

func describeMode(mode fs.FileMode) string {
	if mode.IsDir() {
		return "directory"
	}
	return "special file"
}

// relativeTo names a file in the manner in which dir, whose absolute path is start, was named.
func relativeTo(dir, start, file string) string {
	if filepath.IsAbs(dir) {
		return file
	}
	up, err := filepath.Rel(start, file)
	if err != nil {
		return file
	}
	return filepath.Join(dir, up)
}

// Load reads a file and what it extends in files, for no cluster in particular.
func Load(path string) (*Config, error) { return Read(context.Background(), path, Options{}) }

func readFile(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, errors.Unwrap(err))
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, MaxSize+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, errors.Unwrap(err))
	}
	return data, nil
}

// Parse reads the text of a file that extends nothing. Its error joins one Error for each defect, in the order of their lines.
func Parse(name string, data []byte) (*Config, error) {
	parsed, err := parse(name, data)
	if err != nil {
		return nil, err
	}
	if at := parsed.line("extends"); at > 0 {
		return nil, errors.Join(parsed.errorAt(at, "extends: means nothing here: want a file of its own"))
	}
	return lay([]*source{parsed}, "")
}

// Check reads the text of one file, whatever that extends, and returns what is wrong with it as Parse does.
func Check(name string, data []byte) error {
	_, err := parse(name, data)
	return err
}

func (f file) config(name string) *Config {
	c := &Config{
		File: name,
		Dir:  filepath.Dir(name),
		Settings: rule.Settings{
			Profile: string(f.Profile), AnnotationExemptions: f.Annotations.or(false),
		},
		Complete:    plain(f.Complete),
		Controllers: f.Controllers.plain(),
		Roots:       plain(f.Roots),
		Rulebook:    rule.Version(f.Rulebook),
		Rulebooks:   rulebooksOf(f.Rulebooks),
		Schemas: Schemas{
			GatewayAPI: string(f.Schemas.GatewayAPI), Channel: string(f.Schemas.Channel),
			CertManager: string(f.Schemas.CertManager), EnvoyGateway: string(f.Schemas.EnvoyGateway),
		},
		Admission: f.Admission.plain(),
	}
	for _, a := range f.Actions {
		c.Settings.Actions = append(c.Settings.Actions, rule.ActionSetting{
			Rules: plain(a.Rules), Namespaces: plain(a.Namespaces), Action: rule.Action(a.Action), EnforceFrom: a.EnforceFrom.Time,
			Mandatory: !a.Suppressible.or(true),
		})
	}
	for _, e := range f.Exemptions {
		c.Settings.Exemptions = append(c.Settings.Exemptions, rule.Exemption{
			Rules: plain(e.Rules), Objects: plain(e.Objects), Reason: string(e.Reason), Until: e.Until.Time,
		})
		c.ExemptionLines = append(c.ExemptionLines, e.Line)
	}
	for id, values := range f.Parameters {
		if c.Settings.Parameters == nil {
			c.Settings.Parameters = make(map[string]map[string]any, len(f.Parameters))
		}
		named := make(map[string]any, len(values))
		for parameter, v := range values {
			named[string(parameter)] = v.json
		}
		c.Settings.Parameters[string(id)] = named
	}
	for _, e := range f.External {
		group, kind := kube.SplitGroupKind(string(e.Kind))
		c.External = append(c.External, External{
			Group: group, Kind: kind, Namespace: string(e.Namespace), Name: string(e.Name), Keys: plain(e.Keys), Line: e.Line,
		})
	}
	c.Environments = f.environments(c.Controllers)
	return c
}

func (c controllers) plain() Controllers {
	p := Controllers{Only: plain(c.Only)}
	for class, controller := range c.Classes {
		if p.Classes == nil {
			p.Classes = make(map[string]string, len(c.Classes))
		}
		p.Classes[string(class)] = string(controller)
	}
	for controller, settings := range c.Settings {
		if p.Settings == nil {
			p.Settings = make(map[string]map[string]string, len(c.Settings))
		}
		named := make(map[string]string, len(settings))
		for name, value := range settings {
			named[string(name)] = string(value)
		}
		p.Settings[string(controller)] = named
	}
	return p
}

func plain[T ~string](list []T) []string {
	if list == nil {
		return nil
	}
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = string(s)
	}
	return out
}
