package policies["gloo-mtls"]["webhook-certificate-churn_test"]

import data.policies["gloo-mtls"]["webhook-certificate-churn"] as rule

document(args, schedule) := {
	"object": {"kind": "CronJob", "spec": {"jobTemplate": {"spec": {"template": {"spec": {"containers": [{"args": array.concat(["--svc-name=gloo"], args)}]}}}}}},
	"schedule": object.union({"path": ["spec", "schedule"], "text": "* * * * *"}, schedule),
}

webhook := "--validating-webhook-configuration-name=w"

test_says if {
	findings := rule.findings with input as document([webhook, "--force-rotation=true"], {"shortest": 60})
	findings == {{
		"path": ["spec", "schedule"],
		"message": "\"* * * * *\" exchanges the certificate again after 1 minute, and gloo takes up to 90 seconds to read it",
		"effect": "the API server refuses Gloo's webhook most of the time: objects are not validated, or cannot be changed",
		"remedy": "run it once a month: \"0 3 1 * *\"",
	}}
}

test_silent[name] if {
	some name, case in {
		"rarely": document([webhook, "--force-rotation=true"], {"shortest": 86400}),
		"not forced": document([webhook], {"shortest": 60}),
		"of the control plane": document(["--force-rotation=true"], {"shortest": 60}),
		"no schedule": document([webhook, "--force-rotation=true"], {"defect": "x"}),
	}
	findings := rule.findings with input as case
	count(findings) == 0
}
