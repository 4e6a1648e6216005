package policies["ingress-nginx"]["plain-http-open_test"]

import data.policies["ingress-nginx"]["plain-http-open"] as rule

path := ["metadata", "annotations", "nginx.ingress.kubernetes.io/auth-tls-secret"]

ingress(settings, hosts, tls) := {
	"metadata": {"annotations": {annotation: value |
		some setting, value in object.union({"auth-tls-secret": "shop/ca"}, settings)
		annotation := sprintf("nginx.ingress.kubernetes.io/%s", [setting])
	}},
	"spec": {"rules": [{"host": host, "http": {"paths": [{"path": "/"}]}} | some host in hosts], "tls": tls},
}

peer(key, settings, tls) := {"key": key, "object": ingress(settings, [key], tls)}

tls := [{"hosts": ["api.shop.test"]}]

setting(value) := {"value": value, "certainty": "assumed", "reason": "its default"}

defaults := {
	"ssl-redirect": setting("true"),
	"force-ssl-redirect": setting("false"),
	"use-forwarded-headers": setting("false"),
	"no-tls-redirect-locations": setting("/.well-known/acme-challenge"),
}

configured(values) := {"settings": {"ingress-nginx": object.union(defaults, {key: known |
	some key, value in values
	known := {"value": value, "certainty": "known", "reason": "ConfigMap x sets it"}
})}}

document(object) := {
	"object": object,
	"refs": {"client-ca": [{"path": path, "in_force": true, "presence": "present", "key_presence": "present"}]},
	"params": {"ingress-nginx/plain-http-open": {"inject": "never"}},
	"settings": {"ingress-nginx": defaults},
}

judge(settings, hosts, listed, further) := findings if {
	whole := object.union(document(ingress(settings, hosts, listed)), further)
	findings := rule.findings with input as whole
}

told(found) := {[f.path[2], sprintf("%s, because %s", [f.effect, f.message])] | some f in found}

test_switched_off if {
	told(judge({"ssl-redirect": "false"}, ["api.shop.test"], tls, {})) == {[
		"nginx.ingress.kubernetes.io/ssl-redirect",
		"requests to api.shop.test on port 80 reach the backend without a client certificate, because ssl-redirect is off, and force-ssl-redirect is not set here, nor for the whole controller (its default)",
	]}
}

open := "requests to api.shop.test on port 80 reach the backend without a client certificate, because"

test_configured[name] if {
	some name, case in {
		"no redirect": {
			"settings": {}, "values": {"ssl-redirect": "false"}, "at": path[2],
			"want": "ssl-redirect is off for the whole controller (ConfigMap x sets it), and force-ssl-redirect is not set here, nor for the whole controller (its default)",
		},
		"no boolean, and no redirect": {
			"settings": {"ssl-redirect": "yes", "force-ssl-redirect": "yes"}, "values": {"ssl-redirect": "false"}, "at": path[2],
			"want": "ssl-redirect is off for the whole controller (ConfigMap x sets it), and force-ssl-redirect is not set here, nor for the whole controller (its default)",
		},
		"forced, but not here": {
			"settings": {"ssl-redirect": "false", "force-ssl-redirect": "false"}, "values": {"force-ssl-redirect": "true"},
			"at": "nginx.ingress.kubernetes.io/ssl-redirect",
			"want": "ssl-redirect is off, and force-ssl-redirect is off",
		},
	}
	told(judge(case.settings, ["api.shop.test"], tls, configured(case.values))) == {[case.at, sprintf("%s %s", [open, case.want])]}
}

test_forwarded_headers[name] if {
	some name, case in {
		"redirected": {"settings": {}, "tls": tls, "values": {}, "want": 1},
		"forced here": {"settings": {"force-ssl-redirect": "true"}, "tls": [], "values": {}, "want": 1},
		"forced everywhere": {"settings": {}, "tls": [], "values": {"force-ssl-redirect": "true"}, "want": 1},
		"not redirected, which is graver": {"settings": {"ssl-redirect": "false"}, "tls": tls, "values": {}, "want": 0},
		"a name closes port 80": {"settings": {"auth-tls-match-cn": "CN=a"}, "tls": tls, "values": {}, "want": 0},
	}
	found := judge(case.settings, ["api.shop.test"], case.tls, configured(object.union({"use-forwarded-headers": "true"}, case.values)))
	count([f | some f in found; contains(f.message, "X-Forwarded-Proto"); f.severity == "warning"]) == case.want
}

test_left_out[name] if {
	some name, case in {
		"a path": {"list": "/.well-known/acme-challenge, /pay,", "want": {"api.shop.test/payments"}},
		"no path of it": {"list": "/.well-known/acme-challenge,/health", "want": set()},
		"only challenges": {"list": "/.well-known/acme-challenge/", "want": set()},
		"none": {"list": "", "want": set()},
	}
	ingress_ := object.union(ingress({"force-ssl-redirect": "true"}, [], []), {"spec": {"rules": [{
		"host": "api.shop.test",
		"http": {"paths": [{"path": "/payments"}, {"path": "/"}, {}]},
	}]}})
	found := judge({}, [], [], object.union({"object": ingress_}, configured({"no-tls-redirect-locations": case.list})))
	{f.effect | some f in found} == {sprintf("requests to %s on port 80 reach the backend without a client certificate", [place]) | some place in case.want}
}

test_left_out_of_no_redirect if {
	found := judge({"ssl-redirect": "false"}, ["api.shop.test"], [], configured({"no-tls-redirect-locations": "/"}))
	{f.path[2] | some f in found} == {"nginx.ingress.kubernetes.io/ssl-redirect"}
}

