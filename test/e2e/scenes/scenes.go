// Package scenes reads the rulebook's scenes as objects for an API server, and asks lint what it thinks of objects that an
// API server stored. It reads a scene by what docs/rulebooks.md says of one, and judges nothing itself.
package scenes

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/tlsward/tlsward/test/e2e/objects"
	"github.com/tlsward/tlsward/test/e2e/repository"
)

// Scene is one file of a rule's folder.
type Scene struct {
	// File is its path within the rulebook, Rule the id of the rule it belongs to, Kind bad, good or fixed.
	File, Rule, Kind string
	Now              time.Time
	// Objects are those that kubectl would send, in the order of the file, but for the config.
	Objects []*unstructured.Unstructured
	// Config is the text of the config that the scene is judged by, "" if there is none.
	Config string
	// Wants are the rules that the scene's comments ask for, each once.
	Wants []string
	// Unreadable says why kubectl could not read the file at all.
	Unreadable error
}

var (
	nowLine  = regexp.MustCompile(`^# now: (\S+)\n`)
	wantText = regexp.MustCompile(`(?m)# want ([a-z0-9/ -]+)$`)
	// separator is what divides documents for kubectl (apimachinery, pkg/util/yaml).
	separator = regexp.MustCompile(`(?m)^---.*\n`)
	isConfig  = regexp.MustCompile(`(?m)^apiVersion: tlsward\.dev/`)
	kinds     = []string{"bad", "good", "fixed"}
)

// Read reads every scene of the rulebook, in order of their names.
func Read() ([]Scene, error) {
	root, err := repository.Root()
	if err != nil {
		return nil, err
	}
	rulebook := os.DirFS(filepath.Join(root, "policies"))
	files, err := fs.Glob(rulebook, "*/*/*.yaml")
	if err != nil {
		return nil, err
	}
	list := make([]Scene, 0, len(files))
	for _, file := range files {
		kind, _, _ := strings.Cut(strings.TrimSuffix(path.Base(file), ".yaml"), "-")
		if !slices.Contains(kinds, kind) {
			return nil, fmt.Errorf("%s: no scene is called like that", file)
		}
		scene := Scene{File: file, Rule: path.Dir(file), Kind: kind}
		text, err := fs.ReadFile(rulebook, file)
		if err != nil {
			return nil, err
		}
		if err := scene.read(text); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		list = append(list, scene)
	}
	return list, nil
}

func (s *Scene) read(text []byte) error {
	match := nowLine.FindSubmatch(text)
	if match == nil {
		return fmt.Errorf("want a first line like `# now: 2026-01-31T12:00:00Z`")
	}
	var err error
	if s.Now, err = time.Parse(time.RFC3339, string(match[1])); err != nil {
		return err
	}
	for _, match := range wantText.FindAllSubmatch(text, -1) {
		for _, rule := range strings.Fields(string(match[1])) {
			if !slices.Contains(s.Wants, rule) {
				s.Wants = append(s.Wants, rule)
			}
		}
	}
	var manifests bytes.Buffer
	for _, document := range separator.Split(string(text), -1) {
		if isConfig.MatchString(document) {
			s.Config = document
			continue
		}
		fmt.Fprintf(&manifests, "---\n%s", document)
	}
	// Some scenes are about files that nobody could apply.
	var documents []*unstructured.Unstructured
	documents, s.Unreadable = objects.Parse(manifests.Bytes())
	for _, document := range documents {
		s.Objects = append(s.Objects, items(document)...)
	}
	return nil
}

// items are the objects of a List, or the object itself.
func items(document *unstructured.Unstructured) []*unstructured.Unstructured {
	list, ok := document.Object["items"].([]any)
	if !ok {
		return []*unstructured.Unstructured{document}
	}
	var all []*unstructured.Unstructured
	for _, item := range list {
		if fields, ok := item.(map[string]any); ok {
			all = append(all, items(&unstructured.Unstructured{Object: fields})...)
		}
	}
	return all
}
