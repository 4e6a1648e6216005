package policies.gloo["files-refused_test"]

import data.policies.gloo["files-refused"] as rule

id(kind) := {"group": "", "version": "v1", "kind": kind, "namespace": "shop", "name": "api", "label": sprintf("%s shop/api", [kind])}

test_upstream if {
	findings := rule.findings with input as {
		"id": id("Upstream"),
		"object": {"spec": {"sslConfig": {"sslFiles": {"tlsCert": "/etc/tls.crt", "tlsKey": "/etc/tls.key"}}}},
	}
	{[f.path, f.message, f.effect] | some f in findings} == {[
		["spec", "sslConfig", "sslFiles", "tlsCert"],
		"Gloo reads \"/etc/tls.crt\" as a certificate, not as the path of one",
		"requests to Upstream shop/api get 503",
	]}
}

test_service[value] if {
	some value, want in {"/etc/tls.crt": 1, "443:/etc/tls.crt": 1, "": 0, "-----BEGIN CERTIFICATE-----": 0}
	findings := rule.findings with input as {
		"id": id("Service"),
		"object": {"metadata": {"annotations": {"gloo.solo.io/sslService.tlsCert": value}}},
	}
	count(findings) == want
}

test_a_secret_instead if {
	findings := rule.findings with input as {
		"id": id("Service"),
		"object": {"metadata": {"annotations": {"gloo.solo.io/sslService.tlsCert": "/a", "gloo.solo.io/sslService.secret": "tls"}}},
	}
	count(findings) == 0
}
