package manifest

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// IgnoreFile names files that are no manifests of ours, in the syntax of .gitignore: in its directory and below.
const IgnoreFile = ".tlswardignore"

// maxIgnoreFile bounds an IgnoreFile, in bytes: the longest .gitignore files that people keep have some hundred lines.
const maxIgnoreFile = 256 << 10

// ignorePattern is one line of an IgnoreFile: gitignore(5).
type ignorePattern struct {
	// dir is the absolute folder of the file, with slashes.
	dir string
	// glob is over paths relative to dir.
	glob string
	// negated patterns take back what an earlier one ignored; directories match no file.
	negated, directories bool
}

// ignored are the patterns that hold in a directory; the last one about a path counts.
type ignored []ignorePattern

// readPattern reads a line; false for blank ones, comments, and what is malformed and so matches nothing, as for Git.
func readPattern(line, dir string) (ignorePattern, bool) {
	p := ignorePattern{dir: dir}
	line = strings.TrimRight(line, "\r\n")
	if trimmed := strings.TrimRight(line, " \t"); strings.HasSuffix(trimmed, `\`) && trimmed != line {
		line = trimmed + " "
	} else {
		line = trimmed
	}
	if strings.HasPrefix(line, "#") {
		return p, false
	}
	line, p.negated = strings.CutPrefix(line, "!")
	line, p.directories = strings.CutSuffix(line, "/")
	anchored := strings.Contains(line, "/")
	line = strings.TrimPrefix(line, "/")
	if line == "" {
		return p, false
	}
	if !anchored {
		line = "**/" + line
	}
	if inside, ok := strings.CutSuffix(line, "/**"); ok {
		line = inside + "/**/*" // all that is in it, and not the folder itself
	}
	// Braces are letters to Git.
	p.glob = strings.NewReplacer(`\{`, `\{`, `\}`, `\}`, `\\`, `\\`, "{", `\{`, "}", `\}`).Replace(line)
	return p, doublestar.ValidatePattern(p.glob)
}

// above reads the patterns of the directories from top to the one that dir is in; top is dir or above it, both absolute.
func (f *finder) above(top, dir string) ignored {
	inside, err := filepath.Rel(top, dir)
	if top == "" || err != nil || inside == "." || !filepath.IsLocal(inside) {
		return nil
	}
	at, list := top, f.ignoreFile(nil, top)
	parts := strings.Split(inside, string(filepath.Separator))
	for _, part := range parts[:len(parts)-1] {
		at = filepath.Join(at, part)
		list = f.ignoreFile(list, at)
	}
	return list
}

// ignoreFile adds the patterns that stand in a directory, of which dir is the absolute path.
func (f *finder) ignoreFile(above ignored, dir string) ignored {
	name := filepath.Join(dir, IgnoreFile)
	info, err := os.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return above
	case err != nil:
		f.fail(name, err)
		return above
	case !info.Mode().IsRegular() || info.Size() > maxIgnoreFile:
		f.errs = append(f.errs, fileError(name, "want a file of at most %d KiB", maxIgnoreFile>>10))
		return above
	}
	data, err := os.ReadFile(name)
	if err != nil {
		f.fail(name, err)
		return above
	}
	list := slices.Clip(above)
	for line := range strings.Lines(strings.TrimPrefix(string(data), utf8BOM)) {
		if p, ok := readPattern(line, filepath.ToSlash(dir)); ok {
			list = append(list, p)
		}
	}
	return list
}

// match reports whether an absolute path is ignored.
func (list ignored) match(path string, dir bool) bool {
	for _, p := range slices.Backward(list) {
		inside, ok := strings.CutPrefix(filepath.ToSlash(path), strings.TrimSuffix(p.dir, "/")+"/")
		if ok && (dir || !p.directories) && doublestar.MatchUnvalidated(p.glob, inside) {
			return !p.negated
		}
	}
	return false
}
