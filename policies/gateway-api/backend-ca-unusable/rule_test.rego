package policies["gateway-api"]["backend-ca-unusable_test"]

import data.policies["gateway-api"]["backend-ca-unusable"] as rule

path := ["spec", "validation", "caCertificateRefs", 0]

ref := {
	"path": path,
	"kind": "ConfigMap",
	"label": "ConfigMap shop/backend-ca",
	"presence": "present",
	"keys": ["ca.crt"],
	"key_presence": "present",
}

content := {"opaque": false, "empty": false, "certificates": [], "defects": []}

known := {"certainty": "known", "reason": "GatewayClass edge"}

document(changed, controllers) := {
	"controllers": {name: known | some name in controllers},
	"refs": {
		"backend-ca": [object.union(ref, changed)],
		"policy-target": [{"label": "Service shop/api"}],
	},
}

cases := {
	"another key": {
		"ref": {"keys": ["ca-bundle.crt"], "key_presence": "absent"},
		"message": "ConfigMap shop/backend-ca holds no ca.crt, only ca-bundle.crt",
	},
	"other keys": {
		"ref": {"keys": ["a.pem", "b.pem", "c.pem"], "key_presence": "absent"},
		"message": "ConfigMap shop/backend-ca holds no ca.crt, only a.pem, b.pem and 1 more",
	},
	"no key": {
		"ref": {"keys": [], "key_presence": "absent"},
		"message": "ConfigMap shop/backend-ca holds no ca.crt",
	},
	"an empty key": {
		"ref": {"content": object.union(content, {"empty": true})},
		"message": "ConfigMap shop/backend-ca holds an empty ca.crt",
	},
	"no certificate": {
		"ref": {"content": object.union(content, {"defects": [{
			"kind": "no-certificate",
			"line": 1,
			"message": "no certificate in it",
		}]})},
		"message": "ConfigMap shop/backend-ca holds no certificate under ca.crt",
	},
	"no certificate that can be read": {
		"ref": {"content": object.union(content, {"defects": [{
			"kind": "indented",
			"line": 1,
			"message": "the BEGIN line is indented",
		}]})},
		"message": "ConfigMap shop/backend-ca holds no certificate under ca.crt that can be read: the BEGIN line is indented",
	},
	"a Secret": {
		"ref": {"kind": "Secret", "label": "Secret shop/backend-ca", "keys": ["tls.crt", "tls.key"], "key_presence": "absent"},
		"message": "Secret shop/backend-ca holds no ca.crt, only tls.crt and tls.key",
	},
}

test_findings[name] if {
	some name, case in cases
	findings := rule.findings with input as document(case.ref, ["cilium"])
	findings == {{
		"path": path,
		"message": case.message,
		"effect": "requests to Service shop/api fail with 5xx",
		"remedy": "put the CA of the backend under ca.crt as PEM",
	}}
}

test_kind if {
	findings := rule.findings with input as document({"kind": "Certificate", "label": "Certificate shop/backend-ca", "presence": "unknown", "key_presence": "unknown"}, [])
	findings == {{
		"path": array.concat(path, ["kind"]),
		"message": "no controller reads a CA from a Certificate",
		"effect": "requests to Service shop/api fail with 5xx",
		"remedy": "refer to a ConfigMap with the CA under ca.crt",
	}}
}

# Where nobody knows who acts, it may be one who reads another key.
test_nobody_known[name] if {
	some name, case in {
		"tls.crt": {"keys": ["tls.crt", "tls.key"], "unless": " unless Envoy Gateway serves them"},
		"a sole key": {"keys": ["ca.pem"], "unless": " unless Envoy Gateway serves them"},
		"cacert": {"keys": ["ca.pem", "cacert"], "unless": " unless Istio serves them"},
		"cacert alone": {"keys": ["cacert"], "unless": " unless Envoy Gateway or Istio serves them"},
	}
	findings := rule.findings with input as document({"keys": case.keys, "key_presence": "absent"}, [])
	[[finding.effect, finding.severity] | some finding in findings] == [[concat("", ["requests to Service shop/api fail with 5xx", case.unless]), "warning"]]
}

test_nobody_known_and_none_would_read_it[name] if {
	some name, changed in {
		"several keys": {"keys": ["a.pem", "b.pem"], "key_presence": "absent"},
		"no key": {"keys": [], "key_presence": "absent"},
		"an empty ca.crt, alone": {"content": object.union(content, {"empty": true})},
		"garbage, and tls.crt": {"keys": ["ca.crt", "tls.crt"], "content": object.union(content, {"defects": [{
			"kind": "no-certificate",
			"line": 1,
			"message": "no certificate in it",
		}]})},
	}
	findings := rule.findings with input as document(changed, [])
	[object.get(finding, "severity", "error") | some finding in findings] == ["error"]
}

test_controllers[name] if {
	some name, case in {
		"Envoy Gateway reads tls.crt": {"controllers": ["envoy-gateway"], "keys": ["ca.pem", "tls.crt"], "want": 0},
		"Envoy Gateway reads a sole key": {"controllers": ["envoy-gateway"], "keys": ["ca.pem"], "want": 0},
		"Envoy Gateway does not choose among keys": {"controllers": ["envoy-gateway"], "keys": ["a.pem", "b.pem"], "want": 1},
		"Istio reads cacert": {"controllers": ["istio"], "keys": ["ca.pem", "cacert"], "want": 0},
		"Kong reads cert": {"controllers": ["kong"], "keys": ["cert", "id"], "want": 0},
		"Kong reads no other": {"controllers": ["kong"], "keys": ["id", "tls.crt"], "want": 1},
		"Istio reads no other": {"controllers": ["istio"], "keys": ["tls.crt"], "want": 1},
		"both act, and each reads its own": {"controllers": ["envoy-gateway", "istio"], "keys": ["cacert"], "want": 1},
		"a third one acts too": {"controllers": ["cilium", "envoy-gateway"], "keys": ["tls.crt"], "want": 1},
		"nobody knows who acts": {"controllers": [], "keys": ["tls.crt"], "want": 1},
	}
	findings := rule.findings with input as document({"keys": case.keys, "key_presence": "absent"}, case.controllers)
	count(findings) == case.want
}

test_silent[name] if {
	some name, changed in {
		"a CA": {"content": object.union(content, {"certificates": ["00"]})},
		"a CA with a defect": {"content": object.union(content, {
			"certificates": ["00"],
			"defects": [{"kind": "duplicate", "line": 9, "message": "the same certificate again"}],
		})},
		"a placeholder": {"content": object.union(content, {"opaque": true})},
		"too much to read": {"content": content},
		"unknown": {"presence": "unknown", "key_presence": "unknown"},
		"missing": {"presence": "absent", "key_presence": "unknown"},
		"promised": {"presence": "promised", "key_presence": "promised"},
		"promised, with keys nobody knows": {"presence": "promised", "keys": ["tls.crt"], "key_presence": "unknown"},
		"a ClusterTrustBundle": {"kind": "ClusterTrustBundle", "presence": "unknown", "key_presence": "unknown"},
	}
	findings := rule.findings with input as document(changed, [])
	count(findings) == 0
}
