# METADATA
# description: What Gloo's certgen is told, for the rules about the certificates of its control plane.
package lib.certgen

# METADATA
# description: |
#   Each time certgen is called by the object: by a container of a Job or CronJob, or by the chart that a release installs.
#   `wait` is what it waits twice in a rotation, `forced` that it rotates whether the certificate ends soon or not, `webhook`
#   that it is about the certificate of Gloo's webhook instead, `limits` are deadlines of the job.
calls := array.concat(_in_containers, _in_values)

_in_containers := [call |
	some job in _jobs[input.object.kind]
	spec := object.get(input.object, job, {})
	some i, container in spec.template.spec.containers
	flag(container.args, "svc-name")
	at := array.concat(job, ["template", "spec", "containers", i, "args"])
	call := {
		"secret": _value(container.args, "secret-name"),
		"wait": _wait(container.args, at),
		"durations": [{"text": found.value, "path": array.concat(at, [found.index])} |
			some name in ["rotation-duration", "renew-before"]
			found := flag(container.args, name)
		],
		"forced": _forced(container.args),
		"webhook": _webhook(container.args),
		"limits": [{"path": array.concat(job, path), "seconds": seconds} |
			some path in [["activeDeadlineSeconds"], ["template", "spec", "activeDeadlineSeconds"]]
			seconds := object.get(spec, path, null)
			is_number(seconds)
		],
		"policy": object.get(input.object.spec, "concurrencyPolicy", "Allow"),
		"hooks": object.get(input.object, ["metadata", "annotations", "helm.sh/hook"], ""),
		"scheduled": input.object.kind == "CronJob",
		"cron": ["spec", "schedule"],
	}
]

_jobs := {"Job": [["spec"]], "CronJob": [["spec", "jobTemplate", "spec"]]}

_wait(args, at) := {"text": found.value, "path": array.concat(at, [found.index])} if found := flag(args, "rotation-duration")

# certgen's own default.
_wait(args, at) := {"text": "0s", "path": at} if not flag(args, "rotation-duration")

_forced(args) if "--force-rotation" in args

_forced(args) := _value(args, "force-rotation") in {"1", "t", "T", "TRUE", "true", "True"} if not "--force-rotation" in args

_value(args, name) := flag(args, name).value

_value(args, name) := "" if not flag(args, name)

_webhook(args) if flag(args, "validating-webhook-configuration-name")

_webhook(args) := false if not flag(args, "validating-webhook-configuration-name")

# METADATA
# description: The value of a flag among arguments, and where it stands. Of several the last one counts.
flag(args, name) := found[count(found) - 1] if {
	found := [at | some i, arg in args; at := _read(args, i, arg, name)]
	count(found) > 0
}

_read(_, i, arg, name) := {"index": i, "value": substring(arg, count(name) + 3, -1)} if startswith(arg, sprintf("--%s=", [name]))

_read(args, i, arg, name) := {"index": i + 1, "value": args[i + 1]} if {
	name != "force-rotation"
	arg == sprintf("--%s", [name])
}

# What the chart makes of its values, with its defaults (install/helm/gloo/values-template.yaml). Of a field that holds anything else
# than it should nothing is said.
_in_values := [call |
	top := _top[input.object.kind]
	object.get(input.object, array.concat(top, ["global", "glooMtls", "enabled"]), false) == true
	some root in _roots(top)
	job := object.get(input.object, array.concat(root, ["gateway", "certGenJob"]), {})
	at := array.concat(root, ["gateway", "certGenJob"])
	wait := sprintf("%v", [object.get(job, "rotationDuration", "65s")])
	forced := object.get(job, "forceRotation", true)
	cron := object.get(job, "cron", {})
	call := {
		"secret": "gloo-mtls-certs",
		"wait": {"text": wait, "path": array.concat(at, ["rotationDuration"])},
		"durations": [{"text": wait, "path": array.concat(at, ["rotationDuration"])}],
		"forced": forced,
		"webhook": false,
		"limits": [{"path": array.concat(at, ["activeDeadlineSeconds"]), "seconds": seconds} |
			seconds := job.activeDeadlineSeconds
			is_number(seconds)
		],
		"policy": object.get(cron, ["mtlsKubeResourceOverride", "spec", "concurrencyPolicy"], "Allow"),
		"hooks": {true: "pre-install,pre-upgrade", false: "pre-install"}[object.get(job, "runOnUpdate", false)],
		"scheduled": object.get(cron, "enabled", false),
		"cron": array.concat(at, ["cron", "schedule"]),
	}
]

_top := {"HelmRelease": ["spec", "values"], "Application": ["spec", "source", "helm", "valuesObject"]}

# In the values of the enterprise chart those of the open one stand under its name.
_roots(top) := [array.concat(top, ["gloo"])] if is_object(object.get(input.object, array.concat(top, ["gloo", "gateway"]), null))

_roots(top) := [top] if not is_object(object.get(input.object, array.concat(top, ["gloo", "gateway"]), null))

# METADATA
# description: When a call is made again and again. The chart's default is every minute.
schedule(call) := input.schedule if {
	call.scheduled == true
	input.schedule.path == call.cron
}

schedule(call) := {"path": call.cron, "text": "* * * * *", "never": false, "shortest": 60, "longest": 60} if {
	call.scheduled == true
	input.object.kind != "CronJob"
	object.get(input.object, call.cron, null) == null
}

# METADATA
# description: The call is made more than once, so that it finds a certificate to rotate. What runs only with an installation does not.
again(call) if call.scheduled == true

again(call) if {
	call.scheduled == false
	call.hooks != "pre-install"
}

# METADATA
# description: A Job or CronJob calls certgen for a Secret.
makes(caller, secret) if {
	some job in _jobs[caller.kind]
	some container in object.get(caller, job, {}).template.spec.containers
	flag(container.args, "svc-name")
	flag(container.args, "secret-name").value == secret
}

# METADATA
# description: Some Job or CronJob beside the object calls certgen for a Secret.
in_sight(secret) := count([peer | some peer in input.peers["gloo-rotation"]; makes(peer.object, secret)]) > 0

# METADATA
# description: Where the object says what certgen is to do.
place := ["spec", "values", "global", "glooMtls", "enabled"] if input.object.kind == "HelmRelease"

place := ["metadata", "name"] if input.object.kind == "Job"

# METADATA
# description: Seconds that a duration in Go's notation stands for. Rego would take days too.
seconds(duration) := time.parse_duration_ns(duration) / 1000000000 if {
	regex.match(`^[-+]?([0-9.]+(ns|us|µs|ms|s|m|h))+$|^[-+]?0$`, duration)
}

# METADATA
# description: Seconds in words.
span(0) := "0 seconds"

span(length) := [sprintf("%d %s%s", [n, unit.name, _plural[n == 1]]) |
	some unit in _units
	length % unit.seconds == 0
	n := length / unit.seconds
][0] if {
	length != 0
}

_units := [{"seconds": 86400, "name": "day"}, {"seconds": 3600, "name": "hour"}, {"seconds": 60, "name": "minute"}, {"seconds": 1, "name": "second"}]

_plural := {true: "", false: "s"}
