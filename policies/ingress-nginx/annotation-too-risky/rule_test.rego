package policies["ingress-nginx"]["annotation-too-risky_test"]

import data.policies["ingress-nginx"]["annotation-too-risky"] as rule

prefix := "nginx.ingress.kubernetes.io/"

findings(names, level, certainty) := found if {
	document := {
		"object": {
			"metadata": {"annotations": {sprintf("%s%s", [prefix, name]): "" | some name in names}},
			"spec": {"rules": [{"host": "api.shop.test"}]},
		},
		"settings": {"ingress-nginx": {"annotations-risk-level": {
			"value": level,
			"certainty": certainty,
			"reason": "ConfigMap x sets it",
		}}},
	}
	found := rule.findings with input as document
}

all := ["ssl-redirect", "auth-tls-secret", "auth-tls-match-cn", "server-snippet"]

test_level[name] if {
	some name, case in {
		"Low": {"level": "Low", "want": {"auth-tls-secret", "auth-tls-match-cn", "server-snippet"}},
		"Medium": {"level": "Medium", "want": {"auth-tls-match-cn", "server-snippet"}},
		"small letters": {"level": "medium", "want": {"auth-tls-match-cn", "server-snippet"}},
		"High, the default": {"level": "High", "want": set()},
		"Critical": {"level": "Critical", "want": set()},
		"a level that nobody knows": {"level": "None", "want": {"auth-tls-secret", "auth-tls-match-cn", "server-snippet"}},
		"nothing": {"level": "", "want": {"auth-tls-secret", "auth-tls-match-cn", "server-snippet"}},
	}
	{f.path[2] | some f in findings(all, case.level, "known")} == {sprintf("%s%s", [prefix, want]) | some want in case.want}
}

test_says if {
	findings(["auth-tls-match-cn"], "Medium", "known") == {{
		"path": ["metadata", "annotations", "nginx.ingress.kubernetes.io/auth-tls-match-cn"],
		"message": "auth-tls-match-cn has the risk High, and annotations-risk-level is Medium (ConfigMap x sets it)",
		"effect": "requests to api.shop.test are not served by this Ingress, or as by its last version without the annotation",
		"remedy": "remove the annotation, or raise annotations-risk-level to High",
	}}
}

test_says_what_is_read_as_low if {
	{f.message | some f in findings(["rewrite-target"], "Lowest", "known")} == {"rewrite-target has the risk Medium, and annotations-risk-level is \"Lowest\", which is read as Low (ConfigMap x sets it)"}
}

test_only_a_guess if {
	findings(all, "Low", "assumed") == set()
}

test_unknown_annotation if {
	findings(["auth-tls-matchcn"], "Low", "known") == set()
}

test_no_annotations if {
	found := rule.findings with input as {
		"object": {"metadata": {"name": "api"}},
		"settings": {"ingress-nginx": {"annotations-risk-level": {"value": "Low", "certainty": "known", "reason": "the config says so"}}},
	}
	found == set()
}

test_another_prefix if {
	found := rule.findings with input as {
		"object": {"metadata": {"annotations": {"example.com/auth-tls-secret": "shop/ca", "auth-tls-secret": "shop/ca"}}},
		"settings": {"ingress-nginx": {"annotations-risk-level": {"value": "Low", "certainty": "known", "reason": "the config says so"}}},
	}
	found == set()
}

# Before 1.12 the default was Critical.
test_high_only_where_it_is_written if {
	document := {
		"object": {
			"metadata": {"annotations": {sprintf("%s%s", [prefix, name]): "" | some name in all}},
			"spec": {"rules": [{"host": "api.shop.test"}]},
		},
		"settings": {"ingress-nginx": {"annotations-risk-level": {
			"value": "High",
			"certainty": "known",
			"reason": "ConfigMap x sets it",
			"by": {"group": "", "kind": "ConfigMap", "namespace": "ingress-nginx", "name": "x", "path": ["data", "annotations-risk-level"]},
		}}},
	}
	found := rule.findings with input as document
	{f.message | some f in found} == {"server-snippet has the risk Critical, and annotations-risk-level is High (ConfigMap x sets it)"}
}
