package policies["cert-manager"]["entry-passed-over_test"]

import data.policies["cert-manager"]["entry-passed-over"] as rule

ingress(tls, refs) := {
	"id": {"kind": "Ingress", "namespace": "shop"},
	"object": {
		"metadata": {"annotations": {"cert-manager.io/issuer": "internal"}},
		"spec": {"tls": tls, "rules": [{"host": "web.shop.test"}]},
	},
	"refs": {"server-certificate": refs},
}

secret := {"path": ["spec", "tls", 0, "secretName"], "kind": "Secret", "label": "Secret shop/web-tls", "presence": "unknown", "grant": "not-needed"}

test_no_hosts if {
	findings := rule.findings with input as ingress([{"secretName": "web-tls"}], [secret])
	findings == {{
		"path": secret.path,
		"message": "the entry has no hosts, and cert-manager makes no certificate for it",
		"effect": "Secret shop/web-tls is not made",
		"remedy": "name the hosts of the certificate",
		"severity": "warning",
	}}
}

test_no_secret if {
	findings := rule.findings with input as ingress([{"hosts": ["web.shop.test"]}], [])
	{[f.path, f.effect] | some f in findings} == {[
		["spec", "tls", 0],
		"clients of web.shop.test are shown whatever certificate the controller has for everybody",
	]}
}

test_empty_secret if {
	findings := rule.findings with input as ingress([{"hosts": ["web.shop.test"], "secretName": ""}], [])
	count(findings) == 1
}

test_twice if {
	entry := {"hosts": ["web.shop.test"], "secretName": "web-tls"}
	findings := rule.findings with input as ingress([entry, entry], [object.union(secret, {"presence": "absent"})])
	{[f.path, f.severity] | some f in findings} == {[["spec", "tls", 1, "secretName"], "error"]}
}

test_ingress_silent[name] if {
	some name, case in {
		"as it should be": {"tls": [{"hosts": ["web.shop.test"], "secretName": "web-tls"}], "refs": [object.union(secret, {"presence": "promised"})]},
		"it is there": {"tls": [{"secretName": "web-tls"}], "refs": [object.union(secret, {"presence": "present"})]},
		"no TLS": {"tls": [], "refs": []},
	}
	findings := rule.findings with input as ingress(case.tls, case.refs)
	count(findings) == 0
}

gateway(listener, refs) := {
	"id": {"kind": "Gateway", "namespace": "shop"},
	"object": {
		"metadata": {"annotations": {"cert-manager.io/issuer": "internal", "cert-manager.io/ignore-tls-listeners": "inner, other"}},
		"spec": {"listeners": [listener]},
	},
	"refs": {"listener-certificate": refs},
}

at := ["spec", "listeners", 0, "tls", "certificateRefs", 0]

own := object.union(secret, {"path": at})

https := {"name": "web", "protocol": "HTTPS", "hostname": "web.shop.test", "tls": {"certificateRefs": [{"name": "web-tls"}]}}

test_no_hostname if {
	findings := rule.findings with input as gateway(object.remove(https, ["hostname"]), [object.union(own, {"presence": "absent"})])
	findings == {{
		"path": at,
		"message": "listener web has no hostname, and cert-manager makes no certificate for it",
		"effect": "Secret shop/web-tls is not made",
		"remedy": "give the listener a hostname, or make the Secret by a Certificate",
		"severity": "error",
	}}
}

test_foreign[name] if {
	some name, other in {
		"namespace": {"name": "wildcard", "namespace": "certs"},
		"kind": {"name": "wildcard", "kind": "Other"},
	}
	listener := object.union(https, {"tls": {"certificateRefs": [{"name": "web-tls"}, other]}})
	findings := rule.findings with input as gateway(listener, [own])
	{startswith(f.message, "listener web refers to ") | some f in findings} == {true}
}

test_gateway_silent[name] if {
	some name, case in {
		"promised": {"listener": https, "refs": [object.union(own, {"presence": "promised"})]},
		"plain text": {"listener": object.union(https, {"protocol": "HTTP", "hostname": ""}), "refs": [own]},
		"passed through": {"listener": object.union(https, {"hostname": "", "tls": {"mode": "Passthrough"}}), "refs": [own]},
		"ignored": {"listener": object.union(https, {"hostname": "", "name": "inner"}), "refs": [own]},
		"of another namespace": {"listener": object.union(https, {"hostname": ""}), "refs": [object.union(own, {"grant": "granted"})]},
		"another cause": {"listener": https, "refs": [own]},
	}
	findings := rule.findings with input as gateway(case.listener, case.refs)
	count(findings) == 0
}
