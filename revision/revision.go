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
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Changes are the files that differ between a revision and the working tree.
type Changes struct {
	// Base is the commit that was compared with: the last one that HEAD and the revision have in common, as for a pull request.
	Base string
	// files holds them by their absolute path without links, as it is now.
	files map[string]change
	// gone are the contents of files that are there no more.
	gone []string
}

type change struct {
	before string
	// known: before is what the file held. Where it is not, the file is new, or what it held is no text of a sensible size.
	known bool
}

// maxBefore bounds what is read of a file as it was, in bytes: lint reads no larger one either.
const maxBefore = 8 << 20

// Since compares the repository that a directory is in. Wanted says of which files (paths with slashes, from the repository's root) it
// matters what they held.
func Since(ctx context.Context, dir, rev string, wanted func(path string) bool) (*Changes, error) {
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
	commit, err := g.run("rev-parse", "--verify", "--quiet", "--end-of-options", rev+"^{commit}")
	if err != nil {
		if ctx.Err() != nil || errors.Is(err, errNoGit) {
			return nil, err
		}
		return nil, fmt.Errorf("%s: no such revision in this clone; a shallow one may lack it (git fetch)", rev)
	}
	base, err := g.run("merge-base", strings.TrimSpace(commit), "HEAD")
	if err != nil {
		if ctx.Err() != nil {
			return nil, err
		}
		return nil, fmt.Errorf("%s and HEAD have no commit in common in this clone; a shallow one may lack it (git fetch --unshallow)", rev)
	}
	c := &Changes{Base: strings.TrimSpace(base), files: map[string]change{}}
	raw, err := g.run("diff", "--raw", "-z", "--no-abbrev", "--find-renames", "--no-ext-diff", "--ignore-submodules=all", c.Base, "--")
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
	return c, c.read(g, root, entries, wanted)
}

// Changed reports whether a file differs, or is new; the path is absolute and without links.
func (c *Changes) Changed(path string) bool {
	_, ok := c.files[path]
	return ok
}

// Below reports whether anything differs in a directory.
func (c *Changes) Below(dir string) bool {
	for path := range c.files {
		if strings.HasPrefix(path, dir+string(filepath.Separator)) {
			return true
		}
	}
	return false
}

// Before returns what a changed file held, under whatever name; false if it is new, or nobody wanted to know.
func (c *Changes) Before(path string) (string, bool) {
	f := c.files[path]
	return f.before, f.known
}

// Gone returns what files held that are there no more.
func (c *Changes) Gone() []string { return c.gone }

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
func (c *Changes) read(g git, root string, entries []entry, wanted func(path string) bool) error {
	var blobs []string
	for _, e := range entries {
		if e.blob != "" && !e.gitlink && wanted(e.before) {
			blobs = append(blobs, e.blob)
		}
	}
	texts, err := g.blobs(blobs)
	if err != nil {
		return err
	}
	for _, e := range entries {
		text, known := texts[e.blob]
		if !e.gitlink && e.exist {
			c.files[filepath.Join(root, filepath.FromSlash(e.now))] = change{text, known}
		} else if known {
			c.gone = append(c.gone, text)
		}
		// A copy leaves the file that it was made of; a rename does not.
	}
	slices.Sort(c.gone)
	return nil
}

// git runs the program that is installed.
type git struct {
	ctx context.Context
	dir string
}

var errNoGit = errors.New("git is not installed, or not in PATH")

func (g git) command(args ...string) *exec.Cmd {
	// What a repository's own config would have run (a monitor of its files) is left out, and nothing asks for a password.
	args = append([]string{"-c", "core.fsmonitor=false", "-c", "core.quotepath=off"}, args...)
	cmd := exec.CommandContext(g.ctx, "git", args...)
	cmd.Dir = g.dir
	cmd.Env = append(os.Environ(), "LC_ALL=C", "GIT_OPTIONAL_LOCKS=0", "GIT_TERMINAL_PROMPT=0")
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
	}
	if line := strings.TrimSpace(said); line != "" {
		return fmt.Errorf("git %s: %s", what, line)
	}
	return fmt.Errorf("git %s: %w", what, err)
}

// blobs reads contents by their names, all from one process.
func (g git) blobs(names []string) (texts map[string]string, err error) {
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
		if err = readBlob(reader, texts); err != nil {
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
func readBlob(from *bufio.Reader, into map[string]string) error {
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
	if size > maxBefore {
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
