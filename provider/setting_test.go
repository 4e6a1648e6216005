package provider

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/tlsward/tlsward/kube"
)

const settled = `
controllers:
  - name: edge
    installation:
      program: /edge
      workloads: {label: app, values: [b, a, b]}
      classFlag: class
      configMap: {flag: config, labels: {app: edge}, names: [edge-config]}
    settings:
      - {name: strict, default: "false"}
      - {name: open, flag: true, default: "true"}
      - {name: certificate, flag: true, default: ""}
`

func parsed(t *testing.T, text string) *Set {
	t.Helper()
	p, err := Parse("acme", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return NewSet([]Provider{p})
}

func workload(kind string, containers ...[]any) kube.Object {
	list := make([]any, 0, len(containers))
	for _, words := range containers {
		list = append(list, map[string]any{"command": words[:1], "args": words[1:]})
	}
	return kube.Object{
		ID: kube.ID{Group: "apps", Kind: kind, Namespace: "infra", Name: "edge"},
		Fields: map[string]any{
			"metadata": map[string]any{"name": "edge", "namespace": "infra", "labels": map[string]any{"secret": "x"}},
			"spec":     map[string]any{"template": map[string]any{"spec": map[string]any{"containers": list}}},
		},
	}
}

func TestFlags(t *testing.T) {
	s := parsed(t, settled)
	for name, test := range map[string]struct {
		words []any
		want  map[string]string
	}{
		"none":                         {[]any{"/edge"}, nil},
		"with a value":                 {[]any{"/edge", "--config=a/b", "--class=c"}, map[string]string{"config": "a/b", "class": "c"}},
		"a value that stands apart":    {[]any{"/edge", "--config", "a/b"}, map[string]string{"config": "a/b"}},
		"a boolean takes none":         {[]any{"/edge", "--open", "--config=a/b"}, map[string]string{"open": "true", "config": "a/b"}},
		"a boolean with one":           {[]any{"/edge", "--open=0"}, map[string]string{"open": "0"}},
		"the last one counts":          {[]any{"/edge", "--class=a", "--class=b"}, map[string]string{"class": "b"}},
		"others":                       {[]any{"/edge", "--password=x", "config=a/b", int64(1)}, nil},
		"a key of the ConfigMap":       {[]any{"/edge", "--strict"}, nil},
		"none behind the end of flags": {[]any{"/edge", "--", "--open"}, nil},
		"those of a wrapper":           {[]any{"/init", "--open=false", "--", "/edge", "--class=a"}, map[string]string{"class": "a"}},
		"a value that is none":         {[]any{"/edge", "--config"}, map[string]string{"config": ""}},
		"no name is that long":         {[]any{"/edge", "--class=" + strings.Repeat("a", 1000)}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			obj := workload("Deployment", []any{"/other", "--class=x"}, test.words)
			if got := s.Configured("edge").Flags(obj); !maps.Equal(got, test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
			// What an inventory keeps says the same, and can be cut down again.
			once := s.Trim(obj)
			if got := s.Configured("edge").Flags(once); !maps.Equal(got, test.want) {
				t.Errorf("kept %v, want %v", got, test.want)
			}
			if twice := s.Trim(once); !reflect.DeepEqual(once, twice) {
				t.Errorf("got %v, then %v", once, twice)
			}
			if text := fmt.Sprint(once.Fields); strings.Contains(text, "password") || strings.Contains(text, "secret") {
				t.Errorf("kept %s", text)
			}
		})
	}
}

func TestInstalls(t *testing.T) {
	s := parsed(t, settled)
	configMap := func(name, label string) kube.Object {
		return kube.Object{ID: kube.ID{Kind: "ConfigMap", Name: name}, Fields: map[string]any{"metadata": map[string]any{"labels": map[string]any{"app": label}}}}
	}
	for name, test := range map[string]struct {
		obj  kube.Object
		want bool
	}{
		"a Deployment":         {workload("Deployment", []any{"/edge"}), true},
		"a DaemonSet":          {workload("DaemonSet", []any{"sh", "/edge"}), true},
		"a StatefulSet":        {workload("StatefulSet", []any{"/edge"}), false},
		"another program":      {workload("Deployment", []any{"/edge2"}), false},
		"no containers":        {workload("Deployment"), false},
		"a usual name":         {configMap("edge-config", ""), true},
		"labels":               {configMap("x", "edge"), true},
		"neither":              {configMap("x", "other"), false},
		"no labels whatever":   {kube.Object{ID: kube.ID{Kind: "ConfigMap", Name: "x"}}, false},
		"a Secret so labelled": {kube.Object{ID: kube.ID{Kind: "Secret", Name: "edge-config"}}, false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := len(s.Installs(test.obj)) == 1; got != test.want {
				t.Errorf("got %t, want %t", got, test.want)
			}
		})
	}
}

