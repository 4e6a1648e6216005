package cel

import (
	"errors"
	"strings"
	"testing"
	"time"
)

// The language as cel-go has it is tested in test/schema, which compares the two. Here is what that cannot: what is refused, and
// what is left open.

func TestRefused(t *testing.T) {
	for text, want := range map[string]string{
		"":                              "unexpected end",
		"self.":                         "want a name after the dot, got ",
		"self.a b":                      "unexpected b",
		"(self.a":                       "want ), got the end",
		"[1, 2":                         "want ], got the end",
		"{'a' 1}":                       "want :",
		"{'a': 1":                       "want }, got the end",
		"self.a ? 1":                    "want :, got the end",
		"self.a == 'b":                  "no end of string 'b",
		"self.a == '\\q'":               `unknown escape "\\q"`,
		"self.a == '\\x4'":              `unknown escape`,
		"self.a == '\\":                 "no end of string",
		"self.a # b":                    `unexpected "#"`,
		"other == 1":                    "unknown name other",
		"quantity(self.a)":              "unknown function quantity of 1",
		"size()":                        "unknown function size of 0",
		"self.a.isSorted()":             "unknown function isSorted of 0",
		"self.a.contains()":             "unknown function contains of 0",
		"self.all(1)":                   "want a variable, and what to ask",
		"self.all(x, 1, 2)":             "want a variable, and what to ask",
		"has(self)":                     "has: want a field",
		"has(1 + 1)":                    "has: want a field",
		"self.a.matches(1)":             "matches: want a string",
		"sets.union(self.a)":            "unknown function sets.union of 1",
		"format.dns1123Label":           "want (, got the end",
		"self.?a":                       "want a name after the dot, got ?",
		"99999999999999999999 == 1":     "value out of range",
		strings.Repeat("(", 300) + "1":  "nested too deeply",
		strings.Repeat("!", 300) + "no": "nested too deeply",
	} {
		if _, err := Compile(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40s: got %v, want %s", text, err, want)
		}
	}
}

// TestUnsure: what depends on types that a schema would rule out is no verdict.
func TestUnsure(t *testing.T) {
	self := map[string]any{"text": "a", "list": []any{int64(1)}, "number": int64(1), "yes": true, "duration": time.Second}
	for _, text := range []string{
		"self.text && self.yes", "self.text || self.yes == false", "self.text ? 1 : 2", "!self.text", "-self.text", "self.text < 1", "self.text + 1", "self.number * self.text",
		"self.number / self.text", "self.number % self.text", "self.text.name", "has(self.text.name)", "self.number[0]", "self.list['a']", "1 in self.text", "self.text.all(x, x)",
		"self.list.all(x, x)", "self.list.exists(x, x)", "self.list.exists_one(x, x)", "self.list.filter(x, x)", "self.list.map(x, x, x)", "size(self.number)", "int(self.yes)", "double(self.yes)",
		"string(self.list)", "duration(self.number)", "self.number.matches('a')", "matches(self.number, 'a')", "self.number.contains('a')", "self.number.lowerAscii()", "self.number.split('a')",
		"self.text.split('a', 'b')", "self.number.replace('a', 'b')", "self.text.substring('a')", "self.text.substring(0, 'a')", "self.text.charAt('a')", "self.number.join('a')", "self.list.join('a')",
		"self.text.indexOf(1)", "self.number.indexOf(1)", "self.number.find('a')", "self.text.getHours()", "type(self.duration)", "{1: 2}", "sets.contains(self.list, 1)", "sets.contains(1, self.list)",
		"sets.intersects(self.list, 1)", "format.uuid().validate(1)", "self.text.hasValue()", "self.text.orValue(1)", "self.text.value()", "oldSelf == self",
		"[1, 2, 3].exists(x, x == 'a' && x < 'b' || self.text)",
	} {
		program, err := Compile(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		value, err := program.Eval(self)
		var failure *Failure
		if !errors.As(err, &failure) || !failure.Unsure || failure.Error() == "" {
			t.Errorf("%s: got %v, %v, want no verdict", text, value, err)
		}
	}
}

func TestNames(t *testing.T) {
	program, err := Compile("oldSelf == self && has(self.a.b) && has(self.c) && self.d.all(self, self.e) && self.__namespace__ == self.f__dash__g__dot__h")
	if err != nil {
		t.Fatal(err)
	}
	if !program.Uses("oldSelf") || !program.Uses("self") || program.Uses("a") {
		t.Error("want the variables oldSelf and self")
	}
	for name, want := range map[string]bool{"a": true, "b": false, "c": false, "d": true, "e": true, "namespace": true, "f-g.h": true} {
		if program.Reads(name) != want {
			t.Errorf("reads %s: want %t", name, want)
		}
	}
}

// TestBounded: nobody's rule keeps a run busy.
func TestBounded(t *testing.T) {
	program, err := Compile("self.all(a, self.all(b, self.all(c, a + b + c >= 0)))")
	if err != nil {
		t.Fatal(err)
	}
	list := make([]any, 1000)
	for i := range list {
		list[i] = int64(i)
	}
	var failure *Failure
	if _, err := program.Eval(list); !errors.As(err, &failure) || !failure.Unsure {
		t.Errorf("got %v, want that it is given up", err)
	}
}

func FuzzEval(f *testing.F) {
	for _, text := range []string{
		"self.all(x, has(x.a) ? x.a.matches('^a') : size(x.b) > 1)", "self.map(x, x + 1) == [1] && 'a\\u00fc' in self", "duration('1h') < duration(self.a)",
		"{'a': 1}[self] <= -1.5e3 || !self.exists_one(a, b, a == b)", "format.uri().validate(self.x).orValue([])[0].split('/', 2)", "r'''\n'''.substring(0, 1)",
	} {
		f.Add(text)
	}
	values := []any{nil, "a", int64(1), 1.5, true, []any{int64(1), "a", map[string]any{"a": "b"}}, map[string]any{"a": "1h", "b": []any{}, "x": "y"}}
	f.Fuzz(func(t *testing.T, text string) {
		program, err := Compile(text)
		if err != nil {
			return
		}
		for _, value := range values {
			_, err := program.Eval(value)
			var failure *Failure
			if err != nil && !errors.As(err, &failure) {
				t.Errorf("%s: %v is no Failure", text, err)
			}
		}
	})
}
