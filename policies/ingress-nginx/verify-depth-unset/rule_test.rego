package policies["ingress-nginx"]["verify-depth-unset_test"]

import data.policies["ingress-nginx"]["verify-depth-unset"] as rule

secret := "nginx.ingress.kubernetes.io/auth-tls-secret"

depth := "nginx.ingress.kubernetes.io/auth-tls-verify-depth"

mode := "nginx.ingress.kubernetes.io/auth-tls-verify-client"

ref := {"path": ["metadata", "annotations", secret], "in_force": true, "presence": "present", "key_presence": "present"}

content := {"opaque": false, "empty": false, "certificates": [], "defects": []}

trust := {"openssl": "accepted", "complete": true, "certificates": []}

document(annotations, known, minimum, siblings) := {
	"object": {"metadata": {"annotations": object.union({secret: "shop/client-ca"}, annotations)}},
	"refs": {"client-ca": [object.union(ref, known)]},
	"peers": {"host": [{"object": {"metadata": {"annotations": sibling}}} | some sibling in siblings]},
	"params": {"ingress-nginx/verify-depth-unset": {"minimum": minimum, "inject": "always"}},
}

test_finding if {
	findings := rule.findings with input as document({}, {"content": object.union(content, {"depth": 2})}, 1, [])
	findings == {{
		"path": ["metadata", "annotations", depth],
		"message": "auth-tls-verify-depth is not set, and ingress-nginx then allows one intermediate",
		"effect": "clients with 2 intermediates get 400",
		"remedy": "set it to \"2\", which the CA in use needs",
		"severity": "info",
		"fix": {
			"title": "set auth-tls-verify-depth to \"2\"",
			"safe": true,
			"edits": [{"op": "set", "path": ["metadata", "annotations", depth], "value": "2"}],
		},
	}}
}

cases := {
	"a bundle of roots": {
		"known": {"content": object.union(content, {"depth": 1})},
		"minimum": 1,
		"effect": "clients with more than one intermediate get 400",
		"remedy": "set it to \"1\", which the CA in use needs",
	},
	"a bundle that needs more with what stands beside it": {
		"known": {"content": object.union(content, {"depth": 1}), "trust": object.union(trust, {"depth": 2})},
		"minimum": 1,
		"effect": "clients with 2 intermediates get 400",
		"remedy": "set it to \"2\", which the CA in use needs",
	},
	"a bundle that needs less with what stands beside it": {
		"known": {"content": object.union(content, {"depth": 3}), "trust": object.union(trust, {"depth": 2})},
		"minimum": 1,
		"effect": "clients with 2 intermediates get 400",
		"remedy": "set it to \"2\", which the CA in use needs",
	},
	"a bundle that nothing beside it helps": {
		"known": {"content": object.union(content, {"depth": 2}), "trust": trust},
		"minimum": 1,
		"effect": "clients with 2 intermediates get 400",
		"remedy": "set it to \"2\", which the CA in use needs",
	},
	"a bundle without a way to a root": {
		"known": {"content": content},
		"minimum": 1,
		"effect": "clients with more than one intermediate get 400",
		"remedy": "set it to \"1\", the default, if that is meant",
	},
	"an encrypted bundle": {
		"known": {"content": object.union(content, {"opaque": true})},
		"minimum": 1,
		"effect": "clients with more than one intermediate get 400",
		"remedy": "set it to \"1\", the default, if that is meant",
	},
	"a Secret that is promised": {
		"known": {"presence": "promised", "key_presence": "unknown"},
		"minimum": 1,
		"effect": "clients with more than one intermediate get 400",
		"remedy": "set it to \"1\", the default, if that is meant",
	},
	"a Secret out of sight, and a minimum": {
		"known": {"presence": "unknown", "key_presence": "unknown"},
		"minimum": 3,
		"effect": "clients with more than one intermediate get 400",
		"remedy": "set it to \"3\", the minimum that the config asks for",
	},
	"a minimum above what the bundle needs": {
		"known": {"content": object.union(content, {"depth": 2})},
		"minimum": 3,
		"effect": "clients with 2 intermediates get 400",
		"remedy": "set it to \"3\", the minimum that the config asks for",
	},
	"a minimum below what the bundle needs": {
		"known": {"content": object.union(content, {"depth": 4})},
		"minimum": 2,
		"effect": "clients with 4 intermediates get 400",
		"remedy": "set it to \"4\", which the CA in use needs",
	},
}

