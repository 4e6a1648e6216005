package schema

import (
	"encoding/base64"
	"fmt"
	"math"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/tlsward/tlsward/kube"
)

func readObject(t testing.TB, text string) kube.Object {
	t.Helper()
	data, err := yaml.YAMLToJSON([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	fields, err := decodeFields(data)
	if err != nil {
		t.Fatal(err)
	}
	obj, ok := kube.FromFields(fields)
	if !ok {
		t.Fatalf("no object: %s", text)
	}
	return obj
}

const (
	ingressHead = "apiVersion: networking.k8s.io/v1\nkind: Ingress\n"
	secretHead  = "apiVersion: v1\nkind: Secret\n"
	serviceHead = "apiVersion: v1\nkind: Service\n"
)

func TestCheck(t *testing.T) {
	for name, test := range map[string]struct{ text, want string }{
		"clean":            {ingressHead + "metadata: {name: a}\n", ""},
		"unknown version":  {"apiVersion: networking.k8s.io/v1beta1\nkind: Ingress\nspec: 1\n", ""},
		"unknown kind":     {"apiVersion: example.com/v1\nkind: Ingress\nspec: 1\n", ""},
		"a status":         {ingressHead + "status: {loadBalancer: true}\n", ""},
		"a status of none": {"apiVersion: v1\nkind: ConfigMap\nstatus: {}\n", `status: unknown-field: unknown field "status"`},
		"managed fields":   {ingressHead + "metadata: {managedFields: [{x: 1}]}\n", ""},
		"nulls":            {ingressHead + "metadata: {annotations: {a: null}, labels: null}\nspec: {tls: null, rules: [null]}\n", ""},

		"unknown field":            {ingressHead + "spec: {tlss: []}\n", `spec.tlss: unknown-field: unknown field "spec.tlss"; did you mean "tls"?`},
		"unknown field in a list":  {ingressHead + "spec: {tls: [{}, {secretname: a}]}\n", `spec.tls[1].secretname: unknown-field: unknown field "spec.tls[1].secretname"; did you mean "secretName"?`},
		"unknown field, none near": {ingressHead + "spec: {certificate: a}\n", `spec.certificate: unknown-field: unknown field "spec.certificate"`},
		"unknown field, odd key":   {ingressHead + "spec: {nginx.org/tls: a}\n", `spec["nginx.org/tls"]: unknown-field: unknown field "spec[\"nginx.org/tls\"]"`},
		"what stands in it":        {ingressHead + "spc: {tls: 1}\n", `spc: unknown-field: unknown field "spc"; did you mean "spec"?`},

		"on": {
			ingressHead + "metadata: {annotations: {nginx.ingress.kubernetes.io/auth-tls-verify-client: on}}\n",
			`metadata.annotations["nginx.ingress.kubernetes.io/auth-tls-verify-client"]: wrong-type: want a string, got a boolean (true); in YAML unquoted true, yes and on are no strings: put quotes around what you wrote`,
		},
		"off":                    {ingressHead + "metadata: {annotations: {x: off}}\n", `metadata.annotations.x: wrong-type: want a string, got a boolean (false); in YAML unquoted false, no and off are no strings: put quotes around what you wrote`},
		"1":                      {ingressHead + "metadata: {annotations: {x: 1}}\n", `metadata.annotations.x: wrong-type: want a string, got a number (1); in YAML an unquoted 1 is no string: put quotes around it`},
		"1.5":                    {ingressHead + "metadata: {annotations: {x: 1.5}}\n", `metadata.annotations.x: wrong-type: want a string, got a number (1.5); in YAML an unquoted 1.5 is no string: put quotes around it`},
		"a list for a string":    {ingressHead + "spec: {ingressClassName: [a]}\n", `spec.ingressClassName: wrong-type: want a string, got a list`},
		"a mapping for a list":   {ingressHead + "spec: {tls: {hosts: [a]}}\n", `spec.tls: wrong-type: want a list, got a mapping; put a - before its first key`},
		"a string for a list":    {ingressHead + "spec: {tls: [{hosts: a.example.com}]}\n", `spec.tls[0].hosts: wrong-type: want a list, got a string ("a.example.com")`},
		"a list for a mapping":   {ingressHead + "metadata: {annotations: []}\nspec: []\n", "metadata.annotations: wrong-type: want a mapping, got a list\nspec: wrong-type: want a mapping, got a list"},
		"a string for a boolean": {"apiVersion: v1\nkind: ConfigMap\nimmutable: 'true'\n", `immutable: wrong-type: want a boolean, got a string ("true"); remove the quotes`},
		"yes for a boolean":      {"apiVersion: v1\nkind: ConfigMap\nimmutable: 'yes'\n", `immutable: wrong-type: want a boolean, got a string ("yes")`},

		"a string for a number":    {serviceHead + "spec: {ports: [{port: '443'}]}\n", `spec.ports[0].port: wrong-type: want a whole number, got a string ("443"); remove the quotes`},
		"a word for a number":      {serviceHead + "spec: {ports: [{port: https}]}\n", `spec.ports[0].port: wrong-type: want a whole number, got a string ("https")`},
		"a fraction":               {serviceHead + "spec: {ports: [{port: 443.5}]}\n", `spec.ports[0].port: wrong-type: want a whole number, got a number (443.5)`},
		"a whole fraction":         {serviceHead + "spec: {ports: [{port: 443.0}]}\n", ``},
		"too large":                {serviceHead + "spec: {ports: [{port: 4294967296}]}\n", `spec.ports[0].port: wrong-type: want a whole number of 32 bits, got a number (4294967296)`},
		"a boolean for a port":     {serviceHead + "spec: {ports: [{targetPort: true}]}\n", `spec.ports[0].targetPort: wrong-type: want a whole number or a string, got a boolean (true)`},
		"a time":                   {ingressHead + "metadata: {creationTimestamp: yesterday}\n", `metadata.creationTimestamp: invalid-value: want a time such as 2027-01-31T18:00:00Z, got "yesterday"`},
		"a number for a time":      {ingressHead + "metadata: {creationTimestamp: 5}\n", `metadata.creationTimestamp: wrong-type: want a time such as 2027-01-31T18:00:00Z, got a number (5); in YAML an unquoted 5 is no string: put quotes around it`},
		"a quantity":               {"apiVersion: v1\nkind: PersistentVolumeClaim\nspec: {resources: {requests: {storage: 1Go}}}\n", `spec.resources.requests.storage: invalid-value: want a quantity such as 500m or 64Mi, got "1Go"`},
		"a long string is clipped": {serviceHead + "spec: {ports: [{port: " + strings.Repeat("x", 80) + "}]}\n", `spec.ports[0].port: wrong-type: want a whole number, got a string ("` + strings.Repeat("x", 60) + `...")`},

		"plain text in data":      {secretHead + "data: {tls.crt: '-----BEGIN'}\n", `data["tls.crt"]: invalid-value: want base64, got something else: illegal base64 data at input byte 0; plain text belongs in stringData`},
		"plain text in a binary":  {"apiVersion: v1\nkind: ConfigMap\nbinaryData: {a: '-'}\n", `binaryData.a: invalid-value: want base64, got something else: illegal base64 data at input byte 0`},
		"a number in data":        {secretHead + "data: {pin: 123456}\n", `data.pin: wrong-type: want a string of base64, got a number; in YAML an unquoted number is no string: put quotes around it`},
		"a number in stringData":  {secretHead + "stringData: {pin: 123456}\n", `stringData.pin: wrong-type: want a string, got a number; in YAML an unquoted number is no string: put quotes around it`},
		"a secret in wrong place": {secretHead + "immutable: hunter2\ndata: hunter2\n", "data: wrong-type: want a mapping, got a string\nimmutable: wrong-type: want a boolean, got a string"},
		"a secret's annotation":   {secretHead + "metadata: {annotations: {a: 1}}\n", `metadata.annotations.a: wrong-type: want a string, got a number (1); in YAML an unquoted 1 is no string: put quotes around it`},

		"several, in order": {
			ingressHead + "metadata: {labels: {b: 1, a: true}}\nspec: {rules: [{host: 1}, {host: 2}, {}, {}, {}, {}, {}, {}, {}, {}, {hosts: a}], tlss: []}\nx: 1\n",
			`metadata.labels.a: wrong-type: want a string, got a boolean (true); in YAML unquoted true, yes and on are no strings: put quotes around what you wrote
metadata.labels.b: wrong-type: want a string, got a number (1); in YAML an unquoted 1 is no string: put quotes around it
spec.rules[0].host: wrong-type: want a string, got a number (1); in YAML an unquoted 1 is no string: put quotes around it
spec.rules[1].host: wrong-type: want a string, got a number (2); in YAML an unquoted 2 is no string: put quotes around it
spec.rules[10].hosts: unknown-field: unknown field "spec.rules[10].hosts"; did you mean "host"?
spec.tlss: unknown-field: unknown field "spec.tlss"; did you mean "tls"?
x: unknown-field: unknown field "x"`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			obj := readObject(t, test.text)
			var got []string
			for _, v := range Check(obj) {
				got = append(got, fmt.Sprintf("%s: %s: %s", v.Path, v.Kind, v.Message))
			}
			if got := strings.Join(got, "\n"); got != test.want {
				t.Errorf("got:\n%s\nwant:\n%s", got, test.want)
			}
		})
	}
}

// TestCheckOddValues: what no JSON holds is reported, and panics nowhere.
func TestCheckOddValues(t *testing.T) {
	for _, value := range []any{math.NaN(), math.Inf(1), struct{}{}, []string{"a"}, map[string]string{"a": "b"}, 80} {
		port := map[string]any{"port": value, "targetPort": value, "name": value}
		obj := kube.Object{ID: kube.ID{Kind: "Service"}, Version: "v1", Fields: map[string]any{"spec": map[string]any{"ports": []any{port}}}}
		if violations := Check(obj); len(violations) == 0 {
			t.Errorf("%v: want violations", value)
		}
	}
	if violations := Check(kube.Object{ID: kube.ID{Kind: "Service"}, Version: "v1"}); len(violations) > 0 {
		t.Errorf("no fields at all: got %v", violations)
	}
}

func TestStored(t *testing.T) {
	b64 := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	for name, test := range map[string]struct{ text, want string }{
		"no stringData":       {secretHead + "data: {a: YQ==}\n", secretHead + "data: {a: YQ==}\n"},
		"folded":              {secretHead + "stringData: {a: text}\n", secretHead + "data: {a: " + b64("text") + "}\n"},
		"merged":              {secretHead + "data: {a: YQ==}\nstringData: {b: text}\n", secretHead + "data: {a: YQ==, b: " + b64("text") + "}\n"},
		"stringData wins":     {secretHead + "data: {a: YQ==}\nstringData: {a: text}\n", secretHead + "data: {a: " + b64("text") + "}\n"},
		"null data":           {secretHead + "data:\nstringData: {a: text}\n", secretHead + "data: {a: " + b64("text") + "}\n"},
		"null text":           {secretHead + "stringData: {a: null}\n", secretHead + "data: {a: ''}\n"},
		"empty stringData":    {secretHead + "stringData: {}\n", secretHead},
		"null stringData":     {secretHead + "data: {a: YQ==}\nstringData:\n", secretHead + "data: {a: YQ==}\n"},
		"numbers are refused": {secretHead + "stringData: {a: 1, b: text}\n", secretHead + "data: {b: " + b64("text") + "}\n"},
		"no mapping":          {secretHead + "stringData: text\n", secretHead},
		"data of no mapping":  {secretHead + "data: text\nstringData: {a: b}\n", secretHead + "data: text\n"},
		"another kind":        {"apiVersion: v1\nkind: ConfigMap\nstringData: {a: b}\n", "apiVersion: v1\nkind: ConfigMap\nstringData: {a: b}\n"},
		"another group":       {"apiVersion: example.com/v1\nkind: Secret\nstringData: {a: b}\n", "apiVersion: example.com/v1\nkind: Secret\nstringData: {a: b}\n"},
	} {
		t.Run(name, func(t *testing.T) {
			obj, want := readObject(t, test.text), readObject(t, test.want)
			before := show(obj.Fields)
			got := Stored(obj)
			if show(got.Fields) != show(want.Fields) || got.ID != obj.ID || got.Version != obj.Version {
				t.Errorf("got %s, want %s", show(got.Fields), show(want.Fields))
			}
			if show(obj.Fields) != before {
				t.Errorf("the object given has changed: %s, was %s", show(obj.Fields), before)
			}
			if again := Stored(got); show(again.Fields) != show(got.Fields) {
				t.Errorf("stored again: got %s, want %s", show(again.Fields), show(got.Fields))
			}
		})
	}
}

func TestStoredReturnsTheSame(t *testing.T) {
	obj := readObject(t, secretHead+"data: {a: YQ==}\n")
	Stored(obj).Fields["mark"] = true
	if obj.Fields["mark"] != true {
		t.Error("want the same fields where nothing is to be done, got a copy")
	}
}
