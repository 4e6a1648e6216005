package report

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/tlsward/tlsward/effective"
	"github.com/tlsward/tlsward/kube"
)

func effectiveField(kind, name string, line int, because string, steps ...any) effective.Source {
	s := effective.Source{Object: kube.ID{Kind: kind, Namespace: "shop", Name: name}, Path: steps, Because: because}
	if line > 0 {
		s.At = kube.Position{File: "deploy/web.yaml", Line: line, Column: 5}
	}
	return s
}

func effectiveRow(host string, port int, path string, values map[effective.Aspect]effective.Value) effective.Row {
	r := effective.Row{Controller: "ingress-nginx", Proxy: "nginx", Host: host, Port: port, Path: path, Match: "Prefix"}
	for a, v := range values {
		r.Set(a, v)
	}
	return r
}

// guarded are the answers of a host that asks for certificates.
func guarded() map[effective.Aspect]effective.Value {
	secret := effectiveField("Ingress", "web", 8, "", "metadata", "annotations", "nginx.ingress.kubernetes.io/auth-tls-secret")
	return map[effective.Aspect]effective.Value{
		effective.Transport:         effective.Answered(effective.TLS),
		effective.Answer:            effective.Answered(effective.Served),
		effective.Clients:           effective.Answered(effective.Required, secret),
		effective.ClientCA:          effective.Answered("Secret shop/corp-ca", secret),
		effective.ClientDepth:       effective.Answered("1").Assuming("nobody sets it; by default it is 1"),
		effective.ServerCertificate: effective.Answered("Secret shop/web-tls", effectiveField("Ingress", "web", 20, "", "spec", "tls", 0, "secretName")),
		effective.Protocols:         effective.Answered("TLSv1.2 TLSv1.3").Assuming("ssl-protocols is as by default"),
		effective.Backend:           effective.Answered("Service shop/web:443", effectiveField("Ingress", "web", 30, "")),
		effective.Upstream:          effective.Answered(effective.TLS),
		effective.Verification:      effective.Answered(effective.Chain, effectiveField("Ingress", "web", 9, "")),
		effective.UpstreamCA:        effective.Unsettled("whether Secret shop/backend-ca has a ca.crt", effectiveField("Secret", "backend-ca", 0, "")),
		effective.UpstreamName:      effective.Answered("web.shop.svc"),
		effective.UpstreamDepth:     effective.Answered("2"),
	}
}

func open() map[effective.Aspect]effective.Value {
	values := guarded()
	values[effective.Clients] = effective.Answered(effective.Off, effectiveField("Secret", "corp-ca", 40, "the Secret has no ca.crt, so that nothing is asked", "data"))
	delete(values, effective.ClientCA)
	delete(values, effective.ClientDepth)
	return values
}

func effectiveScene() Effective {
	redirect := map[effective.Aspect]effective.Value{effective.Transport: effective.Answered(effective.Redirect)}
	nothing := map[effective.Aspect]effective.Value{effective.Transport: effective.Unsettled("nginx refuses the configuration", effectiveField("Ingress", "odd", 3, ""))}
	passed := map[effective.Aspect]effective.Value{
		effective.Transport: effective.Answered(effective.Passthrough), effective.Backend: effective.Answered("Service shop/db:5432"), effective.Upstream: effective.Answered(effective.Passthrough),
	}
	service := effective.Row{Controller: "istio", Service: "shop/db"}
	service.Set(effective.Upstream, effective.Answered(effective.Plain))
	exact := effectiveRow("api.shop.test", 443, "/healthz", open())
	exact.Match = "Exact"
	rows := []effective.Row{
		effectiveRow("api.shop.test", 443, "/", guarded()), effectiveRow("api.shop.test", 443, "/admin", guarded()),
		effectiveRow("api.shop.test", 443, "/b", guarded()), effectiveRow("api.shop.test", 443, "/c", guarded()),
		effectiveRow("api.shop.test", 443, "/d", guarded()), exact,
		effectiveRow("api.shop.test", 80, "", redirect),
		effectiveRow("*.shop.test", 443, "", passed), effectiveRow("", 80, "", map[effective.Aspect]effective.Value{effective.Transport: effective.Answered(effective.Plain)}),
		effectiveRow("lost.shop.test", 443, "", nothing), effectiveRow("lost.shop.test", 80, "", nothing),
		effectiveRow("gone.shop.test", 443, "", nothing), service,
	}
	return Effective{
		Trees:  []EffectiveTree{{Root: "overlays/prod", Rows: rows}, {Environment: "staging", Rows: rows[6:7]}},
		Errors: []Problem{{File: "deploy/bad.yaml", Line: 4, Message: "not YAML"}},
	}
}

