package lib.nginx_test

import data.lib.nginx

test_truth if {
	every yes in ["1", "t", "T", "true", "True", "TRUE"] {
		yes in nginx.truth
	}
	every no in ["", "0", "false", "yes", "on", "tRUE", " true"] {
		not no in nginx.truth
	}
}

secret := {"nginx.ingress.kubernetes.io/auth-tls-secret": "shop/client-ca"}

test_client_policy_defaults if {
	nginx.client_policy(secret) == {
		"auth-tls-secret": "shop/client-ca",
		"auth-tls-verify-client": "on",
		"auth-tls-verify-depth": "1",
		"auth-tls-error-page": "",
		"auth-tls-pass-certificate-to-upstream": false,
		"auth-tls-match-cn": "",
	}
}

test_client_policy_equal[name] if {
	some name, annotations in {
		"the defaults written down": {
			"nginx.ingress.kubernetes.io/auth-tls-verify-client": "on",
			"nginx.ingress.kubernetes.io/auth-tls-verify-depth": "1",
			"nginx.ingress.kubernetes.io/auth-tls-pass-certificate-to-upstream": "0",
		},
		"a mode that nobody knows becomes on": {"nginx.ingress.kubernetes.io/auth-tls-verify-client": "Optional"},
		"another annotation": {"nginx.ingress.kubernetes.io/proxy-ssl-verify": "on"},
	}
	nginx.client_policy(object.union(secret, annotations)) == nginx.client_policy(secret)
}

test_client_policy_differs[name] if {
	some name, annotations in {
		"auth-tls-secret": {"nginx.ingress.kubernetes.io/auth-tls-secret": "shop/other"},
		"auth-tls-verify-client": {"nginx.ingress.kubernetes.io/auth-tls-verify-client": "optional_no_ca"},
		"auth-tls-verify-depth": {"nginx.ingress.kubernetes.io/auth-tls-verify-depth": "2"},
		"auth-tls-error-page": {"nginx.ingress.kubernetes.io/auth-tls-error-page": "https://shop.test/cert"},
		"auth-tls-pass-certificate-to-upstream": {"nginx.ingress.kubernetes.io/auth-tls-pass-certificate-to-upstream": "T"},
		"auth-tls-match-cn": {"nginx.ingress.kubernetes.io/auth-tls-match-cn": "CN=shop"},
	}
	mine := nginx.client_policy(secret)
	theirs := nginx.client_policy(object.union(secret, annotations))
	{setting | some setting, value in mine; value != theirs[setting]} == {name}
}
