package policies.istio["gateway-plain-http-open_test"]

import data.policies.istio["gateway-plain-http-open"] as rule

plain(hosts) := {"port": {"number": 80, "protocol": "HTTP"}, "hosts": hosts}

ended(mode, hosts) := {"port": {"number": 443, "protocol": "HTTPS"}, "hosts": hosts, "tls": {"mode": mode, "credentialName": "web"}}

gateway(servers) := {"spec": {"selector": {"istio": "ingressgateway"}, "servers": servers}}

judge(servers, peers) := findings if {
	findings := rule.findings with input as {"object": gateway(servers), "peers": peers, "params": {}}
}

test_says if {
	judge([plain(["web.shop.test", "api.shop.test"]), ended("SIMPLE", ["shop/web.shop.test"])], {}) == {{
		"path": ["spec", "servers", 0, "port"],
		"message": "port 80 has no httpsRedirect, and TLS is ended for web.shop.test on another port",
		"effect": "requests to web.shop.test are sent and answered in clear text",
		"remedy": "set httpsRedirect in tls of this server",
		"severity": "warning",
	}}
}

test_client_certificates if {
	{f.effect | some f in judge([plain(["web.shop.test"]), ended("MUTUAL", ["web.shop.test"])], {})} == {"requests to web.shop.test on that port reach backends without a client certificate"}
}

test_wildcard if {
	{f.severity | some f in judge([plain(["*"]), ended("SIMPLE", ["*"])], {})} == {"info"}
}

peer(object) := {"key": "web.shop.test", "object": object}

test_peers[name] if {
	some name, case in {
		"another one ends it": {"gateways": [gateway([ended("SIMPLE", ["web.shop.test"])])], "routes": [], "want": 1},
		"for other pods": {"gateways": [{"spec": {"selector": {"istio": "other"}, "servers": [ended("SIMPLE", ["web.shop.test"])]}}], "routes": [], "want": 0},
		"another one passes it": {"gateways": [gateway([ended("PASSTHROUGH", ["web.shop.test"])])], "routes": [], "want": 0},
		"a route redirects": {"gateways": [gateway([ended("SIMPLE", ["web.shop.test"])])], "routes": [{"spec": {"http": [{"redirect": {"scheme": "https"}}]}}], "want": 0},
		"a route does not": {"gateways": [gateway([ended("SIMPLE", ["web.shop.test"])])], "routes": [{"spec": {"http": [{"route": []}]}}], "want": 1},
	}
	peers := {"gateway-host": [peer(o) | some o in case.gateways], "virtual-service": [peer(o) | some o in case.routes]}
	count(judge([plain(["web.shop.test"])], peers)) == case.want
}

test_peer_asks if {
	found := judge([plain(["web.shop.test"])], {"gateway-host": [peer(gateway([ended("MUTUAL", ["web.shop.test"])]))]})
	{f.effect | some f in found} == {"requests to web.shop.test on that port reach backends without a client certificate"}
}

test_silent[name] if {
	some name, servers in {
		"a redirect": [object.union(plain(["web.shop.test"]), {"tls": {"httpsRedirect": true}}), ended("SIMPLE", ["web.shop.test"])],
		"another host": [plain(["web.shop.test"]), ended("SIMPLE", ["api.shop.test"])],
		"no TLS": [plain(["web.shop.test"])],
	}
	judge(servers, {}) == set()
}

test_truncated if {
	findings := rule.findings with input as {"object": gateway([plain(["web.shop.test"]), ended("SIMPLE", ["web.shop.test"])]), "truncated": ["virtual-service"]}
	findings == set()
}

test_fix if {
	document := {"object": gateway([plain(["web.shop.test"]), ended("SIMPLE", ["web.shop.test"])]), "params": {"istio/gateway-plain-http-open": {"inject": "always"}}}
	findings := rule.findings with input as document
	{f.fix.edits | some f in findings} == {[{"op": "set", "path": ["spec", "servers", 0, "tls", "httpsRedirect"], "value": true}]}
}
