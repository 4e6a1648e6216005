package lib.certgen_test

import data.lib.certgen

container(args) := {"name": "certgen", "args": args}

cronjob(args) := {"kind": "CronJob", "spec": {"schedule": "0 3 1 * *", "jobTemplate": {"spec": {
	"activeDeadlineSeconds": 600,
	"template": {"spec": {"containers": [{"name": "proxy"}, container(args)], "activeDeadlineSeconds": "soon"}},
}}}}

test_flag[name] if {
	some name, case in {
		"with =": {"args": ["--a=1", "--secret-name=x"], "want": {"index": 1, "value": "x"}},
		"apart": {"args": ["--secret-name", "x"], "want": {"index": 1, "value": "x"}},
		"the last one counts": {"args": ["--secret-name=x", "--secret-name=y"], "want": {"index": 1, "value": "y"}},
		"no text": {"args": [1, "--secret-name=y"], "want": {"index": 1, "value": "y"}},
	}
	certgen.flag(case.args, "secret-name") == case.want
}

test_no_flag if not certgen.flag(["--secret-names=x"], "secret-name")

test_forced[name] if {
	some name, case in {
		"alone": {"args": ["--force-rotation"], "want": true},
		"true": {"args": ["--force-rotation=true"], "want": true},
		"false": {"args": ["--force-rotation=false"], "want": false},
		"not there": {"args": [], "want": false},
	}
	calls := certgen.calls with input as {"object": cronjob(array.concat(["--svc-name=gloo"], case.args))}
	[call.forced | some call in calls] == [case.want]
}

test_call_of_a_cronjob if {
	calls := certgen.calls with input as {"object": cronjob([
		"--svc-name=gloo",
		"--secret-name=s",
		"--rotation-duration=2m",
		"--validating-webhook-configuration-name=w",
	])}
	args := ["spec", "jobTemplate", "spec", "template", "spec", "containers", 1, "args"]
	calls == [{
		"secret": "s",
		"wait": {"text": "2m", "path": array.concat(args, [2])},
		"durations": [{"text": "2m", "path": array.concat(args, [2])}],
		"forced": false,
		"webhook": true,
		"limits": [{"path": ["spec", "jobTemplate", "spec", "activeDeadlineSeconds"], "seconds": 600}],
		"policy": "Allow",
		"hooks": "",
		"scheduled": true,
		"cron": ["spec", "schedule"],
	}]
}

test_call_of_a_job if {
	job := {"kind": "Job", "metadata": {"annotations": {"helm.sh/hook": "pre-install"}}, "spec": {"template": {"spec": {"containers": [container(["--svc-name=gloo"])]}}}}
	calls := certgen.calls with input as {"object": job}
	calls == [{
		"secret": "",
		"wait": {"text": "0s", "path": ["spec", "template", "spec", "containers", 0, "args"]},
		"durations": [],
		"forced": false,
		"webhook": false,
		"limits": [],
		"policy": "Allow",
		"hooks": "pre-install",
		"scheduled": false,
		"cron": ["spec", "schedule"],
	}]
}

test_others_call_nothing[name] if {
	some name, object in {
		"no certgen": cronjob(["--secret-name=x"]),
		"no containers": {"kind": "Job", "spec": {"template": {}}},
		"another kind": {"kind": "Pod", "spec": {}},
		"mTLS is off": {"kind": "HelmRelease", "spec": {"values": {"global": {"glooMtls": {"enabled": false}}}}},
		"values that are none": {"kind": "HelmRelease", "spec": {"values": {
			"global": {"glooMtls": {"enabled": true}},
			"gateway": {"certGenJob": "yes"},
		}}},
	}
	calls := certgen.calls with input as {"object": object}
	calls == []
}

values(job) := {"global": {"glooMtls": {"enabled": true}}, "gateway": {"certGenJob": job}}

test_values if {
	calls := certgen.calls with input as {"object": {"kind": "HelmRelease", "spec": {"values": values({
		"rotationDuration": 65,
		"activeDeadlineSeconds": 100,
		"runOnUpdate": true,
		"cron": {"mtlsKubeResourceOverride": {"spec": {"concurrencyPolicy": "Forbid"}}},
	})}}}
	at := ["spec", "values", "gateway", "certGenJob"]
	calls == [{
		"secret": "gloo-mtls-certs",
		"wait": {"text": "65", "path": array.concat(at, ["rotationDuration"])},
		"durations": [{"text": "65", "path": array.concat(at, ["rotationDuration"])}],
		"forced": true,
		"webhook": false,
		"limits": [{"path": array.concat(at, ["activeDeadlineSeconds"]), "seconds": 100}],
		"policy": "Forbid",
		"hooks": "pre-install,pre-upgrade",
		"scheduled": false,
		"cron": array.concat(at, ["cron", "schedule"]),
	}]
}

