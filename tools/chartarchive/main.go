// Command chartarchive packs a Helm chart as `helm package` does, but for the times in it: all of them are that of the commit, so that the
// same chart gives the same bytes.
package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"time"

	"go.yaml.in/yaml/v3"
)

func main() {
	if err := run(os.Args[1:], os.Stderr); err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(os.Stderr, "chartarchive:", err)
		}
		os.Exit(2)
	}
}

func run(args []string, errOut io.Writer) error {
	flags := flag.NewFlagSet("chartarchive", flag.ContinueOnError)
	flags.SetOutput(errOut)
	flags.Usage = func() {
		fmt.Fprintln(errOut, "usage: chartarchive -created RFC3339 -out FOLDER CHART")
		flags.PrintDefaults()
	}
	created := flags.String("created", "", "the commit's time, in RFC 3339")
	out := flags.String("out", "", "the folder for NAME-VERSION.tgz")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *out == "" || flags.NArg() != 1 {
		flags.Usage()
		return flag.ErrHelp
	}
	at, err := time.Parse(time.RFC3339, *created)
	if err != nil {
		return fmt.Errorf("-created: %w", err)
	}
	chart := os.DirFS(flags.Arg(0))
	var about struct{ Name, Version string }
	text, err := fs.ReadFile(chart, "Chart.yaml")
	if err != nil {
		return err
	}
	if err := yaml.Unmarshal(text, &about); err != nil {
		return fmt.Errorf("%s: Chart.yaml: %w", flags.Arg(0), err)
	}
	if about.Name == "" || about.Version == "" {
		return fmt.Errorf("%s: Chart.yaml: want a name and a version", flags.Arg(0))
	}
	var archive bytes.Buffer
	if err := pack(&archive, chart, about.Name, at.UTC()); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(*out, about.Name+"-"+about.Version+".tgz"), archive.Bytes(), 0o644)
}

// pack writes Chart.yaml first, as Helm does, for who reads no further; then the files in the order of their names.
func pack(w io.Writer, chart fs.FS, name string, at time.Time) error {
	compressed, err := gzip.NewWriterLevel(w, gzip.BestCompression)
	if err != nil {
		return err
	}
	archive := tar.NewWriter(compressed)
	add := func(file string) error {
		content, err := fs.ReadFile(chart, file)
		if err != nil {
			return err
		}
		err = archive.WriteHeader(&tar.Header{
			Format: tar.FormatUSTAR, Typeflag: tar.TypeReg, Name: path.Join(name, file), Mode: 0o644, Size: int64(len(content)), ModTime: at,
		})
		if err != nil {
			return err
		}
		_, err = archive.Write(content)
		return err
	}
	if err := add("Chart.yaml"); err != nil {
		return err
	}
	err = fs.WalkDir(chart, ".", func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || file == "Chart.yaml" {
			return err
		}
		if !d.Type().IsRegular() {
			return fmt.Errorf("%s: want a regular file", file)
		}
		return add(file)
	})
	return errors.Join(err, archive.Close(), compressed.Close())
}
