package policies["gloo-mtls"]["rotation-cut-short_test"]

import data.policies["gloo-mtls"]["rotation-cut-short"] as rule

cronjob(deadline, wait) := {"object": {"kind": "CronJob", "spec": {"jobTemplate": {"spec": {
	"activeDeadlineSeconds": deadline,
	"template": {"spec": {"containers": [{"args": ["--svc-name=gloo", wait]}]}},
}}}}}

test_says if {
	findings := rule.findings with input as cronjob(100, "--rotation-duration=65s")
	findings == {{
		"path": ["spec", "jobTemplate", "spec", "activeDeadlineSeconds"],
		"message": "a rotation takes 130 seconds (2 x 65s), and the job is ended after 100 seconds",
		"effect": "the old CA is never taken away, and ca.crt grows with every run",
		"remedy": "leave the deadline away, or make it longer than two rotationDurations and the start of a pod",
	}}
}

test_effect[name] if {
	some name, case in {
		"within the first wait": {"deadline": 65, "want": {"the certificate of gloo and its proxies is never renewed, and ca.crt grows with every run"}},
		"within the second": {"deadline": 130, "want": {"the old CA is never taken away, and ca.crt grows with every run"}},
		"after it": {"deadline": 131, "want": set()},
	}
	findings := rule.findings with input as cronjob(case.deadline, "--rotation-duration=65s")
	{f.effect | some f in findings} == case.want
}

test_job_of_an_installation if {
	job := {"kind": "Job", "metadata": {"annotations": {"helm.sh/hook": "pre-install"}}, "spec": {
		"activeDeadlineSeconds": 60,
		"template": {"spec": {"containers": [{"args": ["--svc-name=gloo", "--rotation-duration=65s"]}]}},
	}}
	findings := rule.findings with input as {"object": job}
	count(findings) == 0
}
