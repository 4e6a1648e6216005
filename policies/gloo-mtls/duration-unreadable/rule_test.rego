package policies["gloo-mtls"]["duration-unreadable_test"]

import data.policies["gloo-mtls"]["duration-unreadable"] as rule

judge(args) := findings if {
	findings := rule.findings with input as {"object": {"kind": "Job", "spec": {"template": {"spec": {"containers": [{"args": array.concat(["--svc-name=gloo"], args)}]}}}}}
}

test_says if {
	judge(["--rotation-duration=65"]) == {{
		"path": ["spec", "template", "spec", "containers", 0, "args", 1],
		"message": "\"65\" is no duration, want a number with a unit such as 65s",
		"effect": "certgen ends with an error, and no certificate is made or renewed",
		"remedy": "write it with a unit: h, m or s",
	}}
}

test_count[name] if {
	some name, case in {
		"nothing": {"args": [], "want": 0},
		"a duration": {"args": ["--rotation-duration=1m5s"], "want": 0},
		"days": {"args": ["--renew-before=90d"], "want": 1},
		"both": {"args": ["--renew-before=90d", "--rotation-duration=x"], "want": 2},
		"a variable": {"args": ["--rotation-duration=$(WAIT)"], "want": 0},
		"another flag": {"args": ["--grace=90d"], "want": 0},
	}
	count(judge(case.args)) == case.want
}
