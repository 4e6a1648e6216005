package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/spf13/cobra"

	"github.com/tlsward/tlsward/config"
	"github.com/tlsward/tlsward/engine"
	"github.com/tlsward/tlsward/manifest"
)

// buildInfo is what two tlswards must have in common to decide alike. It is told as the labels of a metric.
type buildInfo struct{ version, rulebook, config string }

// buildInfoName is the metric's.
const buildInfoName = "tlsward_build_info"

// infoOf is what decides here: the version of the rulebook in force, and a digest of the config's decisions and of the rules of one's own.
func infoOf(c *config.Config, books []engine.Rulebook) (buildInfo, error) {
	info := buildInfo{version: versionText(), rulebook: c.Rulebook.String()}
	if c.Rulebook.IsZero() {
		newest, err := currentVersion(books[0].FS)
		if err != nil {
			return info, err
		}
		info.rulebook = newest.String()
	}
	contents := bytes.NewBufferString(c.Digest() + "\n")
	for _, book := range books[1:] {
		if err := digestRules(contents, book.FS); err != nil {
			return info, fmt.Errorf("rulebook %s: %w", book.Name, err)
		}
	}
	info.config = sum(contents.Bytes())[:16] // nobody forges it against themselves
	return info, nil
}

// digestRules adds what is read of a rulebook to judge by it: not its tests and scenes, which an archive for a cluster may leave out.
func digestRules(into *bytes.Buffer, files fs.FS) error {
	var read []string
	for _, glob := range []string{engine.VersionsFile, "*/provider.yaml", "*/*/rule.rego", "lib/*.rego"} {
		found, err := fs.Glob(files, glob)
		if err != nil {
			return err
		}
		read = append(read, found...)
	}
	slices.Sort(read)
	for _, file := range read {
		if strings.HasSuffix(path.Base(file), "_test.rego") {
			continue
		}
		data, err := fs.ReadFile(files, file)
		if err != nil {
			return err
		}
		fmt.Fprintf(into, "%s %s\n", file, sum(data))
	}
	return nil
}

func (b buildInfo) String() string {
	return fmt.Sprintf("%s{config=%q,rulebook=%q,version=%q} 1", buildInfoName, b.config, b.rulebook, b.version)
}

func digestCommand(s streams) *cobra.Command {
	var f struct {
		common
		path string
	}
	cmd := &cobra.Command{
		Use:   "digest",
		Short: "Print what must be the same in a pipeline and in the cluster",
		Long: `Print the version of the rulebook that is in force and a digest of what the config decides about rules, as the metric tlsward_build_info of
tlsward serve tells them. tlsward lint --match-cluster compares them.`,
		Example: "  tlsward config digest --cluster-name prod\n  tlsward config digest > cluster.txt",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			info, err := func() (buildInfo, error) {
				if _, err := f.load([]string{f.path}); err != nil {
					return buildInfo{}, err
				}
				return infoOf(f.loaded, f.books)
			}()
			if err != nil {
				return unjudged(err)
			}
			_, err = fmt.Fprintln(s.out, info)
			return err
		},
	}
	flags := cmd.Flags()
	f.registerWorld(flags)
	flags.StringVar(&f.path, "path", ".", "file or folder that would be judged: the config is looked for from there upward")
	return cmd
}

// matchCluster compares what decides here with what a file says of a cluster, and returns what is not the same. What differs without a
// verdict being another for it is complained of.
func (f *common) matchCluster(file string, errOut io.Writer) error {
	text, err := manifest.ReadFile(file, nil)
	if err != nil {
		return fmt.Errorf("--match-cluster %s: %w", file, manifest.Cause(err))
	}
	there, err := readBuildInfo(text)
	if err != nil {
		return fmt.Errorf("--match-cluster %s: %w", file, err)
	}
	judging := *f.loaded
	if f.profile != "" {
		judging.Settings.Profile = f.profile
	}
	here, err := infoOf(&judging, f.books)
	if err != nil {
		return err
	}
	var errs []error
	if len(f.only) > 0 || len(f.skip) > 0 {
		errs = append(errs, fmt.Errorf("--match-cluster %s: the cluster judges by all rules: want no --only and no --skip", file))
	}
	for _, t := range there {
		if t.rulebook != here.rulebook {
			errs = append(errs, fmt.Errorf("--match-cluster %s: the cluster has rulebook %s in force, and here it is %s", file, t.rulebook, here.rulebook))
		}
		if t.config != here.config {
			errs = append(errs, fmt.Errorf("--match-cluster %s: the cluster's config decides otherwise about rules: its digest is %s, and here it is %s", file, t.config, here.config))
		}
		if t.version != here.version {
			complain(errOut, fmt.Sprintf("--match-cluster %s: the cluster runs tlsward %s, and this is %s", file, t.version, here.version))
		}
	}
	return errors.Join(errs...)
}

// readBuildInfo finds the metric in what /metrics answers, or a Prometheus, or `tlsward config digest`: one for each replica, alike ones once.
func readBuildInfo(text string) ([]buildInfo, error) {
	var told []buildInfo
	add := func(label func(string) string) {
		info := buildInfo{label("version"), label("rulebook"), label("config")}
		if !slices.Contains(told, info) {
			told = append(told, info)
		}
	}
	if strings.HasPrefix(strings.TrimSpace(text), "{") {
		var answer struct {
			Data struct {
				Result []struct{ Metric map[string]string }
			}
		}
		if err := json.Unmarshal([]byte(text), &answer); err != nil {
			return nil, fmt.Errorf("want the answer of a Prometheus, or metrics: %w", err)
		}
		for _, r := range answer.Data.Result {
			if r.Metric["__name__"] == buildInfoName {
				add(func(name string) string { return r.Metric[name] })
			}
		}
	} else {
		// Only our lines: who pastes a terminal has others beside them.
		var lines strings.Builder
		for line := range strings.Lines(text) {
			if strings.HasPrefix(line, buildInfoName+"{") {
				lines.WriteString(strings.TrimRight(line, "\r\n") + "\n")
			}
		}
		parser := expfmt.NewTextParser(model.LegacyValidation)
		families, err := parser.TextToMetricFamilies(strings.NewReader(lines.String()))
		if err != nil {
			return nil, fmt.Errorf("want metrics: %w", err)
		}
		for _, metric := range families[buildInfoName].GetMetric() {
			add(func(name string) string { return labelValue(metric, name) })
		}
	}
	if len(told) == 0 {
		return nil, fmt.Errorf("no %s in it: want what /metrics of the webhook answers, or the output of `tlsward config digest`", buildInfoName)
	}
	for _, info := range told {
		if info.rulebook == "" || info.config == "" {
			return nil, fmt.Errorf("%s without rulebook or config: want all of its labels", buildInfoName)
		}
	}
	return told, nil
}

func labelValue(metric *dto.Metric, name string) string {
	for _, label := range metric.GetLabel() {
		if label.GetName() == name {
			return label.GetValue()
		}
	}
	return ""
}
