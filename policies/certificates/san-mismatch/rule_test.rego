package policies.certificates["san-mismatch_test"]

import data.policies.certificates["san-mismatch"] as rule

certificates := {
	"api": {"subject": "CN=api.shop.test", "dns_names": ["api.shop.test"]},
	"wildcard": {"subject": "", "dns_names": ["*.shop.test"]},
	"other": {"subject": "CN=www.other.test", "dns_names": ["www.other.test", "other.test"]},
	"nameless": {"subject": "CN=api.shop.test", "dns_names": []},
}

reference(role, path, hash) := {
	"path": path,
	"role": role,
	"use": "certificate",
	"in_force": true,
	"label": sprintf("Secret shop/%s-tls", [hash]),
	"content": {"opaque": false, "empty": false, "certificates": [hash], "defects": []},
}

# An Ingress with an entry for each list of hosts.
ingress(hosts, entries) := {
	"object": {"spec": {
		"tls": [entry.tls | some entry in entries],
		"rules": [{"host": host} | some host in hosts],
	}},
	"refs": {"server-certificate": [reference("server-certificate", ["spec", "tls", i, "secretName"], entry.hash) |
		some i, entry in entries
	]},
	"certificates": certificates,
}

entry(hosts, hash) := {"tls": {"hosts": hosts, "secretName": hash}, "hash": hash}

# A server of Istio's, with a certificate for each hash.
server(hosts, hashes) := {
	"object": {"spec": {"servers": [{"hosts": hosts}]}},
	"refs": {"gateway-credential": [reference("gateway-credential", ["spec", "servers", 0, "tls", "credentialNames", i], hash) |
		some i, hash in hashes
	]},
	"certificates": certificates,
}

test_server[name] if {
	some name, case in {
		"its name": {"hosts": ["shop/api.shop.test"], "hashes": ["api"], "want": set()},
		"every name": {"hosts": ["*"], "hashes": ["api"], "want": set()},
		"names below a wildcard": {"hosts": ["*.shop.test"], "hashes": ["api"], "want": set()},
		"other names": {"hosts": ["shop/api.shop.test", "www.other.test"], "hashes": ["other"], "want": {"clients of api.shop.test that compare names refuse the connection"}},
		"the second": {"hosts": ["api.shop.test"], "hashes": ["other", "api"], "want": set()},
		"none of two": {"hosts": ["web.test"], "hashes": ["other", "api"], "want": {"clients of web.test that compare names refuse the connection"}},
		"one out of sight": {"hosts": ["web.test"], "hashes": ["other", "unseen"], "want": set()},
	}
	findings := rule.findings with input as server(case.hosts, case.hashes)
	{f.effect | some f in findings} == case.want
}

test_finding if {
	findings := rule.findings with input as ingress(["api.shop.test"], [entry(["api.shop.test"], "other")])
	findings == {{
		"path": ["spec", "tls", 0, "secretName"],
		"message": "certificate \"CN=www.other.test\" of Secret shop/other-tls is not for api.shop.test, but for www.other.test and other.test",
		"effect": "clients of api.shop.test that compare names refuse the connection",
		"remedy": "issue a certificate for these names, or refer to the one that has them",
		"severity": "error",
	}}
}

test_ingress[name] if {
	some name, case in {
		"its name": {"hosts": ["api.shop.test"], "entries": [entry(["api.shop.test"], "api")], "want": []},
		"a wildcard": {"hosts": ["api.shop.test"], "entries": [entry(["api.shop.test"], "wildcard")], "want": []},
		"two hosts": {
			"hosts": ["a.shop.test", "b.shop.test"],
			"entries": [entry(["b.shop.test", "a.shop.test"], "other")],
			"want": [["error", "certificate \"CN=www.other.test\" of Secret shop/other-tls is not for 2 of the hosts, but for www.other.test and other.test"]],
		},
		"no alternative names": {
			"hosts": ["api.shop.test"],
			"entries": [entry(["api.shop.test"], "nameless")],
			"want": [["warning", "certificate \"CN=api.shop.test\" of Secret shop/nameless-tls is not for api.shop.test"]],
		},
		"a host that no rule has": {"hosts": ["www.other.test"], "entries": [entry(["old.shop.test", "www.other.test"], "other")], "want": []},
		"an empty host": {"hosts": [""], "entries": [entry([""], "other")], "want": []},
		"another entry has it": {
			"hosts": ["api.shop.test"],
			"entries": [entry(["api.shop.test"], "other"), entry(["api.shop.test"], "api")],
			"want": [],
		},
		"an entry without hosts": {
			"hosts": ["api.shop.test", ""],
			"entries": [{"tls": {"secretName": "other"}, "hash": "other"}],
			"want": [["error", "certificate \"CN=www.other.test\" of Secret shop/other-tls is not for api.shop.test, but for www.other.test and other.test"]],
		},
		"an entry without hosts, and its name": {"hosts": ["api.shop.test"], "entries": [{"tls": {}, "hash": "api"}], "want": []},
		"entries without hosts share the work": {
			"hosts": ["api.shop.test", "other.test"],
			"entries": [{"tls": {}, "hash": "api"}, {"tls": {}, "hash": "other"}],
			"want": [],
		},
	}
	findings := rule.findings with input as ingress(case.hosts, case.entries)
	[[f.severity, f.message] | some f in findings] == case.want
}