func differenceScene() EffectiveDiff {
	one := func(values map[effective.Aspect]effective.Value, more ...effective.Row) []effective.Row {
		return append([]effective.Row{
			effectiveRow("api.shop.test", 443, "/", values), effectiveRow("api.shop.test", 443, "/admin", values), effectiveRow("www.shop.test", 443, "/", guarded()),
		}, more...)
	}
	redirect := map[effective.Aspect]effective.Value{effective.Transport: effective.Answered(effective.Redirect)}
	plain := map[effective.Aspect]effective.Value{effective.Transport: effective.Answered(effective.Plain, effectiveField("Ingress", "web", 12, ""))}
	lost := guarded()
	lost[effective.Clients] = effective.Unsettled("whether Secret shop/corp-ca has a ca.crt")
	prod := effective.Compare(
		one(guarded(), effectiveRow("api.shop.test", 80, "", redirect), effectiveRow("old.shop.test", 443, "", guarded()), effectiveRow("x.shop.test", 443, "", guarded())),
		one(open(), effectiveRow("api.shop.test", 80, "", plain), effectiveRow("new.shop.test", 443, "", guarded()), effectiveRow("x.shop.test", 443, "", lost)), nil)
	back := effective.Compare(one(open()), one(guarded()), nil)
	return EffectiveDiff{
		Base: "main", Head: "the working tree", Errors: []Problem{{File: "deploy/bad.yaml", Line: 4, Message: "not YAML (in main)"}},
		Trees: []EffectiveDiffTree{{Root: "overlays/prod", Difference: prod}, {Environment: "staging", Difference: back}},
	}
}

// hostileEffective has what a terminal or a page would act on wherever a manifest may put it.
func hostileEffective() Effective {
	values := guarded()
	for a, v := range values {
		v.Is, v.Assumed = v.Is+nasty, nasty
		for i := range v.By {
			v.By[i].Because, v.By[i].Object.Name, v.By[i].At.File = nasty, nasty, nasty
		}
		values[a] = v
	}
	values[effective.ServerCertificate] = effective.Unsettled(nasty)
	r := effectiveRow(nasty, 443, "/"+nasty, values)
	r.Controller, r.Proxy = nasty, nasty
	return Effective{Trees: []EffectiveTree{{Root: nasty, Rows: []effective.Row{r}}, {Root: "b", Rows: []effective.Row{r}}}, Sources: true}
}

func hostileDifference() EffectiveDiff {
	e := hostileEffective()
	d := effective.Compare(nil, e.Trees[0].Rows, nil)
	changed := effective.Compare(e.Trees[0].Rows, func() []effective.Row {
		r := e.Trees[0].Rows[0]
		r.Set(effective.Clients, effective.Answered(effective.Off+nasty, effective.Source{Object: kube.ID{Kind: "Secret", Name: nasty}, Because: nasty}))
		return []effective.Row{r}
	}(), nil)
	d.Changes = append(d.Changes, changed.Changes...)
	return EffectiveDiff{Base: nasty, Head: nasty, Trees: []EffectiveDiffTree{{Root: nasty, Difference: d}, {Root: nasty}}}
}

// TestEffective: every format of what is in force, and of a difference.
func TestEffective(t *testing.T) {
	for _, f := range EffectiveFormats() {
		t.Run(f.Name, func(t *testing.T) {
			var b bytes.Buffer
			if err := f.Write(&b, effectiveScene(), Style{}); err != nil {
				t.Fatal(err)
			}
			golden(t, filepath.Join("testdata", "effective", "rows."+f.Name), b.Bytes())
			b.Reset()
			if err := f.WriteDiff(&b, differenceScene(), Style{}); err != nil {
				t.Fatal(err)
			}
			golden(t, filepath.Join("testdata", "effective", "difference."+f.Name), b.Bytes())
		})
	}
	var b bytes.Buffer
	scene := effectiveScene()
	scene.Sources = true
	if err := writeEffectiveText(&b, scene, Style{Width: 80}); err != nil {
		t.Fatal(err)
	}
	golden(t, filepath.Join("testdata", "effective", "rows-narrow.text"), b.Bytes())
	b.Reset()
	if err := writeEffectiveText(&b, scene, Style{Width: 100, Color: true}); err != nil {
		t.Fatal(err)
	}
	golden(t, filepath.Join("testdata", "effective", "rows-color.text"), b.Bytes())
	b.Reset()
	if err := writeEffectiveDiffText(&b, differenceScene(), Style{Width: 80, Color: true}); err != nil {
		t.Fatal(err)
	}
	golden(t, filepath.Join("testdata", "effective", "difference-color.text"), b.Bytes())
}

// TestEffectiveHostile: nothing of a manifest drives a terminal, or is markup.
func TestEffectiveHostile(t *testing.T) {
	for _, f := range EffectiveFormats() {
		var b bytes.Buffer
		if err := f.Write(&b, hostileEffective(), Style{Width: 80}); err != nil {
			t.Fatal(err)
		}
		if err := f.WriteDiff(&b, hostileDifference(), Style{}); err != nil {
			t.Fatal(err)
		}
		for _, c := range b.String() {
			if c != '\n' && visibleRune(c) != c {
				t.Errorf("%s: %U gets through", f.Name, c)
				break
			}
		}
		if f.Name == "markdown" && strings.Contains(b.String(), "<script") {
			t.Errorf("%s: markup gets through:\n%s", f.Name, &b)
		}
	}
}

