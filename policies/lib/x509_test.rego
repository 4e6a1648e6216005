package lib.x509_test

import data.lib.x509

certificates := {
	"leaf": {"subject": "CN=api.shop.test", "spki": "aa", "not_before": "2026-10-01T00:00:00Z", "not_after": "2026-12-30T00:00:00Z"},
	"old": {"subject": "CN=Root", "spki": "bb", "not_before": "2016-01-01T00:00:00Z", "not_after": "2026-01-01T00:00:00Z"},
	"new": {"subject": "CN=Root", "spki": "bb", "not_before": "2025-01-01T00:00:00Z", "not_after": "2036-01-01T00:00:00Z"},
	"future": {"subject": "CN=Root", "spki": "bb", "not_before": "2027-01-01T00:00:00Z", "not_after": "2036-01-01T00:00:00Z"},
	"rekeyed": {"subject": "CN=Root", "spki": "cc", "not_before": "2025-01-01T00:00:00Z", "not_after": "2036-01-01T00:00:00Z"},
	"renamed": {"subject": "CN=Root 2", "spki": "bb", "not_before": "2025-01-01T00:00:00Z", "not_after": "2036-01-01T00:00:00Z"},
}

test_chain if {
	list := x509.chain(["leaf", "unknown", "old"]) with input as {"certificates": certificates}
	[certificate.subject | some certificate in list] == ["CN=api.shop.test", "CN=Root"]
}

test_name[name] if {
	some name, case in {
		"a subject": {"certificate": {"subject": "CN=Root,O=\"Shop\""}, "want": `"CN=Root,O=\"Shop\""`},
		"no subject": {
			"certificate": {"subject": "", "dns_names": ["api.shop.test", "www.shop.test"]},
			"want": "for api.shop.test",
		},
		"an address": {"certificate": {"subject": "", "dns_names": [], "ip_addresses": ["10.0.0.1"]}, "want": "for 10.0.0.1"},
		"a URI": {"certificate": {"subject": "", "uris": ["spiffe://shop/api"]}, "want": "for spiffe://shop/api"},
		"nothing at all": {"certificate": {"subject": "", "hash": "0123456789abcdef0123"}, "want": "with hash 0123456789abcdef"},
	}
	x509.name(case.certificate) == case.want
}

test_words if {
	x509.day("2026-10-31T23:59:59Z") == "2026-10-31"
	x509.more("did", 1) == ""
	x509.more("did", 3) == ", and so did 2 more"
	x509.refused({"usage": "clientAuth"}) == "servers that ask for a client certificate refuse it"
	x509.refused({"usage": "serverAuth"}) == "every client that verifies it refuses the connection"
	x509.refused({}) == "every client that verifies it refuses the connection"
}

test_renewed[name] if {
	some name, case in {
		"the same key": {"hashes": ["old", "new"], "want": true},
		"alone": {"hashes": ["old"], "want": false},
		"not valid yet": {"hashes": ["old", "future"], "want": false},
		"another key": {"hashes": ["old", "rekeyed"], "want": false},
		"another name": {"hashes": ["old", "renamed"], "want": false},
	}
	found := [1 |
		x509.renewed(certificates.old, case.hashes) with input as {"now": "2026-11-01T12:00:00Z", "certificates": certificates}
	]
	count(found) == 1 == case.want
}

ninety_days := {"not_before": "2026-01-01T00:00:00Z", "not_after": "2026-04-01T00:00:00Z"}

producer(object) := {"kind": "Certificate", "label": "Certificate shop/api", "group": "cert-manager.io", "namespace": "shop", "name": "api", "object": object}

