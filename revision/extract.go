package revision

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Repository is the folder, without links, of the Git repository that a directory is in.
func Repository(ctx context.Context, dir string) (string, error) {
	top, err := git{ctx: ctx, dir: dir}.run("rev-parse", "--show-toplevel")
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(strings.TrimRight(top, "\r\n"))
}

// Exists reports whether a name is that of a revision: a commit, a tag, a branch, or A...B, the last commit that both have in common.
func Exists(ctx context.Context, dir, rev string) bool {
	_, err := git{ctx: ctx, dir: dir}.commit(rev)
	return err == nil
}

// commit is the one that a name means.
func (g git) commit(rev string) (string, error) {
	if one, other, ok := strings.Cut(rev, "..."); ok {
		if other == "" {
			other = "HEAD"
		}
		base, err := g.run("merge-base", "--end-of-options", one, other)
		if err != nil {
			if g.ctx.Err() != nil || errors.Is(err, errNoGit) {
				return "", err
			}
			return "", fmt.Errorf("%s and %s have no commit in common in this clone; a shallow one may lack it (git fetch --unshallow)", one, other)
		}
		return strings.TrimSpace(base), nil
	}
	commit, err := g.run("rev-parse", "--verify", "--quiet", "--end-of-options", rev+"^{commit}")
	if err != nil {
		if g.ctx.Err() != nil || errors.Is(err, errNoGit) {
			return "", err
		}
		return "", fmt.Errorf("%s: no such revision in this clone; a shallow one may lack it (git fetch)", rev)
	}
	return strings.TrimSpace(commit), nil
}

// The bounds of Extract: a repository of manifests has some thousands of files and some megabytes. One with more holds other things,
// and whoever asks would wait for a second copy of them all.
const (
	maxFiles = 200_000
	maxBytes = 2 << 30
	// atOnce is how many files are held at a time, at most that many bytes each.
	atOnce = 1000
)

// Extract writes the files of a revision, as they were, below a folder: those up to largest bytes, for the caller reads no larger ones,
// and those of some paths only, from the repository's root, if any are given. What is there already is left as it is. Links are written as
// they are, but for those that lead out of the folder. Submodules are left out. A filter that the repository declares (Git LFS) is not run,
// nor anything else. Whoever wrote the revision may mean harm: git itself does not refuse a tree that names a path twice.
func Extract(ctx context.Context, dir, rev, into string, largest int64, within []string) error {
	g := git{ctx: ctx, dir: dir}
	commit, err := g.commit(rev)
	if err != nil {
		return err
	}
	top, err := Repository(ctx, dir)
	if err != nil {
		return err
	}
	g.dir = top
	args := []string{"ls-tree", "-r", "-z", "-l", "--full-tree", commit, "--"}
	for _, path := range within {
		if path = filepath.ToSlash(filepath.Clean(path)); path == "." {
			args = args[:7]
			break
		}
		args = append(args, path)
	}
	listed, err := g.run(args...)
	if err != nil {
		return err
	}
	files, err := parseTree(listed, largest)
	if err != nil {
		return fmt.Errorf("%s: %w", rev, err)
	}
	// It follows no link that leads out of it, whatever the order in which they are written.
	root, err := os.OpenRoot(into)
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }() // nothing is written through it any more
	made := map[string]bool{}
	// Links come last, so that none stands in the place of a folder.
	slices.SortStableFunc(files, func(a, b stored) int { return cmp.Compare(a.order(), b.order()) })
	for len(files) > 0 {
		some := files[:min(atOnce, len(files))]
		files = files[len(some):]
		names := make([]string, len(some))
		for i, f := range some {
			names[i] = f.blob
		}
		texts, err := g.blobs(names, largest)
		if err != nil {
			return err
		}
		for _, f := range some {
			text, ok := texts[f.blob]
			if !ok {
				return fmt.Errorf("%s: what it held is not in this clone; a partial one may lack it (git fetch --refetch --no-filter)", filepath.ToSlash(f.path))
			}
			if err := f.write(root, text, made); err != nil {
				return err
			}
		}
	}
	return dropEscapes(into, root)
}

// dropEscapes removes the links that lead out of the folder: how far one leads is known only once all others are there, and whoever reads
// the folder follows them all.
func dropEscapes(into string, root *os.Root) error {
	return filepath.WalkDir(into, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.Type()&fs.ModeSymlink == 0 {
			return err
		}
		local, err := filepath.Rel(into, path)
		if err != nil {
			return err
		}
		if _, err := root.Stat(local); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return root.Remove(local)
		}
		return nil
	})
}

// stored is a file of a commit.
type stored struct {
	path, blob string
	link       bool
}

// Modes of git ls-tree.
const linkMode = "120000"

// parseTree reads "mode type blob size\tpath\0".
func parseTree(listed string, largest int64) (files []stored, err error) {
	var total int64
	for line := range strings.SplitSeq(listed, "\x00") {
		if line == "" {
			continue
		}
		head, path, ok := strings.Cut(line, "\t")
		fields := strings.Fields(head)
		if !ok || len(fields) != 4 {
			return nil, fmt.Errorf("git ls-tree: a line that is not understood: %q", line)
		}
		var size int64
		if fields[1] != "blob" {
			continue
		}
		if _, err := fmt.Sscan(fields[3], &size); err != nil {
			return nil, fmt.Errorf("git ls-tree: a size that is not understood: %q", line)
		}
		local := filepath.FromSlash(path)
		if size > largest || !filepath.IsLocal(local) {
			continue
		}
		if total += size; total > maxBytes || len(files) == maxFiles {
			return nil, fmt.Errorf("more than %d files, or %d bytes: too much to be read a second time", maxFiles, maxBytes)
		}
		files = append(files, stored{local, fields[2], fields[0] == linkMode})
	}
	return files, nil
}

// order has links after files.
func (f stored) order() int {
	if f.link {
		return 1
	}
	return 0
}

func (f stored) write(root *os.Root, text string, made map[string]bool) error {
	const folder, file = 0o700, 0o600 // nobody else's business: a revision may hold Secrets
	if dir := filepath.Dir(f.path); !made[dir] {
		if err := root.MkdirAll(dir, folder); err != nil {
			return err
		}
		made[dir] = true
	}
	if _, err := root.Lstat(f.path); err == nil {
		return nil
	}
	if !f.link {
		return root.WriteFile(f.path, []byte(text), file)
	}
	target := filepath.FromSlash(text)
	if target == "" || filepath.IsAbs(target) {
		return nil
	}
	return root.Symlink(target, f.path)
}
