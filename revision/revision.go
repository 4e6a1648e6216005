// Package revision tells what changed in the working tree of a Git repository since a revision, and what the changed files held
// then. cmd asks it for lint --changed-since. It runs the git that is installed, which reads the repository as its owner has it
// (partial clones, worktrees, alternates); it knows no manifest, and changes nothing.
package revision

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Changes are the files that differ between a revision and the working tree.
type Changes struct {
	// files holds them by their absolute path without links, as it is now.
	files map[string]change
	// gone are the contents of files that are there no more, lost the paths that were left, in order.
	gone, lost []string
	// modules are the folders of submodules that are at another commit, or new.
	modules []string
}

type change struct {
	before string
	// known: before is what the file held. Where it is not, the file is new, or what it held is no text of a sensible size.
	known bool
}

// Since compares the repository that a directory is in with the last commit that HEAD and the revision have in common, as for a pull
// request. Wanted says of which files (paths with slashes, from the repository's root) it matters what they held, and largest, in bytes,
// up to which size: that to which the caller reads files, for it knew nothing of a larger one. All of them together have no bound, since
// the caller holds all files as they are now, and what changed among them was seldom more.
func Since(ctx context.Context, dir, rev string, wanted func(path string) bool, largest int64) (*Changes, error) {
	if strings.TrimSpace(rev) == "" {
		return nil, errors.New("want a revision, as in main or HEAD~1")
	}
	g := git{ctx: ctx, dir: dir}
	top, err := g.run("rev-parse", "--show-toplevel")
	if err != nil {
		return nil, err
	}
	root, err := filepath.EvalSymlinks(strings.TrimRight(top, "\r\n"))
	if err != nil {
		return nil, err
	}
	g.dir = root
	commit, err := g.commit(rev)
	if err != nil {
		return nil, err
	}
	base, err := g.run("merge-base", commit, "HEAD")
	if err != nil {
		if ctx.Err() != nil {
			return nil, err
		}
		return nil, fmt.Errorf("%s and HEAD have no commit in common in this clone; a shallow one may lack it (git fetch --unshallow)", rev)
	}
	c := &Changes{files: map[string]change{}}
	// Of a submodule its commit is compared. What is not committed in it is not: git would be run there, by a config of its own.
	raw, err := g.run("diff", "--raw", "-z", "--no-abbrev", "--find-renames", "--no-ext-diff", "--ignore-submodules=dirty", strings.TrimSpace(base), "--")
	if err != nil {
		return nil, err
	}
	entries, err := parseRaw(raw)
	if err != nil {
		return nil, err
	}
	untracked, err := g.run("ls-files", "-z", "--others", "--exclude-standard")
	if err != nil {
		return nil, err
	}
	for path := range strings.SplitSeq(untracked, "\x00") {
		if path != "" {
			c.files[filepath.Join(root, filepath.FromSlash(path))] = change{}
		}
	}
	return c, c.read(g, root, entries, wanted, largest)
}

// Changed reports whether a file differs, or is new; the path is absolute and without links. Of a submodule that is at another commit
// all files count: what they held is in another repository.
func (c *Changes) Changed(path string) bool {
	_, ok := c.files[path]
	return ok || slices.ContainsFunc(c.modules, func(dir string) bool { return strings.HasPrefix(path, dir+string(filepath.Separator)) })
}

// Find returns the first path, in order, of a file that differs, is new or is there no more, and that matches; "" if none does.
func (c *Changes) Find(match func(path string) bool) string {
	for _, path := range slices.Sorted(maps.Keys(c.files)) {
		if match(path) {
			return path
		}
	}
	if i := slices.IndexFunc(c.lost, match); i >= 0 {
		return c.lost[i]
	}
	return ""
}

// Before returns what a changed file held, under whatever name; false if it is new, or nobody wanted to know.
func (c *Changes) Before(path string) (string, bool) {
	f := c.files[path]
	return f.before, f.known
}

// Gone returns what files held that are there no more.
func (c *Changes) Gone() []string { return c.gone }

// Lost returns the paths, absolute and without links, of files that are there no more or have another name now.
func (c *Changes) Lost() []string { return c.lost }

// entry is one file of git diff --raw.
type entry struct {
	status         byte
	blob           string // of what it held; "" if it was not there
	before, now    string // names
	gitlink, exist bool
}

// parseRaw reads ":oldmode newmode oldblob newblob status\0path\0", and a second path for a rename.
func parseRaw(raw string) (entries []entry, err error) {
	fields := strings.Split(raw, "\x00")
	for i := 0; i+1 < len(fields); i++ {
		head := strings.Fields(strings.TrimPrefix(fields[i], ":"))
		if len(head) != 5 {
			return nil, fmt.Errorf("git diff: a line that is not understood: %q", fields[i])
		}
		e := entry{status: head[4][0], blob: head[2], before: fields[i+1], now: fields[i+1]}
		e.gitlink = head[0] == gitlink || head[1] == gitlink
		e.exist = e.status != 'D'
		if i++; e.status == 'R' || e.status == 'C' {
			if i++; i >= len(fields) {
				return nil, errors.New("git diff: a rename without its second name")
			}
			e.now = fields[i]
		}
		if strings.Trim(e.blob, "0") == "" {
			e.blob = ""
		}
		entries = append(entries, e)
	}
	return entries, nil
}

// gitlink is the mode of a submodule.
const gitlink = "160000"

