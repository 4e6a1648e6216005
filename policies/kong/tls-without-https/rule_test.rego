package policies.kong["tls-without-https_test"]

import data.policies.kong["tls-without-https"] as rule

verify := "konghq.com/tls-verify"

service(annotations) := {"id": {"kind": "Service", "label": "Service shop/api"}, "object": {"metadata": {"annotations": annotations}}}

test_no_protocol if {
	findings := rule.findings with input as service({verify: "true"})
	findings == {{
		"path": ["metadata", "annotations", verify],
		"message": "konghq.com/tls-verify is for https and tls, and Service shop/api is called by http",
		"effect": "Kong refuses its whole configuration, and no change to any route takes effect",
		"remedy": "set konghq.com/protocol: https, if that is what the backend speaks",
		"fix": {
			"title": "set konghq.com/protocol to https",
			"safe": false,
			"edits": [{"op": "set", "path": ["metadata", "annotations", "konghq.com/protocol"], "value": "https"}],
		},
	}}
}

test_protocols[name] if {
	some name, case in {
		"grpcs": {"mine": {verify: "1", "konghq.com/protocol": "grpcs"}, "fixes": 0, "remedy": "remove konghq.com/tls-verify: Kong has no such setting for backends that it calls by grpcs"},
		"false": {"mine": {verify: "F"}, "fixes": 0, "remedy": "set konghq.com/protocol: https, if that is what the backend speaks"},
		"an unknown one": {"mine": {verify: "t", "konghq.com/protocol": "HTTPS"}, "fixes": 1, "remedy": "set konghq.com/protocol: https, if that is what the backend speaks"},
		"a client certificate": {"mine": {"konghq.com/client-cert": "own", "konghq.com/protocol": "wss"}, "fixes": 0, "remedy": "remove konghq.com/client-cert: Kong has no such setting for backends that it calls by wss"},
		"a depth": {"mine": {"konghq.com/tls-verify-depth": "2"}, "fixes": 0, "remedy": "set konghq.com/protocol: https, if that is what the backend speaks"},
	}
	findings := rule.findings with input as service(case.mine)
	{[f.remedy, count(object.get(f, "fix", {})) > 0] | some f in findings} == {[case.remedy, case.fixes > 0]}
}

test_silent[name] if {
	some name, mine in {
		"https": {verify: "true", "konghq.com/protocol": "https"},
		"tls": {verify: "false", "konghq.com/tls-verify-depth": "2", "konghq.com/protocol": "tls"},
		"a client certificate and http, which another rule reports": {"konghq.com/client-cert": "own"},
		"what is no boolean": {verify: "yes", "konghq.com/tls-verify-depth": "deep"},
		"filled in later": {verify: "true", "konghq.com/tls-verify-depth": "1", "konghq.com/protocol": "${PROTOCOL}"},
	}
	findings := rule.findings with input as service(mine)
	count(findings) == 0
}

test_a_policy_sets_the_protocol if {
	whole := object.union(service({verify: "true", "konghq.com/tls-verify-depth": "1"}), {"peers": {"backend-policy": [{"label": "BackendTLSPolicy shop/api"}]}})
	findings := rule.findings with input as whole
	count(findings) == 0
}

# A facade in front of a Service that may be in sight.
facade(own, behind) := {
	"id": {"kind": "KongServiceFacade", "label": "KongServiceFacade shop/api"},
	"object": {"metadata": {"annotations": own}},
	"refs": {"kong-facade-service": behind},
}

in_sight(annotations) := [{"object": {"metadata": {"annotations": annotations}}}]

test_facade[name] if {
	some name, case in {
		"its own, and no protocol": {"own": {verify: "true"}, "behind": in_sight({}), "want": {verify}},
		"the protocol of the Service": {"own": {verify: "true"}, "behind": in_sight({"konghq.com/protocol": "https"}), "want": set()},
		"a Service out of sight": {"own": {verify: "true"}, "behind": [{"presence": "unknown"}], "want": set()},
		"a protocol of its own": {"own": {"konghq.com/protocol": "grpc"}, "behind": in_sight({verify: "true", "konghq.com/protocol": "https"}), "want": {"konghq.com/protocol"}},
		"a protocol and its own word": {"own": {"konghq.com/protocol": "grpc", verify: ""}, "behind": in_sight({verify: "true", "konghq.com/protocol": "https"}), "want": set()},
		"nothing of TLS behind it": {"own": {"konghq.com/protocol": "http"}, "behind": in_sight({}), "want": set()},
	}
	findings := rule.findings with input as facade(case.own, case.behind)
	{f.path[2] | some f in findings} == case.want
}

test_a_facade_sets_the_protocol if {
	before := {"peers": {"kong-facade": [{"object": {"metadata": {"annotations": {"konghq.com/protocol": "https"}}}}]}}
	findings := rule.findings with input as object.union(service({verify: "true", "konghq.com/tls-verify-depth": "1"}), before)
	count(findings) == 0
}
