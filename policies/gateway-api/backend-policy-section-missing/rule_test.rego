package policies["gateway-api"]["backend-policy-section-missing_test"]

import data.policies["gateway-api"]["backend-policy-section-missing"] as rule

path := ["spec", "targetRefs", 0]

ports := [{"name": "https", "port": 8443, "targetPort": "web-tls"}, {"name": "admin", "port": 9443}]

judge(section, list, controllers) := findings if {
	findings := rule.findings with input as {
		"object": {"spec": {"targetRefs": [{"sectionName": section}]}},
		"controllers": {name: {"certainty": "known"} | some name in controllers},
		"refs": {"policy-target": [{"path": path, "kind": "Service", "label": "Service shop/api", "object": {"spec": {"ports": list}}}]},
	}
}

test_number if {
	judge("8443", ports, ["istio"]) == {{
		"path": ["spec", "targetRefs", 0, "sectionName"],
		"message": "Service shop/api has no port named \"8443\": https is the name of that port",
		"effect": "the policy is for no port, and requests to Service shop/api are sent unencrypted",
		"remedy": "set sectionName to https",
		"fix": {
			"title": "set sectionName to https",
			"safe": false,
			"edits": [{"op": "set", "path": ["spec", "targetRefs", 0, "sectionName"], "value": "https"}],
		},
	}}
}

test_others[name] if {
	some name, case in {
		"the container's port": {"section": "web-tls", "ports": ports, "want": {["Service shop/api has no port named \"web-tls\": https is the name of that port", "set sectionName to https"]}},
		"another word": {"section": "tls", "ports": ports, "want": {["Service shop/api has no port named \"tls\", only https and admin", "set sectionName to https, or leave it out"]}},
		"a number of two ports": {
			"section": "443",
			"ports": [{"name": "https", "port": 443}, {"name": "quic", "port": 443}],
			"want": {["Service shop/api has no port named \"443\", only https and quic", "set sectionName to https, or leave it out"]},
		},
		"a port without a name": {"section": "443", "ports": [{"port": 443}], "want": {["Service shop/api has no port named \"443\": its port has no name", "leave sectionName out, or give the port a name"]}},
		"the name": {"section": "https", "ports": ports, "want": set()},
		"none": {"section": "", "ports": ports, "want": set()},
		"a Service without ports in sight": {"section": "https", "ports": [], "want": set()},
		"filled in later": {"section": "${PORT}", "ports": ports, "want": set()},
	}
	{[f.message, f.remedy] | some f in judge(case.section, case.ports, [])} == case.want
}

test_controllers if {
	judge("tls", ports, ["kong"]) == set()
	count(judge("tls", ports, ["kong", "istio"])) == 1
	count(judge("tls", ports, ["istio"])) == 1
}

test_entry if {
	findings := rule.findings with input as {
		"object": {"spec": {"targetRefs": [{"sectionName": "443"}]}},
		"controllers": {"istio": {"certainty": "known"}},
		"refs": {"policy-target": [{
			"path": path, "kind": "ServiceEntry", "label": "ServiceEntry shop/bank",
			"object": {"spec": {"ports": [{"name": "https", "number": 443, "protocol": "HTTPS"}]}},
		}]},
	}
	{[f.message, f.effect] | some f in findings} == {[
		"ServiceEntry shop/bank has no port named \"443\": https is the name of that port",
		"the policy is for no port, and requests to ServiceEntry shop/bank are sent as clients write them",
	]}
}

test_another_kind if {
	findings := rule.findings with input as {
		"object": {"spec": {"targetRefs": [{"sectionName": "443"}]}},
		"controllers": {},
		"refs": {"policy-target": [{"path": path, "kind": "Backend", "label": "Backend shop/api"}]},
	}
	findings == set()
}