test_values_of_the_enterprise_chart if {
	calls := certgen.calls with input as {"object": {"kind": "Application", "spec": {"source": {"helm": {"valuesObject": {
		"global": {"glooMtls": {"enabled": true}},
		"gloo": {"gateway": {"certGenJob": {"cron": {"enabled": true}}}},
	}}}}}}
	[[call.scheduled, call.cron] | some call in calls] == [[true, ["spec", "source", "helm", "valuesObject", "gloo", "gateway", "certGenJob", "cron", "schedule"]]]
}

test_schedule[name] if {
	some name, case in {
		"of a CronJob": {
			"input": {"object": {"kind": "CronJob"}, "schedule": {"path": ["spec", "schedule"], "text": "@daily"}},
			"call": {"scheduled": true, "cron": ["spec", "schedule"]},
			"want": ["@daily"],
		},
		"the chart's": {
			"input": {"object": {"kind": "HelmRelease", "spec": {}}},
			"call": {"scheduled": true, "cron": ["spec", "values", "cron"]},
			"want": ["* * * * *"],
		},
		"one that is not known": {
			"input": {"object": {"kind": "HelmRelease", "spec": {"values": {"cron": "${CRON}"}}}},
			"call": {"scheduled": true, "cron": ["spec", "values", "cron"]},
			"want": [],
		},
		"off": {
			"input": {"object": {"kind": "HelmRelease", "spec": {}}, "schedule": {"path": ["spec", "values", "cron"], "text": "@daily"}},
			"call": {"scheduled": false, "cron": ["spec", "values", "cron"]},
			"want": [],
		},
		"of something else": {
			"input": {"object": {"kind": "HelmRelease", "spec": {"values": {"cron": "x"}}}, "schedule": {"path": ["spec", "other"], "text": "@daily"}},
			"call": {"scheduled": true, "cron": ["spec", "values", "cron"]},
			"want": [],
		},
	}
	texts := [schedule.text | schedule := certgen.schedule(case.call)] with input as case.input
	texts == case.want
}

test_again[name] if {
	some name, case in {
		"with a schedule": {"call": {"scheduled": true, "hooks": ""}, "want": 1},
		"with every upgrade": {"call": {"scheduled": false, "hooks": "pre-install,pre-upgrade"}, "want": 1},
		"whenever it is applied": {"call": {"scheduled": false, "hooks": ""}, "want": 1},
		"with the installation": {"call": {"scheduled": false, "hooks": "pre-install"}, "want": 0},
	}
	count([true | certgen.again(case.call)]) == case.want
}

test_in_sight[name] if {
	some name, case in {
		"a CronJob": {"peer": cronjob(["--svc-name=gloo", "--secret-name=s"]), "want": true},
		"of another Secret": {"peer": cronjob(["--svc-name=gloo", "--secret-name=t"]), "want": false},
		"another program": {"peer": cronjob(["--secret-name=s"]), "want": false},
		"another kind": {"peer": {"kind": "Pod"}, "want": false},
	}
	certgen.in_sight("s") == case.want with input as {"peers": {"gloo-rotation": [{"object": case.peer}]}}
}

test_place[name] if {
	some name, case in {
		"HelmRelease": ["spec", "values", "global", "glooMtls", "enabled"],
		"Job": ["metadata", "name"],
	}
	certgen.place == case with input as {"object": {"kind": name}}
}

test_seconds[name] if {
	some name, case in {"65s": [65], "1m30s": [90], "1.5h": [5400], "0": [0], "-5s": [-5], "65": [], "90d": [], "": [], "1 minute": []}
	[seconds | seconds := certgen.seconds(name)] == case
}

test_span[name] if {
	some name, case in {
		"0 seconds": 0,
		"1 second": 1,
		"1 minute": 60,
		"130 seconds": 130,
		"4 minutes": 240,
		"1 hour": 3600,
		"31 days": 2678400,
	}
	certgen.span(case) == name
}