none := "ingress-nginx redirects to HTTPS by itself only where some Ingress has a spec.tls for the host, none in sight has for"

test_no_certificate[name] if {
	some name, case in {
		"no spec.tls": {"hosts": ["api.shop.test"], "tls": [], "further": {}, "want": "api.shop.test"},
		"the catch-all server": {"hosts": [""], "tls": tls, "further": {}, "want": "the catch-all server"},
		"only a canary has one": {
			"hosts": ["api.shop.test"],
			"tls": [],
			"further": {"peers": {"host": [peer("api.shop.test", {"canary": "true"}, tls)]}},
			"want": "api.shop.test",
		},
		"for one host of two": {
			"hosts": ["a.shop.test", "b.shop.test"],
			"tls": [],
			"further": {"peers": {"host": [peer("a.shop.test", {}, tls)]}},
			"want": "b.shop.test",
		},
	}
	told(judge({}, case.hosts, case.tls, case.further)) == {[
		path[2],
		sprintf("requests to %s on port 80 reach the backend without a client certificate, because %s %s, and force-ssl-redirect is not set here, nor for the whole controller (its default)", [case.want, none, case.want]),
	]}
}

test_silent[name] if {
	some name, case in {
		"spec.tls": {"settings": {}, "hosts": ["api.shop.test"], "tls": tls, "further": {}},
		"no boolean": {"settings": {"ssl-redirect": "off"}, "hosts": ["api.shop.test"], "tls": tls, "further": {}},
		"forced": {
			"settings": {"force-ssl-redirect": "1", "ssl-redirect": "false"},
			"hosts": ["api.shop.test", ""], "tls": [], "further": {},
		},
		"forced by the controller": {
			"settings": {"ssl-redirect": "false"}, "hosts": ["api.shop.test", ""], "tls": [],
			"further": configured({"force-ssl-redirect": "true"}),
		},
		"redirected here, and not by the controller": {
			"settings": {"ssl-redirect": "true"}, "hosts": ["api.shop.test"], "tls": tls,
			"further": configured({"ssl-redirect": "false"}),
		},
		"a name": {
			"settings": {"ssl-redirect": "false", "auth-tls-match-cn": "CN=a"},
			"hosts": ["api.shop.test"], "tls": [], "further": {},
		},
		"a canary": {"settings": {"canary": "true"}, "hosts": ["api.shop.test"], "tls": [], "further": {}},
		"certificates are optional": {
			"settings": {"auth-tls-verify-client": "optional"},
			"hosts": ["api.shop.test"], "tls": [], "further": {},
		},
		"another has a spec.tls": {
			"settings": {}, "hosts": ["api.shop.test"], "tls": [],
			"further": {"peers": {"host": [peer("api.shop.test", {}, tls)]}},
		},
		"another without annotations has a spec.tls": {
			"settings": {}, "hosts": ["api.shop.test"], "tls": [],
			"further": {"peers": {"host": [{"key": "api.shop.test", "object": {"metadata": {"name": "web"}, "spec": {"tls": tls}}}]}},
		},
		"the wildcard host has a spec.tls": {
			"settings": {}, "hosts": ["api.shop.test"], "tls": [],
			"further": {"peers": {"wildcard": [peer("*.shop.test", {}, tls)]}},
		},
		"too many to see": {"settings": {}, "hosts": ["api.shop.test"], "tls": [], "further": {"truncated": ["host"]}},
		"too many wildcards to see": {"settings": {}, "hosts": ["api.shop.test"], "tls": [], "further": {"truncated": ["wildcard"]}},
		"nothing is served": {"settings": {}, "hosts": [], "tls": [], "further": {}},
		"nothing is served, switched off": {"settings": {"ssl-redirect": "false"}, "hosts": [], "tls": [], "further": {}},
	}
	judge(case.settings, case.hosts, case.tls, case.further) == set()
}

test_challenge if {
	solver := json.patch(ingress({"ssl-redirect": "false"}, ["api.shop.test"], []), [{
		"op": "replace",
		"path": "/spec/rules/0/http/paths/0/path",
		"value": "/.well-known/acme-challenge/token",
	}])
	findings := rule.findings with input as document(solver)
	count(findings) == 0
}

test_no_policy[name] if {
	some name, changed in {
		"off": {"in_force": false},
		"closed": {"presence": "absent"},
		"no CA": {"key_presence": "absent"},
	}
	ref := object.union({"path": path, "in_force": true, "presence": "present", "key_presence": "present"}, changed)
	judge({}, ["api.shop.test"], [], {"refs": {"client-ca": [ref]}}) == set()
}

test_fix[name] if {
	some name, case in {
		"never": {"inject": "never", "settings": {}, "want": set()},
		"always": {"inject": "always", "settings": {}, "want": {"true"}},
		"somebody has decided": {"inject": "always", "settings": {"force-ssl-redirect": "false"}, "want": set()},
	}
	found := judge(case.settings, ["api.shop.test"], [], {"params": {"ingress-nginx/plain-http-open": {"inject": case.inject}}})
	count(found) == 1
	{edit.value | some f in found; some edit in f.fix.edits} == case.want
}

# Then nobody is asked on port 443 either, and client-ca-without-certificate says so.
test_no_ca if {
	pair := {"presence": "present", "keys": ["ca.crt", "tls.crt", "tls.key"], "pair": "match", "content": {"empty": true, "opaque": false, "certificates": []}}
	refs := {"refs": {"client-ca": [object.union(document({}).refs["client-ca"][0], pair)]}}
	judge({"ssl-redirect": "false"}, ["api.shop.test"], tls, refs) == set()
}
