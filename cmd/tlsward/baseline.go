package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/spf13/pflag"

	"github.com/tlsward/tlsward/baseline"
	"github.com/tlsward/tlsward/lint"
	"github.com/tlsward/tlsward/rule"
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

// maxStale bounds the entries that are named: the others are as easily taken out.
const maxStale = 10

// apply takes what the baseline lists out of a result, and writes it anew if it is to; unwritten: the result is that of fixes nobody wrote.
func (f *baselineFlags) apply(b *baseline.Baseline, result *lint.Result, o lint.Options, unwritten bool, complaints io.Writer) error {
	result.SetFingerprints()
	otherwise := map[string]rule.SuppressionKind{}
	for i := range result.Suppressed {
		otherwise[result.Suppressed[i].Fingerprint] = result.Suppressed[i].Suppression.Kind
	}
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
			complain(complaints, fmt.Sprintf("%s: %d more count no longer", f.file, len(m.Stale)-i))
			break
		}
		why := "mended"
		if kind, suppressed := otherwise[e.Fingerprint]; suppressed {
			why = "suppressed " + suppressedBy(kind) + " now"
		}
		complain(complaints, fmt.Sprintf("%s: %s of %s in %s is %s; --write-baseline takes it out", place(f.file, e.Line), e.Rule, e.Object, e.File, why))
	}
	return nil
}

// suppressedBy says by what a finding is suppressed, beside the baseline.
func suppressedBy(kind rule.SuppressionKind) string {
	switch kind {
	case rule.ByAnnotation:
		return "by an annotation"
	case rule.ByComment:
		return "by a comment"
	default:
		return "by the config"
	}
}

func place(file string, line int) string {
	if line == 0 {
		return file
	}
	return fmt.Sprintf("%s:%d", file, line)
}
