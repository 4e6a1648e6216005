package manifest

import (
	"strings"
	"testing"
)

// TestScalars compares scalars of every kind with what sigs.k8s.io/yaml makes of them: as values and as keys, with and
// without tags and quotes, as our own parser reads them and as the library does.
func TestScalars(t *testing.T) {
	scalars := strings.Fields(`
		y Y n N yes Yes YES yEs no No NO true True TRUE tRue false on On ON off Off OFF null Null NULL nUll ~
		0 -0 +0 1 -1 +1 00 07 08 0755 0o17 0O17 0x1F 0X1f -0x1F 0b101 0B101 -0b101 +0b1 0b 0b2 1_000 1__0 _1 1_ 0x_1 -_1
		1:30 1:30:45 190:20:30 1. .5 -.5 +.5 1.5 1.0 -1.0 1e3 1E3 1e-3 1.5e3 1e400 1e-400 1e20 1e21 1e22 .e3 1e 1.e3 1_0.5 ._5
		.inf .Inf .INF -.inf +.inf .nan .NaN .NAN .iNF inf nan NaN Infinity -Infinity 0x1p-2 1e+3
		9223372036854775807 9223372036854775808 -9223372036854775808 -9223372036854775809 18446744073709551615
		18446744073709551616 4611686018427387904.0 123456789012345678901234567890 0.1 1e-7 100000000000000000000.0
		2026-01-01 2026-1-1 2026-13-01 2026-01-01T00:00:00Z 2026-01-01t00:00:00Z 2026-01-01T00:00:00+02:00 2026-01- 20260-01-01
		<< = ! a- a: a:b -a --- .a ... .. . - ? :a ?a a#b 1.2.3 10.0.0.0/8 v1 5m 1Gi 100m 0.5.0 é 日本 a,b a]b a{b`)
	tags := []string{"", "!!str ", "!!int ", "!!float ", "!!bool ", "!!null ", "!!timestamp ", "!!binary ", "!a ", "! ", "!!merge "}
	check := func(text string) {
		t.Helper()
		want, ok := judge(text)
		if !ok {
			return
		}
		if got, accepted := ours(t, text); accepted && !sameValue(got, want) {
			t.Errorf("%q: got %s, want %s", text, show(got), show(want))
		}
	}
	for _, s := range append(scalars, "", "2026-01-01 10:00:00", "a b", "1 2", "aGk=", "/w==") {
		for _, tag := range tags {
			for _, quoted := range []string{s, "'" + s + "'", `"` + s + `"`, "|-\n  " + s, "[" + s + "]", "{a: " + s + "}", "{" + s + ": a}"} {
				check("k: " + tag + quoted + "\n")
			}
			check(tag + s + ": v\n")
			check(tag + "'" + s + "': v\n")
			check("? " + tag + s + "\n: v\n")
		}
	}
}
