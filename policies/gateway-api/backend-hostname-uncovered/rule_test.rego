package policies["gateway-api"]["backend-hostname-uncovered_test"]

import data.policies["gateway-api"]["backend-hostname-uncovered"] as rule

made(spec) := {"kind": "Secret", "label": "Secret shop/api-tls", "producer": {"kind": "Certificate", "object": {"spec": spec}}}

shown := {"kind": "Secret", "label": "Secret shop/api-tls", "also": {"tls.crt": {"certificates": ["leaf"]}}}

service := {"kind": "Service", "namespace": "shop", "name": "api", "label": "Service shop/api"}

judge(validation, ref, target, ca) := findings if {
	findings := rule.findings with input as {
		"object": {"spec": {"validation": validation}},
		"refs": {"backend-ca": [ref], "policy-target": [target]},
		"certificates": {"leaf": {"ca": ca, "dns_names": ["api.shop.svc", "api.shop.svc.cluster.local"]}},
	}
}

test_certificate_to_be_made if {
	judge({"hostname": "api.shop.test"}, made({"dnsNames": ["api.shop.svc", "api"]}), service, false) == {{
		"path": ["spec", "validation", "hostname"],
		"message": "the backend's certificate in Secret shop/api-tls is for api.shop.svc and api, not for api.shop.test",
		"effect": "requests to Service shop/api fail with 5xx",
		"remedy": "set hostname to one of its names, such as api.shop.svc, or issue it for this one too",
	}}
}

test_certificate_in_sight if {
	count(judge({"hostname": "api.shop.test"}, shown, service, false)) == 1
}

test_names[names] if {
	some names, want in {"api": 1, "api.shop": 1, "api.shop.svc": 1, "api.shop.svc.corp.test": 1, "web": 0, "api.other.svc": 0}
	count(judge({"hostname": "api.shop.test"}, made({"dnsNames": [names]}), service, false)) == want
}

test_silent[name] if {
	some name, case in {
		"covered": {"validation": {"hostname": "api.shop.svc"}, "ref": shown, "target": service, "ca": false},
		"other names are verified": {
			"validation": {"hostname": "api.shop.test", "subjectAltNames": [{"type": "URI"}]},
			"ref": shown,
			"target": service,
			"ca": false,
		},
		"a CA": {"validation": {"hostname": "api.shop.test"}, "ref": shown, "target": service, "ca": true},
		"a CA to be made": {
			"validation": {"hostname": "api.shop.test"},
			"ref": made({"isCA": true, "dnsNames": ["api"]}),
			"target": service,
			"ca": false,
		},
		"a ConfigMap": {"validation": {"hostname": "api.shop.test"}, "ref": object.union(shown, {"kind": "ConfigMap"}), "target": service, "ca": false},
		"another kind of backend": {
			"validation": {"hostname": "api.shop.test"},
			"ref": shown,
			"target": object.union(service, {"kind": "Backend"}),
			"ca": false,
		},
		"no namespace": {
			"validation": {"hostname": "api.shop.test"},
			"ref": shown,
			"target": object.union(service, {"namespace": ""}),
			"ca": false,
		},
		"another producer": {
			"validation": {"hostname": "api.shop.test"},
			"ref": object.union(shown, {"producer": {"kind": "ExternalSecret"}}),
			"target": service,
			"ca": false,
		},
	}
	judge(case.validation, case.ref, case.target, case.ca) == set()
}
