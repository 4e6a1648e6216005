package ruletest

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"strings"
	"time"

	"sigs.k8s.io/yaml"

	"github.com/tlsward/tlsward/config"
)

// scene is a file of manifests with the findings it should give.
type scene struct {
	file string
	kind string
	now  time.Time
	// text is the file, manifests the same with the config, if it holds one, turned into comments: lines stay where
	// they are, and a fix cannot tell the difference.
	text, manifests []byte
	wanted          []want
	config          *config.Config
}

// want is a finding that a line says it gives.
type want struct {
	line int
	rule string
}

var (
	nowLine  = regexp.MustCompile(`^# now: (\S+)\n`)
	ruleID   = `[a-z0-9][a-z0-9-]*/[a-z0-9][a-z0-9-]*`
	wantText = regexp.MustCompile(`(?m)[ \t]*# want ((?:` + ruleID + `)(?: ` + ruleID + `)*)$`)
	// wantLike is what somebody may have meant as a want: a misspelt one would otherwise be a comment.
	wantLike = regexp.MustCompile(`#\s*wants?\b`)
)

// configComment marks the lines of a config in the text that is linted.
const configComment = "#tlsward-config#"

func readScene(fsys fs.FS, file string) (*scene, []error) {
	data, err := fs.ReadFile(fsys, file)
	if err != nil {
		return nil, []error{err}
	}
	s := &scene{file: file, text: data}
	var errs []error
	fail := func(line int, format string, args ...any) {
		errs = append(errs, fmt.Errorf("%s:%d: %s", file, line, fmt.Sprintf(format, args...)))
	}
	if match := nowLine.FindSubmatch(data); match == nil {
		fail(1, "want a first line like `# now: 2026-01-31T12:00:00Z`, the clock that the scene is judged at")
	} else if s.now, err = time.Parse(time.RFC3339, string(match[1])); err != nil {
		fail(1, "now: want a time like 2026-01-31T12:00:00Z, got %s", match[1])
	}
	for i, line := range bytes.Split(data, []byte("\n")) {
		match := wantText.FindSubmatch(line)
		switch {
		case match != nil:
			for _, id := range strings.Fields(string(match[1])) {
				s.wanted = append(s.wanted, want{i + 1, id})
			}
		case wantLike.Match(line):
			fail(i+1, "want the line to end in `# want provider/rule`, with further rules behind a space each")
		}
	}
	errs = append(errs, s.takeConfig()...)
	if len(errs) > 0 {
		return nil, errs
	}
	return s, nil
}

// takeConfig reads the document that is a config, and takes it out of the manifests.
func (s *scene) takeConfig() (errs []error) {
	lines := bytes.SplitAfter(s.text, []byte("\n"))
	start := 0
	for i := 0; i <= len(lines); i++ {
		if i < len(lines) && !isSeparator(lines[i]) {
			continue
		}
		if document := bytes.Join(lines[start:i], nil); isConfig(document) {
			if s.config != nil {
				return append(errs, fmt.Errorf("%s:%d: a second Config", s.file, start+1))
			}
			parsed, err := config.Parse(s.file, append(bytes.Repeat([]byte("\n"), start), document...))
			if err != nil {
				return append(errs, split(err)...)
			}
			if len(parsed.Roots)+len(parsed.Rulebooks)+len(parsed.Environments) > 0 || !parsed.Rulebook.IsZero() {
				errs = append(errs, fmt.Errorf("%s:%d: roots, environments and rulebooks mean nothing in a scene, which is one file, and neither does a version", s.file, start+1))
			}
			s.config = parsed
			for j := start; j < i; j++ {
				lines[j] = append([]byte(configComment), lines[j]...)
			}
		}
		start = i + 1
	}
	s.manifests = bytes.Join(lines, nil)
	return errs
}

func isSeparator(line []byte) bool {
	return bytes.HasPrefix(line, []byte("---")) && (len(line) == 3 || strings.ContainsRune(" \t\r\n", rune(line[3])))
}

func isConfig(document []byte) bool {
	var header struct {
		APIVersion string `json:"apiVersion"`
		Kind       string `json:"kind"`
	}
	if err := yaml.Unmarshal(document, &header); err != nil {
		return false
	}
	return strings.HasPrefix(header.APIVersion, "tlsward.dev/") && header.Kind == "Config"
}

func split(err error) []error {
	var several interface{ Unwrap() []error }
	if errors.As(err, &several) {
		return several.Unwrap()
	}
	return []error{err}
}

// withConfig undoes what taking the config out did to a text.
func withConfig(manifests []byte) []byte {
	return bytes.ReplaceAll(manifests, []byte(configComment), nil)
}

// withoutWants is a text as it would stand in a repository.
func withoutWants(text []byte) []byte { return wantText.ReplaceAll(text, nil) }
