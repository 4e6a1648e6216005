package policies.schema["pruned-field_test"]

import data.policies.schema["pruned-field"] as rule

test_consequence[name] if {
	some name, case in {
		"client validation of a listener": {
			"kind": "Gateway", "path": ["spec", "listeners", 0, "tls", "frontendValidation"], "severity": "",
			"remedy": "move it to spec.tls.frontend, which is for a port or the whole Gateway",
		},
		"certificate for backends": {
			"kind": "Gateway", "path": ["spec", "backendTLS"], "severity": "",
			"remedy": "move it to spec.tls.backend",
		},
		"misspelt below tls": {
			"kind": "Gateway", "path": ["spec", "listeners", 0, "tls", "certRefs"], "severity": "",
			"remedy": "correct the name, or move it to where the CRD has it",
		},
		"any of a policy": {
			"kind": "BackendTLSPolicy", "path": ["spec", "targetRef"], "severity": "",
			"remedy": "correct the name, or move it to where the CRD has it",
		},
		"outside of the spec of a policy": {
			"kind": "BackendTLSPolicy", "path": ["spc"], "severity": "warning",
			"remedy": "correct the name, or remove the field",
		},
		"something else": {
			"kind": "HTTPRoute", "path": ["spec", "rules", 0, "match"], "severity": "warning",
			"remedy": "correct the name, or remove the field",
		},
	}
	findings := rule.findings with input as {
		"id": {"kind": case.kind},
		"source": {"pruned-field": [{"path": case.path, "message": "one defect"}]},
	}
	{[finding.path, finding.message, finding.remedy, object.get(finding, "severity", "")] | some finding in findings} == {[case.path, "one defect", case.remedy, case.severity]}
}

test_silent[name] if {
	some name, source in {
		"another defect": {"unknown-field": [{"path": ["spec", "tls"], "message": "one defect"}]},
		"none": {"pruned-field": []},
		"no text": {},
	}
	findings := rule.findings with input as {"id": {"kind": "Gateway"}, "source": source}
	count(findings) == 0
}
