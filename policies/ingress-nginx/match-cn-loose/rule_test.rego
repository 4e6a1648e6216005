package policies["ingress-nginx"]["match-cn-loose_test"]

import data.policies["ingress-nginx"]["match-cn-loose"] as rule

judge(pattern, refs) := {[object.get(f, "severity", "warning"), f.message] | some f in findings} if {
	document := {
		"object": {
			"metadata": {"annotations": {"nginx.ingress.kubernetes.io/auth-tls-match-cn": pattern}},
			"spec": {"rules": [{"host": "api.shop.test"}]},
		},
		"refs": {"client-ca": refs},
	}
	findings := rule.findings with input as document
}

test_finding if {
	document := {
		"object": {
			"metadata": {"annotations": {"nginx.ingress.kubernetes.io/auth-tls-match-cn": "CN=admin"}},
			"spec": {"rules": [{"host": "api.shop.test"}]},
		},
		"refs": {"client-ca": [{}]},
	}
	findings := rule.findings with input as document
	findings == {{
		"path": ["metadata", "annotations", "nginx.ingress.kubernetes.io/auth-tls-match-cn"],
		"message": "auth-tls-match-cn \"CN=admin\" has no end, and matches longer names too",
		"effect": "clients whose name only begins like admin are let into api.shop.test",
		"remedy": "end it: CN=admin(,|$)",
	}}
}

test_loose[pattern] if {
	some pattern, want in {
		"CN=admin": "has no end",
		"CN=(admin|ops)": "has no end",
		`CN=[a-z$,]+`: "has no end",
		`CN=a\$`: "has no end",
		"CN=admin(,|$)|CN=ops": "has no end",
		"CN=a|b": "right-hand side",
		"CN=admin(,|$)|ops(,|$)": "right-hand side",
		"CN=(a|(b|c))|d": "right-hand side",
	}
	some found in judge(pattern, [{}])
	found[0] == "warning"
	contains(found[1], want)
}

test_dot[pattern] if {
	some pattern in ["CN=api.shop(,|$)", "CN=api.shop.test$"]
	{found[0] | some found in judge(pattern, [{}])} == {"info"}
}

test_silent[pattern] if {
	some pattern in [
		"CN=admin(,|$)",
		"CN=admin($|,)",
		"CN=admin(?:,|$)",
		"CN=admin(,.*|$)",
		"CN=admin$",
		"CN=admin,OU=ops",
		"CN=(admin|ops)(,|$)",
		"CN=admin(,|$)|CN=ops(,|$)",
		`CN=api\.shop\.test(,|$)`,
		`CN=.*\.shop\.test$`,
		`CN=[a-z.]+$`,
		"admin",
		"",
	]
	judge(pattern, [{}]) == set()
}

test_no_text if judge(true, [{}]) == set()

test_no_ca if judge("CN=admin", []) == set()
