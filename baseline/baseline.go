// Package baseline keeps the findings that were there when somebody began to lint, so that only what is new counts. It reads and
// writes the file that lists them, and tells which findings of a run are in it. cmd calls it; it knows neither files of
// manifests nor how they are judged: who asks says which entries a run could have found again.
package baseline

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/tlsward/tlsward/manifest"
	"github.com/tlsward/tlsward/outfile"
	"github.com/tlsward/tlsward/rule"
)

// Baseline is what a file lists.
type Baseline struct {
	// File is the name it was read by; entries name files from its directory.
	File    string
	Entries []Entry
}

// Entry is one finding. It has neither line nor message: both change without the defect being another one.
type Entry struct {
	// File is where it stood, from the baseline's directory, with slashes. It is for readers, and to tell alike findings apart.
	File string `json:"file"`
	Rule string `json:"rule"`
	// Object and Path are as reports write them.
	Object      string `json:"object"`
	Path        string `json:"path"`
	Fingerprint string `json:"fingerprint"`
	// Line is where the entry stands in the baseline, 0 if it was not read from one.
	Line int `json:"-"`
}

// document is the file.
type document struct {
	Version int `json:"version"`
	// Fingerprints names how they are made: of another scheme they could not be compared.
	Fingerprints string  `json:"fingerprints"`
	Findings     []Entry `json:"findings"`
}

const version = 1

// maxBytes bounds the file: a hundred thousand findings take 40 MB, and who has more has not begun to lint.
const maxBytes = 64 << 20

// Read reads a baseline. Its error names the file.
func Read(file string) (*Baseline, error) {
	// A pipe that nobody writes to would never end, and one that somebody writes to could not be read again or written.
	info, err := os.Stat(file)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s: %w", file, manifest.Cause(err))
	case info.IsDir():
		return nil, fmt.Errorf("%s: is a directory", file)
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s: not a regular file", file)
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, manifest.Cause(err))
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxBytes+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s: %w", file, manifest.Cause(err))
	case len(data) > maxBytes:
		return nil, fmt.Errorf("%s: want at most %d MiB", file, maxBytes>>20)
	}
	return parse(file, data)
}

func parse(file string, data []byte) (*Baseline, error) {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	var d document
	failAt := func(offset int64, format string, args ...any) (*Baseline, error) {
		line := 1 + bytes.Count(data[:min(int(offset), len(data))], []byte("\n"))
		return nil, fmt.Errorf("%s:%d: %s", file, line, fmt.Sprintf(format, args...))
	}
	fail := func(format string, args ...any) (*Baseline, error) {
		return failAt(decoder.InputOffset(), format, args...)
	}
	if err := decoder.Decode(&d); err != nil {
		offset := decoder.InputOffset()
		var syntax *json.SyntaxError
		var kind *json.UnmarshalTypeError
		switch {
		case errors.As(err, &syntax):
			offset = syntax.Offset
		case errors.As(err, &kind):
			offset = kind.Offset
		case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
			offset, err = int64(len(bytes.TrimRight(data, "\n"))), io.ErrUnexpectedEOF
		}
		return failAt(offset, "no baseline: %v", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return fail("want nothing after the baseline")
	}
	switch {
	case d.Version != version:
		return fail("version %d: want %d; remove it, and have --write-baseline make another", d.Version, version)
	case d.Fingerprints != rule.FingerprintScheme:
		return fail("fingerprints %q: want %s; remove it, and have --write-baseline make another", d.Fingerprints, rule.FingerprintScheme)
	}
	for i := range d.Findings {
		if e := d.Findings[i]; e.Rule == "" || e.Fingerprint == "" {
			return fail("findings[%d]: want a rule and a fingerprint", i)
		}
	}
	b := &Baseline{File: file, Entries: d.Findings}
	b.number(data)
	return b, nil
}

// number finds the lines of the entries, in the form that Write gives the file; in another one they have none.
func (b *Baseline) number(data []byte) {
	const start = "\n    {\n"
	if bytes.Count(data, []byte(start)) != len(b.Entries) {
		return
	}
	line := 1
	for i := range b.Entries {
		at := bytes.Index(data, []byte(start)) + 1
		line += bytes.Count(data[:at], []byte("\n"))
		b.Entries[i].Line = line
		data = data[at:]
	}
}

// text writes a baseline in the one form it has: entries in order, a line for each field, so that a change of it reads as what
// changed.
func text(entries []Entry) ([]byte, error) {
	entries = slices.Clone(entries)
	slices.SortFunc(entries, func(a, b Entry) int {
		return cmp.Or(strings.Compare(a.File, b.File), strings.Compare(a.Rule, b.Rule), strings.Compare(a.Object, b.Object),
			strings.Compare(a.Path, b.Path), strings.Compare(a.Fingerprint, b.Fingerprint))
	})
	if entries == nil {
		entries = []Entry{}
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(document{Version: version, Fingerprints: rule.FingerprintScheme, Findings: entries}); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// Write replaces the file by one with these entries, as a whole or not at all; one that has them already is left as it is.
func Write(file string, entries []Entry) error {
	data, err := text(entries)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	if info, err := os.Stat(file); err == nil && info.Mode().IsRegular() && info.Size() == int64(len(data)) {
		if before, err := os.ReadFile(file); err == nil && bytes.Equal(before, data) {
			return nil
		}
	}
	if err := outfile.Write(file, data); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}