func TestWorkloadSelector(t *testing.T) {
	const other = "\n  - {name: other, installation: {program: /other, workloads: {label: LABEL, values: [c]}}, settings: [{name: x}]}\n"
	for name, test := range map[string]struct {
		text, want string
		relevant   bool
	}{
		"one":                     {settled, "app in (a,b)", true},
		"two":                     {settled + strings.Replace(other, "LABEL", "app", 1), "app in (a,b,c)", true},
		"two by other labels":     {settled + strings.Replace(other, "LABEL", "name", 1), "", true},
		"a kind that others need": {settled + "kinds: [{kind: Deployment.apps}]", "", true},
		"no program":              {"controllers: [{name: edge, settings: [{name: x}]}]", "", false},
	} {
		t.Run(name, func(t *testing.T) {
			s := parsed(t, test.text)
			if got := s.WorkloadSelector("Deployment.apps"); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
			if got := slices.Contains(s.Served(), "Deployment.apps"); got != test.relevant {
				t.Errorf("served: got %t", got)
			}
			if got := s.Incidental("Deployment.apps"); got != (test.relevant && !s.IsRelevant("Deployment.apps")) {
				t.Errorf("incidental: got %t", got)
			}
		})
	}
}

func TestRead(t *testing.T) {
	boolean, word := Setting{Default: "true"}, Setting{Default: "High"}
	for _, test := range []struct {
		setting    Setting
		text, want string
		ok         bool
	}{
		{boolean, "1", "true", true},
		{boolean, "F", "false", true},
		{boolean, "", "false", true},
		{boolean, "yes", "false", false},
		{boolean, " true", "false", false},
		{word, "Low", "Low", true},
		{word, "", "", true},
	} {
		if got, ok := test.setting.Read(test.text); got != test.want || ok != test.ok {
			t.Errorf("%q: got %q, %t", test.text, got, ok)
		}
	}
}

func TestSettingErrors(t *testing.T) {
	for text, want := range map[string]string{
		"controllers: [{name: a, settings: [{default: x}]}]":                                                                              "controllers[0]: settings[0]: no name",
		"controllers: [{name: a, settings: [{name: x}, {name: x}]}]":                                                                      "settings[1]: x stands here twice",
		"controllers: [{name: a, installation: {classFlag: x}}]":                                                                          "want a program",
		"controllers: [{name: a, installation: {program: x, workloads: {label: x}}}]":                                                     "want a label and values",
		"kinds: [{kind: A, references: [{role: r, path: a, kind: Secret, crossing: {setting: x}}]}]":                                      "crossing: want form namespace/name",
		"kinds: [{kind: A, references: [{role: r, path: a, kind: Secret, form: namespace/name, crossing: {controller: c, setting: x}}]}]": `controller "c" of this provider has no setting "x"`,
	} {
		if _, err := Parse("acme", []byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
}

// TestRendered: of a release an inventory keeps what its chart makes of the controller's settings, and nothing else.
func TestRendered(t *testing.T) {
	s := parsed(t, strings.Replace(settled, "      classFlag: class\n", "      classFlag: class\n"+
		"      chart: {names: [edge], configMap: settings, flags: extra.args, values: {class: class.name, other: other}}\n", 1)+`
releases:
  - {kind: Release.acme.example, chart: spec.chart, values: [spec.values], more: [spec.from]}
`)
	release := func(chart string, more any) kube.Object {
		spec := map[string]any{"chart": chart, "secret": "x", "values": map[string]any{
			"settings": map[string]any{"strict": true, "else": "x"}, "extra": map[string]any{"args": map[string]any{"open": "", "v": "2"}},
			"class": map[string]any{"name": "c"}, "other": "x", "password": "x",
		}}
		if more != nil {
			spec["from"] = more
		}
		return kube.Object{ID: kube.ID{Group: "acme.example", Kind: "Release", Namespace: "infra", Name: "edge"}, Fields: map[string]any{"spec": spec}}
	}
	for name, test := range map[string]struct {
		obj      kube.Object
		installs []string
		flags    map[string]string
		data     any
		further  bool
	}{
		"the chart":           {release("edge", nil), []string{"edge"}, map[string]string{"open": "true", "class": "c"}, map[string]any{"strict": "true"}, false},
		"values elsewhere":    {release("edge", "x"), []string{"edge"}, map[string]string{"open": "true", "class": "c"}, map[string]any{"strict": "true"}, true},
		"of something else":   {release("other", nil), nil, nil, nil, false},
		"a release of nobody": {kube.Object{ID: kube.ID{Group: "acme.example", Kind: "Release", Name: "edge"}}, nil, nil, nil, false},
	} {
		kept := s.Trim(test.obj)
		if again := s.Trim(kept); !reflect.DeepEqual(again, kept) {
			t.Errorf("%s: got %v, and then %v", name, kept, again)
		}
		if got := s.Installs(kept); !slices.Equal(got, test.installs) {
			t.Errorf("%s: installs %v, want %v", name, got, test.installs)
		}
		if got := s.Configured("edge").Flags(kept); test.flags != nil && !maps.Equal(got, test.flags) {
			t.Errorf("%s: flags %v, want %v", name, got, test.flags)
		}
		if got := kept.Fields["data"]; !reflect.DeepEqual(got, test.data) || Further(kept) != test.further {
			t.Errorf("%s: data %v, further %t", name, got, Further(kept))
		}
	}
	if !s.Workload("Release.acme.example") || !s.Incidental("Release.acme.example") || slices.Contains(s.Served(), "Release.acme.example") {
		t.Error("a release is read in files, and not watched")
	}
}
