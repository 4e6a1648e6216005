package publish

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"github.com/tlsward/tlsward/audit"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/report"
	"github.com/tlsward/tlsward/rule"
)

// api is a kind of report that a cluster may serve.
type api struct {
	group, version, kind, clusterKind string
	// source: a report names who made it.
	source bool
}

// apis are those that are known, the one that is preferred first: who installs the successor reads that.
// https://github.com/openreports/reports-api, https://github.com/kubernetes-sigs/wg-policy-prototypes/tree/master/policy-report
var apis = [...]api{
	{"openreports.io", "v1alpha1", "Report", "ClusterReport", true},
	{"wgpolicyk8s.io", "v1alpha2", "PolicyReport", "ClusterPolicyReport", false},
}

const (
	reportName = "tlsward"
	owner      = "tlsward-audit"
	// hashAnnotation tells a report again without comparing all of it.
	hashAnnotation = "tlsward.dev/report-hash"
	// maxResults and maxBytes bound a report: etcd takes 1.5 MiB for an object, and a reader much less.
	maxResults = 1000
	maxBytes   = 1 << 20
)

// labels are by what our reports are known. Those of lint, which people apply, lack the second.
var labels = map[string]string{"app.kubernetes.io/managed-by": "tlsward", "app.kubernetes.io/component": "audit"}

// uid is the API server's name of an object.
func uid(s string) types.UID { return types.UID(s) }

// named is the report of a namespace, or of what has none, with nothing in it.
func (a *api) named(namespace string) *unstructured.Unstructured {
	object := &unstructured.Unstructured{}
	object.SetAPIVersion(a.group + "/" + a.version)
	object.SetKind(a.kind)
	if namespace == "" {
		object.SetKind(a.clusterKind)
	}
	object.SetNamespace(namespace)
	object.SetName(reportName)
	return object
}

// finding is one with the object that it is about.
type finding struct {
	audit.Finding
	object *audit.Verdict
}

// report is what is to stand in a namespace, and its hash: nil and "" where there is nothing to say.
func (a *api) report(namespace string, verdicts []audit.Verdict) (object *unstructured.Unstructured, hash string) {
	slices.SortFunc(verdicts, func(x, y audit.Verdict) int { return x.Object.Compare(y.Object) })
	var all []finding
	for i := range verdicts {
		v := &verdicts[i]
		for _, f := range v.Findings {
			all = append(all, finding{f, v})
		}
		if v.Error != "" {
			all = append(all, finding{audit.Finding{Rule: "tlsward/not-judged", Message: "it could not be judged: " + v.Error, Action: rule.Off}, v})
		}
	}
	if len(all) == 0 {
		return nil, ""
	}
	// What is denied first, so that a bound leaves out the mildest.
	slices.SortStableFunc(all, func(x, y finding) int { return cmp.Compare(x.Action, y.Action) })
	summary := map[string]any{"pass": int64(0), "fail": int64(0), "warn": int64(0), "error": int64(0), "skip": int64(0)}
	var results []any
	size, left := 0, 0
	for _, f := range all {
		verdict := f.result()
		count, _ := summary[verdict].(int64)
		summary[verdict] = count + 1
		if len(results) >= maxResults || size > maxBytes {
			left++
			continue
		}
		result := f.document(verdict)
		text, err := json.Marshal(result)
		if err != nil {
			continue // of strings and booleans alone it does not fail
		}
		if size += len(text); size > maxBytes {
			left++
			continue
		}
		results = append(results, result)
	}
	if left > 0 {
		within := "--namespace " + namespace
		if namespace == "" {
			within = "--namespace unset"
		}
		results = append(results, map[string]any{
			"source": "tlsward", "policy": truncatedPolicy, "result": "skip", "scored": false,
			"message": fmt.Sprintf("%d further results do not stand here; the summary counts them, and `tlsward audit --cluster %s` lists them", left, within),
		})
	}
	object = a.named(namespace)
	object.SetLabels(labels)
	object.Object["summary"], object.Object["results"] = summary, results
	if a.source {
		object.Object["source"] = "tlsward"
	}
	text, err := json.Marshal(object.Object)
	if err != nil {
		return nil, ""
	}
	sum := sha256.Sum256(text)
	hash = hex.EncodeToString(sum[:16])
	object.SetAnnotations(map[string]string{hashAnnotation: hash})
	return object, hash
}

// result is the word that reports have for a finding.
func (f finding) result() string {
	switch {
	case f.Action == rule.Off:
		return "error"
	case f.Action == rule.Deny:
		return "fail"
	case f.Unknown:
		return "skip"
	default:
		return "warn"
	}
}

func (f finding) document(result string) map[string]any {
	provider, _, _ := strings.Cut(f.Rule, "/")
	id := f.object.Object
	about := map[string]any{"apiVersion": kube.Object{ID: id, Version: f.object.Version}.APIVersion(), "kind": id.Kind, "name": id.Name}
	if id.Namespace != "" {
		about["namespace"] = id.Namespace
	}
	if f.object.UID != "" {
		about["uid"] = f.object.UID
	}
	message := report.Lines(f.Message)
	if f.Remedy != "" {
		message += "\nhelp: " + report.Lines(f.Remedy)
	}
	document := map[string]any{
		"source": "tlsward", "policy": f.Rule, "category": provider, "result": result, "scored": result == "fail",
		"severity": [...]string{"high", "medium", "info"}[f.Severity], "message": message, "resources": []any{about},
	}
	if f.Path != "" {
		document["properties"] = map[string]any{"path": report.Lines(f.Path)}
	}
	return document
}

// heard identifies a finding that was told.
type heard struct {
	object     kube.ID
	rule, path string
}

// truncatedPolicy is that of the result which says that others do not stand in a report.
const truncatedPolicy = "tlsward/truncated"

// truncated stands for what a namespace's report told and does not hold.
func truncated(namespace string) heard {
	return heard{kube.ID{Namespace: namespace}, truncatedPolicy, ""}
}

// heardIn notes what a report told.
func heardIn(item *unstructured.Unstructured, told map[heard]bool) {
	results, _, _ := unstructured.NestedSlice(item.Object, "results") // somebody else's shape tells nothing
	for _, element := range results {
		result, _ := element.(map[string]any)
		resources, _ := result["resources"].([]any)
		if result["policy"] == truncatedPolicy {
			told[truncated(item.GetNamespace())] = true
		}
		if len(resources) != 1 {
			continue
		}
		about, _ := resources[0].(map[string]any)
		text := func(m map[string]any, key string) string { s, _ := m[key].(string); return s }
		group, _, grouped := strings.Cut(text(about, "apiVersion"), "/")
		if !grouped {
			group = ""
		}
		properties, _ := result["properties"].(map[string]any)
		told[heard{
			kube.ID{Group: group, Kind: text(about, "kind"), Namespace: text(about, "namespace"), Name: text(about, "name")},
			text(result, "policy"), text(properties, "path"),
		}] = true
	}
}
