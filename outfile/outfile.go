// Package outfile writes files that others may read meanwhile: reports, baselines, configs, manifests that are fixed, rules. It answers
// one question, what becomes of a path when something is written to it, and the answer is the same for all of them. It refuses to know what is
// written.
package outfile

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/google/renameio/v2"
)

const (
	// permissions of a new file: others may read it, as what a shell redirects to a file.
	permissions = 0o644
	// buffered is in bytes; a system call for each part of a report would cost more than its text.
	buffered = 64 << 10
	// maxLinks is how many symbolic links are followed, as Linux does (path_resolution(7)).
	maxLinks = 40
)

// Write is WriteBy with what is to be in the file.
func Write(name string, data []byte) error {
	return WriteBy(name, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}

// WriteBy has a file hold what write writes, as a whole or not at all: a reader sees the old file or the new one. A file that is there
// keeps its permissions. Of a symbolic link, the file behind it is meant: the link stays, also where that file is still to be made. A
// device or a pipe is written to: replacing /dev/null would break the machine. In the Git repository in which the program runs, a link that
// leads out of it is refused: it may be a stranger's, who has a pipeline write where he could not. Errors of the system come without a path, which may be
// that of a temporary file.
func WriteBy(name string, write func(io.Writer) error) error {
	var path *fs.PathError
	var link *os.LinkError
	err := writeBy(name, write)
	switch {
	case errors.As(err, &path):
		return path.Err
	case errors.As(err, &link):
		return link.Err
	}
	return err
}

func writeBy(name string, write func(io.Writer) error) (err error) {
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() {
		// By its own name: what /dev/stdout leads to has none.
		special, err := os.OpenFile(name, os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		return cmp.Or(Buffered(special, write), special.Close())
	}
	target, err := behind(name)
	if err != nil {
		return err
	}
	if err := leadsOut(name, target); err != nil {
		return err
	}
	pending, err := renameio.NewPendingFile(target, renameio.WithPermissions(permissions), renameio.WithExistingPermissions())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, pending.Cleanup()) }()
	if err := Buffered(pending, write); err != nil {
		return err
	}
	return pending.CloseAtomicallyReplace()
}

// behind follows symbolic links; the last one may lead to nothing yet.
func behind(name string) (string, error) {
	for range maxLinks {
		info, err := os.Lstat(name)
		if errors.Is(err, fs.ErrNotExist) || err == nil && info.Mode()&fs.ModeSymlink == 0 {
			return name, nil
		}
		if err != nil {
			return "", err
		}
		to, err := os.Readlink(name)
		if err != nil {
			return "", err
		}
		if !filepath.IsAbs(to) {
			// The folder may be reached by a link itself, and .. means the parent of what that leads to.
			folder, err := filepath.EvalSymlinks(filepath.Dir(name))
			if err != nil {
				return "", err
			}
			to = filepath.Join(folder, to)
		}
		name = to
	}
	return "", fmt.Errorf("more than %d symbolic links lead on from it", maxLinks)
}

// leadsOut refuses a target outside of the repository of the current directory, for a name inside.
func leadsOut(name, target string) error {
	here, err := os.Getwd()
	if err != nil {
		return nil //nolint:nilerr // it is in no repository
	}
	if here, err = filepath.EvalSymlinks(here); err != nil {
		return err
	}
	top := repository(here)
	if !filepath.IsAbs(name) {
		name = filepath.Join(here, name)
	}
	if top == "" || !below(top, name) {
		return nil
	}
	if !filepath.IsAbs(target) {
		target = filepath.Join(here, target)
	}
	folder, err := filepath.EvalSymlinks(filepath.Dir(target))
	if err != nil {
		return err
	}
	if real := filepath.Join(folder, filepath.Base(target)); !below(top, real) {
		return fmt.Errorf("a symbolic link leads to %s, outside of the repository", real)
	}
	return nil
}

// repository is the folder at or above dir that holds .git; "" if there is none. In a worktree .git is a file.
func repository(dir string) string {
	for {
		if _, err := os.Lstat(filepath.Join(dir, ".git")); err == nil {
			return dir
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return ""
		}
		dir = parent
	}
}

func below(dir, path string) bool {
	inside, err := filepath.Rel(dir, path)
	return err == nil && filepath.IsLocal(inside)
}

// Buffered has write write to w in larger parts.
func Buffered(w io.Writer, write func(io.Writer) error) error {
	b := bufio.NewWriterSize(w, buffered)
	if err := write(b); err != nil {
		return err
	}
	return b.Flush()
}
