package policies["cert-manager"]["renewal-late_test"]

import data.policies["cert-manager"]["renewal-late"] as rule

late(spec) := findings if {
	findings := rule.findings with input as {"object": {"spec": object.union({"secretName": "web-tls"}, spec)}}
}

test_late if {
	late({"renewBefore": "1h"}) == {{
		"path": ["spec", "renewBefore"],
		"message": "a certificate for 2160h is renewed 1 hours before its end",
		"effect": "what uses Secret web-tls fails within a day of a renewal that does not succeed",
		"remedy": "leave a third of the lifetime, as is the default",
	}}
	count(late({"duration": "2000h", "renewBeforePercentage": 99})) == 1
}

test_silent if {
	every spec in [
		{},
		{"renewBefore": "360h"},
		{"duration": "24h", "renewBefore": "8h"},
		{"renewBefore": "soon"},
		{"duration": "2160h", "renewBeforePercentage": 66},
	] {
		count(late(spec)) == 0
	}
}
