package report

import (
	"crypto/sha256"
	"encoding/hex"
	"io"

	"github.com/tlsward/tlsward/rule"
)

// gitlabIssue is an entry of GitLab's code quality report, which is a part of Code Climate's.
// https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
type gitlabIssue struct {
	Description string         `json:"description"`
	CheckName   string         `json:"check_name"`
	Fingerprint string         `json:"fingerprint"`
	Severity    string         `json:"severity"`
	Location    gitlabLocation `json:"location"`
}

type gitlabLocation struct {
	Path  string      `json:"path"`
	Lines gitlabLines `json:"lines"`
}

type gitlabLines struct {
	Begin int `json:"begin"`
}

func writeGitLab(w io.Writer, r Run, _ Style) error {
	out := lineWriter{w: w}
	separator := "[\n"
	issue := func(i gitlabIssue, line int) {
		i.Location.Lines.Begin = max(line, 1) // a whole file is shown at its first line
		out.text(separator)
		out.value(i)
		separator = ",\n"
	}
	for _, p := range r.Errors {
		// The line is left out: the same trouble further down is no new one.
		sum := sha256.Sum256([]byte("error\x00" + p.File + "\x00" + p.Message))
		issue(gitlabIssue{
			Description: problemLine(p), CheckName: "tlsward", Fingerprint: hex.EncodeToString(sum[:16]), Severity: "blocker",
			Location: gitlabLocation{Path: textOr(slashed(p.File), ".")},
		}, p.Line)
	}
	for _, f := range r.Findings {
		// Of an object of a cluster there is no file, and no issue without one.
		path := textOr(slashed(f.At.File), objectName(f.Object))
		issue(gitlabIssue{
			Description: paragraphs(&f, advice(&f)), CheckName: f.Rule, Fingerprint: f.Fingerprint, Severity: gitlabSeverity(f),
			Location: gitlabLocation{Path: path},
		}, f.At.Line)
	}
	if separator == "[\n" {
		out.text("[")
	}
	out.text("]\n")
	return out.err
}

// gitlabSeverity is one of GitLab's five: blocker is left to what could not be read.
func gitlabSeverity(f rule.Finding) string {
	switch {
	case f.Action == rule.Deny:
		return "critical"
	case f.Action == rule.Warn:
		return "major"
	case f.Unknown:
		return "info"
	default:
		return "minor"
	}
}
