package policies["ingress-nginx"]["verify-depth-invalid_test"]

import data.policies["ingress-nginx"]["verify-depth-invalid"] as rule

client := "nginx.ingress.kubernetes.io/auth-tls-verify-depth"

upstream := "nginx.ingress.kubernetes.io/proxy-ssl-verify-depth"

refs(in_force) := {
	"client-ca": [{"path": ["metadata", "annotations", "nginx.ingress.kubernetes.io/auth-tls-secret"], "in_force": in_force}],
	"upstream-ca": [{"path": ["metadata", "annotations", "nginx.ingress.kubernetes.io/proxy-ssl-secret"], "in_force": in_force}],
}

both := refs(true)

document(annotations, known) := {
	"object": {"metadata": {"annotations": annotations}, "spec": {"rules": [{"host": "api.shop.test"}]}},
	"refs": known,
}

cases := {
	"text": {"value": "two", "want": "coerced"},
	"empty": {"value": "", "want": "coerced"},
	"nought": {"value": "0", "want": "coerced"},
	"negative nought": {"value": "-0", "want": "coerced"},
	"many noughts": {"value": "000", "want": "coerced"},
	"a fraction": {"value": "1.5", "want": "coerced"},
	"an exponent": {"value": "1e1", "want": "coerced"},
	"hexadecimal": {"value": "0x2", "want": "coerced"},
	"spaces around": {"value": " 2", "want": "coerced"},
	"beyond int64": {"value": "9223372036854775808", "want": "coerced"},
	"below int64": {"value": "-9223372036854775809", "want": "coerced"},
	"negative": {"value": "-1", "want": "refused"},
	"the least int64": {"value": "-9223372036854775808", "want": "refused"},
	"eleven": {"value": "11", "want": "no limit"},
	"eleven with a sign": {"value": "+11", "want": "no limit"},
	"eleven with noughts": {"value": "0011", "want": "no limit"},
	"the greatest C int": {"value": "2147483647", "want": "no limit"},
	"one more than the greatest C int": {"value": "2147483648", "want": "wraps"},
	"the greatest int64": {"value": "9223372036854775807", "want": "wraps"},
}

words := {
	"coerced": {
		"message": "the verify depth %q is no whole number above 0, and ingress-nginx takes 1 instead",
		"effect": "clients of api.shop.test with more than one intermediate are refused",
	},
	"refused": {
		"message": "nginx refuses the verify depth %q, and its whole configuration with it",
		"effect": "no Ingress of this controller is reloaded any more",
	},
	"no limit": {"message": "the verify depth %q limits nothing: no chain is that long", "severity": "warning"},
	"wraps": {
		"message": "the verify depth %q does not fit a C int and wraps round in nginx",
		"effect": "clients of api.shop.test are all refused, or let in at any depth",
	},
}

test_findings[name] if {
	some name, case in cases
	findings := rule.findings with input as document({client: case.value}, {"client-ca": both["client-ca"]})
	want := object.union(words[case.want], {
		"path": ["metadata", "annotations", client],
		"message": sprintf(words[case.want].message, [case.value]),
		"remedy": "set a whole number from 1 to 10, in quotes",
	})
	{object.remove(f, ["fix"]) | some f in findings} == {want}
}

test_upstream[name] if {
	some name, case in {
		"no number": {"value": "two", "want": {"backends of api.shop.test with more than one intermediate are refused"}},
		"too great": {"value": "4294967296", "want": {"backends of api.shop.test are all refused, or let in at any depth"}},
	}
	findings := rule.findings with input as document({upstream: case.value}, both)
	{f.effect | some f in findings} == case.want
}

test_not_in_force[name] if {
	some name, case in {
		"clients": {"annotations": {client: "two"}, "want": set()},
		"backends": {"annotations": {upstream: "two"}, "want": set()},
		"clients, and refused all the same": {
			"annotations": {client: "-1"},
			"want": {"no Ingress of this controller is reloaded any more"},
		},
		"backends, and refused all the same": {
			"annotations": {upstream: "-1"},
			"want": {"no Ingress of this controller is reloaded any more"},
		},
	}
	findings := rule.findings with input as document(case.annotations, refs(false))
	{f.effect | some f in findings} == case.want
}

test_fix[name] if {
	some name, case in {
		"spaces": {"value": " 2 ", "want": {"2"}},
		"a line break": {"value": "10\n", "want": {"10"}},
		"spaces around nonsense": {"value": " two ", "want": set()},
		"nought": {"value": "0", "want": set()},
		"negative": {"value": "-1", "want": set()},
	}
	findings := rule.findings with input as document({client: case.value}, both)
	count(findings) == 1
	{edit.value | some f in findings; f.fix.safe; some edit in f.fix.edits} == case.want
}

test_silent[name] if {
	some name, annotations in {
		"the least": {client: "1"},
		"the most": {client: "10"},
		"with a sign, which Atoi takes": {client: "+3"},
		"with noughts, which Atoi takes": {client: "007"},
		"no string, which is wrong for every annotation": {client: 2},
		"unset": {},
	}
	findings := rule.findings with input as document(annotations, both)
	count(findings) == 0
}

test_no_ca_to_verify_against if {
	findings := rule.findings with input as document({client: "-1", upstream: "-1"}, {})
	count(findings) == 0
}