test_depth[name] if {
	some name, case in cases
	findings := rule.findings with input as document({}, case.known, case.minimum, [])
	{[f.effect, f.remedy] | some f in findings} == {[case.effect, case.remedy]}
}

test_still_said[name] if {
	some name, case in {
		"optional verifies what is sent": {"mine": {mode: "optional"}, "siblings": []},
		"a sibling without client certificates": {"mine": {}, "siblings": [{depth: "2"}, {}]},
		"a sibling that leaves it open too": {"mine": {}, "siblings": [{secret: "shop/client-ca"}]},
		"a sibling that sets the same in another way": {"mine": {}, "siblings": [{secret: "shop/client-ca", depth: "+01"}]},
		"a sibling that sets the same": {"mine": {}, "siblings": [{secret: "shop/client-ca", depth: "1"}]},
	}
	findings := rule.findings with input as document(case.mine, {}, 1, case.siblings)
	count(findings) == 1
}

test_silent[name] if {
	some name, case in {
		"set": {"mine": {depth: "1"}, "known": {}, "siblings": []},
		"set to nothing, which another rule reports": {"mine": {depth: ""}, "known": {}, "siblings": []},
		"a sibling sets another": {"mine": {}, "known": {}, "siblings": [{secret: "shop/client-ca", depth: "2"}]},
		"the Secret is missing": {"mine": {}, "known": {"presence": "absent", "key_presence": "unknown"}, "siblings": []},
		"the Secret has no CA": {"mine": {}, "known": {"key_presence": "absent"}, "siblings": []},
		"the CA is empty": {"mine": {}, "known": {"content": object.union(content, {"empty": true})}, "siblings": []},
		"nothing is verified": {"mine": {}, "known": {"in_force": false}, "siblings": []},
		"every chain is let in": {"mine": {mode: "optional_no_ca"}, "known": {}, "siblings": []},
	}
	findings := rule.findings with input as document(case.mine, case.known, 1, case.siblings)
	count(findings) == 0
}

test_no_reference if {
	findings := rule.findings with input as {"object": {"metadata": {"name": "web"}}, "refs": {}}
	count(findings) == 0
}

test_no_more_than_the_default_is_written_when_not_needed if {
	input_ := document({}, {"content": object.union(content, {"depth": 1})}, 1, [])
	count(rule.findings) == 0 with input as _when_needed(input_)
}

test_more_than_the_default_is_written_when_needed if {
	input_ := document({}, {"content": object.union(content, {"depth": 2})}, 1, [])
	count(rule.findings) == 1 with input as _when_needed(input_)
}

_when_needed(doc) := object.union(doc, {"params": {"ingress-nginx/verify-depth-unset": {"minimum": 1, "inject": "when-needed"}}})

test_a_value_of_ours_that_is_too_small if {
	findings := rule.findings with input as _ours("1", 2)
	count([f | some f in findings; f.severity]) == 0
	{f.fix.edits[0].value | some f in findings} == {"2"}
}

test_a_value_of_ours_that_is_too_small_with_what_stands_beside_the_bundle if {
	whole := object.union(_ours("1", 1), {"refs": {"client-ca": [object.union(ref, {
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
	document({depth: set}, {"content": object.union(content, {"depth": needed})}, 1, []),
	{"defaulted": {sprintf("metadata.annotations[\"%s\"]", [depth]): set}},
)
