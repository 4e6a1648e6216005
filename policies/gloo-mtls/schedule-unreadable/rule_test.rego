package policies["gloo-mtls"]["schedule-unreadable_test"]

import data.policies["gloo-mtls"]["schedule-unreadable"] as rule

document(args, schedule) := {
	"object": {"kind": "CronJob", "spec": {"jobTemplate": {"spec": {"template": {"spec": {"containers": [{"args": args}]}}}}}},
	"schedule": object.union({"path": ["spec", "schedule"], "text": "monthly"}, schedule),
}

test_says if {
	findings := rule.findings with input as document(["--svc-name=gloo"], {"defect": "expected exactly 5 fields"})
	findings == {{
		"path": ["spec", "schedule"],
		"message": "\"monthly\" is no schedule: expected exactly 5 fields",
		"effect": "the API server refuses the CronJob, and the certificates are never rotated",
		"remedy": "write minute, hour, day of the month, month and day of the week: \"0 3 1 * *\"",
	}}
}

test_silent[name] if {
	some name, case in {
		"one that is": document(["--svc-name=gloo"], {"never": false}),
		"of another program": document(["--all"], {"defect": "expected exactly 5 fields"}),
	}
	findings := rule.findings with input as case
	count(findings) == 0
}
