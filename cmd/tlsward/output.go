package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tlsward/tlsward/outfile"
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
		return outfile.Buffered(out, func(w io.Writer) error { return o.format.Write(w, run, style) })
	}
	// Colour in a file is for who asks for it by --color always, a width for nobody.
	style.Width, style.Links = 0, false
	if err := outfile.WriteBy(o.file, func(w io.Writer) error { return o.format.Write(w, run, style) }); err != nil {
		return fmt.Errorf("--output %s=%s: %w", o.format.Name, o.file, err)
	}
	return nil
}
