package policies.istio["gateway-credential-incomplete_test"]

import data.policies.istio["gateway-credential-incomplete"] as rule

path := ["spec", "servers", 0, "tls", "credentialName"]

ref := {
	"path": path,
	"kind": "Secret",
	"name": "web",
	"label": "Secret edge/web",
	"presence": "present",
	"key": "tls.crt",
	"keys_open": false,
	"keys": ["tls.crt", "tls.key"],
	"content": {"opaque": false, "certificates": ["a"]},
}

judge(change) := findings if {
	findings := rule.findings with input as {
		"object": {"spec": {"servers": [{"hosts": ["web.shop.test"]}]}},
		"refs": {"gateway-credential": [object.union(ref, change)]},
	}
}

test_says if {
	judge({"keys": ["tls.cert", "tls.key"]}) == {{
		"path": path,
		"message": "Secret edge/web holds no key pair: it has neither tls.crt and tls.key nor cert and key",
		"effect": "TLS handshakes with web.shop.test are reset",
		"remedy": "put the certificate under tls.crt and its key under tls.key",
	}}
}

test_message[name] if {
	some name, case in {
		"half of each pair": {"change": {"keys": ["tls.crt", "cert"]}, "want": {"Secret edge/web holds no key pair: it has neither tls.crt and tls.key nor cert and key"}},
		"empty": {"change": {"pair": "empty"}, "want": {"Secret edge/web has an empty tls.crt or tls.key"}},
		"no certificate": {"change": {"key": "cert", "keys": ["cert", "key"], "content": {"certificates": []}}, "want": {"Secret edge/web holds no certificate under cert that can be read"}},
		"a token": {"change": {"type": "kubernetes.io/service-account-token"}, "want": {"Secret edge/web is of a type that Istio does not watch"}},
		"the name of a CA": {"change": {"name": "web-cacert", "presence": "unknown"}, "want": {"Secret edge/web is read for a CA only, for its name ends in -cacert"}},
		"a ConfigMap": {"change": {"kind": "ConfigMap"}, "want": {"Secret edge/web is a ConfigMap, of which a CA is read and no key"}},
		"Opaque": {"change": {"type": "Opaque"}, "want": set()},
		"the other pair": {"change": {"key": "cert", "keys": ["cert", "key"]}, "want": set()},
		"encrypted": {"change": {"key": "cert", "keys": ["cert", "key"], "content": {"opaque": true, "certificates": []}}, "want": set()},
		"perhaps more": {"change": {"keys": [], "keys_open": true}, "want": set()},
		"being made": {"change": {"keys": [], "producer": {"label": "Certificate edge/web"}}, "want": set()},
		"out of sight": {"change": {"keys": [], "presence": "unknown"}, "want": set()},
	}
	{f.message | some f in judge(case.change)} == case.want
}
