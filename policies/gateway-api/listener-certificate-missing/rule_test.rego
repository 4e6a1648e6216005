package policies["gateway-api"]["listener-certificate-missing_test"]

import data.policies["gateway-api"]["listener-certificate-missing"] as rule

path := ["spec", "listeners", 0, "tls", "certificateRefs", 0]

refused := {
	"path": path,
	"group": "",
	"kind": "Secret",
	"namespace": "certs",
	"name": "web-tls",
	"label": "Secret certs/web-tls",
	"grant": "not-granted",
	"presence": "unknown",
	"state": "is not granted: no ReferenceGrant in namespace certs lets a Gateway of namespace shop refer to a Secret",
	"near": [],
}

missing := {
	"path": path,
	"group": "",
	"kind": "Secret",
	"namespace": "shop",
	"name": "web-tls",
	"label": "Secret shop/web-tls",
	"grant": "not-needed",
	"presence": "absent",
	"state": "is not in this tree and nothing here creates it",
	"near": [],
}

document(ref, listener) := {
	"id": {"kind": "Gateway"},
	"object": {"spec": {"listeners": [listener]}},
	"refs": {"listener-certificate": [ref]},
}

test_not_granted if {
	findings := rule.findings with input as document(refused, {"name": "web", "tls": {"mode": "Terminate"}})
	findings == {{
		"path": path,
		"message": "Secret certs/web-tls is not granted: no ReferenceGrant in namespace certs lets a Gateway of namespace shop refer to a Secret",
		"effect": "listener web serves no TLS",
		"remedy": "create a ReferenceGrant in namespace certs, or move the Secret beside the Gateway",
	}}
}

test_missing if {
	findings := rule.findings with input as document(missing, {"name": "web"})
	findings == {{
		"path": path,
		"message": "Secret shop/web-tls is not in this tree and nothing here creates it",
		"effect": "listener web serves no TLS",
		"remedy": "create the Secret, or a Certificate that makes it",
		"severity": "warning",
	}}
}

test_listener_without_a_name if {
	findings := rule.findings with input as document(missing, {"port": 443})
	{f.effect | some f in findings} == {"listener 0 serves no TLS"}
}

test_silent[name] if {
	some name, case in {
		"granted and there": {"ref": {"grant": "granted", "presence": "present"}, "listener": {"name": "web"}},
		"promised": {"ref": {"presence": "promised"}, "listener": {"name": "web"}},
		"of a kind that is not read": {"ref": {"kind": "ConfigMap"}, "listener": {"name": "web"}},
		"unknown": {"ref": {"presence": "unknown"}, "listener": {"name": "web"}},
		"grants are kept elsewhere": {"ref": {"grant": "unknown", "presence": "unknown"}, "listener": {"name": "web"}},
		"passthrough ignores a missing one": {"ref": {}, "listener": {"name": "web", "tls": {"mode": "Passthrough"}}},
		"passthrough ignores one that is not granted": {
			"ref": {"grant": "not-granted", "presence": "unknown"},
			"listener": {"name": "web", "tls": {"mode": "Passthrough"}},
		},
	}
	findings := rule.findings with input as document(object.union(missing, case.ref), case.listener)
	count(findings) == 0
}

test_one_of_two[name] if {
	some name, case in {
		"the first": {"index": 0, "controller": "istio", "presence": "present", "want": "listener web shows the certificate of the mesh, and its status is fine"},
		"the second": {"index": 1, "controller": "istio", "presence": "promised", "want": "listener web shows its first certificate to all clients, and its status is fine"},
		"both": {"index": 0, "controller": "istio", "presence": "absent", "want": "listener web serves no TLS"},
		"of another controller": {"index": 0, "controller": "traefik", "presence": "present", "want": "listener web serves no TLS"},
	}
	refs := [
		object.union(missing, {"path": ["spec", "listeners", 0, "tls", "certificateRefs", case.index]}),
		object.union(missing, {"presence": case.presence, "path": ["spec", "listeners", 0, "tls", "certificateRefs", 1 - case.index]}),
	]
	findings := rule.findings with input as {
		"id": {"kind": "Gateway"},
		"controllers": {case.controller: {"certainty": "known"}},
		"object": {"spec": {"listeners": [{"name": "web", "tls": {"certificateRefs": [{"name": "a"}, {"name": "b"}]}}]}},
		"refs": {"listener-certificate": refs},
	}
	case.want in {f.effect | some f in findings}
}
