package chart_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"

	"helm.sh/helm/v4/pkg/chart/v2/lint"
	"helm.sh/helm/v4/pkg/chart/v2/lint/support"
	"sigs.k8s.io/yaml"

	"github.com/tlsward/tlsward/test/chart/render"
)

func TestLint(t *testing.T) {
	directory, err := render.Directory()
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range matrix {
		t.Run(name, func(t *testing.T) {
			for _, message := range lint.RunAll(directory, parse(t, text), "tlsward").Messages {
				if message.Severity > support.InfoSev {
					t.Error(message)
				}
			}
		})
	}
}

// TestBadValues: each is refused, with the name of what is wrong.
func TestBadValues(t *testing.T) {
	for _, test := range [][2]string{
		{`{replica: 2}`, "replica"},
		{`{replicas: two}`, "replicas"},
		{`{image: {tag: "v1 "}}`, "tag"},
		{`{image: {digest: v1}}`, "digest"},
		{`{config: []}`, "config"},
		{`{config: {admission: {mode: audit}}}`, "mode"},
		{`{config: {admission: {mode: on}}}`, "mode"},
		{`{config: "admission: {mode: audit}"}`, "enforce, warn or off"},
		{`{config: "- not a mapping"}`, "config is no YAML mapping"},
		{`{clusterName: Prod}`, "clusterName"},
		{`{clusterName: prod, config: {clusters: {dev: {}}}}`, "config names no cluster prod"},
		{`{prometheusRule: {runbooks: docs/monitoring.md}}`, "runbooks"},
		{`{secrets: {mode: partial}}`, "mode"},
		{`{secrets: {namespaces: ["team-*"]}}`, "namespaces"},
		{`{webhooks: {failurePolicy: fail}}`, "failurePolicy"},
		{`{webhooks: {mutating: {failurePolicy: Fail}}}`, "failurePolicy"},
		{`{webhooks: {validating: {timeoutSeconds: 31}}}`, "timeoutSeconds"},
		{`{webhooks: {excludedNamespaces: ["openshift-*"]}}`, "excludedNamespaces"},
		{`{certManager: {issuerRef: {kind: ClusterIssuer}}}`, "name"},
		{`{certManager: {duration: 90d}}`, "duration"},
		{`{drainDelaySeconds: 10s}`, "drainDelaySeconds"},
		{`{podDisruptionBudget: {maxUnavailable: 0}}`, "maxUnavailable"},
		{`{serviceAccount: {create: false}}`, "serviceAccount.name"},
		{`{config: {rulebooks: [./acme-rules]}}`, "which ConfigMap holds it"},
		{`{rulebooks: [{name: a, configMap: b}]}`, "rulebooks"},
		{`{rulebooks: [{name: ../a, configMap: b, archive: c}]}`, "name"},
		{`{rulebooks: [{name: a, configMap: b, archive: c, items: [{key: d, path: e}]}]}`, "rulebooks"},
		{`{rulebooks: [{name: a, configMap: b, items: [{key: d, path: /etc/passwd}]}]}`, "path"},
		{`{extraKinds: [{group: "", kind: Secret, resource: secrets}]}`, "secrets.mode"},
		{`{extraKinds: [{group: "", kind: ConfigMap, resource: configmaps, validate: true}]}`, "configmaps"},
		{`{extraKinds: [{group: acme.example, kind: Everything, resource: "*"}]}`, "resource"},
		{`{extraKinds: [{group: acme.example, kind: Proxy, resource: proxies, when: x}]}`, "when"},
		{`{prometheusRule: {slowSeconds: 0}}`, "slowSeconds"},
		{`{commonLabels: {version: 1}}`, "version"},
		{`{networkPolicy: {apiServerPorts: [https]}}`, "apiServerPorts"},
	} {
		text, want := test[0], test[1]
		_, err := render.Render(parse(t, text))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want one about %q", text, err, want)
		}
	}
}

