package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"

	"github.com/spf13/pflag"

	"github.com/tlsward/tlsward/baseline"
	"github.com/tlsward/tlsward/lint"
)

// baselineFlags say which findings were there already.
type baselineFlags struct {
	file  string
	write bool
}

func (f *baselineFlags) register(flags *pflag.FlagSet) {
	flags.StringVar(&f.file, "baseline", "", "file that lists findings which do not count: only what is new does")
	flags.BoolVar(&f.write, "write-baseline", false, "write what is found into the --baseline file, and take out what is mended")
}

func (f *baselineFlags) check(diff bool, outputs []output) error {
	for _, o := range outputs {
		if o.file != "" && f.file != "" && realPath(o.file) == realPath(f.file) {
			return fmt.Errorf("--output %s=%s: that is the baseline, want another file", o.format.Name, o.file)
		}
	}
	switch {
	case f.write && f.file == "":
		return errors.New("--write-baseline: want --baseline FILE, to say where")
	case f.write && diff:
		return errors.New("--write-baseline writes and --diff does not: want one of them")
	case f.write:
		if err := writable(f.file); err != nil {
			return fmt.Errorf("--baseline %s: %w", f.file, err)
		}
	}
	return nil
}

// read reads the baseline; nil if there is none. One that is to be written need not exist yet.
func (f *baselineFlags) read() (*baseline.Baseline, error) {
	if f.file == "" {
		return nil, nil //nolint:nilnil // no baseline is no error
	}
	b, err := baseline.Read(f.file)
	switch {
	case errors.Is(err, fs.ErrNotExist) && f.write:
		return &baseline.Baseline{File: f.file}, nil
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("--baseline %w; --write-baseline makes it", err)
	case err != nil:
		return nil, fmt.Errorf("--baseline %w", err)
	}
	return b, nil
}

// exclude are the names by which the file may be found among manifests.
func (f *baselineFlags) exclude() []string {
	names := []string{filepath.Clean(f.file)}
	if absolute, err := filepath.Abs(f.file); err == nil {
		names = append(names, absolute)
		if here, err := filepath.Abs("."); err == nil {
			if relative, err := filepath.Rel(here, absolute); err == nil {
				names = append(names, relative)
			}
		}
	}
	return slices.Compact(names)
}

// maxStale bounds the entries that are named: the others are as easily taken out.
const maxStale = 10

// apply takes what the baseline lists out of a result, and writes it anew if it is to; unwritten: the result is that of fixes nobody wrote.
func (f *baselineFlags) apply(b *baseline.Baseline, result *lint.Result, o lint.Options, unwritten bool, complaints io.Writer) error {
	result.SetFingerprints()
	m := b.Match(result.Findings, func(e baseline.Entry) bool { return result.Judged(e.Rule, b.Path(e), o) })
	if f.write {
		if err := baseline.Write(f.file, m.Next); err != nil {
			return fmt.Errorf("--baseline %w", err)
		}
		complain(complaints, fmt.Sprintf("%s: %d listed, %d of them new, %d taken out", f.file, len(m.Next), len(m.Next)-len(b.Entries)+len(m.Stale), len(m.Stale)))
		if len(result.Problems) > 0 && len(b.Entries) > 0 {
			complain(complaints, f.file+": nothing was taken out, as not everything could be judged")
		}
		// What cannot be suppressed is still new.
		b.Entries = m.Next
		m = b.Match(result.Findings, func(baseline.Entry) bool { return false })
	}
	result.Suppress(m.New, m.Known)
	if unwritten {
		return nil // what was judged is not what the files hold
	}
	for i, e := range m.Stale {
		if i == maxStale {
			complain(complaints, fmt.Sprintf("%s: %d more are mended", f.file, len(m.Stale)-i))
			break
		}
		complain(complaints, fmt.Sprintf("%s: %s of %s in %s is mended; --write-baseline takes it out", place(f.file, e.Line), e.Rule, e.Object, e.File))
	}
	return nil
}

func place(file string, line int) string {
	if line == 0 {
		return file
	}
	return fmt.Sprintf("%s:%d", file, line)
}
