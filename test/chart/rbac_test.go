package chart_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
)

// grants lists what the service account may do, one line for each verb on each resource, in each namespace ("*" is all of
// them), with the name it is restricted to.
func grants(t *testing.T, objects manifests) []string {
	t.Helper()
	rules := map[string][]rbacv1.PolicyRule{}
	for _, role := range all[*rbacv1.ClusterRole](objects) {
		rules["ClusterRole "+role.Name] = role.Rules
	}
	for _, role := range all[*rbacv1.Role](objects) {
		rules["Role "+role.Namespace+"/"+role.Name] = role.Rules
	}
	var lines []string
	add := func(namespace, role string, subjects []rbacv1.Subject) {
		if len(subjects) != 1 || subjects[0].Kind != "ServiceAccount" || subjects[0].Namespace != "tlsward" {
			t.Errorf("%s is bound to %v", role, subjects)
		}
		if _, ok := rules[role]; !ok {
			t.Errorf("%s is bound and not there", role)
		}
		for _, rule := range rules[role] {
			for _, group := range rule.APIGroups {
				for _, resource := range rule.Resources {
					for _, verb := range rule.Verbs {
						for _, name := range append(slices.Clip(rule.ResourceNames), "")[:max(1, len(rule.ResourceNames))] {
							lines = append(lines, strings.TrimSpace(fmt.Sprintf("%s %s %s %s", namespace, verb, strings.TrimSuffix(resource+"."+group, "."), name)))
						}
					}
				}
			}
		}
		delete(rules, role)
	}
	for _, binding := range all[*rbacv1.ClusterRoleBinding](objects) {
		add("*", binding.RoleRef.Kind+" "+binding.RoleRef.Name, binding.Subjects)
	}
	for _, binding := range all[*rbacv1.RoleBinding](objects) {
		add(binding.Namespace, "Role "+binding.Namespace+"/"+binding.RoleRef.Name, binding.Subjects)
	}
	for role := range rules {
		if !strings.HasSuffix(role, "-mode-setter") {
			t.Errorf("%s is bound to nobody", role)
		}
	}
	slices.Sort(lines)
	return lines
}

func only(lines []string, substring string) []string {
	return slices.DeleteFunc(slices.Clone(lines), func(line string) bool { return !strings.Contains(line, substring) })
}

