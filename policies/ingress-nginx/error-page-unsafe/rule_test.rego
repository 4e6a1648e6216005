package policies["ingress-nginx"]["error-page-unsafe_test"]

import data.policies["ingress-nginx"]["error-page-unsafe"] as rule

judge(page, changed) := {[object.get(f, "severity", "error"), f.effect, f.message] | some f in findings} if {
	document := {
		"object": {
			"metadata": {"annotations": {"nginx.ingress.kubernetes.io/auth-tls-error-page": page}},
			"spec": {"rules": [{"host": "api.shop.test"}]},
		},
		"refs": {"client-ca": [object.union({"in_force": true, "presence": "unknown"}, changed)]},
	}
	findings := rule.findings with input as document
}

test_pages[page] if {
	some page, want in {
		"/denied": [
			"error",
			"requests to api.shop.test without a client certificate reach the backend under /denied",
			"nginx fetches the error page /denied from the backend",
		],
		"@denied": [
			"warning",
			"requests to api.shop.test without a client certificate get 500",
			"ingress-nginx makes no location @denied",
		],
		" help.shop.test:8443/denied/": [
			"warning",
			"clients of api.shop.test without a certificate are sent to a page that does not exist",
			"the error page help.shop.test:8443/denied/ has no scheme, and browsers take it for a relative path",
		],
	}
	judge(page, {}) == {want}
}

test_silent[name] if {
	some name, case in {
		"a URL": {"page": "https://help.shop.test/denied", "ref": {}},
		"without TLS": {"page": "http://help.shop.test", "ref": {}},
		"blank": {"page": " ", "ref": {}},
		"refused": {"page": "help.shop.test/?a=b", "ref": {}},
		"no text": {"page": 1, "ref": {}},
		"nobody is asked": {"page": "/denied", "ref": {"in_force": false}},
		"closed": {"page": "/denied", "ref": {"presence": "absent"}},
	}
	judge(case.page, case.ref) == set()
}
