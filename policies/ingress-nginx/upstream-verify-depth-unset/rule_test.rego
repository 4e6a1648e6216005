package policies["ingress-nginx"]["upstream-verify-depth-unset_test"]

import data.policies["ingress-nginx"]["upstream-verify-depth-unset"] as rule

secret := "nginx.ingress.kubernetes.io/proxy-ssl-secret"

depth := "nginx.ingress.kubernetes.io/proxy-ssl-verify-depth"

ref := {"path": ["metadata", "annotations", secret], "in_force": true, "presence": "present", "key_presence": "present"}

content := {"opaque": false, "empty": false, "certificates": [], "defects": []}

trust := {"openssl": "accepted", "complete": true, "certificates": []}

document(annotations, known, minimum) := {
	"object": {"metadata": {"annotations": object.union({secret: "shop/upstream-ca"}, annotations)}},
	"refs": {"upstream-ca": [object.union(ref, known)]},
	"params": {"ingress-nginx/upstream-verify-depth-unset": {"minimum": minimum, "inject": "always"}},
}

test_finding if {
	findings := rule.findings with input as document({}, {"content": object.union(content, {"depth": 2})}, 1)
	findings == {{
		"path": ["metadata", "annotations", depth],
		"message": "proxy-ssl-verify-depth is not set, and ingress-nginx then allows one intermediate",
		"effect": "requests to backends with 2 intermediates get 502",
		"remedy": "set it to \"2\", which the CA in use needs",
		"severity": "info",
		"fix": {
			"title": "set proxy-ssl-verify-depth to \"2\"",
			"safe": true,
			"edits": [{"op": "set", "path": ["metadata", "annotations", depth], "value": "2"}],
		},
	}}
}

cases := {
	"a bundle of roots": {
		"known": {"content": object.union(content, {"depth": 1})},
		"minimum": 1,
		"effect": "requests to backends with more than one intermediate get 502",
		"remedy": "set it to \"1\", which the CA in use needs",
	},
	"a bundle that needs more with what stands beside it": {
		"known": {"content": object.union(content, {"depth": 1}), "trust": object.union(trust, {"depth": 2})},
		"minimum": 1,
		"effect": "requests to backends with 2 intermediates get 502",
		"remedy": "set it to \"2\", which the CA in use needs",
	},
	"a bundle that needs less with what stands beside it": {
		"known": {"content": object.union(content, {"depth": 3}), "trust": object.union(trust, {"depth": 2})},
		"minimum": 1,
		"effect": "requests to backends with 2 intermediates get 502",
		"remedy": "set it to \"2\", which the CA in use needs",
	},
	"a bundle that nothing beside it helps": {
		"known": {"content": object.union(content, {"depth": 2}), "trust": trust},
		"minimum": 1,
		"effect": "requests to backends with 2 intermediates get 502",
		"remedy": "set it to \"2\", which the CA in use needs",
	},
	"a bundle without a way to a root": {
		"known": {"content": content},
		"minimum": 1,
		"effect": "requests to backends with more than one intermediate get 502",
		"remedy": "set it to \"1\", the default, if that is meant",
	},
	"an encrypted bundle": {
		"known": {"content": object.union(content, {"opaque": true})},
		"minimum": 1,
		"effect": "requests to backends with more than one intermediate get 502",
		"remedy": "set it to \"1\", the default, if that is meant",
	},
	"a Secret that is promised": {
		"known": {"presence": "promised", "key_presence": "unknown"},
		"minimum": 1,
		"effect": "requests to backends with more than one intermediate get 502",
		"remedy": "set it to \"1\", the default, if that is meant",
	},
	"a Secret out of sight, and a minimum": {
		"known": {"presence": "unknown", "key_presence": "unknown"},
		"minimum": 3,
		"effect": "requests to backends with more than one intermediate get 502",
		"remedy": "set it to \"3\", the minimum that the config asks for",
	},
	"a minimum above what the bundle needs": {
		"known": {"content": object.union(content, {"depth": 2})},
		"minimum": 3,
		"effect": "requests to backends with 2 intermediates get 502",
		"remedy": "set it to \"3\", the minimum that the config asks for",
	},
	"a minimum below what the bundle needs": {
		"known": {"content": object.union(content, {"depth": 4})},
		"minimum": 2,
		"effect": "requests to backends with 4 intermediates get 502",
		"remedy": "set it to \"4\", which the CA in use needs",
	},
}

test_depth[name] if {
	some name, case in cases
	findings := rule.findings with input as document({}, case.known, case.minimum)
	{[f.effect, f.remedy] | some f in findings} == {[case.effect, case.remedy]}
}

test_silent[name] if {
	some name, case in {
		"set": {"mine": {depth: "1"}, "known": {}},
		"set to nothing, which another rule reports": {"mine": {depth: ""}, "known": {}},
		"the Secret is missing": {"mine": {}, "known": {"presence": "absent", "key_presence": "unknown"}},
		"the Secret has no CA": {"mine": {}, "known": {"key_presence": "absent"}},
		"the CA is empty": {"mine": {}, "known": {"content": object.union(content, {"empty": true})}},
		"nothing is verified": {"mine": {}, "known": {"in_force": false}},
		"a canary": {"mine": {"nginx.ingress.kubernetes.io/canary": "true"}, "known": {}},
	}
	findings := rule.findings with input as document(case.mine, case.known, 1)
	count(findings) == 0
}

test_no_reference if {
	findings := rule.findings with input as {"object": {"metadata": {"name": "web"}}, "refs": {}}
	count(findings) == 0
}

test_no_more_than_the_default_is_written_when_not_needed if {
	input_ := document({}, {"content": object.union(content, {"depth": 1})}, 1)
	count(rule.findings) == 0 with input as _when_needed(input_)
}

test_more_than_the_default_is_written_when_needed if {
	input_ := document({}, {"content": object.union(content, {"depth": 2})}, 1)
	count(rule.findings) == 1 with input as _when_needed(input_)
}

_when_needed(doc) := object.union(doc, {"params": {"ingress-nginx/upstream-verify-depth-unset": {"minimum": 1, "inject": "when-needed"}}})

test_a_value_of_ours_that_is_too_small if {
	findings := rule.findings with input as _ours("1", 2)
	count([f | some f in findings; f.severity]) == 0
	{f.fix.edits[0].value | some f in findings} == {"2"}
}

test_a_value_of_ours_that_is_too_small_with_what_stands_beside_the_bundle if {
	whole := object.union(_ours("1", 1), {"refs": {"upstream-ca": [object.union(ref, {
		"content": object.union(content, {"depth": 1}),
		"trust": object.union(trust, {"depth": 2}),
	})]}})
	findings := rule.findings with input as whole
	{f.fix.edits[0].value | some f in findings} == {"2"}
}

test_a_value_of_ours_that_is_enough if {
	count(rule.findings) == 0 with input as _ours("2", 2)
}

_ours(set, needed) := object.union(
	document({depth: set}, {"content": object.union(content, {"depth": needed})}, 1),
	{"defaulted": {sprintf("metadata.annotations[\"%s\"]", [depth]): set}},
)
