package policies.gloo["secret-unusable_test"]

import data.policies.gloo["secret-unusable"] as rule

id(kind) := {"group": "", "version": "v1", "kind": kind, "namespace": "shop", "name": "api", "label": sprintf("%s shop/api", [kind])}

ref := {"path": ["spec", "sslConfig", "secretRef"], "label": "Secret shop/tls", "presence": "present", "type": "kubernetes.io/tls"}

judge(role, changes) := {f.message | some f in findings} if {
	findings := rule.findings with input as {
		"id": id("Upstream"),
		"object": {},
		"refs": {role: [object.union(ref, changes)], "gloo-backend-ca": [object.union(ref, {"key_presence": "absent"})]},
	}
}

content(empty, certificates) := {"opaque": false, "empty": empty, "certificates": certificates, "defects": []}

test_messages[name] if {
	some name, case in {
		"type": {"role": "gloo-certificate", "ref": {"type": "Opaque"}, "want": {"Secret shop/tls is of type Opaque, not kubernetes.io/tls"}},
		"type upstream": {"role": "gloo-client-certificate", "ref": {"type": "Opaque"}, "want": {"Secret shop/tls is of type Opaque, not kubernetes.io/tls"}},
		"Gloo's own format": {"role": "gloo-client-certificate", "ref": {"type": "Opaque", "keys": ["tls"]}, "want": set()},
		"neither": {"role": "gloo-client-certificate", "ref": {"type": "Opaque", "keys": ["ca.crt"]}, "want": {"Secret shop/tls is of type Opaque, not kubernetes.io/tls"}},
		"no pair": {"role": "gloo-certificate", "ref": {"pair": "empty"}, "want": {"Secret shop/tls has no certificate with its key"}},
		"no key": {
			"role": "gloo-client-certificate",
			"ref": {"pair": "empty", "content": content(false, ["a"])},
			"want": {"Secret shop/tls has a certificate, and no key for it"},
		},
		"nothing": {
			"role": "gloo-client-certificate",
			"ref": {"pair": "empty", "content": content(true, [])},
			"want": {"Secret shop/tls has neither a certificate nor a CA"},
		},
		"a pair": {"role": "gloo-certificate", "ref": {"pair": "match"}, "want": set()},
		"to be filled": {"role": "gloo-certificate", "ref": {"pair": "empty", "producer": {"label": "Certificate shop/web"}}, "want": set()},
		"not known": {"role": "gloo-certificate", "ref": {"presence": "unknown"}, "want": set()},
	}
	judge(case.role, case.ref) == case.want
}
