package policies["gloo-mtls"]["rotation-wait-too-short_test"]

import data.policies["gloo-mtls"]["rotation-wait-too-short"] as rule

job(hooks, args) := {"object": {
	"kind": "Job",
	"metadata": {"annotations": {"helm.sh/hook": hooks}},
	"spec": {"template": {"spec": {"containers": [{"args": array.concat(["--svc-name=gloo"], args)}]}}},
}}

test_says if {
	findings := rule.findings with input as job("pre-install,pre-upgrade", ["--rotation-duration=30s"])
	findings == {{
		"path": ["spec", "template", "spec", "containers", 0, "args", 1],
		"message": "certgen waits 30s between the steps of a rotation, and pods read a mounted Secret every 60 to 90 seconds",
		"effect": "after a rotation gloo and its proxies refuse each other until the last pod has read the new CA",
		"remedy": "wait 65s, as the chart does, or longer",
	}}
}

test_count[name] if {
	some name, case in {
		"long enough": {"hooks": "", "args": ["--rotation-duration=65s"], "want": 0},
		"not told": {"hooks": "", "args": [], "want": 1},
		"with the installation": {"hooks": "pre-install", "args": [], "want": 0},
		"of the webhook": {"hooks": "", "args": ["--validating-webhook-configuration-name=w"], "want": 0},
		"no duration": {"hooks": "", "args": ["--rotation-duration=30"], "want": 0},
	}
	findings := rule.findings with input as job(case.hooks, case.args)
	count(findings) == case.want
}
