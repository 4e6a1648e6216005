package policies["gateway-api"]["key-pair-incomplete_test"]

import data.policies["gateway-api"]["key-pair-incomplete"] as rule

whole := {
	"path": ["spec", "listeners", 0, "tls", "certificateRefs", 0],
	"role": "listener-certificate",
	"kind": "Secret",
	"label": "Secret shop/web-tls",
	"presence": "present",
	"key_presence": "present",
	"keys": ["tls.crt", "tls.key"],
	"keys_open": false,
	"pair": "match",
}

judge(ref, mode) := {[f.effect, f.message] | some f in findings} if {
	findings := rule.findings with input as {
		"object": {"spec": {"listeners": [{"name": "web", "tls": {"mode": mode}}]}},
		"refs": {ref.role: [ref]},
	}
}

test_verdict[name] if {
	some name, case in {
		"no certificate": {"ref": {"key_presence": "absent", "keys": ["ca.crt"]}, "want": {"it has no tls.crt"}},
		"no key": {"ref": {"keys": ["tls.crt"]}, "want": {"it has no tls.key"}},
		"both empty": {"ref": {"pair": "empty"}, "want": {"its tls.crt or tls.key is empty"}},
		"perhaps more keys": {"ref": {"keys": ["tls.crt"], "keys_open": true}, "want": set()},
		"being made": {"ref": {"pair": "empty", "producer": {"kind": "Certificate"}}, "want": set()},
		"only promised": {"ref": {"presence": "promised", "key_presence": "absent"}, "want": set()},
		"a service of Envoy's": {"ref": {"pair": "empty", "type": "gateway.envoyproxy.io/sds"}, "want": set()},
		"whole": {"ref": {}, "want": set()},
	}
	judge(object.union(whole, case.ref), "Terminate") == {["listener web serves no TLS", message] |
		some lack in case.want
		message := sprintf("Secret shop/web-tls holds no key pair (%s)", [lack])
	}
}

test_passthrough if judge(object.union(whole, {"pair": "empty"}), "Passthrough") == set()

test_client_certificate if {
	judge(object.union(whole, {"role": "gateway-client-certificate", "path": ["spec", "tls", "backend", "clientCertificateRef"], "pair": "empty"}), "Terminate") == {[
		"backends that ask for a client certificate refuse this Gateway",
		"Secret shop/web-tls holds no key pair (its tls.crt or tls.key is empty)",
	]}
}
