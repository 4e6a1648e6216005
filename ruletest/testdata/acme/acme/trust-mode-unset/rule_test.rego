package policies.acme["trust-mode-unset_test"]

import data.policies.acme["trust-mode-unset"] as rule

with_trust(trust) := {
	"object": {"spec": {"clientTrust": trust}},
	"params": {"acme/trust-mode-unset": {"mode": "require"}},
}

test_unset if {
	findings := rule.findings with input as with_trust({})
	{f.fix.edits[0].value | some f in findings} == {"require"}
}

test_set if {
	count(rule.findings) == 0 with input as with_trust({"mode": "optional"})
}
