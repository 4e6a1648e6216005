package policies["gloo-mtls"]["rotation-missing_test"]

import data.policies["gloo-mtls"]["rotation-missing"] as rule

caller(kind, spec) := {"kind": kind, "spec": spec}

template(args) := {"template": {"spec": {"containers": [{"args": array.concat(["--svc-name=gloo", "--secret-name=gloo-mtls-certs"], args)}]}}}

peer(object) := {"peers": {"gloo-rotation": [{"kind": object.kind, "object": object}]}}

test_says if {
	findings := rule.findings with input as {"object": caller("Job", template([]))}
	findings == {{
		"path": ["metadata", "name"],
		"message": "gloo-mtls-certs is made once, for 365 days, and no CronJob in sight makes it anew",
		"effect": "a year after the installation gloo and its proxies refuse each other, and no proxy gets configuration",
		"remedy": "set gateway.certGenJob.cron.enabled: true and cron.schedule: \"0 3 1 * *\" in the chart's values",
	}}
}

upgraded := object.union(caller("Job", template([])), {"metadata": {"annotations": {"helm.sh/hook": "pre-install,pre-upgrade"}}})

release(spec) := caller("HelmRelease", object.union(spec, {"values": {"global": {"glooMtls": {"enabled": true}}}}))

test_count[name] if {
	some name, case in {
		"a CronJob": {"input": object.union({"object": caller("Job", template([]))}, peer(caller("CronJob", {"jobTemplate": {"spec": template([])}}))), "want": 0},
		"another Job": {"input": object.union({"object": caller("Job", template([]))}, peer(caller("Job", template([])))), "want": 1},
		"a CronJob of something else": {"input": object.union({"object": caller("Job", template([]))}, peer(caller("CronJob", {}))), "want": 1},
		"with every upgrade": {"input": {"object": upgraded}, "want": 0},
		"of the webhook": {"input": {"object": caller("Job", template(["--validating-webhook-configuration-name=w"]))}, "want": 0},
		"a release": {"input": {"object": release({})}, "want": 1},
		"a release with more values": {"input": {"object": release({"valuesFrom": []})}, "want": 0},
		"a release that is patched": {"input": {"object": release({"postRenderers": []})}, "want": 0},
	}
	findings := rule.findings with input as case.input
	count(findings) == case.want
}
