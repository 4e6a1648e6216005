package policies.kong["ca-id-invalid_test"]

import data.policies.kong["ca-id-invalid"] as rule

ref := {"path": ["metadata"], "kind": "Secret", "label": "Secret shop/ca", "presence": "present", "identifiers": {}, "keys_open": false, "in_force": true}

service(known) := {"id": {"kind": "Service", "label": "Service shop/api"}, "refs": {"kong-ca": [object.union(ref, known)]}}

id(uuid, opaque) := {"identifiers": {"id": {"uuid": uuid, "opaque": opaque, "hash": "00"}}}

test_none if {
	findings := rule.findings with input as service({})
	{[f.message, f.effect] | some f in findings} == {["Secret shop/ca has no id", "Kong does not load it, and requests to Service shop/api get 502 where its certificate is of that CA"]}
}

test_no_uuid if {
	findings := rule.findings with input as service(id(false, false))
	{[f.message, f.effect] | some f in findings} == {["the id of Secret shop/ca is no UUID", "Kong refuses its whole configuration, and no change to any route takes effect"]}
}

test_silent[name] if {
	some name, known in {"a UUID": id(true, false), "encrypted": id(false, true), "there may be more keys": {"keys_open": true}, "promised": {"presence": "promised"}}
	findings := rule.findings with input as service(known)
	count(findings) == 0
}

marked(fields) := {"id": {"kind": "ConfigMap", "label": "ConfigMap shop/ca"}, "object": object.union({"metadata": {"labels": {"konghq.com/ca-cert": "true"}}}, fields)}

test_marked if {
	findings := rule.findings with input as marked({"data": {"ca.crt": "x"}})
	{[f.path, f.message] | some f in findings} == {[["data", "id"], "ConfigMap shop/ca has no id"]}
}

test_marked_silent[name] if {
	some name, fields in {"with one": {"data": {"ca.crt": "x"}, "stringData": {"id": ""}}, "nothing in sight": {}}
	findings := rule.findings with input as marked(fields)
	count(findings) == 0
}