// TestEffectiveWidth: no line of text runs over the terminal where it can be broken.
func TestEffectiveWidth(t *testing.T) {
	for _, width := range []int{60, 80, 100, 140} {
		var b bytes.Buffer
		if err := writeEffectiveText(&b, effectiveScene(), Style{Width: width}); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(b.String()) {
			if n := totalColumns([]rune(strings.TrimRight(line, "\n"))); n > width {
				t.Errorf("width %d: %d columns: %s", width, n, line)
			}
		}
	}
}

// TestEffectiveSchema: the documents follow the schema, which asks for every field that is written.
func TestEffectiveSchema(t *testing.T) {
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(EffectiveSchema))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("effective.json", document); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("effective.json")
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, e := range []Effective{effectiveScene(), hostileEffective(), {}} {
		var b bytes.Buffer
		if err := writeEffectiveJSON(&b, e, Style{}); err != nil {
			t.Fatal(err)
		}
		texts = append(texts, b.String())
	}
	for _, d := range []EffectiveDiff{differenceScene(), hostileDifference(), {}} {
		var b bytes.Buffer
		if err := writeEffectiveDiffJSON(&b, d, Style{}); err != nil {
			t.Fatal(err)
		}
		texts = append(texts, b.String())
	}
	for _, text := range texts {
		got, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(got); err != nil {
			t.Errorf("%v in\n%s", err, text)
		}
	}
	for _, bad := range []string{
		strings.Replace(texts[0], `"is"`, `"was"`, 1), strings.Replace(texts[0], `"transport"`, `"transports"`, 1),
		strings.Replace(texts[3], `"weaker"`, `"worse"`, 1), strings.Replace(texts[0], `"version": 1`, `"version": 2`, 1),
	} {
		got, err := jsonschema.UnmarshalJSON(strings.NewReader(bad))
		if err != nil {
			t.Fatal(err)
		}
		if schema.Validate(got) == nil {
			t.Error("a document that is not one is accepted")
		}
	}
	// Every aspect has its name in the schema.
	var defs struct {
		Defs struct {
			Aspect struct{ Enum []string }
			Values struct{ Properties map[string]any }
		} `json:"$defs"`
	}
	if err := json.Unmarshal(EffectiveSchema, &defs); err != nil {
		t.Fatal(err)
	}
	for i, a := range effective.Aspects() {
		if key := aspectKey(a); defs.Defs.Aspect.Enum[i] != key || defs.Defs.Values.Properties[key] == nil {
			t.Errorf("%s is not in the schema", key)
		}
	}
}

// TestEffectiveMarkdownBound: a comment has a bound, and says what is left out.
func TestEffectiveMarkdownBound(t *testing.T) {
	var e Effective
	var rows []effective.Row
	for i := range 2000 {
		values := guarded()
		values[effective.Backend] = effective.Answered("Service shop/web-" + strings.Repeat("x", i%50))
		rows = append(rows, effectiveRow("h"+strings.Repeat("y", i%40)+".test"+string(rune('a'+i%26)), 443, "/", values))
	}
	e.Trees = []EffectiveTree{{Rows: rows}}
	var b bytes.Buffer
	if err := writeEffectiveMarkdown(&b, e, Style{}); err != nil {
		t.Fatal(err)
	}
	if b.Len() > maxMarkdown || !strings.Contains(b.String(), " hosts more.") {
		t.Errorf("%d bytes, ends with %s", b.Len(), b.String()[b.Len()-100:])
	}
	b.Reset()
	d := effective.Compare(nil, rows, nil)
	if err := writeEffectiveDiffMarkdown(&b, EffectiveDiff{Base: "a", Head: "b", Trees: []EffectiveDiffTree{{Difference: d}}}, Style{}); err != nil {
		t.Fatal(err)
	}
	if b.Len() > maxMarkdown || !strings.Contains(b.String(), " changes more.") {
		t.Errorf("%d bytes, ends with %s", b.Len(), b.String()[b.Len()-100:])
	}
}

// TestEffectivePathsOnce: of rules that differ in headers only, the path is named once.
func TestEffectivePathsOnce(t *testing.T) {
	row := func(path string) effective.Row { return effectiveRow("api.shop.test", 443, path, guarded()) }
	f := folds([]*effective.Row{new(row("/api")), new(row("/api")), new(row("/web"))})
	if len(f) != 1 || f[0].paths() != "/api, /web" {
		t.Errorf("%d folds, %q", len(f), f[0].paths())
	}
}