// TestConfigKeepsItsTypes: in YAML 1.1, which is Helm's, an unquoted off is false; days and whole numbers stay what they are.
func TestConfigKeepsItsTypes(t *testing.T) {
	objects := rendered(t, parse(t, `
config:
  actions: [{rules: ["*"], action: off}, {rules: ["*"], action: deny, enforceFrom: 2027-01-15}]
  admission: {mode: off, liveReads: 10000000}
`))
	for _, want := range []string{`action: "off"`, `mode: "off"`, `enforceFrom: "2027-01-15"`, "liveReads: 10000000\n"} {
		if !strings.Contains(string(objects), want) {
			t.Errorf("no %s in the config", want)
		}
	}
}

// TestClusterName: what the chart reads of the config is what counts in the named cluster.
func TestClusterName(t *testing.T) {
	const config = `config: {extends: [base.yaml], rulebooks: [a], admission: {mode: enforce, guard: deny},
clusters: {prod: {}, dev: {rulebooks: [b], admission: {mode: off, guard: off}, actions: [{rules: ["*"], action: off}]}}}
rulebooks: [{name: a, configMap: a, archive: a.zip}, {name: b, configMap: b, archive: b.zip}]
`
	for name, want := range map[string]struct {
		policy admissionv1.FailurePolicyType
		guards int
		flags  []string
	}{
		"":      {admissionv1.Fail, 3, []string{"--rulebook=/etc/tlsward/b"}},
		"prod":  {admissionv1.Fail, 3, []string{"--cluster-name=prod", "--rulebook=/etc/tlsward/b"}},
		"dev":   {admissionv1.Ignore, 0, []string{"--cluster-name=dev"}},
		"other": {admissionv1.Fail, 3, []string{"--cluster-name=other", "--rulebook=/etc/tlsward/b"}}, // base.yaml may know it
	} {
		objects := decode(t, rendered(t, parse(t, config+"clusterName: "+strconv.Quote(name))))
		for _, w := range one[*admissionv1.ValidatingWebhookConfiguration](t, objects).Webhooks {
			if w.Name == "validate.tlsward.dev" && *w.FailurePolicy != want.policy {
				t.Errorf("cluster %q: failure policy %s, want %s", name, *w.FailurePolicy, want.policy)
			}
		}
		if n := len(guards(objects)); n != want.guards {
			t.Errorf("cluster %q: %d webhooks of the guard, want %d", name, n, want.guards)
		}
		var flags []string
		for _, argument := range one[*appsv1.Deployment](t, objects).Spec.Template.Spec.Containers[0].Args {
			if strings.HasPrefix(argument, "--cluster-name") || strings.HasPrefix(argument, "--rulebook") {
				flags = append(flags, argument)
			}
		}
		if !slices.Equal(flags, want.flags) {
			t.Errorf("cluster %q: flags %q, want %q", name, flags, want.flags)
		}
		text := one[*corev1.ConfigMap](t, objects).Data[".tlsward.yaml"]
		if strings.Contains(text, "false") || !strings.Contains(text, `guard: "off"`) || !strings.Contains(text, "mode: enforce") {
			t.Errorf("cluster %q: config %s", name, text)
		}
	}
}

// TestSchemaAndDefaultsAgree: every value that the schema knows is in values.yaml with its comment, and the other way round.
func TestSchemaAndDefaultsAgree(t *testing.T) {
	schema := chartFile[map[string]any](t, "values.schema.json")
	var missing func(path string, schema, defaults map[string]any)
	missing = func(path string, schema, defaults map[string]any) {
		properties, _ := schema["properties"].(map[string]any)
		if schema["additionalProperties"] != false {
			return // a mapping with keys of the user's own
		}
		for key, property := range properties {
			if path+key == "global" || path == "certManager.issuerRef." {
				continue
			}
			value, ok := defaults[key]
			if !ok {
				t.Errorf("%s%s is in the schema, and not in values.yaml", path, key)
			}
			if inner, ok := value.(map[string]any); ok {
				missing(path+key+".", property.(map[string]any), inner)
			}
		}
		for key := range defaults {
			if properties[key] == nil {
				t.Errorf("%s%s is in values.yaml, and not in the schema", path, key)
			}
		}
	}
	missing("", schema, chartFile[map[string]any](t, "values.yaml"))
}

