package schema

import (
	_ "embed"
	stdjson "encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/json"
	"sigs.k8s.io/randfill"
	"sigs.k8s.io/yaml"

	"github.com/tlsward/tlsward/kube"
)

// goTypes repeats kinds.go on purpose: it is what the real decoder is given.
var goTypes = map[kindKey]reflect.Type{
	{"networking.k8s.io", "v1", "Ingress"}:       reflect.TypeFor[networkingv1.Ingress](),
	{"networking.k8s.io", "v1", "IngressClass"}:  reflect.TypeFor[networkingv1.IngressClass](),
	{"networking.k8s.io", "v1", "NetworkPolicy"}: reflect.TypeFor[networkingv1.NetworkPolicy](),
	{core, "v1", "ConfigMap"}:                    reflect.TypeFor[corev1.ConfigMap](),
	{core, "v1", "Namespace"}:                    reflect.TypeFor[corev1.Namespace](),
	{core, "v1", "PersistentVolumeClaim"}:        reflect.TypeFor[corev1.PersistentVolumeClaim](),
	{core, "v1", "Pod"}:                          reflect.TypeFor[corev1.Pod](),
	{core, "v1", "Secret"}:                       reflect.TypeFor[corev1.Secret](),
	{core, "v1", "Service"}:                      reflect.TypeFor[corev1.Service](),
	{core, "v1", "ServiceAccount"}:               reflect.TypeFor[corev1.ServiceAccount](),
}

func sortedKinds() []kindKey {
	return slices.SortedFunc(maps.Keys(goTypes), func(a, b kindKey) int { return strings.Compare(a.kind, b.kind) })
}

// samples are objects of every kind, the mutations' starting points.
//
//go:embed testdata/samples.yaml
var samples string

// decodeFields reads JSON into the shape that kube.Object promises.
func decodeFields(data []byte) (map[string]any, error) {
	var fields map[string]any
	err := json.UnmarshalCaseSensitivePreserveInts(data, &fields)
	return fields, err
}

func readSamples(t testing.TB) []kube.Object {
	t.Helper()
	var objects []kube.Object
	for text := range strings.SplitSeq(samples, "\n---\n") {
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
		objects = append(objects, obj)
	}
	return objects
}

// decode asks the API server's own decoder.
func decode(t testing.TB, key kindKey, fields map[string]any) (strict []error, err error) {
	t.Helper()
	fields = maps.Clone(fields)
	if _, ok := goTypes[key].FieldByName("Status"); ok {
		delete(fields, "status")
	}
	if metadata, ok := fields["metadata"].(map[string]any); ok {
		metadata = maps.Clone(metadata)
		delete(metadata, "managedFields")
		fields["metadata"] = metadata
	}
	data, err := stdjson.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	return json.UnmarshalStrict(data, reflect.New(goTypes[key]).Interface())
}

// agree asks both, and where they find something, mends it: where Check has named every place, and no other, the
// decoder is content with null there.
func agree(t testing.TB, key kindKey, fields map[string]any) {
	t.Helper()
	obj := kube.Object{ID: kube.ID{Group: key.group, Kind: key.kind}, Version: key.version, Fields: fields}
	violations := Check(obj)
	strict, err := decode(t, key, fields)
	if (len(violations) == 0) != (len(strict) == 0 && err == nil) {
		t.Fatalf("Check: %v\ndecoder: %v, %v\nobject: %s", violations, strict, err, show(fields))
	}
	if len(violations) == 0 {
		return
	}
	if err == nil && len(strict) < 100 {
		compareUnknown(t, violations, strict)
	}
	mended, _ := deepCopy(fields).(map[string]any)
	var unknown []Violation
	for _, v := range violations {
		if v.Kind == UnknownField {
			unknown = append(unknown, v)
			continue
		}
		if len(v.Path) == 0 {
			return
		}
		put(t, mended, v.Path, nil)
	}
	for _, v := range unknown {
		parent, ok := kube.Lookup(mended, v.Path[:len(v.Path)-1])
		m, isMap := parent.(map[string]any)
		if !ok || !isMap {
			t.Fatalf("%s: no such field in %s", v.Path, show(fields))
		}
		delete(m, v.Path[len(v.Path)-1].(string))
	}
	if again := Check(kube.Object{ID: obj.ID, Version: obj.Version, Fields: mended}); len(again) > 0 {
		t.Fatalf("after mending %v, Check: %v", violations, again)
	}
	if strict, err := decode(t, key, mended); len(strict) > 0 || err != nil {
		t.Fatalf("after mending %v, decoder: %v, %v\nobject: %s", violations, strict, err, show(fields))
	}
}

// compareUnknown compares the names too, save where a key is odd, which the decoder writes in another way.
func compareUnknown(t testing.TB, violations []Violation, strict []error) {
	t.Helper()
	var ours, theirs []string
	for _, v := range violations {
		if strings.Contains(v.Path.String(), `["`) {
			return
		}
		message, _, _ := strings.Cut(v.Message, ";")
		ours = append(ours, message)
	}
	for _, err := range strict {
		theirs = append(theirs, err.Error())
	}
	slices.Sort(ours)
	slices.Sort(theirs)
	if !slices.Equal(ours, theirs) {
		t.Fatalf("Check: %q\ndecoder: %q", ours, theirs)
	}
}

