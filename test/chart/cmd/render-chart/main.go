// Command render-chart writes the rendered chart to standard output: for programs outside this module, which then need
// neither Helm nor its library. Values are read from the files named; - is standard input.
//
//	go run -C test/chart ./cmd/render-chart [-name tlsward] [-namespace tlsward] [values.yaml ...]
package main

import (
	"flag"
	"fmt"
	"io"
	"os"

	"helm.sh/helm/v4/pkg/chart/common/util"
	"sigs.k8s.io/yaml"

	"github.com/tlsward/tlsward/test/chart/render"
)

func main() {
	var release render.Release
	flag.StringVar(&release.Name, "name", "", "name of the release (tlsward)")
	flag.StringVar(&release.Namespace, "namespace", "", "namespace of the release (tlsward)")
	flag.Parse()
	if err := run(release, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "render-chart:", err)
		os.Exit(1)
	}
}

func run(release render.Release, files []string) error {
	values := map[string]any{}
	for _, name := range files {
		text, err := read(name)
		if err != nil {
			return err
		}
		later := map[string]any{}
		if err := yaml.Unmarshal(text, &later); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		values = util.MergeTables(later, values)
	}
	manifests, err := release.Render(values)
	if err != nil {
		return err
	}
	_, err = os.Stdout.Write(manifests)
	return err
}

func read(name string) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(os.Stdin)
	}
	return os.ReadFile(name)
}
