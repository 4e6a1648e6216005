package policies["cert-manager"]["issuer-annotations-conflict_test"]

import data.policies["cert-manager"]["issuer-annotations-conflict"] as rule

document(annotations, refs) := {
	"id": {"kind": "Ingress"},
	"object": {"metadata": {"annotations": annotations}},
	"refs": refs,
}

both := {"cert-manager.io/cluster-issuer": "letsencrypt", "cert-manager.io/issuer": ""}

test_both if {
	findings := rule.findings with input as document(both, {})
	findings == {{
		"path": ["metadata", "annotations", "cert-manager.io/issuer"],
		"message": "cert-manager.io/issuer stands beside cert-manager.io/cluster-issuer",
		"effect": "cert-manager makes no certificate for this Ingress",
		"remedy": "name the issuer by one annotation, and remove the others",
		"severity": "warning",
	}}
}

test_grave if {
	findings := rule.findings with input as document(both, {"server-certificate": [{"presence": "absent"}]})
	{f.severity | some f in findings} == {"error"}
}

test_kind_and_group if {
	findings := rule.findings with input as document(
		{"cert-manager.io/cluster-issuer": "x", "cert-manager.io/issuer-kind": "ClusterIssuer", "cert-manager.io/issuer-group": "cert-manager.io"},
		{},
	)
	{f.message | some f in findings} == {"cert-manager.io/issuer-kind and cert-manager.io/issuer-group stands beside cert-manager.io/cluster-issuer"}
}

test_silent[name] if {
	some name, annotations in {
		"one": {"cert-manager.io/cluster-issuer": "x"},
		"another kind": {"cert-manager.io/issuer": "x", "cert-manager.io/issuer-kind": "Other"},
		"none": {},
	}
	findings := rule.findings with input as document(annotations, {})
	count(findings) == 0
}
