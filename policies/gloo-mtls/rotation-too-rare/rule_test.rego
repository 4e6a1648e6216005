package policies["gloo-mtls"]["rotation-too-rare_test"]

import data.policies["gloo-mtls"]["rotation-too-rare"] as rule

document(args, schedule, spec) := {
	"object": {"kind": "CronJob", "spec": object.union(spec, {"jobTemplate": {"spec": {"template": {"spec": {"containers": [{"args": array.concat(["--svc-name=gloo"], args)}]}}}}})},
	"schedule": object.union({"path": ["spec", "schedule"], "text": "0 3 1 1 *", "never": false}, schedule),
}

days(n) := {"shortest": n * 86400, "longest": n * 86400}

test_says if {
	findings := rule.findings with input as document(["--force-rotation"], days(366), {})
	findings == {{
		"path": ["spec", "schedule"],
		"message": "\"0 3 1 1 *\" leaves up to 366 days between two runs, and a certificate is made for 365 days",
		"effect": "the certificate can expire, and gloo and its proxies refuse each other then",
		"remedy": "run it once a month: \"0 3 1 * *\"",
		"severity": "warning",
	}}
}

test_messages[name] if {
	some name, case in {
		"half a year, forced": {"input": document(["--force-rotation"], days(184), {}), "want": set()},
		"half a year": {"input": document([], days(184), {}), "want": {"\"0 3 1 1 *\" leaves up to 184 days between two runs, and a certificate is renewed only within its last 90 days"}},
		"a month": {"input": document([], days(31), {}), "want": set()},
		"never": {"input": document([], {"never": true}, {}), "want": {"\"0 3 1 1 *\" never comes"}},
		"suspended": {"input": document([], days(31), {"suspend": true}), "want": {"the CronJob is suspended"}},
		"not suspended": {"input": document([], days(31), {"suspend": false}), "want": set()},
		"another program": {
			"input": {"object": {"kind": "CronJob", "spec": {"suspend": true}}, "schedule": {"path": ["spec", "schedule"], "text": "x", "never": true}},
			"want": set(),
		},
		"another kind": {"input": {"object": {"kind": "HelmRelease", "spec": {"suspend": true}}}, "want": set()},
	}
	findings := rule.findings with input as case.input
	{f.message | some f in findings} == case.want
}
