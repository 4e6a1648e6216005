package policies["gateway-api"]["backend-policy-not-portable_test"]

import data.policies["gateway-api"]["backend-policy-not-portable"] as rule

ref(i, kind) := {"path": ["spec", "validation", "caCertificateRefs", i], "kind": kind}

judge(spec, cas, controllers) := findings if {
	findings := rule.findings with input as {
		"object": {"spec": spec},
		"controllers": {name: {"certainty": "known"} | some name in controllers},
		"refs": {"backend-ca": cas, "policy-target": [{"label": "Service shop/api"}]},
	}
}

test_finding if {
	judge({}, [ref(0, "Secret")], []) == {{
		"path": ["spec", "validation", "caCertificateRefs", 0, "kind"],
		"message": "a CA in a Secret is not for every controller, and nothing here tells which one acts",
		"effect": "requests to Service shop/api fail or are sent unencrypted with controllers that refuse the policy",
		"remedy": "refer to one ConfigMap with ca.crt, or name the controller under controllers.classes in the config",
	}}
}

test_paths[name] if {
	some name, case in {
		"ClusterTrustBundle": {"spec": {}, "cas": [ref(0, "ClusterTrustBundle")], "want": {["spec", "validation", "caCertificateRefs", 0, "kind"]}},
		"several": {"spec": {}, "cas": [ref(0, "ConfigMap"), ref(1, "ConfigMap")], "want": {["spec", "validation", "caCertificateRefs", 1]}},
		"names": {"spec": {"validation": {"subjectAltNames": [{"type": "URI"}]}}, "cas": [], "want": {["spec", "validation", "subjectAltNames"]}},
		"roots": {"spec": {"validation": {"wellKnownCACertificates": "System"}}, "cas": [], "want": {["spec", "validation", "wellKnownCACertificates"]}},
		"options": {"spec": {"options": {"a": "b"}}, "cas": [], "want": {["spec", "options"]}},
		"the core of it": {"spec": {"validation": {"subjectAltNames": [], "wellKnownCACertificates": ""}, "options": {}}, "cas": [ref(0, "ConfigMap")], "want": set()},
		"a kind that nobody reads": {"spec": {}, "cas": [ref(0, "Certificate")], "want": set()},
	}
	{f.path | some f in judge(case.spec, case.cas, [])} == case.want
}

test_controllers if {
	judge({}, [ref(0, "Secret")], ["istio"]) == set()
	count(judge({}, [ref(0, "Secret")], ["example.com/own"])) == 1
}
