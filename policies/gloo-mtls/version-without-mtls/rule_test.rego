package policies["gloo-mtls"]["version-without-mtls_test"]

import data.policies["gloo-mtls"]["version-without-mtls"] as rule

deployment(image) := {"object": {
	"kind": "Deployment",
	"metadata": {"labels": {"gloo": "gloo"}},
	"spec": {"template": {"spec": {
		"volumes": [{"secret": {"secretName": "gloo-mtls-certs"}}],
		"containers": [{"image": image}],
	}}},
}}

test_says if {
	findings := rule.findings with input as deployment("quay.io/solo-io/gloo:1.3.5")
	findings == {{
		"path": ["spec", "template", "spec", "containers", 0, "image"],
		"message": "quay.io/solo-io/gloo:1.3.5 is older than 1.3.6, the first release with mTLS",
		"effect": "gloo does not know mTLS, and its proxies do not reach it by TLS",
		"remedy": "upgrade Gloo",
	}}
}

test_image[image] if {
	some image, want in {
		"quay.io/solo-io/gloo:1.3.6": 0,
		"quay.io/solo-io/gloo:v1.2.0@sha256:00": 1,
		"quay.io/solo-io/gloo-ee:1.3.0-beta2": 1,
		"quay.io/solo-io/gloo-ee:1.3.0-beta3": 0,
		"quay.io/solo-io/sds:1.3.4": 0,
		"gloo:latest": 0,
		"gloo:1.3": 0,
		"igloo:1.0.0": 0,
	}
	findings := rule.findings with input as deployment(image)
	count(findings) == want
}

values := {"global": {"glooMtls": {"enabled": true}}}

test_release if {
	findings := rule.findings with input as {"object": {"kind": "HelmRelease", "spec": {
		"chart": {"spec": {"chart": "gloo", "version": "v1.3.4"}},
		"values": values,
	}}}
	findings == {{
		"path": ["spec", "chart", "spec", "version"],
		"message": "chart gloo v1.3.4 is older than 1.3.6, the first release with mTLS",
		"effect": "global.glooMtls.enabled does nothing, and gloo speaks with its proxies in clear text",
		"remedy": "upgrade Gloo",
	}}
}

test_application[version] if {
	some version, want in {"1.3.5": 1, "1.18.8": 0, "1.*": 0}
	findings := rule.findings with input as {"object": {"kind": "Application", "spec": {"source": {
		"chart": "gloo",
		"targetRevision": version,
		"helm": {"valuesObject": values},
	}}}}
	count(findings) == want
}