// read asks for what the files held, of all at once.
func (c *Changes) read(g git, root string, entries []entry, wanted func(path string) bool, largest int64) error {
	var blobs []string
	for _, e := range entries {
		if e.blob != "" && !e.gitlink && wanted(e.before) {
			blobs = append(blobs, e.blob)
		}
	}
	texts, err := g.blobs(blobs, largest)
	if err != nil {
		return err
	}
	for _, e := range entries {
		text, known := texts[e.blob]
		now := filepath.Join(root, filepath.FromSlash(e.now))
		if !e.gitlink && e.exist {
			c.files[now] = change{text, known}
		} else if known {
			c.gone = append(c.gone, text)
		}
		if e.gitlink && e.exist {
			c.modules = append(c.modules, now)
		}
		// A copy leaves the file that it was made of; a rename does not.
		if before := filepath.Join(root, filepath.FromSlash(e.before)); !e.exist || e.status == 'R' {
			c.lost = append(c.lost, before)
		}
	}
	slices.Sort(c.gone)
	slices.Sort(c.lost)
	return nil
}

// git runs the program that is installed.
type git struct {
	ctx context.Context
	dir string
}

// namesRepository are the variables that say which repository git is to read, wherever it is run.
var namesRepository = []string{"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_PREFIX"}

// errPartial is not mended by fetching what is missing: tlsward calls no server.
var errPartial = errors.New("this clone is a partial one, and lacks what is to be read: clone without --filter, or git fetch --refetch --no-filter")

var errNoGit = errors.New("git is not installed, or not in PATH")

func (g git) command(args ...string) *exec.Cmd {
	// What a repository's own config would have run (a monitor of its files) is left out, and nothing asks for a password.
	args = append([]string{"-c", "core.fsmonitor=false", "-c", "core.quotepath=off"}, args...)
	cmd := exec.CommandContext(g.ctx, "git", args...)
	cmd.Dir = g.dir
	// Hooks are told the repository by variables; what is asked for is that of the folder. Of a linked worktree, GIT_DIR alone would have
	// git take any folder for the top of it.
	cmd.Env = slices.DeleteFunc(os.Environ(), func(variable string) bool {
		name, _, _ := strings.Cut(variable, "=")
		return slices.Contains(namesRepository, strings.ToUpper(name))
	})
	// What a partial clone lacks is not fetched: who reads files does not call a server that the clone's config names. Git knows the
	// variable since 2.45, and since 2.39.4 in the older lines; what is older fetches.
	cmd.Env = append(cmd.Env, "LC_ALL=C", "GIT_OPTIONAL_LOCKS=0", "GIT_TERMINAL_PROMPT=0", "GIT_NO_LAZY_FETCH=1")
	return cmd
}

func (g git) run(args ...string) (string, error) {
	var out, errOut bytes.Buffer
	cmd := g.command(args...)
	cmd.Stdout, cmd.Stderr = &out, &errOut
	if err := cmd.Run(); err != nil {
		return "", g.failed(args[0], err, errOut.String())
	}
	return out.String(), nil
}

// failed words what git said.
func (g git) failed(what string, err error, said string) error {
	switch {
	case g.ctx.Err() != nil:
		return g.ctx.Err()
	case errors.Is(err, exec.ErrNotFound):
		return errNoGit
	case strings.Contains(said, "not a git repository"):
		return fmt.Errorf("%s: not in a Git repository", g.dir)
	case strings.Contains(said, "from promisor remote"):
		return errPartial
	}
	if line := strings.TrimSpace(said); line != "" {
		return fmt.Errorf("git %s: %s", what, line)
	}
	return fmt.Errorf("git %s: %w", what, err)
}

// blobs reads contents by their names, all from one process.
func (g git) blobs(names []string, largest int64) (texts map[string]string, err error) {
	texts = map[string]string{}
	if len(names) == 0 {
		return texts, nil
	}
	var errOut bytes.Buffer
	cmd := g.command("cat-file", "--batch")
	cmd.Stdin = strings.NewReader(strings.Join(names, "\n") + "\n")
	cmd.Stderr = &errOut
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, g.failed("cat-file", err, "")
	}
	reader := bufio.NewReader(pipe)
	for range names {
		if err = readBlob(reader, texts, largest); err != nil {
			break
		}
	}
	if err != nil {
		_ = pipe.Close() // it ends by the next thing it writes
	}
	if waited := cmd.Wait(); err == nil && waited != nil {
		err = waited
	}
	if err != nil {
		return nil, g.failed("cat-file", err, errOut.String())
	}
	return texts, nil
}

// readBlob reads "name type size\n", the content, and a line feed; of an object that is not there, "name missing\n".
func readBlob(from *bufio.Reader, into map[string]string, largest int64) error {
	line, err := from.ReadString('\n')
	if err != nil {
		return err
	}
	head := strings.Fields(line)
	if len(head) == 2 && head[1] == "missing" {
		return nil
	}
	if len(head) != 3 {
		return fmt.Errorf("a line that is not understood: %q", line)
	}
	size, err := strconv.ParseInt(head[2], 10, 64)
	if err != nil {
		return err
	}
	if size > largest {
		_, err = io.CopyN(io.Discard, from, size+1)
		return err
	}
	text := make([]byte, size)
	if _, err := io.ReadFull(from, text); err != nil {
		return err
	}
	into[head[0]] = string(text)
	_, err = from.Discard(1)
	return err
}