// TestMatrixTouchesEveryValue: a value that no entry of the matrix changes is a value that no test has seen.
func TestMatrixTouchesEveryValue(t *testing.T) {
	changed := map[string]bool{}
	var visit func(path string, values, defaults map[string]any)
	visit = func(path string, values, defaults map[string]any) {
		for key, value := range values {
			old, isMap := defaults[key].(map[string]any)
			inner, ok := value.(map[string]any)
			switch {
			case ok && isMap && len(old) > 0:
				visit(path+key+".", inner, old)
			case !reflect.DeepEqual(value, defaults[key]):
				changed[path+key] = true
			}
		}
	}
	defaults := chartFile[map[string]any](t, "values.yaml")
	for _, text := range matrix {
		visit("", parse(t, text), defaults)
	}
	var unseen func(path string, defaults map[string]any)
	unseen = func(path string, defaults map[string]any) {
		for _, key := range slices.Sorted(maps.Keys(defaults)) {
			if changed[path+key] || strings.HasPrefix(path, "securityContext") || strings.HasPrefix(path, "podSecurityContext") {
				continue
			}
			if inner, ok := defaults[key].(map[string]any); ok && len(inner) > 0 {
				unseen(path+key+".", inner)
			} else if path != "config." && path != "nodeSelector." && path != "resources.requests." {
				t.Errorf("%s%s: no entry of the matrix changes it", path, key)
			}
		}
	}
	unseen("", defaults)
}

// TestKindsAreGuarded: a chart that was packed without the generated file must not install webhooks for nothing.
func TestKindsAreGuarded(t *testing.T) {
	for _, text := range []string{"", "judged: []", "{"} {
		_, err := render.Release{Files: map[string][]byte{"files/kinds.yaml": []byte(text)}}.Render(nil)
		if err == nil || !strings.Contains(err.Error(), "make generate") {
			t.Errorf("%q: error %v", text, err)
		}
	}
}

// TestTemplatesAreOffline: nothing that asks the cluster, the clock or chance.
func TestTemplatesAreOffline(t *testing.T) {
	forbidden := regexp.MustCompile(`\b(lookup|now|rand\w+|uuidv4|gen(CA|SelfSigned|Signed|PrivateKey)\w*|derivePassword|getHostByName|env|expandenv|Capabilities|IsUpgrade|IsInstall|Revision)\b`)
	action := regexp.MustCompile(`(?s)\{\{.*?\}\}`)
	directory, err := render.Directory()
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(directory, "templates", "*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%d templates, %v", len(files), err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, code := range action.FindAllString(string(text), -1) {
			if !strings.HasPrefix(code, "{{/*") && !strings.HasPrefix(code, "{{- /*") && forbidden.MatchString(code) {
				t.Errorf("%s: %s", filepath.Base(file), code)
			}
		}
	}
}

func TestNotes(t *testing.T) {
	for text, wants := range map[string][]string{
		``: {
			"is in mode warn",
			"kubectl delete validatingwebhookconfigurations,mutatingwebhookconfigurations -l app.kubernetes.io/instance=tlsward,app.kubernetes.io/name=tlsward",
			"helm uninstall tlsward --namespace tlsward",
			"tlsward.dev/mode=off",
			"tlsward_would_deny_total",
		},
		`{config: {admission: {mode: enforce}}, replicas: 1}`: {"is in mode enforce", "WARNING: with less than two replicas"},
		`{hostNetwork: true, networkPolicy: {enabled: true}}`: {"WARNING: a NetworkPolicy does not apply"},
	} {
		notes, err := render.Release{}.Notes(parse(t, text))
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range wants {
			if !strings.Contains(notes, want) {
				t.Errorf("%s: notes lack %q:\n%s", text, want, notes)
			}
		}
	}
}

// chartFile reads a YAML or JSON file of the chart.
func chartFile[T any](t *testing.T, name string) T {
	t.Helper()
	directory, err := render.Directory()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(directory, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	text, err = yaml.YAMLToJSONStrict(text)
	if err != nil {
		t.Fatal(err)
	}
	var content T
	if err := json.Unmarshal(text, &content); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return content
}
