package schema

import (
	"encoding/json"
	"errors"
	"reflect"
	"testing"

	celgo "github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
	"k8s.io/apiserver/pkg/cel/environment"

	"github.com/tlsward/tlsward/schema/cel"
)

// self is what the expressions below are about.
const self = `{
	"name": "Web", "empty": "", "umlaut": "Grüße", "port": 443, "zero": 0, "negative": -3, "ratio": 1.5, "yes": true, "no": false,
	"host": "*.shop.test", "address": "10.0.0.1", "time": "1h30m", "text": "a,b,c", "twelve": "12", "null": null,
	"list": [{"name": "a", "port": 1}, {"name": "b", "port": 2}, {"name": "a", "port": 3}],
	"words": ["b", "a", "c"], "numbers": [3, 1, 2], "none": [], "map": {"x": "1", "y": "2"}, "deep": {"a": {"b": {"c": 1}}},
	"namespace": "shop", "a-b": 1, "c.d": 2
}`

// expressions that rules of CRDs are made of, of each sort some, and what goes wrong in them.
var expressions = []string{
	"self.port == 443 && self.name != 'web'", "self.port > 80 || self.gone > 1", "self.gone > 1 || self.port > 80", "self.gone == 1 && self.no",
	"self.gone == 1 && self.yes", "!self.yes", "!(self.port in [80, 443])", "self.name in ['Web', \"API\"]", "'x' in self.map", "'z' in self.map",
	"has(self.name)", "has(self.gone)", "has(self.deep.a.b)", "has(self.deep.x.b)", "has(self.map.x) ? self.map.x == '1' : false",
	"self.port + 1 == 444", "self.port - 500 < 0", "self.port * 2 / 4 % 7", "-self.port", "- -self.port", "self.ratio * 2.0", "self.ratio / 0.5 > 2.9",
	"self.port / self.zero", "self.port % self.zero", "9223372036854775807 + self.port", "self.negative * 9223372036854775807", "self.port == 443.0", "self.ratio < 2",
	"1 < 2u", "self.port >= 443 && self.port <= 443", "'a' < 'b' && 'B' < 'a'", "true || self.gone", "self.yes ? self.port : self.gone",
	"size(self.list) == 3", "self.list.size()", "self.umlaut.size()", "size(self.map)", "self.none.size() == 0",
	"self.list.all(e, has(e.name))", "self.list.exists(e, e.port == 2)", "self.list.exists_one(e, e.name == 'a')", "self.list.exists_one(e, e.name == 'b')",
	"self.list.all(e, e.gone == 1)", "self.list.exists(e, e.gone == 1 || e.port == 2)", "self.list.all(e, e.port < 2 && e.gone == 1)",
	"self.list.filter(e, e.port > 1).size()", "self.list.map(e, e.port)", "self.list.map(e, e.port > 1, e.name)", "self.map.all(k, k.size() == 1)",
	"self.list.all(a, self.list.exists_one(b, a.name == b.name))", "self.list.all(a, self.list.exists_one(b, a.port == b.port))",
	"self.words.exists(w, self.list.exists(e, e.name == w))", "[1, 2, 3].exists(x, x == self.zero)", "[has(self.name), has(self.gone)].filter(x, x).size() == 1",
	"self.list.all(i, e, i < 3 && e.port == i + 1)", "self.map.exists(k, v, k == 'y' && v == '2')",
	"self.list[0].name", "self.list[3].name", "self.list[0 - 1]", "self.map['x']", "self.map['z']", "{'a': 1, 'b': 2}['b']", "{'a': 1}[self.name]",
	"self.words + ['d'] == ['b', 'a', 'c', 'd']", "self.name + '-' + self.namespace", "{'a': 1} == {'a': 1}", "self.name == null",
	"self.name.startsWith('W')", "self.name.endsWith('b')", "self.name.contains('e')", "self.name.matches('^[a-z]+$')", "self.name.matches(r'^\\w+$')", "self.host.matches('^(\\\\*\\\\.)?[a-z.]+$')",
	"matches(self.name, 'W.b')", "self.name.lowerAscii()", "self.umlaut.upperAscii()", "self.host.substring(2)", "self.umlaut.substring(2, 4)", "self.name.substring(4)", "self.name.charAt(1)", "self.name.charAt(3)", "self.name.charAt(4)",
	"self.text.split(',')", "self.text.split(',', 2)", "self.text.split('')", "self.text.replace(',', ';')", "self.text.replace(',', ';', 1)", "self.words.join('-')", "self.words.join()",
	"self.umlaut.indexOf('ß')", "self.text.lastIndexOf(',')", "self.text.indexOf('x')", "self.words.indexOf('c')", "' a '.trim()", "self.text.find('[b-z]')",
	"int(self.twelve) + 1", "int(self.name)", "int(self.ratio)", "double(self.port)", "string(self.port)", "string(self.yes)", "type(self.port) == int", "type(self.name) == string", "type(self.list) == list",
	"duration(self.time) > duration('1h')", "duration('1s') == duration('1000ms')", "duration(self.name)", "duration(self.time).getMinutes()", "duration('0s') < duration('-1s')",
	"isIP(self.address)", "isIP(self.name)", "isIP('::ffff:10.0.0.1')", "isIP('fe80::1%eth0')", "isIP('10.0.0.01')", "isCIDR('10.0.0.0/8')", "isCIDR('10.0.0.0')", "isCIDR('::ffff:10.0.0.0/120')", "isURL('https://shop.test/a')", "isURL('shop')", "isURL('../a')",
	"sets.contains([1, 2], [2])", "sets.equivalent(['a'], ['a', 'a'])", "sets.intersects(self.words, ['z'])",
	"format.dns1123Label().validate(self.namespace).hasValue()", "format.dns1123Label().validate(self.name).hasValue()", "format.dns1123Label().validate(self.namespace) == null", "format.dns1123Subdomain().validate(self.name).orValue([]).size() > 0", "format.uuid().validate('x').hasValue()",
	"'\\u00fc' == 'ü'", "'\\x41' == 'A'", "'''a'b''' == \"a'b\"", "r'\\d' == '\\\\d'", "'\\101' == 'A'", "b'abc' == b'abc'", "0x1F == 31", "1e3 == 1000.0", ".5 < 1.0", "5u == 5u",
	"(self.port == 443) == true", "self.yes && (self.no || (self.port == 443 && !self.no))", "self.no ? 1 : self.yes ? 2 : 3", "self . port // a comment\n == 443", "self['name']",
	"self.zero == 0 ? 'none' : string(self.zero)", "self.ratio == 1.5 && double(self.port) / 2.0 == 221.5", "self.deep.a.b.c == 1", "self.deep.a.gone.c == 1", "self.deep == {'a': {'b': {'c': 1}}}",
}

