package report

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"sigs.k8s.io/yaml"

	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/rule"
)

// policyReport is a PolicyReport, or a ClusterPolicyReport, of wgpolicyk8s.io/v1alpha2.
// https://github.com/kubernetes-sigs/wg-policy-prototypes/tree/master/policy-report
type policyReport struct {
	APIVersion string          `json:"apiVersion"`
	Kind       string          `json:"kind"`
	Metadata   policyMetadata  `json:"metadata"`
	Summary    policySummary   `json:"summary"`
	Results    []*policyResult `json:"results,omitempty"`
}

type policyMetadata struct {
	Name      string            `json:"name"`
	Namespace string            `json:"namespace,omitempty"`
	Labels    map[string]string `json:"labels"`
}

type policySummary struct {
	Pass  int `json:"pass"`
	Fail  int `json:"fail"`
	Warn  int `json:"warn"`
	Error int `json:"error"`
	Skip  int `json:"skip"`
}

type policyResult struct {
	Source     string            `json:"source"`
	Policy     string            `json:"policy"`
	Category   string            `json:"category,omitempty"`
	Severity   string            `json:"severity,omitempty"`
	Result     string            `json:"result"`
	Scored     bool              `json:"scored"`
	Message    string            `json:"message"`
	Resources  []policyResource  `json:"resources,omitempty"`
	Properties map[string]string `json:"properties,omitempty"`
}

type policyResource struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Namespace  string `json:"namespace,omitempty"`
	Name       string `json:"name"`
}

// maxPolicyResults of one report: at some 1 KiB each they stay well below the 1.5 MiB that etcd takes for an object.
const maxPolicyResults = 500

// writePolicyReports writes, as YAML for kubectl apply, a report for each namespace, and a ClusterPolicyReport for what has
// none, be it cluster-scoped or not said in the manifest. Names are the same in every run, so a new report replaces the old
// one of its namespace and part. Where there is none any more, nothing does: the label is for deleting the old ones first.
func writePolicyReports(w io.Writer, r Run, _ Style) error {
	byNamespace := map[string][]*policyResult{}
	for _, p := range r.Errors {
		byNamespace[""] = append(byNamespace[""], &policyResult{
			Source: "tlsward", Policy: "tlsward", Result: "error", Message: visibleLines(problemLine(p)),
			Properties: policyPlace(kube.Position{File: p.File, Line: p.Line}),
		})
	}
	for _, f := range r.Findings {
		namespace := visible(f.Object.Namespace)
		byNamespace[namespace] = append(byNamespace[namespace], toPolicyResult(f))
	}
	if len(byNamespace) == 0 {
		byNamespace[""] = nil // a report that says so
	}
	for _, namespace := range kube.SortedKeys(byNamespace) {
		results := byNamespace[namespace]
		for part := 0; part == 0 || part*maxPolicyResults < len(results); part++ {
			of := results[part*maxPolicyResults : min(len(results), (part+1)*maxPolicyResults)]
			if err := writePolicyReport(w, namespace, part, of); err != nil {
				return err
			}
		}
	}
	return nil
}

func writePolicyReport(w io.Writer, namespace string, part int, results []*policyResult) error {
	out := policyReport{
		APIVersion: "wgpolicyk8s.io/v1alpha2", Kind: "PolicyReport", Results: results,
		Metadata: policyMetadata{
			Name: "tlsward-lint", Namespace: namespace, Labels: map[string]string{"app.kubernetes.io/managed-by": "tlsward"},
		},
	}
	if namespace == "" {
		out.Kind = "ClusterPolicyReport"
	}
	if part > 0 {
		out.Metadata.Name = fmt.Sprintf("tlsward-lint-%d", part+1)
	}
	for _, result := range results {
		switch result.Result {
		case "fail":
			out.Summary.Fail++
		case "warn":
			out.Summary.Warn++
		case "error":
			out.Summary.Error++
		case "skip":
			out.Summary.Skip++
		}
	}
	data, err := yaml.Marshal(out)
	if err != nil {
		return fmt.Errorf("policy report: %w", err)
	}
	_, err = w.Write(append([]byte("---\n"), data...))
	return err
}

func toPolicyResult(f rule.Finding) *policyResult {
	provider, _, _ := strings.Cut(f.Rule, "/")
	out := &policyResult{
		Source: "tlsward", Policy: visible(f.Rule), Category: visible(provider),
		Severity: [...]string{"high", "medium", "info"}[f.Severity],
		Message:  visibleLines(paragraphs(&f, details(&f))),
		Resources: []policyResource{{
			APIVersion: visible(kube.Object{ID: f.Object, Version: f.Version}.APIVersion()),
			Kind:       visible(f.Object.Kind), Namespace: visible(f.Object.Namespace), Name: visible(f.Object.Name),
		}},
		Properties: policyPlace(f.At),
	}
	out.Properties["path"] = visible(f.Path.String())
	out.Properties["fingerprint"] = f.Fingerprint
	switch {
	case f.Action == rule.Deny:
		out.Result, out.Scored = "fail", true
	case f.Unknown:
		out.Result = "skip"
	default:
		out.Result = "warn"
	}
	return out
}

func policyPlace(at kube.Position) map[string]string {
	properties := map[string]string{}
	if at.File != "" {
		properties["file"] = visible(slashed(at.File))
	}
	if at.Line > 0 {
		properties["line"] = strconv.Itoa(at.Line)
	}
	return properties
}
