package policies.istio["plain-http-on-tls-port_test"]

import data.policies.istio["plain-http-on-tls-port"] as rule

document(port, location, peers) := {
	"object": {"spec": object.union({"hosts": ["db.test"], "ports": [port]}, location)},
	"peers": peers,
}

destination(policy) := {"destination-rule": [{"object": {"spec": {"host": "db.test", "trafficPolicy": policy}}}]}

test_verdict[name] if {
	some name, case in {
		"HTTP on 443": {"document": document({"number": 443, "protocol": "http"}, {}, {}), "want": 1},
		"to 443": {"document": document({"number": 80, "targetPort": 443, "protocol": "HTTP"}, {"location": "MESH_EXTERNAL"}, {}), "want": 1},
		"to another": {"document": document({"number": 443, "targetPort": 80, "protocol": "HTTP"}, {}, {}), "want": 0},
		"HTTPS": {"document": document({"number": 443, "protocol": "HTTPS"}, {}, {}), "want": 0},
		"in the mesh": {"document": document({"number": 443, "protocol": "HTTP"}, {"location": "MESH_INTERNAL"}, {}), "want": 0},
		"timeouts": {"document": document({"number": 443, "protocol": "HTTP"}, {}, destination({"connectionPool": {}})), "want": 1},
		"TLS": {"document": document({"number": 443, "protocol": "HTTP"}, {}, destination({"tls": {"mode": "SIMPLE"}})), "want": 0},
		"a policy": {"document": document({"number": 443, "protocol": "HTTP"}, {}, {"backend-policy": [{}]}), "want": 0},
	}
	findings := rule.findings with input as case.document
	count(findings) == case.want
}
