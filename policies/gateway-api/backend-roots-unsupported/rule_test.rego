package policies["gateway-api"]["backend-roots-unsupported_test"]

import data.policies["gateway-api"]["backend-roots-unsupported"] as rule

judge(value, controllers) := findings if {
	findings := rule.findings with input as {
		"object": {"spec": {"validation": {"wellKnownCACertificates": value}}},
		"controllers": {name: {"certainty": "known"} | some name in controllers},
		"refs": {"policy-target": [{"label": "Service shop/api"}]},
	}
}

test_cilium if {
	judge("System", ["cilium"]) == {{
		"path": ["spec", "validation", "wellKnownCACertificates"],
		"message": "Cilium accepts System, and sets up no TLS for it (seen in 1.20)",
		"effect": "requests to Service shop/api are sent unencrypted",
		"remedy": "put the CA of the backend into a ConfigMap under ca.crt, and refer to it by caCertificateRefs",
	}}
}

test_kong if {
	{[f.message, f.effect] | some f in judge("System", ["kong"])} == {[
		"Kong supports no wellKnownCACertificates and takes the policy out",
		"requests to Service shop/api are sent unencrypted",
	]}
}

test_refused if {
	{[f.message, f.effect] | some f in judge("partner.test/roots", ["envoy-gateway"])} == {[
		"Envoy Gateway knows no well-known CAs \"partner.test/roots\", only System",
		"requests to Service shop/api fail with 5xx",
	]}
}

test_taken_for_system if {
	{[f.message, f.effect, f.severity] | some f in judge("partner.test/roots", ["traefik"])} == {[
		"Traefik knows no well-known CAs \"partner.test/roots\", and goes on with the roots of its proxies",
		"Service shop/api is believed with a certificate of any public CA",
		"warning",
	]}
}

test_controllers[name] if {
	some name, case in {
		"System": {"value": "System", "want": {"cilium", "kong"}},
		"their own": {"value": "partner.test/roots", "want": {"envoy-gateway", "istio", "kong", "traefik", "kgateway", "nginx-gateway-fabric"}},
		"nothing": {"value": "", "want": set()},
	}
	all := {"envoy-gateway", "istio", "cilium", "kong", "traefik", "kgateway", "nginx-gateway-fabric"}
	{controller | some controller in all; count(judge(case.value, [controller])) == 1} == case.want
}
