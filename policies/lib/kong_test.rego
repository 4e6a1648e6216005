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
