package policies["gateway-api"]["grant-inert_test"]

import data.policies["gateway-api"]["grant-inert"] as rule

from(group, kind, namespace) := {"group": group, "kind": kind, "namespace": namespace}

api := "gateway.networking.k8s.io"

secret := {"group": "", "kind": "Secret", "name": "web-tls"}

test_verdict[name] if {
	some name, case in {
		"a policy": {
			"from": [from(api, "BackendTLSPolicy", "shop")],
			"to": [{"group": "", "kind": "ConfigMap"}],
			"want": {[["spec", "from", 0, "kind"], "no field of a BackendTLSPolicy leads to another namespace by leave of a grant"]},
		},
		"a version": {
			"from": [from("gateway.networking.k8s.io/v1", "Gateway", "shop")],
			"to": [secret],
			"want": {[["spec", "from", 0, "group"], "there is no Gateway of group \"gateway.networking.k8s.io/v1\""]},
		},
		"no group": {
			"from": [from("", "HTTPRoute", "shop")],
			"to": [{"group": "", "kind": "Service"}],
			"want": {[["spec", "from", 0, "group"], "there is no HTTPRoute of group \"\""]},
		},
		"a group that Secrets have not": {
			"from": [from(api, "Gateway", "shop")],
			"to": [{"group": "v1", "kind": "Secret"}],
			"want": {[["spec", "to", 0, "group"], "the group of a Secret is empty, not \"v1\""]},
		},
		"its own namespace": {
			"from": [from(api, "Gateway", "certs")],
			"to": [secret],
			"want": {[["spec", "from", 0, "namespace"], "it is the namespace of the grant, and within a namespace nothing needs one"]},
		},
		"kinds that have no such field": {
			"from": [from(api, "Gateway", "shop"), from(api, "ListenerSet", "shop")],
			"to": [{"group": "", "kind": "Service"}],
			"want": {[["spec", "to", 0, "kind"], "no Gateway and ListenerSet refers to a Service"]},
		},
		"one that has": {"from": [from(api, "ListenerSet", "shop"), from(api, "Gateway", "shop")], "to": [{"group": "", "kind": "ConfigMap"}], "want": set()},
		"somebody else's": {"from": [from("example.com", "Portal", "shop")], "to": [secret], "want": set()},
		"from nobody": {"from": [], "to": [secret], "want": set()},
	}
	findings := rule.findings with input as {"id": {"namespace": "certs"}, "object": {"spec": {"from": case.from, "to": case.to}}}
	{[f.path, f.message] | some f in findings} == case.want
}
