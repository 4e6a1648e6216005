package lib.upstream_test

import data.lib.upstream

protocol := "nginx.ingress.kubernetes.io/backend-protocol"

verify := "nginx.ingress.kubernetes.io/proxy-ssl-verify"

test_protocol[name] if {
	some name, case in {
		"HTTPS": {"annotations": {protocol: "HTTPS"}, "want": "HTTPS"},
		"in lower case": {"annotations": {protocol: "https"}, "want": "HTTPS"},
		"with blanks": {"annotations": {protocol: " gRPCs\t"}, "want": "GRPCS"},
		"with a line break": {"annotations": {protocol: "HTTPS\n"}, "want": "HTTP"},
		"AUTO_HTTP": {"annotations": {protocol: "AUTO_HTTP"}, "want": "AUTO_HTTP"},
		"FCGI": {"annotations": {protocol: "FCGI"}, "want": "FCGI"},
		"none that it knows": {"annotations": {protocol: "H2C"}, "want": "HTTP"},
		"empty": {"annotations": {protocol: ""}, "want": "HTTP"},
		"no text": {"annotations": {protocol: 443}, "want": "HTTP"},
		"none": {"annotations": {}, "want": "HTTP"},
	}
	upstream.protocol(case.annotations) == case.want
}

test_verifies[name] if {
	some name, case in {
		"on": {"annotations": {verify: "on"}, "want": true},
		"with blanks": {"annotations": {verify: " on "}, "want": true},
		"with a line break": {"annotations": {verify: "on\n"}, "want": false},
		"On": {"annotations": {verify: "On"}, "want": false},
		"true": {"annotations": {verify: "true"}, "want": false},
		"off": {"annotations": {verify: "off"}, "want": false},
		"none": {"annotations": {}, "want": false},
	}
	{true | upstream.verifies(case.annotations)} == {true | case.want}
}

test_wants_verified[name] if {
	some name, case in {
		"on": {"annotations": {verify: "on"}, "want": true},
		"true": {"annotations": {verify: "true"}, "want": true},
		"anything": {"annotations": {verify: "optional"}, "want": true},
		"off": {"annotations": {verify: "off"}, "want": false},
		"Off": {"annotations": {verify: " Off"}, "want": false},
		"false": {"annotations": {verify: "false"}, "want": false},
		"empty": {"annotations": {verify: ""}, "want": false},
		"none": {"annotations": {}, "want": false},
	}
	{true | upstream.wants_verified(case.annotations)} == {true | case.want}
}

test_settings[name] if {
	some name, case in {
		"none": {"annotations": {"example.com/a": "b"}, "want": []},
		"empty ones": {
			"annotations": {verify: "", "nginx.ingress.kubernetes.io/proxy-ssl-name": ""},
			"want": [],
		},
		"the defaults": {
			"annotations": {verify: "off", "nginx.ingress.kubernetes.io/proxy-ssl-ciphers": "DEFAULT"},
			"want": [],
		},
		"others, in order": {
			"annotations": {
				verify: "on",
				"nginx.ingress.kubernetes.io/proxy-ssl-secret": "shop/upstream-ca",
				"nginx.ingress.kubernetes.io/proxy-ssl-name": "api.shop.svc",
			},
			"want": ["proxy-ssl-name", "proxy-ssl-verify"],
		},
	}
	upstream.settings(case.annotations) == case.want
}

test_path if upstream.path("proxy-ssl-verify") == ["metadata", "annotations", verify]
