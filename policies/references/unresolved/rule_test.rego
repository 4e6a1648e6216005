package policies.references.unresolved_test

import data.policies.references.unresolved as rule

path := ["metadata", "annotations", "nginx.ingress.kubernetes.io/auth-tls-secret"]

ref := {
	"path": path,
	"title": "client CA",
	"use": "trust",
	"optional": false,
	"kind": "Secret",
	"namespace": "shop",
	"name": "client-ca",
	"label": "Secret shop/client-ca",
	"grant": "not-needed",
	"presence": "unknown",
	"state": "is not in this tree, and nothing here tells whether it exists",
}

test_finding if {
	findings := rule.findings with input as {"refs": {"client-ca": [ref]}}
	findings == {{
		"path": path,
		"message": "client CA Secret shop/client-ca is not in this tree, and nothing here tells whether it exists",
		"remedy": "add it to the tree, or declare it: `external: [Secret shop/client-ca]`",
		"severity": "warning",
	}}
}

test_findings[name] if {
	some name, case in {
		"a certificate is often made by hand": {
			"ref": {"title": "server certificate", "use": "certificate"},
			"want": ["info", "add it to the tree, or declare it: `external: [Secret shop/client-ca]`"],
		},
		"the namespace is that of pods out of sight": {
			"ref": {"pods": {"namespaces": [], "reason": "", "setting": "istio/gateway-namespace", "written": false, "beside": "unknown"}},
			"want": ["warning", "set istio/gateway-namespace under `controllers.settings`"],
		},
		"pods are in sight": {
			"ref": {"pods": {"namespaces": ["edge"], "reason": "Service edge/edge", "setting": "istio/gateway-namespace", "written": false, "beside": "unknown"}},
			"want": ["warning", "add it to the tree, or declare it: `external: [Secret shop/client-ca]`"],
		},
		"grants are kept elsewhere": {
			"ref": {"grant": "unknown", "namespace": "certs"},
			"want": ["warning", "add the grant to the tree, or declare `complete: [certs]`"],
		},
		"installations of a controller differ": {
			"ref": {"grant": "unknown", "namespace": "certs", "crossing": "ingress-nginx/allow-cross-namespace-resources"},
			"want": ["warning", "set ingress-nginx/allow-cross-namespace-resources under `controllers.settings`"],
		},
		"a variable is in the name": {
			"ref": {"label": "Secret shop/${CA}", "state": "is written with a variable that something fills in later"},
			"want": ["warning", "lint what comes out when the variables are filled in"],
		},
		"a ConfigMap": {
			"ref": {"kind": "ConfigMap", "label": "ConfigMap shop/client-ca", "grant": "granted"},
			"want": ["warning", "add it to the tree, or declare it: `external: [ConfigMap shop/client-ca]`"],
		},
	}
	findings := rule.findings with input as {"refs": {"client-ca": [object.union(ref, case.ref)]}}
	{[f.severity, f.remedy] | some f in findings} == {case.want}
}

test_silent[name] if {
	some name, changed in {
		"present": {"presence": "present"},
		"promised": {"presence": "promised"},
		"absent, which other rules say": {"presence": "absent"},
		"not granted, which other rules say": {"grant": "not-granted"},
		"refused, which other rules say": {"grant": "refused"},
		"refused by default": {"grant": "refused-by-default"},
		"a target": {"use": "target", "kind": "Service"},
		"something else": {"use": "other"},
		"a kind that holds no certificate": {"kind": "Certificate"},
		"optional": {"optional": true},
	}
	findings := rule.findings with input as {"refs": {"client-ca": [object.union(ref, changed)]}}
	count(findings) == 0
}

test_read_elsewhere[name] if {
	some name, case in {
		"by Istio": {"controllers": {"istio": {}}, "roles": ["server-certificate", "ingress-credential"], "want": 1},
		"by another": {"controllers": {"ingress-nginx": {}}, "roles": ["server-certificate"], "want": 1},
		"by both": {"controllers": {"istio": {}, "ingress-nginx": {}}, "roles": ["server-certificate", "ingress-credential"], "want": 2},
	}
	findings := rule.findings with input as {
		"controllers": case.controllers,
		"refs": {role: [object.union(ref, {"use": "certificate", "path": ["spec", "tls", 0, role]})] | some role in case.roles},
	}
	count(findings) == case.want
}