test_due[name] if {
	some name, case in {
		"nobody renews it": {"ref": {"key": "tls.crt"}, "want": "2026-03-09T12:00:00Z"},
		"a third of it": {"ref": {"key": "tls.crt", "producer": producer({})}, "want": "2026-03-11T00:00:00Z"},
		"not in sight": {"ref": {"key": "tls.crt", "producer": object.remove(producer({}), ["object"])}, "want": "2026-03-11T00:00:00Z"},
		"a duration": {
			"ref": {"key": "tls.crt", "producer": producer({"spec": {"renewBefore": "240h"}})},
			"want": "2026-03-27T00:00:00Z",
		},
		"a percentage": {
			"ref": {"key": "tls.crt", "producer": producer({"spec": {"renewBeforePercentage": 50}})},
			"want": "2026-02-24T00:00:00Z",
		},
		"an annotated Ingress": {
			"ref": {"key": "tls.crt", "producer": object.union(
				producer({"metadata": {"annotations": {"cert-manager.io/renew-before": "720h"}}}),
				{"kind": "Ingress"},
			)},
			"want": "2026-03-11T00:00:00Z",
		},
		"a percentage of an annotated Gateway": {
			"ref": {"key": "tls.crt", "producer": object.union(
				producer({"metadata": {"annotations": {"cert-manager.io/renew-before-percentage": "50"}}}),
				{"kind": "Gateway"},
			)},
			"want": "2026-02-24T00:00:00Z",
		},
		"nonsense is not honoured": {
			"ref": {"key": "tls.crt", "producer": producer({
				"spec": {"renewBefore": "soon", "renewBeforePercentage": -1},
				"metadata": {"annotations": {"cert-manager.io/renew-before": "9999h"}},
			})},
			"want": "2026-03-11T00:00:00Z",
		},
		"a CA that others renew": {"ref": {"key": "ca.crt", "producer": producer({})}, "want": "2026-03-09T12:00:00Z"},
		"what renews nothing": {
			"ref": {"key": "tls.crt", "producer": object.union(producer({}), {"kind": "SealedSecret"})},
			"want": "2026-03-09T12:00:00Z",
		},
	}
	x509.due(ninety_days, case.ref, 30) == time.parse_rfc3339_ns(case.want)
}

test_due_of_other_lifetimes[name] if {
	some name, case in {
		"ten years": {"not_after": "2036-01-01T00:00:00Z", "want": "2035-12-02T00:00:00Z"},
		"a day": {"not_after": "2026-01-02T00:00:00Z", "want": "2026-01-01T18:00:00Z"},
	}
	certificate := {"not_before": "2026-01-01T00:00:00Z", "not_after": case.not_after}
	x509.due(certificate, {"key": "tls.crt"}, 30) == time.parse_rfc3339_ns(case.want)
}

# RFC 5280, section 4.1.2.5: the time of a certificate without a well-defined end.
test_no_end_is_never_due if {
	certificate := {"not_before": "2026-01-01T00:00:00Z", "not_after": "9999-12-31T23:59:59Z"}
	not x509.due(certificate, {"key": "tls.crt"}, 30)
}

test_clock if {
	now := x509.now with input as {"now": "2026-11-01T12:00:00Z"}
	now == time.parse_rfc3339_ns("2026-11-01T12:00:00Z")
	soon := x509.soon with input as {"now": "2026-11-01T12:00:00Z"}
	soon == "2026-11-01T12:05:00Z"
}

test_covers[name] if {
	some name, case in {
		"the name": {"names": ["api.shop.test"], "host": "api.shop.test", "want": true},
		"one of them": {"names": ["www.shop.test", "api.shop.test"], "host": "api.shop.test", "want": true},
		"upper case": {"names": ["API.shop.TEST"], "host": "api.Shop.test", "want": true},
		"a final dot": {"names": ["api.shop.test"], "host": "api.shop.test.", "want": true},
		"another name": {"names": ["www.shop.test"], "host": "api.shop.test", "want": false},
		"the parent": {"names": ["shop.test"], "host": "api.shop.test", "want": false},
		"a wildcard": {"names": ["*.shop.test"], "host": "api.shop.test", "want": true},
		"a wildcard and the name above it": {"names": ["*.shop.test"], "host": "shop.test", "want": false},
		"a wildcard and two labels": {"names": ["*.shop.test"], "host": "v1.api.shop.test", "want": false},
		"a wildcard over a whole domain": {"names": ["*.test"], "host": "shop.test", "want": false},
		"a part of a label": {"names": ["api*.shop.test"], "host": "api1.shop.test", "want": false},
		"a wildcard host": {"names": ["*.shop.test"], "host": "*.shop.test", "want": true},
		"a wildcard host and a name below it": {"names": ["api.shop.test"], "host": "*.shop.test", "want": false},
		"a deeper wildcard host": {"names": ["*.shop.test"], "host": "*.api.shop.test", "want": false},
		"an international name": {"names": ["xn--bcher-kva.test"], "host": "xn--bcher-kva.test", "want": true},
		"no names": {"names": [], "host": "api.shop.test", "want": false},
		"one label": {"names": ["localhost"], "host": "localhost", "want": true},
		"an address": {"names": [], "addresses": ["10.0.0.1"], "host": "10.0.0.1", "want": true},
		"an address of version 6": {"names": [], "addresses": ["2001:db8::1"], "host": "2001:DB8::1", "want": true},
		"another address": {"names": [], "addresses": ["10.0.0.1"], "host": "10.0.0.2", "want": false},
	}
	certificate := {"subject": sprintf("CN=%s", [case.host]), "dns_names": case.names, "ip_addresses": object.get(case, "addresses", [])}
	found := [1 | x509.covers(certificate, case.host)]
	count(found) == 1 == case.want
}
