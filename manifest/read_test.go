package manifest

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/tlsward/tlsward/kube"
)

const object = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: a\n"

// summary writes documents as lines: index, item, line, status, object and what else there is to say.
func summary(docs []Document) string {
	var b strings.Builder
	for _, d := range docs {
		fmt.Fprintf(&b, "%d%s:%d %v", d.Index, d.Item, d.Line, d.Status)
		if d.Object.ID.Kind != "" {
			fmt.Fprintf(&b, " %s %s", d.Object.APIVersion(), d.Object.ID)
		}
		if d.Encrypted {
			b.WriteString(" encrypted")
		}
		for _, dup := range d.Duplicates {
			fmt.Fprintf(&b, " dup %v %d:%d after %d:%d", dup.Path, dup.At.Line, dup.At.Column, dup.First.Line, dup.First.Column)
		}
		if d.Err != nil {
			fmt.Fprintf(&b, " (%v)", d.Err)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func TestReadOddInput(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"one":                 {object, "0:1 object v1 Secret a"},
		"empty file":          {"", "0:1 empty"},
		"only comments":       {"# a\n\n# b\n", "0:1 empty"},
		"null":                {"~\n", "0:1 empty"},
		"empty documents":     {"---\n---\n# c\n---\n" + object + "---\n", "0:1 empty\n1:2 empty\n2:5 object v1 Secret a\n3:9 empty"},
		"comments before":     {"# licence\n\n---\n# more\n" + object, "0:5 object v1 Secret a"},
		"mark with comment":   {object + "--- # next\n" + object, "0:1 object v1 Secret a\n1:6 object v1 Secret a"},
		"end mark":            {object + "...\n# c\n", "0:1 object v1 Secret a"},
		"directive":           {"%YAML 1.1\n---\n" + object, "0:3 object v1 Secret a"},
		"inline":              {"--- {apiVersion: v1, kind: Secret}\n", "0:1 object v1 Secret"},
		"byte order mark":     {"\ufeff" + object, "0:1 object v1 Secret a"},
		"CRLF":                {strings.ReplaceAll(object+"---\n"+object, "\n", "\r\n"), "0:1 object v1 Secret a\n1:6 object v1 Secret a"},
		"CR alone":            {strings.ReplaceAll(object+"---\n"+object, "\n", "\r"), "0:1 object v1 Secret a\n1:6 object v1 Secret a"},
		"JSON":                {"{\"apiVersion\": \"v1\", \"kind\": \"Secret\"}\n", "0:1 object v1 Secret"},
		"JSON with tabs":      {"{\n\t\"apiVersion\": \"v1\",\n\t\"kind\": \"Secret\", \"a\": \"\\/\\ud83d\\ude00\"}\n", "0:1 object v1 Secret"},
		"JSON stream":         {"{\"apiVersion\":\"v1\",\"kind\":\"A\"}\n{\"apiVersion\":\"v1\",\"kind\":\"B\"}\n", "0:1 object v1 A\n1:2 object v1 B"},
		"quoted kind":         {"apiVersion: v1\n'kind': \"Secret\"\n", "0:1 object v1 Secret"},
		"indented":            {"  apiVersion: v1\n  kind: Secret\n", "0:1 object v1 Secret"},
		"group":               {"apiVersion: a.b/v1\nkind: C\nmetadata: {name: d, namespace: e}\n", "0:1 object a.b/v1 C e/d"},
		"values":              {"a: 1\n", "0:1 not a Kubernetes object (f.yaml:1: neither apiVersion nor kind)"},
		"no apiVersion":       {"kind: Secret\n", "0:1 not a Kubernetes object (f.yaml:1: no apiVersion)"},
		"no kind":             {"apiVersion: v1\n", "0:1 not a Kubernetes object (f.yaml:1: no kind)"},
		"a list":              {"- a\n", "0:1 not a Kubernetes object (f.yaml:1: a list or a single value, want an object)"},
		"template":            {"apiVersion: v1\nkind: Secret\n{{- if .Values.a }}\na: b\n{{- end }}\n", "0:1 unrendered template (f.yaml:4: could not find expected ':' (while scanning a simple key that starts at line 3))"},
		"template in a value": {"apiVersion: v1\nkind: Secret\nmetadata:\n  name: {{ .Release.Name }}\n", "0:1 unrendered template (f.yaml:4: a mapping key must be a scalar)"},
		"template in quotes":  {"apiVersion: v1\nkind: Secret\nmetadata:\n  name: \"{{ .Release.Name }}-tls\"\n", "0:1 unrendered template (f.yaml:1: unrendered template: {{ .Release.Name }}-tls)"},
		"braces of another":   {object + "  annotations:\n    summary: '{{ $labels.pod }} fails'\n", "0:1 object v1 Secret a"},
		"broken second": {
			object + "---\na: [\nb: c\n---\n" + object,
			"0:1 object v1 Secret a\n1:6 broken (f.yaml:7: did not find expected ',' or ']' (while parsing a flow sequence that starts at line 6))\n2:9 object v1 Secret a",
		},
		"no colon":         {object + "---\na: b\nc\nd: e\n", "0:1 object v1 Secret a\n1:6 broken (f.yaml:8: could not find expected ':' (while scanning a simple key that starts at line 7))"},
		"tab":              {object + "---\na:\n\tb: c\n", "0:1 object v1 Secret a\n1:6 broken (f.yaml:7: found a tab where indentation must be spaces)"},
		"open quote":       {"a: 'b\nc: d\n", "0:1 broken (f.yaml:2: found unexpected end of stream (while scanning a quoted scalar that starts at line 1))"},
		"control":          {"a: b\nc: \x01\n", "0:1 broken (f.yaml:2: control characters are not allowed (0x01))"},
		"no UTF-8":         {"a: b\nc: \xff\n", "0:1 broken (f.yaml:2: byte 0xff is not UTF-8)"},
		"unknown anchor":   {"a: b\nc: *d\n", "0:1 broken (f.yaml:2: an alias refers to an anchor that is not there; quote text that begins with *)"},
		"anchor in itself": {"a: &b [*b]\n", "0:1 broken (f.yaml:1: the value of an anchor contains itself)"},
		"not a number":     {object + "a: .nan\n", "0:1 broken (f.yaml:5: NaN has no JSON form)"},
		"null key":         {object + "a:\n  ~: b\n", "0:1 broken (f.yaml:6: null is no mapping key)"},
		"ambiguous":        {object + "a: {b:}\nc: !!str d\n", "0:1 broken (f.yaml:5: a colon right before a comma or bracket means different things to YAML 1.1 and 1.2; put a space after it)"},
		"merge":            {"a: &a {apiVersion: v1, kind: Secret}\n<<: *a\n", "0:1 object v1 Secret"},
		"bad merge":        {object + "<<: [a]\n", "0:1 broken (f.yaml:5: map merge requires map or sequence of maps as the value)"},
		"duplicates": {
			object + "type: a\ntype: b\ndata:\n  c: 1\n  'c': 2\n",
			"0:1 object v1 Secret a dup type 6:1 after 5:1 dup data.c 9:3 after 8:3",
		},
		"merged keys are no duplicates": {object + "a: &a {b: 1}\nc: {<<: *a, b: 2}\n", "0:1 object v1 Secret a"},
		"sops":                          {object + "sops:\n  mac: ENC[x]\n", "0:1 object v1 Secret a encrypted"},
		"list": {
			"apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: A\n  metadata: {name: a}\n- kind: List\n  apiVersion: v1\n  items:\n  - {apiVersion: v1, kind: B}\n- c: d\n  e: 1\n  e: 2\n",
			"0items[0]:4 object v1 A a\n0items[1].items[0]:10 object v1 B\n0items[2]:11 not a Kubernetes object dup e 13:3 after 12:3 (f.yaml:11: neither apiVersion nor kind)",
		},
		"typed list":         {"apiVersion: a.b/v1\nkind: CList\nitems:\n- metadata: {name: d}\n", "0items[0]:4 object a.b/v1 C d"},
		"empty list":         {"apiVersion: v1\nkind: List\nitems: []\n", "0:1 empty"},
		"a kind named List":  {"apiVersion: a.b/v1\nkind: AllowList\nspec: {}\n", "0:1 object a.b/v1 AllowList"},
		"mark within quotes": {"a: \"\n---\nb: c\"\n", "0:1 broken (f.yaml:1: found unexpected end of stream (while scanning a quoted scalar that starts at line 1))\n1:3 not a Kubernetes object (f.yaml:3: neither apiVersion nor kind)"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := summary(Read("f.yaml", []byte(c.in), Options{})); got != c.want+"\n" {
				t.Errorf("got\n%swant\n%s", got, c.want)
			}
		})
	}
}

func TestReadValuesFiles(t *testing.T) {
	for name, want := range map[string]Status{
		"values.yaml": Values, "charts/a/values-prod.yml": Values, "prod.values.yaml": Values, "f.yaml": Foreign,
	} {
		if d := Read(name, []byte("a: 1\n"), Options{})[0]; d.Status != want || d.Err == nil {
			t.Errorf("%s: %v", name, d.Status)
		}
		if d := Read(name, []byte(object), Options{})[0]; d.Status != Object {
			t.Errorf("%s with an object: %v", name, d.Status)
		}
	}
}

func TestReadUTF16(t *testing.T) {
	units := utf16.Encode([]rune("\ufeff" + object + "a: 😀\n"))
	var little, big []byte
	for _, u := range units {
		little = append(little, byte(u), byte(u>>8))
		big = append(big, byte(u>>8), byte(u))
	}
	for _, data := range [][]byte{little, big} {
		d := Read("f.yaml", data, Options{})[0]
		if d.Status != Object || d.Object.Fields["a"] != "😀" || d.Locate(kube.Path{"a"}) != (kube.Position{File: "f.yaml", Line: 5, Column: 4}) {
			t.Errorf("%v %v %v", d.Status, d.Object.Fields, d.Err)
		}
	}
	if d := Read("f.yaml", little[:5], Options{})[0]; d.Status != Broken || d.Err.Error() != "f.yaml: UTF-16 text ends within a character" {
		t.Errorf("%v %v", d.Status, d.Err)
	}
}

// TestReadRelevant holds that a document is skipped by its lines alone only where nothing else can be meant.
func TestReadRelevant(t *testing.T) {
	secret := "apiVersion: v1\nkind: Secret\n"
	for name, c := range map[string]struct {
		in      string
		skipped bool
		want    string
	}{
		"plain":             {secret, true, "0:1 irrelevant kind v1 Secret"},
		"comments":          {"# kind: Ingress\n" + secret + "# kind: Ingress\n", true, "0:2 irrelevant kind v1 Secret"},
		"comment after":     {"apiVersion: v1 # a\nkind: Secret   # b\n", true, "0:1 irrelevant kind v1 Secret"},
		"nested kind":       {secret + "ref:\n  kind: Ingress\nlist:\n- kind: Ingress\n", true, "0:1 irrelevant kind v1 Secret"},
		"CRLF":              {"apiVersion: v1\r\nkind: Secret\r\n", true, "0:1 irrelevant kind v1 Secret"},
		"broken":            {secret + "a: [\n", true, "0:1 irrelevant kind v1 Secret"},
		"relevant":          {"apiVersion: v1\nkind: Ingress\n", false, "0:1 object v1 Ingress"},
		"mark with comment": {"--- # c\napiVersion: v1\nkind: Ingress\n", false, "0:2 object v1 Ingress"},
		"list":              {"apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Ingress}\n- {apiVersion: v1, kind: Secret}\n", false, "0items[0]:4 object v1 Ingress\n0items[1]:5 irrelevant kind v1 Secret"},
		"quoted":            {"apiVersion: v1\nkind: \"Ingress\"\n", false, "0:1 object v1 Ingress"},
		"quoted key":        {"apiVersion: v1\n\"kind\": Ingress\n", false, "0:1 object v1 Ingress"},
		"indented":          {" apiVersion: v1\n kind: Ingress\n", false, "0:1 object v1 Ingress"},
		"twice":             {secret + "kind: Ingress\n", false, "0:1 object v1 Ingress dup kind 3:1 after 2:1"},
		"twice, quoted":     {secret + "'kind': Ingress\n", false, "0:1 object v1 Ingress dup kind 3:1 after 2:1"},
		"JSON":              {"{\"apiVersion\": \"v1\", \"kind\": \"Ingress\"}", false, "0:1 object v1 Ingress"},
		"inline":            {"--- {apiVersion: v1, kind: Ingress}", false, "0:1 object v1 Ingress"},
		"merged":            {secret + "<<: {kind: Ingress}\n", false, "0:1 object v1 Ingress"},
		"on the next line":  {"apiVersion: v1\nkind:\n  Ingress\n", false, "0:1 object v1 Ingress"},
		"continued":         {secret + "  Ingress\n", false, "0:1 irrelevant kind v1 Secret Ingress"},
		"hidden by CR":      {secret + "a: b\rkind: Ingress\n", false, "0:1 object v1 Ingress dup kind 4:1 after 2:1"},
		"hidden by NEL":     {secret + "a: b\u0085kind: Ingress\n", false, "0:1 object v1 Ingress dup kind 3:6 after 2:1"},
		"hidden in quotes":  {"  'a': 'b\nkind: Secret\napiVersion: v1\n  '\n  kind: Ingress\n  apiVersion: v1\n", false, "0:1 object v1 Ingress"},
		"directive":         {"%TAG ! !\n---\napiVersion: v1\nkind: Ingress\n", false, "0:3 object v1 Ingress"},
		"template":          {"{{ if .a }}\n" + secret + "{{ end }}\n", false, "0:1 unrendered template (f.yaml:2: did not find expected <document start>)"},
		"not a string":      {"apiVersion: v1\nkind: yes\n", false, "0:1 not a Kubernetes object (f.yaml:1: no kind)"},
	} {
		t.Run(name, func(t *testing.T) {
			docs := Read("f.yaml", []byte(c.in), Options{Relevant: onlyIngress})
			if got := summary(docs); got != c.want+"\n" {
				t.Errorf("got\n%swant\n%s", got, c.want)
			}
			if skipped := docs[0].src.text == ""; skipped != c.skipped {
				t.Errorf("skipped: %v", skipped)
			}
		})
	}
}

func TestReadBounds(t *testing.T) {
	bomb, merges := "a: &a [x, x, x, x, x, x, x, x, x, x]\n", "a: &a {x: 1}\n"
	for c := 'b'; c <= 'i'; c++ {
		ten := strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*%c, ", c-1), 10), ", ")
		bomb += fmt.Sprintf("%c: &%c [%s]\n", c, c, ten)
		merges += fmt.Sprintf("%c: &%c\n  <<: [%s]\n", c, c, ten)
	}
	merges += "<<: *i\n"
	for name, c := range map[string]struct{ in, want string }{
		"aliases":    {bomb, "f.yaml:6: aliases stand for more than 400000 nodes"},
		"deep flow":  {"a: " + strings.Repeat("[", 5000) + strings.Repeat("]", 5000), "f.yaml:1: exceeded max depth of 1000"},
		"deep block": {"a:\n  " + strings.Repeat("- ", 5000) + "b\n", "f.yaml:2: exceeded max depth of 1000"},
		"unclosed":   {"a: b\n---\nc: " + strings.Repeat("[", 100000), "f.yaml:3: exceeded max depth of 1000"},
		"documents":  {strings.Repeat("---\n", 2*maxDocuments), "f.yaml: more than 100000 documents"},
		"items": {
			"apiVersion: v1\nkind: List\nitems: [" + strings.Repeat("1,", 2*maxDocuments) + "]",
			"f.yaml: more than 100000 documents",
		},
		"merges":       {merges, "f.yaml:13: aliases stand for more than 400000 nodes"},
		"size of file": {strings.Repeat("#", MaxFileSize+1), "f.yaml: larger than 64 MiB"},
	} {
		t.Run(name, func(t *testing.T) {
			docs := Read("f.yaml", []byte(c.in), Options{})
			d := docs[len(docs)-1]
			if d.Status != Broken || !strings.HasPrefix(d.Err.Error(), c.want) {
				t.Errorf("%v %v, want %v", d.Status, d.Err, c.want)
			}
		})
	}
}

// TestReadSharesNothing holds that what Read is given may be used again.
func TestReadSharesNothing(t *testing.T) {
	data := []byte(object)
	docs := Read("f.yaml", data, Options{})
	clear(data)
	if docs[0].Object.ID.Name != "a" || docs[0].SourceLine(2) != "kind: Secret" {
		t.Error("the documents changed with the data")
	}
}