func put(t testing.TB, fields map[string]any, path kube.Path, value any) {
	t.Helper()
	parent, ok := kube.Lookup(fields, path[:len(path)-1])
	if !ok {
		t.Fatalf("%s: no such field", path)
	}
	switch step := path[len(path)-1].(type) {
	case string:
		parent.(map[string]any)[step] = value
	case int:
		parent.([]any)[step] = value
	}
}

func deepCopy(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for key, value := range v {
			out[key] = deepCopy(value)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, value := range v {
			out[i] = deepCopy(value)
		}
		return out
	default:
		return v
	}
}

func show(fields map[string]any) string {
	data, _ := stdjson.Marshal(fields)
	return string(data)
}

func TestSamplesAreClean(t *testing.T) {
	seen := map[kindKey]bool{}
	for _, obj := range readSamples(t) {
		seen[keyOf(obj)] = true
		if violations := Check(obj); len(violations) > 0 {
			t.Errorf("%s: %v", obj.ID, violations)
		}
		agree(t, keyOf(obj), obj.Fields)
	}
	for key := range kinds {
		if !seen[key] || goTypes[key] == nil {
			t.Errorf("%v: want a sample, and a Go type", key)
		}
	}
}

// TestAgreesOnMutations puts every sort of value into every place of every sample, and a stranger beside every field.
func TestAgreesOnMutations(t *testing.T) {
	values := []any{
		nil, true, false, int64(0), int64(1), int64(-1), int64(1 << 31), int64(1<<31 - 1), int64(-1 << 31), int64(-1<<31 - 1), int64(1<<63 - 1),
		80.0, 80.5, 1e10, 1e19, 1e20, 1e300, -80.0, "", "text", "80", "aGk=", "aGk", "2027-01-31T12:00:00Z", "2027-01-31", "500m", "5 apples",
		[]any{},
		[]any{int64(1)},
		[]any{int64(256)},
		[]any{"a"},
		[]any{nil},
		[]any{map[string]any{}},
		[]any{map[string]any{"x": "y"}},
		map[string]any{},
		map[string]any{"name": "a"},
		map[string]any{"x": nil},
		map[string]any{"x": int64(1)},
		map[string]any{"x": "y"},
	}
	mutations := 0
	for _, obj := range readSamples(t) {
		walk(obj.Fields, nil, func(path kube.Path, value any) {
			if len(path) == 0 || path[0] == "status" || len(path) > 1 && path[1] == "managedFields" {
				return
			}
			mutated := deepCopy(obj.Fields).(map[string]any)
			for _, v := range values {
				put(t, mutated, path, v)
				agree(t, keyOf(obj), mutated)
				mutations++
			}
			key, ok := path[len(path)-1].(string)
			if !ok {
				return
			}
			for _, name := range []string{strings.ToUpper(key), key + "s", key + "x", "x-" + key, "a.b/c", ""} {
				mutated := deepCopy(obj.Fields).(map[string]any)
				put(t, mutated, path[:len(path)-1].Append(name), value)
				agree(t, keyOf(obj), mutated)
				put(t, mutated, path, []any{nil, true, int64(1)})
				agree(t, keyOf(obj), mutated)
				mutations += 2
			}
		})
	}
	if mutations < 10000 {
		t.Errorf("tried %d mutations, want many", mutations)
	}
}

func walk(v any, path kube.Path, f func(kube.Path, any)) {
	f(path, v)
	switch v := v.(type) {
	case map[string]any:
		for _, key := range kube.SortedKeys(v) {
			walk(v[key], path.Append(key), f)
		}
	case []any:
		for i, value := range v {
			walk(value, path.Append(i), f)
		}
	}
}

// TestAgreesOnFullObjects fills every field that a type has, as the samples cannot.
func TestAgreesOnFullObjects(t *testing.T) {
	filler := randfill.NewWithSeed(1).NilChance(0).NumElements(1, 2).MaxDepth(20).Funcs(
		func(t *metav1.Time, c randfill.Continue) { *t = metav1.Unix(c.Int63n(1<<32), 0) },
		func(t *metav1.MicroTime, c randfill.Continue) {
			*t = metav1.MicroTime{Time: metav1.Unix(c.Int63n(1<<32), 0).Time}
		},
		func(f *metav1.FieldsV1, _ randfill.Continue) { *f = *metav1.NewFieldsV1("{}") },
	)
	for _, key := range sortedKinds() {
		object := reflect.New(goTypes[key]).Interface()
		filler.Fill(object)
		data, err := stdjson.Marshal(object)
		if err != nil {
			t.Fatal(err)
		}
		fields, err := decodeFields(data)
		if err != nil {
			t.Fatal(err)
		}
		obj := kube.Object{ID: kube.ID{Group: key.group, Kind: key.kind}, Version: key.version, Fields: fields}
		if violations := Check(obj); len(violations) > 0 {
			t.Errorf("%v: a value of the type itself: %v", key, violations)
		}
		agree(t, key, fields)
	}
}

// TestEveryFieldHasAnOpinion: a map or tag that shape.go passes over would go unnoticed.
func TestEveryFieldHasAnOpinion(t *testing.T) {
	for _, key := range sortedKinds() {
		seen := map[*shape]bool{anything: true}
		var visit func(s *shape, at string)
		visit = func(s *shape, at string) {
			if s == nil || seen[s] {
				return
			}
			seen[s] = true
			if s.form == formAnything {
				t.Errorf("%s: no opinion", at)
			}
			for _, name := range s.names {
				visit(s.fields[name], fmt.Sprintf("%s.%s", at, name))
			}
			visit(s.elem, at+"[]")
		}
		visit(kinds[key](), key.kind)
	}
}
