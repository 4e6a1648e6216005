package main

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/renameio/v2"
	"github.com/spf13/cobra"

	"github.com/tlsward/tlsward/report"
)

// output is one report of a run: how it is written, and where.
type output struct {
	format report.Format
	// file is "" for standard output.
	file string
}

func outputHelp(formats []report.Format) string {
	return "report as FORMAT[=FILE], to standard output if no file is named; may be repeated (default text)\n" +
		strings.Join(formatLines(formats), "\n")
}

// completeOutput offers formats to a shell, and files after =.
func completeOutput(formats []report.Format) cobra.CompletionFunc {
	return func(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
		if strings.Contains(typed, "=") {
			return nil, cobra.ShellCompDirectiveDefault
		}
		var names []string
		for _, format := range formats {
			names = append(names, cobra.CompletionWithDesc(format.Name, format.Help))
		}
		return names, cobra.ShellCompDirectiveNoSpace | cobra.ShellCompDirectiveNoFileComp
	}
}

// formatLines are the formats with their help, as a table.
func formatLines(formats []report.Format) []string {
	var lines []string
	for _, format := range formats {
		lines = append(lines, fmt.Sprintf("%-13s %s", format.Name, format.Help))
	}
	return lines
}

// outputs reads the values of --output; none is the first format on standard output.
func outputs(values []string, formats []report.Format) ([]output, error) {
	if len(values) == 0 {
		values = []string{formats[0].Name}
	}
	var list []output
	taken := map[string]string{} // the value that a file belongs to
	for _, value := range values {
		name, file, named := strings.Cut(value, "=")
		format, err := report.Lookup(formats, name)
		if err != nil {
			return nil, fmt.Errorf("--output %w", err)
		}
		if named && file == "" {
			return nil, fmt.Errorf("--output %s: want the name of a file after =, or no =", value)
		}
		if file == "-" {
			file = ""
		}
		if file != "" {
			file = filepath.Clean(file)
			if err := writable(file); err != nil {
				return nil, fmt.Errorf("--output %s: %w", value, err)
			}
		}
		path := file
		if file != "" {
			path = realPath(file)
		}
		if other, twice := taken[path]; twice {
			where := "the same file"
			if file == "" {
				where = "standard output"
			}
			return nil, fmt.Errorf("--output %s and --output %s both go to %s: want a file for each but one, as %s=FILE", other, value, where, name)
		}
		taken[path] = value
		list = append(list, output{format, file})
	}
	return list, nil
}

// writable says early what would keep a report from being written: nobody waits minutes to learn of a misspelt folder.
func writable(file string) error {
	info, err := os.Stat(file)
	if err == nil && info.IsDir() {
		return errors.New("it is a directory, want a file")
	}
	dir := filepath.Dir(file)
	info, err = os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("no directory %s", dir)
	case err == nil && !info.IsDir():
		return fmt.Errorf("%s is no directory", dir)
	}
	return err
}

// write writes a report to its file, as a whole or not at all, or else to out. Style is that of out.
func (o output) write(out io.Writer, run report.Run, style report.Style) error {
	if o.file == "" {
		return o.format.Write(out, run, style)
	}
	// Colour in a file is for who asks for it by --color always, a width for nobody.
	style.Width, style.Links = 0, false
	if err := o.replace(run, style); err != nil {
		var path *fs.PathError
		if errors.As(err, &path) { // it may name the temporary file
			err = path.Err
		}
		return fmt.Errorf("--output %s=%s: %w", o.format.Name, o.file, err)
	}
	return nil
}

func (o output) replace(run report.Run, style report.Style) (err error) {
	file := o.file
	if target, err := filepath.EvalSymlinks(file); err == nil {
		file = target // the link stays
	}
	if info, err := os.Stat(file); err == nil && !info.Mode().IsRegular() {
		// A device or a pipe is written to: replacing /dev/null would break the machine.
		special, err := os.OpenFile(file, os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		return cmp.Or(o.buffered(special, run, style), special.Close())
	}
	const permissions = 0o644 // others may read it, as what a shell redirects to a file
	pending, err := renameio.NewPendingFile(file, renameio.WithPermissions(permissions), renameio.WithExistingPermissions())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, pending.Cleanup()) }()
	if err := o.buffered(pending, run, style); err != nil {
		return err
	}
	return pending.CloseAtomicallyReplace()
}

func (o output) buffered(w io.Writer, run report.Run, style report.Style) error {
	const size = 64 << 10 // bytes; a system call for each finding would cost more than its text
	b := bufio.NewWriterSize(w, size)
	if err := o.format.Write(b, run, style); err != nil {
		return err
	}
	return b.Flush()
}
