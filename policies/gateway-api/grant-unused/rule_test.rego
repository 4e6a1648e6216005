package policies["gateway-api"]["grant-unused_test"]

import data.policies["gateway-api"]["grant-unused"] as rule

gateway := {
	"kind": "Gateway",
	"namespace": "shop",
	"label": "Gateway shop/edge",
	"object": {"spec": {"listeners": [{"tls": {"certificateRefs": [{"name": "web-tls", "namespace": "certs"}]}}]}},
}

judge(from, to, facts) := {f.message | some f in findings} if {
	findings := rule.findings with input as object.union({"id": {"namespace": "certs"}, "object": {"spec": {"from": from, "to": [to]}}}, facts)
}

from := {"kind": "Gateway", "namespace": "shop"}

test_verdict[name] if {
	some name, case in {
		"another name": {"to": {"kind": "Secret", "name": "old-tls"}, "want": {"none of Gateway shop/edge refers to Secret certs/old-tls"}},
		"another kind": {"to": {"kind": "ConfigMap"}, "want": {"none of Gateway shop/edge refers to a ConfigMap of namespace certs"}},
		"the name": {"to": {"kind": "Secret", "name": "web-tls"}, "want": set()},
		"any name": {"to": {"kind": "Secret"}, "want": set()},
		"not looked at": {"to": {"kind": "Service"}, "want": set()},
	}
	judge([from], case.to, {"peers": {"referrer": [gateway]}}) == case.want
}

test_not_all_in_sight[name] if {
	some name, case in {
		"nobody": {"from": [from], "facts": {}},
		"another namespace": {"from": [from, {"kind": "Gateway", "namespace": "api"}], "facts": {"peers": {"referrer": [gateway]}}},
		"its own namespace": {"from": [from, {"kind": "Gateway", "namespace": "certs"}], "facts": {"peers": {"referrer": [gateway]}}},
		"another kind": {"from": [from, {"kind": "HTTPRoute", "namespace": "shop"}], "facts": {"peers": {"referrer": [gateway]}}},
		"too many": {"from": [from], "facts": {"peers": {"referrer": [gateway]}, "truncated": ["referrer"]}},
	}
	judge(case.from, {"kind": "Secret", "name": "old-tls"}, case.facts) == set()
}
