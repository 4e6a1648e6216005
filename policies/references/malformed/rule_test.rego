package policies.references.malformed_test

import data.policies.references.malformed as rule

path := ["metadata", "annotations", "nginx.ingress.kubernetes.io/auth-tls-secret"]

field := {"path": path, "title": "client CA", "want": "namespace/name", "text": "client-ca", "in_force": true}

ingress(written) := {
	"metadata": {"annotations": {"nginx.ingress.kubernetes.io/auth-tls-secret": written}},
	"spec": {"rules": [{"host": "api.shop.test"}]},
}

document(role, changed, namespace) := {
	"id": {"namespace": namespace},
	"controllers": {"ingress-nginx": {"certainty": "known", "reason": "its class"}},
	"object": ingress(object.get(changed, "text", field.text)),
	"malformed": {role: [object.union(field, changed)]},
}

test_finding if {
	findings := rule.findings with input as document("client-ca", {}, "shop")
	findings == {{
		"path": path,
		"message": "client CA must be written as namespace/name, got \"client-ca\"",
		"effect": "every request to api.shop.test gets 403",
		"remedy": "write the namespace and the name with a slash between them, as in shop/client-ca",
		"fix": {
			"title": "write \"shop/client-ca\"",
			"safe": false,
			"edits": [{"op": "set", "path": path, "value": "shop/client-ca"}],
		},
	}}
}

test_effect[name] if {
	some name, case in {
		"clients": {"role": "client-ca", "text": "a/b/c", "want": {"every request to api.shop.test gets 403"}},
		"clients, with a space inside": {
			"role": "client-ca",
			"text": "shop/ client-ca",
			"want": {"every request to api.shop.test gets 403"},
		},
		"clients, with a space at the end": {"role": "client-ca", "text": "shop/client-ca ", "want": set()},
		"clients, with a character of no name": {
			"role": "client-ca",
			"text": "shop/client~ca",
			"want": {"every request to api.shop.test gets 403"},
		},
		"backends": {"role": "upstream-ca", "text": "ca", "want": {"every request to the paths of this Ingress gets 503"}},
		"backends, blank": {
			"role": "upstream-ca",
			"text": " ",
			"want": {"no certificate of the backends of this Ingress is verified"},
		},
		"another role": {"role": "backend-ca", "text": "ca", "want": set()},
	}
	findings := rule.findings with input as document(case.role, {"text": case.text}, "shop")
	count(findings) == 1
	{f.effect | some f in findings} == case.want
}

test_another_controller if {
	changed := {"text": "<namespace>/<secret>"}
	findings := rule.findings with input as object.union(
		object.remove(document("client-ca", changed, "shop"), ["controllers"]),
		{"controllers": {}},
	)
	{[f.message, object.get(f, "effect", "none")] | some f in findings} == {[
		"client CA must be written as namespace/name, got \"<namespace>/<secret>\"",
		"none",
	]}
}

test_blanks_show if {
	findings := rule.findings with input as document("backend-ca", {"text": "shop/client-ca\n"}, "shop")
	{f.message | some f in findings} == {`client CA must be written as namespace/name, got "shop/client-ca\n"`}
}

test_fix[name] if {
	some name, case in {
		"a name": {"text": "client-ca", "namespace": "shop", "want": {"shop/client-ca"}},
		"a name with blanks": {"text": " client-ca  ", "namespace": "shop", "want": {"shop/client-ca"}},
		"a name of one letter": {"text": "a", "namespace": "shop", "want": {"shop/a"}},
		"no namespace to prefix": {"text": "client-ca", "namespace": "", "want": set()},
		"no name": {"text": "Client CA", "namespace": "shop", "want": set()},
		"no namespace before the slash": {"text": "/client-ca", "namespace": "shop", "want": set()},
		"two slashes": {"text": "shop/client/ca", "namespace": "shop", "want": set()},
	}
	findings := rule.findings with input as document("client-ca", {"text": case.text}, case.namespace)
	count(findings) == 1
	{edit.value | some f in findings; not f.fix.safe; some edit in f.fix.edits} == case.want
}

test_spaces_around[name] if {
	some name, case in {
		"ingress-nginx": {
			"controllers": {"ingress-nginx": {"certainty": "known", "reason": "its class"}},
			"want": ["client CA has spaces around it, \" shop/client-ca \", which ingress-nginx takes off", "info"],
		},
		"another": {"controllers": {}, "want": [`client CA has spaces around it, " shop/client-ca "`, "warning"]},
	}
	asked := object.remove(document("client-ca", {"text": " shop/client-ca "}, "shop"), ["controllers"])
	findings := rule.findings with input as object.union(asked, {"controllers": case.controllers})
	{[f.message, f.severity, f.fix.safe, edit.value] |
		some f in findings
		some edit in f.fix.edits
	} == {array.concat(case.want, [true, "shop/client-ca"])}
}

test_silent[role] if {
	some role, changed in {
		"client-ca": {"text": " "},
		"upstream-ca": {"in_force": false, "text": " "},
	}
	findings := rule.findings with input as document(role, changed, "shop")
	count(findings) == 0
}

test_silent_otherwise[name] if {
	some name, changed in {
		"another form": {"want": "name", "text": ""},
		"of what keeps the Ingress from being loaded": {"text": "<namespace>/<secret>"},
		"of a line break that does": {"text": "shop/client-ca\n"},
	}
	findings := rule.findings with input as document("client-ca", changed, "shop")
	count(findings) == 0
}

test_refused_before_the_mode_is_read if {
	findings := rule.findings with input as document("client-ca", {"in_force": false}, "shop")
	count(findings) == 1
}

test_no_text if {
	findings := rule.findings with input as object.union(document("client-ca", {"text": "bool"}, "shop"), {"object": ingress(true)})
	count(findings) == 0
}

test_none if {
	findings := rule.findings with input as {"id": {"namespace": "shop"}, "object": ingress("shop/client-ca"), "refs": {}}
	count(findings) == 0
}
