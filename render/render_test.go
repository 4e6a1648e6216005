package render

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// tree writes files, by their names, into a new folder.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func configMap(name string) string {
	return "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: " + name + "}\n"
}

// TestKustomizeOrigins: objects know the file they stand in, what generates them, and what changed them; nothing of that is
// left in them unless it was asked for.
func TestKustomizeOrigins(t *testing.T) {
	dir := tree(t, map[string]string{
		"base/kustomization.yaml": "resources: [a.yaml]\n",
		"base/a.yaml":             configMap("a") + "data: {port: \"80\"}\n",
		"over/kustomization.yaml": "resources: [../base]\nnamePrefix: x-\nnamespace: shop\nconfigMapGenerator: [{name: made, files: [key=absent.txt]}]\n",
		"kept/kustomization.yaml": "resources: [../base]\nbuildMetadata: [originAnnotations]\n",
	})
	made, err := Kustomize(context.Background(), filepath.Join(dir, "over"), Files{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(made.Objects) != 2 || len(made.Taken) != 3 {
		t.Fatalf("got %+v", made)
	}
	a, generated := made.Objects[0], made.Objects[1]
	if a.File != filepath.Join(dir, "base/a.yaml") || a.Configured != "" {
		t.Errorf("a: %+v", a)
	}
	metadata, _ := a.Fields["metadata"].(map[string]any)
	if metadata["name"] != "x-a" || metadata["namespace"] != "shop" || metadata["annotations"] != nil {
		t.Errorf("a: %v", metadata)
	}
	var by []string
	for _, change := range a.Changes {
		by = append(by, change.By+" "+filepath.Base(filepath.Dir(change.File)))
	}
	if !slices.Contains(by, "PrefixTransformer over") || !slices.Contains(by, "NamespaceTransformer over") {
		t.Errorf("changes: %v", by)
	}
	data, _ := generated.Fields["data"].(map[string]any)
	if generated.Configured != filepath.Join(dir, "over/kustomization.yaml") || generated.File != "" || data["key"] != Absent {
		t.Errorf("generated: %+v", generated)
	}
	made, err = Kustomize(context.Background(), filepath.Join(dir, "kept"), Files{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	metadata, _ = made.Objects[0].Fields["metadata"].(map[string]any)
	annotations, _ := metadata["annotations"].(map[string]any)
	if len(annotations) != 1 || annotations[originAnnotation] == nil {
		t.Errorf("kept: %v", annotations)
	}
}

// TestKustomizeAtOnce renders many at a time, one with a schema of its own among them.
func TestKustomizeAtOnce(t *testing.T) {
	files := map[string]string{
		"base/kustomization.yaml":   "resources: [a.yaml]\ncommonLabels: {app: a}\n",
		"base/a.yaml":               configMap("a"),
		"schema/kustomization.yaml": "resources: [../base]\nopenapi: {path: schema.json}\n",
		"schema/schema.json":        `{"swagger": "2.0", "definitions": {}}`,
	}
	for i := range 8 {
		files[fmt.Sprintf("over%d/kustomization.yaml", i)] = fmt.Sprintf("resources: [../base]\nnamePrefix: p%d-\n", i)
	}
	dir := tree(t, files)
	errs := make(chan error)
	for i := range 9 {
		name := fmt.Sprintf("over%d", i)
		if i == 8 {
			name = "schema"
		}
		go func() {
			_, err := Kustomize(context.Background(), filepath.Join(dir, name), Files{}, nil)
			errs <- err
		}()
	}
	for range 9 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
}

// TestRefused: what is not here is no mistake, and told apart from one.
func TestRefused(t *testing.T) {
	for _, test := range []struct {
		text    string
		refused bool
		want    string
	}{
		{"resources: [https://example.com/a.yaml]\n", true, "nothing is fetched"},
		{"resources: [git@example.com:a/b.git]\n", true, "nothing is fetched"},
		{"resources: [gh:a/b]\n", true, "nothing is fetched"},
		{"components: ['example.com/a/b?ref=c']\n", true, "nothing is fetched"},
		{"patches: [{path: 'https://example.com/a.yaml'}]\n", true, "nothing is fetched"},
		{"configMapGenerator: [{name: a, files: ['k=https://example.com/a.yaml']}]\n", true, "nothing is fetched"},
		{"secretGenerator: [{name: a, envs: [none.env]}]\n", true, "not there"},
		{"crds: [none.json]\n", true, "not there"},
		{"generators: [\"apiVersion: builtin\\nkind: ConfigMapGenerator\\nmetadata: {name: a}\\nfiles: ['https://example.com/a']\\n\"]\n", true, "names a URL"},
		{"generators: [\"apiVersion: builtin\\nkind: HelmChartInflationGenerator\\nmetadata: {name: a}\\nname: a\\n\"]\n", false, "enable-helm"},
		{"transformers: [none.yaml]\n", true, "not there"},
		{"resources: [empty]\n", true, "holds no kustomization"},
		{"resources: [/etc/hosts]\n", true, "absolute path"},
		{"resources: [../out.yaml]\n", true, "outside of what may be read"},
		{"resources: [fifo]\n", true, "not there"},
		{"replacements: [{path: a}]\n", true, "not there"},
		{"nonsense: 1\n", false, "nonsense"},
		{"resources: [{a: b}]\n", false, "cannot unmarshal"},
		{"resources: [bomb.yaml]\n", false, "alias"},
		{"resources: [large.yaml]\n", false, "larger than 8 MiB"},
		{"patchesStrategicMerge: [none.yaml]\n", true, "not there"},
		{"{}\n", false, "empty"},
		{"", false, "empty"},
	} {
		bomb := "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
		for i := range 6 {
			bomb += fmt.Sprintf("a%d: &a%d [*a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d]\n", i+1, i+1, i, i, i, i, i, i, i, i, i)
		}
		dir := tree(t, map[string]string{
			"k/kustomization.yaml": test.text, "k/empty/a.txt": "", "out.yaml": configMap("out"), "k/bomb.yaml": configMap("a") + bomb,
			"k/large.yaml": strings.Repeat("# large\n", maxFile/8+1),
		})
		inside := filepath.Join(dir, "k")
		_, err := Kustomize(context.Background(), inside, Files{May: func(path string) bool { return below(inside, path) }}, nil)
		var refused *Refused
		if err == nil || errors.As(err, &refused) != test.refused || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), dir) {
			t.Errorf("%s: %v", strings.TrimSpace(test.text), err)
		}
	}
}

// TestTooMany: what doubles at each level ends early.
func TestTooMany(t *testing.T) {
	files := map[string]string{"l0/kustomization.yaml": "configMapGenerator: [{name: a, literals: [a=b]}]\n"}
	for i := range 12 {
		files[fmt.Sprintf("l%d/kustomization.yaml", i+1)] = fmt.Sprintf("namePrefix: a\nresources: [../l%d, ../l%d]\n", i, i)
	}
	_, err := Kustomize(context.Background(), filepath.Join(tree(t, files), "l12"), Files{}, nil)
	if err == nil || !strings.Contains(err.Error(), "takes in more than 1000 kustomizations") {
		t.Error(err)
	}
}

// TestWithin: a renderer that does not end, breaks down or is no longer wanted is an error.
func TestWithin(t *testing.T) {
	if _, err := within(context.Background(), time.Millisecond, func() (int, error) { select {} }); err == nil || !strings.Contains(err.Error(), "more than 1ms") {
		t.Error(err)
	}
	if _, err := within(context.Background(), time.Minute, func() (int, error) { panic("at the disco") }); err == nil || !strings.Contains(err.Error(), "at the disco") {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := within(ctx, time.Minute, func() (int, error) { select {} }); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

const chartText = "apiVersion: v2\nname: shop\nversion: 0.1.0\n"

func helmTexts(t *testing.T, files map[string]string, values ...string) (map[string]string, error) {
	t.Helper()
	dir := tree(t, files)
	o := ChartOptions{Now: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)}
	for _, name := range values {
		o.Values = append(o.Values, filepath.Join(dir, name))
	}
	made, err := Helm(context.Background(), filepath.Join(dir, "shop"), Files{}, o)
	if err != nil {
		return nil, err
	}
	texts := map[string]string{}
	for _, template := range made.Templates {
		name, _ := filepath.Rel(dir, template.File)
		texts[filepath.ToSlash(name)] += strings.TrimSpace(string(template.Text))
	}
	return texts, nil
}

// TestHelmValues: values, globals, conditions, tags, aliases and imports reach templates as Helm has them.
func TestHelmValues(t *testing.T) {
	files := map[string]string{
		"shop/Chart.yaml": chartText + `dependencies:
  - {name: edge, version: 0.1.0, alias: gate, tags: [outer]}
  - {name: edge, version: 0.1.0, alias: back, condition: "none.enabled, back.enabled", import-values: [shared, {child: inner, parent: taken.over}]}
  - {name: off, version: 0.1.0, tags: [extras]}
`,
		"shop/values.yaml":                       "a: 1\nb: {c: 2, d: 3}\nglobal: {g: shop}\nback: {enabled: true}\ntags: {extras: false, outer: true}\n",
		"shop/templates/a.yaml":                  `v: {{ .Values.a }} {{ .Values.b }} {{ .Values.fromEdge }} {{ .Values.taken.over.x }} {{ .Release.Namespace }} {{ now.Year }}`,
		"shop/templates/_helpers.tpl":            `{{ define "x" }}{{ end }}`,
		"shop/charts/edge/Chart.yaml":            "apiVersion: v2\nname: edge\nversion: 0.1.0\n",
		"shop/charts/edge/values.yaml":           "host: edge\nglobal: {g: edge, own: 1}\nexports: {shared: {fromEdge: yes-it-is}}\ninner: {x: 4}\n",
		"shop/charts/edge/templates/e.yaml":      `e: {{ .Values.host }} {{ .Values.global }} {{ .Chart.Name }};`,
		"shop/charts/off/Chart.yaml":             "apiVersion: v2\nname: off\nversion: 0.1.0\n",
		"shop/charts/off/templates/a.yaml":       `off: true`,
		"one.yaml":                               "a: 7\nb: {c: null}\ngate: {host: one}\n",
		"two.yaml":                               "b: {d: 8}\n",
		"shop/templates/tests/connection.txt":    "",
		"shop/.helmignore":                       "ignored.yaml\n",
		"shop/templates/ignored.yaml":            "{{ fail \"read\" }}",
		"shop/.git/objects/pack":                 "not read",
		"shop/crds/crd.yaml":                     "not rendered",
		"shop/charts/edge/templates/unused.yaml": "{{ if false }}x{{ end }}",
	}
	got, err := helmTexts(t, files, "one.yaml", "two.yaml")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"shop/templates/a.yaml":             "v: 7 map[d:8] yes-it-is 4 release-namespace 2026",
		"shop/charts/edge/templates/e.yaml": "e: edge map[g:shop own:1] back;e: one map[g:shop own:1] gate;",
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

// TestHelmBounds: a template that makes too much, asks for what is not there or would leave the chart ends in an error.
func TestHelmBounds(t *testing.T) {
	for template, want := range map[string]string{
		`{{ range until 2000000000 }}x{{ end }}`:                          "more than 1000000",
		`{{ range untilStep 0 2000000000 1 }}x{{ end }}`:                  "more than 1000000",
		`{{ repeat 2000000000 "x" }}`:                                     "too much",
		`{{ required "say which" .Values.none }}`:                         "it asks for other values",
		`{{ include "none" . }}`:                                          "none",
		`{{ define "a" }}{{ include "a" . }}{{ end }}{{ include "a" . }}`: "nested reference",
		`{{ .Values.a.b.c }}`:                                             "nil pointer",
	} {
		_, err := helmTexts(t, map[string]string{"shop/Chart.yaml": chartText, "shop/templates/a.yaml": template})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", template, err)
		}
	}
	for template, want := range map[string]string{
		`{{ until 3 }} {{ until -2 }} {{ untilStep 4 0 -2 }} {{ untilStep 1 0 1 }} {{ repeat 2 "a" }}`:           "[0 1 2] [0 -1] [4 2] [] aa",
		`{{ lookup "v1" "Secret" "a" "b" }}{{ .Files.Get "../../../etc/hosts" }}{{ getHostByName "localhost" }}`: "map[]",
	} {
		got, err := helmTexts(t, map[string]string{"shop/Chart.yaml": chartText, "shop/templates/a.yaml": template})
		if err != nil || got["shop/templates/a.yaml"] != want {
			t.Errorf("%s: %v %v", template, got, err)
		}
	}
}

// TestHelmLinks: a link leads no chart out of what may be read.
func TestHelmLinks(t *testing.T) {
	dir := tree(t, map[string]string{"shop/Chart.yaml": chartText, "secret.txt": "throw-away", "shop/templates/a.yaml": `a: {{ .Files.Get "link" }}`})
	if err := os.Symlink(filepath.Join(dir, "secret.txt"), filepath.Join(dir, "shop/link")); err != nil {
		t.Fatal(err)
	}
	inside := filepath.Join(dir, "shop")
	_, err := Helm(context.Background(), inside, Files{May: func(path string) bool { return below(inside, path) }}, ChartOptions{})
	if !errors.Is(err, errOutside) && (err == nil || !strings.Contains(err.Error(), errOutside.Error())) {
		t.Error(err)
	}
}

// TestQuiet: libraries that warn are not heard, and the streams are as they were.
func TestQuiet(t *testing.T) {
	before := os.Stderr
	_, _ = quietly(func() (int, error) {
		if os.Stderr == before {
			t.Error("not quiet")
		}
		return quietly(func() (int, error) { return 0, nil })
	})
	if os.Stderr != before {
		t.Error("still quiet")
	}
}
