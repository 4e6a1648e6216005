package policies["cert-manager"]["issuer-kind-unknown_test"]

import data.policies["cert-manager"]["issuer-kind-unknown"] as rule

test_unknown[name] if {
	some name, ref in {
		"no group": {"kind": "AWSPCAClusterIssuer", "name": "x"},
		"its own group": {"kind": "clusterissuer", "name": "x", "group": "cert-manager.io"},
	}
	findings := rule.findings with input as {"object": {"spec": {"issuerRef": ref}}}
	{f.message | some f in findings} == {sprintf("cert-manager has no kind %s of issuer", [ref.kind])}
}

test_silent[name] if {
	some name, ref in {
		"default": {"name": "x"},
		"empty": {"kind": "", "name": "x"},
		"Issuer": {"kind": "Issuer", "name": "x"},
		"ClusterIssuer": {"kind": "ClusterIssuer", "name": "x", "group": "cert-manager.io"},
		"another": {"kind": "AWSPCAClusterIssuer", "name": "x", "group": "awspca.cert-manager.io"},
	}
	findings := rule.findings with input as {"object": {"spec": {"issuerRef": ref}}}
	count(findings) == 0
}
