package policies["cert-manager"]["annotation-value-refused_test"]

import data.policies["cert-manager"]["annotation-value-refused"] as rule

document(annotations) := {
	"id": {"kind": "Ingress"},
	"object": {"metadata": {"annotations": object.union({"cert-manager.io/issuer": "internal"}, annotations)}},
	"refs": {},
}

test_days if {
	findings := rule.findings with input as document({"cert-manager.io/duration": "90d"})
	findings == {{
		"path": ["metadata", "annotations", "cert-manager.io/duration"],
		"message": "cert-manager.io/duration: 90d is no duration",
		"effect": "cert-manager makes no certificate for this Ingress, and changes none",
		"remedy": "write a value that cert-manager takes, or remove the annotation",
		"severity": "warning",
	}}
}

test_refused[name] if {
	some name, annotations in {
		"times": {"cert-manager.io/renew-before": "3000h"},
		"a percentage of nothing": {"cert-manager.io/duration": "24h", "cert-manager.io/renew-before-percentage": "100"},
		"a percentage that is none": {"cert-manager.io/renew-before-percentage": "25%"},
		"usages": {"cert-manager.io/usages": "server auth, clientAuth"},
		"usages with nothing between two commas": {"cert-manager.io/usages": "server auth,,client auth"},
		"history": {"cert-manager.io/revision-history-limit": "0"},
		"algorithm": {"cert-manager.io/private-key-algorithm": "ed25519"},
		"encoding": {"cert-manager.io/private-key-encoding": "PEM"},
		"rotation": {"cert-manager.io/private-key-rotation-policy": "always"},
		"size": {"cert-manager.io/private-key-size": "1024"},
		"no size": {"cert-manager.io/private-key-size": "big"},
		"size of a curve": {"cert-manager.io/private-key-size": "2048", "cert-manager.io/private-key-algorithm": "ECDSA"},
	}
	findings := rule.findings with input as document(annotations)
	count(findings) == 1
}

test_silent[name] if {
	some name, annotations in {
		"times": {"cert-manager.io/duration": "2160h", "cert-manager.io/renew-before": "360h"},
		"a percentage": {"cert-manager.io/duration": "2160h", "cert-manager.io/renew-before-percentage": "25"},
		"usages": {"cert-manager.io/usages": "digital signature, key encipherment,server auth"},
		"history": {"cert-manager.io/revision-history-limit": "3"},
		"key": {"cert-manager.io/private-key-algorithm": "ECDSA", "cert-manager.io/private-key-size": "384"},
		"RSA": {"cert-manager.io/private-key-size": "4096", "cert-manager.io/private-key-encoding": "PKCS8", "cert-manager.io/private-key-rotation-policy": "Always"},
		"Ed25519": {"cert-manager.io/private-key-algorithm": "Ed25519", "cert-manager.io/private-key-size": "1"},
		"two issuers": {"cert-manager.io/cluster-issuer": "letsencrypt", "cert-manager.io/duration": "90d"},
	}
	findings := rule.findings with input as document(annotations)
	count(findings) == 0
}
