package policies["gateway-api"]["frontend-ca-missing_test"]

import data.policies["gateway-api"]["frontend-ca-missing"] as rule

missing := {
	"path": ["spec", "tls", "frontend", "default", "validation", "caCertificateRefs", 0],
	"kind": "ConfigMap",
	"namespace": "shop",
	"name": "client-ca",
	"label": "ConfigMap shop/client-ca",
	"grant": "not-needed",
	"presence": "absent",
	"state": "is not in this tree and nothing here creates it",
	"near": [],
}

refused := {
	"namespace": "certs",
	"label": "ConfigMap certs/client-ca",
	"grant": "not-granted",
	"presence": "unknown",
	"state": "is not granted: no ReferenceGrant in namespace certs lets a Gateway of namespace shop refer to a ConfigMap",
}

gateway := {"spec": {"listeners": [{"name": "web"}], "tls": {"frontend": {"default": {}, "perPort": [{"port": 443}, {"port": 8443}]}}}}

test_missing if {
	findings := rule.findings with input as {"object": gateway, "refs": {"frontend-ca": [missing]}}
	findings == {{
		"path": ["spec", "tls", "frontend", "default", "validation", "caCertificateRefs", 0],
		"message": "ConfigMap shop/client-ca is not in this tree and nothing here creates it",
		"effect": "the HTTPS listeners accept no connection",
		"remedy": "create the ConfigMap with the CA under ca.crt",
	}}
}

test_not_granted if {
	findings := rule.findings with input as {"object": gateway, "refs": {"frontend-ca": [object.union(missing, refused)]}}
	findings == {{
		"path": ["spec", "tls", "frontend", "default", "validation", "caCertificateRefs", 0],
		"message": "ConfigMap certs/client-ca is not granted: no ReferenceGrant in namespace certs lets a Gateway of namespace shop refer to a ConfigMap",
		"effect": "the HTTPS listeners accept no connection",
		"remedy": "create a ReferenceGrant in namespace certs, or keep the CA beside the Gateway",
	}}
}

test_effect[name] if {
	some name, case in {
		"of one port": {
			"path": ["spec", "tls", "frontend", "perPort", 1, "tls", "validation", "caCertificateRefs", 0],
			"want": "the HTTPS listeners on port 8443 accept no connection",
		},
		"of one listener, before release 1.4": {
			"path": ["spec", "listeners", 0, "tls", "frontendValidation", "caCertificateRefs", 0],
			"want": "listener web accepts no connection",
		},
	}
	every ref in [object.union(missing, {"path": case.path}), object.union(object.union(missing, refused), {"path": case.path})] {
		findings := rule.findings with input as {"object": gateway, "refs": {"frontend-ca": [ref]}}
		{f.effect | some f in findings} == {case.want}
	}
}

test_silent[name] if {
	some name, changed in {
		"granted and there": {"grant": "granted", "presence": "present"},
		"promised": {"presence": "promised"},
		"unknown": {"presence": "unknown"},
		"grants are kept elsewhere": {"grant": "unknown", "presence": "unknown"},
	}
	findings := rule.findings with input as {"object": gateway, "refs": {"frontend-ca": [object.union(missing, changed)]}}
	count(findings) == 0
}
