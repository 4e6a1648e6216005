package policies.traefik["client-ca-unusable_test"]

import data.policies.traefik["client-ca-unusable"] as rule

path := ["metadata", "annotations", "nginx.ingress.kubernetes.io/auth-tls-secret"]

judge(value, refs) := {sprintf("%s, because %s", [f.effect, f.message]) | some f in findings} if {
	document := {
		"id": {"namespace": "shop"},
		"object": {
			"metadata": {"annotations": {"nginx.ingress.kubernetes.io/auth-tls-secret": value}},
			"spec": {"rules": [{"host": "api.shop.test"}]},
		},
		"refs": {"client-ca": [object.union({"path": path, "label": "Secret shop/ca", "name": "ca", "near": [], "state": "does not exist"}, ref) | some ref in refs]},
	}
	findings := rule.findings with input as document
}

left_out(why) := {sprintf("Traefik leaves this Ingress out, and requests to api.shop.test get 404, because %s", [why])}

test_missing if judge("shop/ca", [{"presence": "absent", "key_presence": "unknown"}]) == left_out("Secret shop/ca does not exist")

test_no_ca if judge("shop/ca", [{"presence": "present", "key_presence": "absent"}]) == left_out("Secret shop/ca holds nothing under ca.crt")

test_empty_ca if {
	judge("shop/ca", [{"presence": "present", "key_presence": "present", "content": {"empty": true}}]) == left_out("Secret shop/ca holds nothing under ca.crt")
}

test_empty if judge("", []) == left_out("the annotation names no Secret")

test_silent if {
	judge("shop/ca", [{"presence": "present", "key_presence": "present", "content": {"empty": false}}]) == set()
	judge("shop/ca", [{"presence": "unknown", "key_presence": "unknown"}]) == set()
}

test_other_namespace if {
	judge("certs/ca", [{"namespace": "certs", "presence": "absent", "key_presence": "unknown"}]) == left_out("Secret shop/ca is in namespace certs, not in shop")
	judge("shop/ca", [{"namespace": "shop", "presence": "unknown", "key_presence": "unknown"}]) == set()
	judge("shop/ca", [{"namespace": "", "presence": "unknown", "key_presence": "unknown"}]) == set()
}