test_certificate_that_is_not_shown[name] if {
	some name, annotations in {
		"canary": {"nginx.ingress.kubernetes.io/canary": "true"},
		"passthrough": {"nginx.ingress.kubernetes.io/ssl-passthrough": "true"},
	}
	document := object.union(
		ingress(["api.shop.test"], [entry(["api.shop.test"], "other")]),
		{
			"controllers": {"ingress-nginx": {"certainty": "known", "reason": "its class"}},
			"object": {"metadata": {"annotations": annotations}},
		},
	)
	findings := rule.findings with input as document
	count(findings) == 0
	elsewhere := rule.findings with input as object.remove(document, ["controllers"])
	count(elsewhere) == 1
}

test_entry_without_hosts_under_ingress_nginx if {
	document := object.union(
		ingress(["api.shop.test"], [{"tls": {}, "hash": "other"}]),
		{"controllers": {"ingress-nginx": {"certainty": "known", "reason": "its class"}}},
	)
	findings := rule.findings with input as document
	count(findings) == 0
}

test_out_of_sight if {
	document := ingress(["api.shop.test"], [entry(["api.shop.test"], "other"), entry(["api.shop.test"], "api")])
	findings := rule.findings with input as json.remove(document, ["refs/server-certificate/1/content"])
	count(findings) == 0
	none := rule.findings with input as json.remove(ingress(["api.shop.test"], [entry(["api.shop.test"], "other")]), ["refs/server-certificate/0/content"])
	count(none) == 0
}

test_behind_its_issuer if {
	chain := {"leaf": 1, "path": [1, 0], "ordered": false, "root": false, "next": ""}
	document := json.patch(ingress(["api.shop.test"], [entry(["api.shop.test"], "other")]), [{"op": "add", "path": "refs/server-certificate/0/content/chain", "value": chain}])
	findings := rule.findings with input as document
	count(findings) == 0
}

test_made_by[name] if {
	some name, case in {
		"the Ingress": {"producer": {"kind": "Ingress", "object": {}}, "want": 0},
		"a Certificate for it": {"producer": {"kind": "Certificate", "object": {"spec": {"dnsNames": ["*.shop.test"]}}}, "want": 0},
		"a Certificate with its common name": {"producer": {"kind": "Certificate", "object": {"spec": {"commonName": "api.shop.test"}}}, "want": 0},
		"a Certificate for others": {"producer": {"kind": "Certificate", "object": {"spec": {"dnsNames": ["other.test"]}}}, "want": 1},
		"a Certificate out of sight": {"producer": {"kind": "Certificate"}, "want": 0},
		"what cannot change names": {"producer": {"kind": "SealedSecret", "object": {}}, "want": 1},
	}
	known := object.union({"label": "it", "group": "", "namespace": "shop", "name": "it"}, case.producer)
	document := json.patch(ingress(["api.shop.test"], [entry(["api.shop.test"], "other")]), [{"op": "add", "path": "refs/server-certificate/0/producer", "value": known}])
	findings := rule.findings with input as document
	count(findings) == case.want
}

gateway(hostname, mode, hashes) := {
	"object": {"spec": {"listeners": [{"name": "https", "hostname": hostname, "tls": mode}]}},
	"refs": {"listener-certificate": [reference("listener-certificate", ["spec", "listeners", 0, "tls", "certificateRefs", i], hash) |
		some i, hash in hashes
	]},
	"certificates": certificates,
}

test_gateway[name] if {
	some name, case in {
		"its name": {"hostname": "api.shop.test", "tls": {}, "hashes": ["api"], "want": 0},
		"another": {"hostname": "api.shop.test", "tls": {"mode": "Terminate"}, "hashes": ["other"], "want": 1},
		"any of several": {"hostname": "api.shop.test", "tls": {}, "hashes": ["other", "api"], "want": 0},
		"none of several is one defect": {"hostname": "api.shop.test", "tls": {}, "hashes": ["other", "nameless"], "want": 1},
		"every host": {"hostname": "", "tls": {}, "hashes": ["other"], "want": 0},
		"passed through": {"hostname": "api.shop.test", "tls": {"mode": "Passthrough"}, "hashes": ["other"], "want": 0},
		"a wildcard": {"hostname": "*.shop.test", "tls": {}, "hashes": ["wildcard"], "want": 0},
		"a wildcard, and one name below it": {"hostname": "*.shop.test", "tls": {}, "hashes": ["api"], "want": 0},
		"a wildcard, and other names": {"hostname": "*.shop.test", "tls": {}, "hashes": ["other"], "want": 1},
	}
	findings := rule.findings with input as gateway(case.hostname, case.tls, case.hashes)
	count(findings) == case.want
}

test_gateway_out_of_sight if {
	document := gateway("api.shop.test", {}, ["other", "api"])
	findings := rule.findings with input as json.remove(document, ["refs/listener-certificate/1/content"])
	count(findings) == 0
}

# ingress-nginx looks at the first entry that lists the host, others at the certificates.
test_first_entry_under_ingress_nginx[name] if {
	some name, case in {
		"another certificate is for it": {"entries": [entry(["old.shop.test"], "api"), entry(["api.shop.test"], "other")], "want": 1},
		"an entry before lists it": {"entries": [entry(["API.shop.test"], "api"), entry(["api.shop.test"], "other")], "want": 0},
		"only an entry after it does": {"entries": [entry(["api.shop.test"], "other"), entry(["api.shop.test"], "api")], "want": 1},
	}
	document := object.union(
		ingress(["api.shop.test"], case.entries),
		{"controllers": {"ingress-nginx": {"certainty": "known", "reason": "its class"}}},
	)
	findings := rule.findings with input as document
	count(findings) == case.want
}
