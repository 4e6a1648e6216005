package lib.kong_test

import data.lib.kong

test_whole if {
	{value | some value in ["1", "+1", "-1", "007", "", " 1", "1.0", "one", "1\n", "99999999999999999999"]; kong.whole(value)} == {"1", "+1", "-1", "007"}
}

test_number if [kong.number(value) | some value in ["1", "+2", "-3", "007"]] == [1, 2, -3, 7]

test_protocol if {
	cases := {"": "http", "http": "http", "https": "https", "grpcs": "grpcs", "HTTPS": "http", "h2": "http"}
	every value, want in cases {
		kong.protocol({"konghq.com/protocol": value}) == want
	}
}

test_no_protocol if kong.protocol({}) == "http"

test_a_protocol_that_is_filled_in_later if not kong.protocol({"konghq.com/protocol": "${PROTOCOL}"})

test_a_service if {
	kong.verified == "Service shop/api" with input as {"id": {"kind": "Service", "label": "Service shop/api"}}
	count(kong.authorities) == 1 with input as {"id": {"kind": "Service"}, "refs": {"kong-ca": [{"in_force": true}, {"in_force": false}]}}
}

test_a_policy if {
	policy := {"id": {"kind": "BackendTLSPolicy"}, "refs": {"kong-policy-ca": [{"in_force": true}], "policy-target": [{"label": "Service shop/api"}]}}
	kong.verified == "Service shop/api" with input as policy
	count(kong.authorities) == 1 with input as policy
}

test_depth if {
	certificates := {
		"root": {"subject": "Root", "issuer": "Root", "self_signed": true},
		"a": {"subject": "A", "issuer": "Root", "self_signed": false},
		"b": {"subject": "B", "issuer": "A", "self_signed": false},
		"c": {"subject": "C", "issuer": "B", "self_signed": false},
		"d": {"subject": "D", "issuer": "C", "self_signed": false},
	}
	every case in [[["root"], 1], [["root", "a"], 1], [["b", "root", "a"], 2], [["root", "b"], 1], [["root", "a", "b", "c"], 3], [["root", "a", "b", "c", "d"], 4], [[], 1]] {
		kong.depth == case[1] with input as {
			"id": {"kind": "BackendTLSPolicy"},
			"refs": {"kong-policy-ca": [{"content": {"certificates": [hash]}} | some hash in case[0]]},
			"certificates": certificates,
		}
	}
}