// TestSecretsPermission: exactly what each way of reading Secrets takes.
func TestSecretsPermission(t *testing.T) {
	own := []string{"tlsward get secrets tlsward-certificate", "tlsward list secrets", "tlsward update secrets tlsward-certificate", "tlsward watch secrets"}
	for text, want := range map[string][]string{
		`{secrets: {mode: full}}`:                               append([]string{"* get secrets", "* list secrets", "* watch secrets"}, own...),
		`{secrets: {mode: metadata}}`:                           append([]string{"* get secrets", "* list secrets", "* watch secrets"}, own...),
		`{secrets: {mode: live}}`:                               append([]string{"* get secrets"}, own...),
		`{secrets: {mode: none}}`:                               own,
		`{secrets: {mode: none}, certManager: {enabled: true}}`: nil,
		`{secrets: {namespaces: [shop]}}`:                       append([]string{"shop get secrets", "shop list secrets", "shop watch secrets"}, own...),
		`{secrets: {mode: live, namespaces: [shop, blog]}}`:     append([]string{"blog get secrets", "shop get secrets"}, own...),
		`{secrets: {mode: none, namespaces: [shop]}}`:           own,
		`{secrets: {mode: live}, certManager: {enabled: true}}`: {"* get secrets"},
	} {
		if got := only(grants(t, decode(t, rendered(t, parse(t, text)))), " secrets"); !slices.Equal(got, want) {
			t.Errorf("%s:\n%s\nwant\n%s", text, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
}

// TestLeastPrivilege: no wildcard, and whatever is more than reading is on this list.
func TestLeastPrivilege(t *testing.T) {
	writes := []string{
		"* create events", "* patch events", "* create events.events.k8s.io", "* patch events.events.k8s.io",
		"* update mutatingwebhookconfigurations.admissionregistration.k8s.io NAME",
		"* update validatingwebhookconfigurations.admissionregistration.k8s.io NAME",
		"tlsward update secrets NAME-certificate",
		"tlsward create leases.coordination.k8s.io", "tlsward update leases.coordination.k8s.io NAME-audit",
	}
	// The reports of an audit have one name, whoever installs it: nobody is to count them twice.
	for _, kind := range []string{"policyreports.wgpolicyk8s.io", "clusterpolicyreports.wgpolicyk8s.io", "reports.openreports.io", "clusterreports.openreports.io"} {
		writes = append(writes, "* create "+kind, "* patch "+kind+" tlsward", "* delete "+kind+" tlsward")
	}
	eachRender(t, func(t *testing.T, values map[string]any, objects manifests) {
		name := "tlsward"
		if override, ok := values["fullnameOverride"].(string); ok {
			name = override
		}
		for _, line := range grants(t, objects) {
			words := strings.Fields(line)
			if strings.Contains(words[1]+words[2], "*") {
				t.Errorf("%s: a wildcard", line)
			}
			if !slices.Contains([]string{"get", "list", "watch"}, words[1]) && !slices.ContainsFunc(writes, func(write string) bool {
				return line == strings.ReplaceAll(write, "NAME", name)
			}) {
				t.Errorf("%s: not among what tlsward may write", line)
			}
		}
	})
	// cert-manager writes the certificate and the CA.
	lines := grants(t, decode(t, rendered(t, parse(t, `{certManager: {enabled: true}}`))))
	got := append(only(lines, " update "), only(lines, "webhookconfigurations")...)
	if want := []string{
		"* get mutatingwebhookconfigurations.admissionregistration.k8s.io tlsward",
		"* get validatingwebhookconfigurations.admissionregistration.k8s.io tlsward",
	}; !slices.Equal(got, want) {
		t.Errorf("with cert-manager: %v", got)
	}
}

// TestWatchedKinds: all that rules judge or look at can be read, and nothing more.
func TestWatchedKinds(t *testing.T) {
	kinds := chartFile[generated](t, "files/kinds.yaml")
	want := map[string]bool{
		"mutatingwebhookconfigurations.admissionregistration.k8s.io":   true,
		"validatingwebhookconfigurations.admissionregistration.k8s.io": true,
	}
	for _, kind := range append(slices.Clip(kinds.Watched), kinds.Judged...) {
		want[strings.TrimSuffix(kind.Resource+"."+kind.Group, ".")] = true
	}
	for _, extra := range []string{"edgeproxies", "edgedefaults", "truststores"} {
		want[extra+".acme.example"] = true
	}
	lines := grants(t, decode(t, rendered(t, parse(t, matrix["extra kinds"]))))
	for resource := range want {
		for _, verb := range []string{"get", "list", "watch"} {
			if !slices.Contains(lines, "* "+verb+" "+resource) {
				t.Errorf("may not %s %s", verb, resource)
			}
		}
	}
	for _, line := range only(only(lines, "* "), " list ") {
		if resource := strings.Fields(line)[2]; !want[resource] {
			t.Errorf("may list %s, which no rule looks at", resource)
		}
	}
}

// TestAuditPermission: an audit may write its own reports and its own Lease, and nobody may who does not audit.
func TestAuditPermission(t *testing.T) {
	about := func(text string) (found []string) {
		lines := grants(t, decode(t, rendered(t, parse(t, text))))
		for _, word := range []string{"reports", "leases"} {
			found = append(found, only(lines, word)...)
		}
		return found
	}
	if got := about(`{}`); len(got) > 0 {
		t.Errorf("without an audit: %q", got)
	}
	var want []string
	for _, verb := range []string{"create", "delete", "list", "patch"} {
		name := map[string]string{"delete": " tlsward", "patch": " tlsward"}[verb]
		for _, kind := range []string{"clusterpolicyreports.wgpolicyk8s.io", "clusterreports.openreports.io", "policyreports.wgpolicyk8s.io", "reports.openreports.io"} {
			want = append(want, "* "+verb+" "+kind+name)
		}
	}
	want = append(want, "tlsward create leases.coordination.k8s.io", "tlsward get leases.coordination.k8s.io tlsward-audit", "tlsward update leases.coordination.k8s.io tlsward-audit")
	for _, text := range []string{`{audit: {enabled: true}}`, `{audit: {enabled: true}, certManager: {enabled: true}}`} {
		if got := about(text); !slices.Equal(got, want) {
			t.Errorf("%s:\n%s\nwant\n%s", text, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
}
