package policies["ingress-nginx"]["annotation-too-risky_test"]

import data.policies["ingress-nginx"]["annotation-too-risky"] as rule

prefix := "nginx.ingress.kubernetes.io/"

entry(name, risk) := {
	"path": ["metadata", "annotations", sprintf("%s%s", [prefix, name])],
	"controller": "ingress-nginx",
	"name": name,
	"reason": "risk",
	"risk": risk,
	"setting": "annotations-risk-level",
}

findings(entries, level, further) := found if {
	document := {
		"object": {
			"metadata": {"annotations": {"nginx.ingress.kubernetes.io/auth-tls-match-cn": ""}},
			"spec": {"rules": [{"host": "api.shop.test"}]},
		},
		"refused": entries,
		"settings": {"ingress-nginx": {"annotations-risk-level": object.union(
			{"value": level, "certainty": "known", "reason": "ConfigMap x sets it"},
			further,
		)}},
	}
	found := rule.findings with input as document
}

test_says if {
	findings([entry("auth-tls-match-cn", "High")], "Medium", {}) == {{
		"path": ["metadata", "annotations", "nginx.ingress.kubernetes.io/auth-tls-match-cn"],
		"message": "auth-tls-match-cn has the risk High, and annotations-risk-level is Medium (ConfigMap x sets it)",
		"effect": "requests to api.shop.test are not served by this Ingress, or as by its last version without the annotation",
		"remedy": "remove the annotation, or raise annotations-risk-level to High",
	}}
}

test_says_what_is_read_as_low if {
	{f.message | some f in findings([entry("rewrite-target", "Medium")], "Lowest", {})} == {"rewrite-target has the risk Medium, and annotations-risk-level is \"Lowest\", which is read as Low (ConfigMap x sets it)"}
}

test_only_a_guess if {
	findings([entry("auth-tls-secret", "Medium")], "Low", {"certainty": "assumed"}) == set()
}

# Before 1.12 the default was Critical.
test_high_only_where_it_is_written if {
	snippet := [entry("server-snippet", "Critical")]
	count(findings(snippet, "High", {"set": true})) == 1
	findings(snippet, "High", {}) == set()
	count(findings(snippet, "Medium", {})) == 1
}

test_of_another_reason if {
	findings([object.union(entry("auth-tls-match-cn", "High"), {"reason": "value"})], "Medium", {}) == set()
}
