package effectivetest

import (
	"testing"

	"github.com/tlsward/tlsward/lint"
	"github.com/tlsward/tlsward/rule"
)

// Findings are what the rules say of texts by the names of their files, which are those of the positions.
func Findings(tb testing.TB, files map[string]string) []rule.Finding {
	tb.Helper()
	dir, e, o := prepare(tb, files)
	o.Reviewer = e
	result, err := lint.Run(tb.Context(), []string{dir}, o)
	if err != nil {
		tb.Fatal(err)
	}
	for i := range result.Findings {
		at := &result.Findings[i].At
		at.File = at.File[len(dir)+1:]
	}
	return result.Findings
}
