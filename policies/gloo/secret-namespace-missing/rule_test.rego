package policies.gloo["secret-namespace-missing_test"]

import data.policies.gloo["secret-namespace-missing"] as rule

judge(id, reference, refs) := findings if {
	findings := rule.findings with input as {
		"id": object.union({"group": "gloo.solo.io", "version": "v1", "kind": "Upstream", "namespace": "shop", "name": "api", "label": "Upstream shop/api"}, id),
		"object": {"spec": {"sslConfig": {"secretRef": reference}}},
		"refs": refs,
	}
}

ref := {"path": ["spec", "sslConfig", "secretRef"], "presence": "present"}

test_nowhere if {
	judge({}, {"name": "ca"}, {}) == {{
		"path": ["spec", "sslConfig", "secretRef"],
		"message": "secretRef ca names no namespace, and Gloo takes none for granted",
		"effect": "requests to Upstream shop/api are sent unencrypted",
		"remedy": "name the namespace of the Secret",
	}}
}

test_beside if {
	{f.fix.edits | some f in judge({}, {"name": "ca", "namespace": ""}, {"gloo-backend-ca": [ref]})} == {[{
		"op": "set",
		"path": ["spec", "sslConfig", "secretRef", "namespace"],
		"value": "shop",
	}]}
}

test_no_fix if {
	every f in judge({"namespace": ""}, {"name": "ca"}, {"gloo-backend-ca": [ref]}) {
		not f.fix
	}
}

test_silent if count(judge({}, {"name": "ca", "namespace": "shop"}, {})) == 0