// TestExpressions: schema/cel gives the value that cel-go gives as the API server sets it up, or an error where that gives one.
// Where it is not sure it says so, and gives neither.
func TestExpressions(t *testing.T) {
	env, err := environment.MustBaseEnvSet(environment.DefaultCompatibilityVersion()).Extend(environment.VersionedOptions{
		IntroducedVersion: environment.DefaultCompatibilityVersion(), EnvOptions: []celgo.EnvOption{celgo.Variable("self", celgo.DynType)},
	})
	if err != nil {
		t.Fatal(err)
	}
	theirs := env.StoredExpressionsEnv()
	value := object(t, self)
	for _, text := range expressions {
		ast, issues := theirs.Compile(text)
		if issues.Err() != nil {
			t.Errorf("%s: no rule of a CRD: %v", text, issues.Err())
			continue
		}
		program, err := theirs.Program(ast)
		if err != nil {
			t.Fatal(err)
		}
		want, _, wantErr := program.Eval(map[string]any{"self": value})
		ours, err := cel.Compile(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		got, gotErr := ours.Eval(value)
		var failure *cel.Failure
		switch {
		case errors.As(gotErr, &failure) && failure.Unsure:
			t.Errorf("%s: not known here: %v; want %v", text, gotErr, want)
		case (gotErr != nil) != (wantErr != nil):
			t.Errorf("%s: got %v, %v; want %v, %v", text, got, gotErr, want, wantErr)
		case gotErr == nil:
			native, err := want.ConvertToNative(reflect.TypeFor[any]())
			if err != nil || want.Type() == types.ListType || want.Type() == types.MapType {
				native = want.Value()
			}
			if !reflect.DeepEqual(plainValue(native), got) {
				t.Errorf("%s: got %#v, want %#v", text, got, native)
			}
		}
	}
}

// plainValue makes lists of cel-go lists of values.
func plainValue(value any) any {
	list := reflect.ValueOf(value)
	if value == nil || list.Kind() != reflect.Slice {
		return value
	}
	out := make([]any, list.Len())
	for i := range out {
		element := list.Index(i).Interface()
		if inner, ok := element.(interface{ Value() any }); ok {
			element = inner.Value()
		}
		out[i] = element
	}
	return out
}

func object(t *testing.T, text string) any {
	t.Helper()
	var fields map[string]any
	if err := json.Unmarshal([]byte(text), &fields); err != nil {
		t.Fatal(err)
	}
	return whole(fields)
}

// whole makes int64 of whole numbers.
func whole(value any) any {
	switch value := value.(type) {
	case map[string]any:
		for key := range value {
			value[key] = whole(value[key])
		}
	case []any:
		for i := range value {
			value[i] = whole(value[i])
		}
	case float64:
		if value == float64(int64(value)) {
			return int64(value)
		}
	}
	return value
}
