package policies["gloo-mtls"]["secret-service-exposed_test"]

import data.policies["gloo-mtls"]["secret-service-exposed"] as rule

workload(container) := {"spec": {"template": {
	"metadata": {"labels": {"gloo": "gloo"}},
	"spec": {
		"volumes": [{"name": "certs", "secret": {"secretName": "gloo-mtls-certs"}}],
		"containers": [object.union({"name": "sds"}, container)],
	},
}}}

judge(container, policies) := findings if {
	findings := rule.findings with input as {
		"object": workload(container),
		"peers": {"gloo-network-policy": [{"object": {"spec": policy}} | some policy in policies]},
	}
}

test_says if {
	judge({}, []) == {{
		"path": ["spec", "template", "spec", "containers", 0],
		"message": "container sds listens on 0.0.0.0:8234, and no NetworkPolicy in sight keeps others away",
		"effect": "every pod that can reach port 8234 gets the private key by which gloo and its proxies know each other",
		"remedy": "set SDS_SERVER_ADDRESS: 127.0.0.1:8234 in its environment, or allow only the other ports in a NetworkPolicy",
	}}
}

test_probe[name] if {
	some name, case in {
		"of the port": {"container": {"readinessProbe": {"tcpSocket": {"port": 8234}}}, "want": true},
		"of the port, as text": {"container": {"startupProbe": {"httpGet": {"port": "8234"}}}, "want": true},
		"of the port, by its name": {"container": {"ports": [{"name": "sds", "containerPort": 8234}], "livenessProbe": {"tcpSocket": {"port": "sds"}}}, "want": true},
		"of another port": {"container": {"ports": [{"name": "validation", "containerPort": 9988}], "readinessProbe": {"tcpSocket": {"port": 9988}}}, "want": false},
		"none": {"container": {}, "want": false},
	}
	some finding in judge(case.container, [])
	contains(finding.remedy, "works only without the probe") == case.want
}

test_network_of_the_node if {
	document := json.patch(workload({}), [{"op": "add", "path": "spec/template/spec/hostNetwork", "value": true}])
	findings := rule.findings with input as {"object": document, "peers": {"gloo-network-policy": [{"object": {"spec": {"podSelector": {}}}}]}}
	{f.message | some f in findings} == {"container sds listens on 0.0.0.0:8234, and the pod is on the network of its node, where no NetworkPolicy holds"}
}

address(text) := {"env": [{"name": "SDS_SERVER_ADDRESS", "value": text}]}

test_address[name] if {
	some name, case in {
		"the pod's own": {"container": address("127.0.0.1:8234"), "want": 0},
		"everybody's": {"container": address("0.0.0.0:8234"), "want": 1},
		"a variable": {"container": address("${ADDRESS}"), "want": 0},
		"from elsewhere": {"container": {"env": [{"name": "SDS_SERVER_ADDRESS", "valueFrom": {}}]}, "want": 0},
		"another variable": {"container": {"env": [{"name": "LOG_LEVEL", "value": "info"}]}, "want": 1},
		"all from elsewhere": {"container": {"envFrom": []}, "want": 0},
	}
	count(judge(case.container, [])) == case.want
}

test_policy[name] if {
	some name, case in {
		"nobody": {"policy": {"podSelector": {}}, "want": 0},
		"some pods": {"policy": {"podSelector": {}, "ingress": [{"from": [{"podSelector": {}}]}]}, "want": 0},
		"other ports": {"policy": {"podSelector": {}, "ingress": [{"ports": [{"port": 9977}]}]}, "want": 0},
		"everybody": {"policy": {"podSelector": {}, "ingress": [{}]}, "want": 1},
		"everybody to this port": {"policy": {"podSelector": {}, "ingress": [{"ports": [{"port": 8234}]}]}, "want": 1},
		"everybody, by a protocol": {"policy": {"podSelector": {}, "ingress": [{"ports": [{"protocol": "TCP"}]}]}, "want": 1},
		"of this pod": {"policy": {"podSelector": {"matchLabels": {"gloo": "gloo"}}}, "want": 0},
		"of another pod": {"policy": {"podSelector": {"matchLabels": {"gloo": "gateway-proxy"}}}, "want": 1},
		"by an expression": {"policy": {"podSelector": {"matchExpressions": [{"key": "gloo", "operator": "Exists"}]}}, "want": 0},
		"of what goes out": {"policy": {"podSelector": {}, "policyTypes": ["Egress"]}, "want": 1},
	}
	count(judge({}, [case.policy])) == case.want
}
