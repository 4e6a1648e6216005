package policies["gloo-mtls"]["rotations-overlap_test"]

import data.policies["gloo-mtls"]["rotations-overlap"] as rule

cronjob(schedule, args, changes) := object.union(
	{
		"object": {"kind": "CronJob", "spec": {"schedule": schedule.text, "jobTemplate": {"spec": {"template": {"spec": {"containers": [{
			"name": "certgen",
			"args": array.concat(["--svc-name=gloo", "--secret-name=gloo-mtls-certs"], args),
		}]}}}}}},
		"schedule": object.union({"path": ["spec", "schedule"], "never": false}, schedule),
	},
	changes,
)

often := {"text": "* * * * *", "shortest": 60, "longest": 60}

monthly := {"text": "0 3 1 * *", "shortest": 2419200, "longest": 2678400}

release(job) := {"object": {"kind": "HelmRelease", "spec": {"values": {
	"global": {"glooMtls": {"enabled": true}},
	"gateway": {"certGenJob": job},
}}}}

test_says if {
	findings := rule.findings with input as cronjob(often, ["--rotation-duration=120s", "--force-rotation=true"], {})
	findings == {{
		"path": ["spec", "schedule"],
		"message": "a rotation takes 4 minutes (2 x 120s), and \"* * * * *\" starts the next one after 1 minute",
		"effect": "runs overwrite each other's certificates, and gloo and its proxies refuse each other: a proxy that starts then gets no configuration",
		"remedy": "run it once a month, \"0 3 1 * *\", with concurrencyPolicy: Forbid",
		"severity": "error",
		"fix": {
			"title": "keep runs apart",
			"safe": true,
			"edits": [{"op": "set", "path": ["spec", "concurrencyPolicy"], "value": "Forbid"}],
		},
	}}
}

test_unforced if {
	findings := rule.findings with input as cronjob(often, ["--rotation-duration=65s"], {})
	{[f.severity, f.effect] | some f in findings} == {[
		"warning",
		"runs overwrite each other's certificates, and gloo and its proxies refuse each other: a proxy that starts then gets no configuration, once the certificate has less than 90 days left",
	]}
}

test_count[name] if {
	some name, case in {
		"rare enough": {"input": cronjob(monthly, ["--rotation-duration=65s", "--force-rotation"], {}), "want": 0},
		"one at a time": {"input": cronjob(often, ["--rotation-duration=65s"], {"object": {"spec": {"concurrencyPolicy": "Forbid"}}}), "want": 0},
		"the next ends it": {"input": cronjob(often, ["--rotation-duration=65s"], {"object": {"spec": {"concurrencyPolicy": "Replace"}}}), "want": 1},
		"no such policy": {"input": cronjob(often, ["--rotation-duration=65s"], {"object": {"spec": {"concurrencyPolicy": "None"}}}), "want": 0},
		"it does not wait": {"input": cronjob(often, [], {}), "want": 0},
		"no duration": {"input": cronjob(often, ["--rotation-duration=65"], {}), "want": 0},
		"of the webhook": {"input": cronjob(often, ["--rotation-duration=65s", "--validating-webhook-configuration-name=w"], {}), "want": 0},
		"the chart's schedule": {"input": release({"cron": {"enabled": true}}), "want": 1},
		"without a CronJob": {"input": release({}), "want": 0},
		"force is no boolean": {"input": release({"cron": {"enabled": true}, "forceRotation": "yes"}), "want": 0},
	}
	findings := rule.findings with input as case.input
	count(findings) == case.want
}

test_no_fix_of_values if {
	findings := rule.findings with input as release({"cron": {"enabled": true}})
	{object.get(f, "fix", "none") | some f in findings} == {"none"}
}
