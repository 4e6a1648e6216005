package policies["gateway-api"]["backend-policy-sections-conflict_test"]

import data.policies["gateway-api"]["backend-policy-sections-conflict"] as rule

path := ["spec", "targetRefs", 0]

ref := {"path": path, "kind": "Service", "name": "api", "label": "Service shop/api"}

peer(section, age) := {
	"path": path,
	"their_path": ["spec", "targetRefs", 0],
	"label": "BackendTLSPolicy shop/other",
	"group": "gateway.networking.k8s.io",
	"kind": "BackendTLSPolicy",
	"namespace": "shop",
	"name": "other",
	"age": age,
	"object": {"spec": {"targetRefs": [{"kind": "Service", "name": "web"}, {"kind": "Service", "name": "api", "sectionName": section}]}},
}

judge(section, other, controllers) := findings if {
	findings := rule.findings with input as {
		"id": {"namespace": "shop"},
		"object": {"spec": {"targetRefs": [{"sectionName": section}]}},
		"controllers": {name: {"certainty": "known"} | some name in controllers},
		"refs": {"policy-target": [ref]},
		"peers": {"policy-target": [other]},
	}
}

related := [{
	"group": "gateway.networking.k8s.io",
	"kind": "BackendTLSPolicy",
	"namespace": "shop",
	"name": "other",
	"path": ["spec", "targetRefs", 0],
	"message": "the other policy",
}]

test_kong if {
	judge("admin", peer("https", "newer"), ["kong"]) == {{
		"path": path,
		"message": "BackendTLSPolicy shop/other is for Service shop/api too, and Kong takes both out",
		"effect": "requests to Service shop/api are sent unencrypted",
		"remedy": "merge the two into one policy",
		"related": related,
	}}
}

test_older if {
	judge("", peer("https", "unknown"), ["nginx-gateway-fabric"]) == {{
		"path": path,
		"message": "BackendTLSPolicy shop/other is for Service shop/api too, and NGINX Gateway Fabric lets the older policy count, whatever its section",
		"effect": "where the policy for all of Service shop/api is older, the one for section https does nothing",
		"remedy": "give each policy a sectionName of its own",
		"severity": "warning",
		"related": related,
	}}
}

test_others[name] if {
	some name, case in {
		"all of it beside a section": {"mine": "", "theirs": "https", "age": "older", "controller": "traefik", "want": 1},
		"a section beside all of it": {"mine": "https", "theirs": "", "age": "older", "controller": "traefik", "want": 1},
		"two sections": {"mine": "https", "theirs": "admin", "age": "older", "controller": "traefik", "want": 0},
		"the same section": {"mine": "https", "theirs": "https", "age": "older", "controller": "traefik", "want": 0},
		"the other is newer": {"mine": "", "theirs": "https", "age": "newer", "controller": "traefik", "want": 0},
		"by the specification": {"mine": "", "theirs": "https", "age": "older", "controller": "istio", "want": 0},
	}
	count(judge(case.mine, peer(case.theirs, case.age), [case.controller])) == case.want
}

test_unset_namespace if {
	findings := rule.findings with input as {
		"id": {"namespace": ""},
		"object": {},
		"controllers": {"kong": {}, "traefik": {}},
		"refs": {"policy-target": [ref]},
		"peers": {"policy-target": [peer("https", "unknown")]},
	}
	findings == set()
}
