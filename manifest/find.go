package manifest

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/tlsward/tlsward/kube"
)

// Stdin is the name under which standard input is read.
const Stdin = "-"

// maxDirDepth bounds how deep Find descends. A loop of symbolic links ends before it, since no directory is entered twice;
// this is for file systems that make up a new directory each time. A path of 4,096 bytes, the most Linux takes in one call,
// can hold 2,000 levels, but the deepest trees of manifests people keep are below 20.
const maxDirDepth = 100

// skippedDirs hold no manifests of the tree they are in: the stores of version control, and what package managers fetch.
// Other directories that begin with a dot are searched, for people do keep manifests in .deploy or .k8s; one named here is
// searched when it is named itself.
var skippedDirs = map[string]bool{
	".git": true, ".hg": true, ".svn": true, ".jj": true, "node_modules": true, ".terraform": true,
}

// Find lists the files that paths stand for: those that end in .yaml, .yml or .json in a directory and below it, and every
// file named itself whatever its ending; "-" is standard input. Files are listed in the order of paths and, below a
// directory, of their names; a file that is reached twice, by whatever links, is listed once. A path that cannot be read
// is an error of its own and hides no other.
func Find(paths []string) (files []string, errs []*Error) {
	f := finder{seen: map[string]bool{}}
	f.find(paths)
	return f.files, f.errs
}

// FindWanted is Find, but in directories it passes over what an IgnoreFile names: one in them, or above them up to the folder
// top, an absolute path; "" has no look above. What is named itself is read, as by Find. Symbolic links in directories are followed
// within a tree that the caller bounds: within is asked about the real path, and outside are the links to what it refuses.
func FindWanted(paths []string, top string, within func(real string) bool) (files, outside []string, errs []*Error) {
	if real, err := realPath(top); top != "" && err == nil {
		top = real
	}
	f := finder{seen: map[string]bool{}, top: &top, within: within}
	f.find(paths)
	return f.files, f.outside, f.errs
}

func (f *finder) find(paths []string) {
	for _, path := range paths {
		if path == Stdin {
			if !f.seen[Stdin] {
				f.seen[Stdin] = true
				f.files = append(f.files, Stdin)
			}
			continue
		}
		if path == "" {
			f.errs = append(f.errs, fileError(path, "empty path"))
			continue
		}
		f.root(filepath.Clean(path))
	}
}

type finder struct {
	files []string
	errs  []*Error
	// seen holds the real paths of files listed and of directories entered.
	seen map[string]bool
	// top and within are FindWanted's; nil ignores nothing, and nil follows every link.
	top     *string
	within  func(real string) bool
	outside []string
}

func (f *finder) fail(path string, err error) {
	f.errs = append(f.errs, pathError(path, err))
}

func (f *finder) root(path string) {
	info, err := os.Stat(path)
	if err != nil {
		f.fail(path, err)
		return
	}
	real, err := realPath(path)
	if err != nil {
		f.fail(path, err)
		return
	}
	if !info.IsDir() {
		f.file(path, real)
		return
	}
	var above ignored
	if f.top != nil {
		above = f.above(*f.top, real)
	}
	f.dir(path, real, 0, above)
}

// realPath resolves links and makes the path absolute, so that two ways to one file compare equal.
func realPath(path string) (string, error) {
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return "", err
	}
	return filepath.Abs(real)
}

func (f *finder) file(path, real string) {
	if !f.seen[real] {
		f.seen[real] = true
		f.files = append(f.files, path)
	}
}

// dir lists a directory. Its own entries come before those that links in it lead to, so that a file goes by its own name.
func (f *finder) dir(path, real string, depth int, above ignored) {
	if f.seen[real] {
		return
	}
	f.seen[real] = true
	if depth > maxDirDepth {
		f.errs = append(f.errs, fileError(path, "more than %d directories deep", maxDirDepth))
		return
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		f.fail(path, err)
		return
	}
	ignore := above
	if f.top != nil && slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.Name() == IgnoreFile }) {
		ignore = f.ignoreFile(above, real)
	}
	for _, entry := range entries {
		name := entry.Name()
		switch {
		case entry.IsDir() && !skippedDirs[name] && !ignore.match(filepath.Join(real, name), true):
			f.dir(filepath.Join(path, name), filepath.Join(real, name), depth+1, ignore)
		case entry.Type().IsRegular() && isManifestName(name) && !ignore.match(filepath.Join(real, name), false):
			f.file(filepath.Join(path, name), filepath.Join(real, name))
		}
	}
	for _, entry := range entries {
		if entry.Type()&fs.ModeSymlink != 0 && !skippedDirs[entry.Name()] {
			f.link(filepath.Join(path, entry.Name()), filepath.Join(real, entry.Name()), depth, ignore)
		}
	}
}

// link follows a symbolic link found in a directory, where at is its own absolute path. One that leads nowhere is an error only if
// it looks like a manifest.
func (f *finder) link(path, at string, depth int, ignore ignored) {
	info, err := os.Stat(path)
	if ignore.match(at, err == nil && info.IsDir()) {
		return
	}
	if err != nil {
		if isManifestName(path) {
			f.fail(path, err)
		}
		return
	}
	real, err := realPath(path)
	switch {
	case err != nil:
		f.fail(path, err)
	case f.within != nil && !f.within(real):
		if info.IsDir() || isManifestName(path) {
			f.outside = append(f.outside, path)
		}
	case info.IsDir():
		f.dir(path, real, depth+1, ignore)
	case info.Mode().IsRegular() && isManifestName(path):
		f.file(path, real)
	}
}

func isManifestName(name string) bool {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".yaml", ".yml", ".json":
		return true
	}
	return false
}

// ReadFile reads a file that Find listed, up to MaxFileSize; "-" is read from stdin, to its end or the same bound. What is
// no regular file is refused before it is opened: a pipe nobody writes to would never end, and a device may act.
func ReadFile(name string, stdin io.Reader) (string, error) {
	if name == Stdin {
		return readBounded(name, stdin, 0)
	}
	info, err := os.Stat(name)
	switch {
	case err != nil:
		return "", pathError(name, err)
	case info.IsDir():
		return "", fileError(name, "is a directory")
	case !info.Mode().IsRegular():
		return "", fileError(name, "not a regular file")
	}
	file, err := os.Open(name)
	if err != nil {
		return "", pathError(name, err)
	}
	defer file.Close()
	return readBounded(name, file, info.Size())
}

func readBounded(name string, r io.Reader, size int64) (string, error) {
	if size > MaxFileSize {
		return "", fileError(name, "larger than %d MiB", MaxFileSize>>20)
	}
	buffer, _ := buffers.Get().(*[]byte)
	defer buffers.Put(buffer)
	var text strings.Builder
	text.Grow(int(size))
	for {
		n, err := r.Read(*buffer)
		text.Write((*buffer)[:n])
		switch {
		case text.Len() > MaxFileSize:
			return "", fileError(name, "larger than %d MiB", MaxFileSize>>20)
		case errors.Is(err, io.EOF):
			return text.String(), nil
		case err != nil:
			return "", pathError(name, err)
		}
	}
}

// buffers hold more than most files have.
var buffers = sync.Pool{New: func() any { b := make([]byte, 16<<10); return &b }}

func pathError(path string, err error) *Error {
	var inner *fs.PathError
	if errors.As(err, &inner) {
		err = inner.Err
	}
	return &Error{At: kube.Position{File: path}, Message: err.Error(), cause: err}
}
