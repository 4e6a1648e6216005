package policies.acme["client-ca-missing_test"]

import data.policies.acme["client-ca-missing"] as rule

path := ["spec", "clientTrust", "secretRef"]

ref(fields) := object.union({"path": path, "label": "Secret edge/clients", "grant": "not-needed", "key": "ca.crt"}, fields)

test_absent[evidence] if {
	some evidence, severity in {"complete": "error", "near-miss": "error", "siblings": "warning"}
	findings := rule.findings with input.refs as {"edge-client-ca": [ref({"presence": "absent", "evidence": evidence, "state": "is gone"})]}
	findings == {{
		"path": path,
		"message": "Secret edge/clients is gone",
		"effect": "every client is refused",
		"severity": severity,
	}}
}

test_no_key if {
	findings := rule.findings with input as {"refs": {"edge-client-ca": [ref({"presence": "present", "key_presence": "absent"})]}}
	{f.message | some f in findings} == {"Secret edge/clients has no ca.crt"}
}

test_present if {
	count(rule.findings) == 0 with input as {"refs": {"edge-client-ca": [ref({"presence": "present", "key_presence": "present"})]}}
}
