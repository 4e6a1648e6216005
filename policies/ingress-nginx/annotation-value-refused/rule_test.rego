package policies["ingress-nginx"]["annotation-value-refused_test"]

import data.policies["ingress-nginx"]["annotation-value-refused"] as rule

prefix := "nginx.ingress.kubernetes.io/"

findings(name, value, further) := found if {
	document := {
		"object": {
			"metadata": {"annotations": {sprintf("%s%s", [prefix, name]): value}},
			"spec": {"rules": [{"host": "api.shop.test"}]},
		},
		"refused": [object.union(
			{
				"path": ["metadata", "annotations", sprintf("%s%s", [prefix, name])],
				"controller": "ingress-nginx",
				"name": name,
				"reason": "value",
				"want": "something else",
			},
			object.filter(further, ["after", "reason"]),
		)],
		"refs": object.get(further, "refs", {}),
	}
	found := rule.findings with input as document
}

test_says if {
	{[f.path, f.message, f.effect, f.remedy] | some f in findings("ssl-passthrough", "on", {})} == {[
		["metadata", "annotations", "nginx.ingress.kubernetes.io/ssl-passthrough"],
		"ingress-nginx refuses \"on\" here: it wants something else",
		"ingress-nginx serves nothing of this Ingress at api.shop.test, or what it last accepted",
		"write something else",
	]}
}

test_fix[name] if {
	some name, case in {
		"yes": {"value": "yes", "want": {"true"}},
		"a blank before it": {"value": " false", "want": {"false"}},
		"no boolean at all": {"value": "header", "want": set()},
	}
	found := findings("ssl-passthrough", case.value, {})
	count(found) == 1
	{edit.value | some f in found; some edit in f.fix.edits} == case.want
}

# What is read after the Secret only is refused only where that may be there.
test_after[name] if {
	some name, case in {
		"no CA": {"refs": {}, "want": 0},
		"a CA that is missing": {"refs": {"client-ca": [{"presence": "absent"}]}, "want": 0},
		"a CA": {"refs": {"client-ca": [{"presence": "present"}]}, "want": 1},
		"nobody knows": {"refs": {"client-ca": [{"presence": "unknown"}]}, "want": 1},
	}
	count(findings("auth-tls-match-cn", "admin", {"after": "client-ca", "refs": case.refs})) == case.want
}

test_of_another_reason if {
	findings("auth-tls-match-cn", "CN=admin", {"reason": "risk"}) == set()
}
