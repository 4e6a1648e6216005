# METADATA
# description: What implementations of Gateway API make of a BackendTLSPolicy.
package lib.backend

import data.lib.text

# METADATA
# description: |
#   By controller: kinds it reads CAs from, and how messages say it; what it makes of several CAs (all, first, refused), of
#   subjectAltNames (verified, unread, refused), of options (their prefix of its own); and what becomes of requests where it
#   refuses a policy (fail, unencrypted). Sources:
#   Envoy Gateway, internal/gatewayapi/backendtlspolicy.go;
#   Istio, pilot/pkg/config/kube/gateway/backend_policies.go;
#   NGINX Gateway Fabric, internal/controller/state/graph/backend_tls_policy.go;
#   Kong, internal/controllers/gateway/backendtlspolicy_utils.go (a policy that is not accepted is taken out of the data plane);
#   Cilium, operator/pkg/gateway-api, cilium/cilium#47194 on subjectAltNames;
#   kgateway, pkg/kgateway/extensions2/plugins/backendtlspolicy/plugin.go;
#   Traefik, pkg/provider/kubernetes/gateway/httproute.go, loadServersTransport.
controllers := {
	"envoy-gateway": {
		"title": "Envoy Gateway",
		"kinds": {"ConfigMap", "Secret", "ClusterTrustBundle"},
		"reads": "ConfigMaps, Secrets and ClusterTrustBundles",
		"several": "all",
		"names": "verified",
		"prefixes": ["gateway.envoyproxy.io/"],
		"refusal": "fail",
	},
	"istio": {
		"title": "Istio",
		"kinds": {"ConfigMap"},
		"reads": "ConfigMaps",
		"several": "first",
		"names": "verified",
		"prefixes": ["istio.io/", "gateway.istio.io/"],
		"refusal": "fail",
	},
	"nginx-gateway-fabric": {
		"title": "NGINX Gateway Fabric",
		"kinds": {"ConfigMap", "Secret"},
		"reads": "ConfigMaps and Secrets",
		"several": "refused",
		"names": "unread",
		"prefixes": ["nginx.org/", "gateway.nginx.org/"],
		"refusal": "fail",
	},
	"kong": {
		"title": "Kong",
		"kinds": {"ConfigMap", "Secret"},
		"reads": "ConfigMaps and Secrets",
		"several": "all",
		"names": "refused",
		"prefixes": ["konghq.com/"],
		"refusal": "unencrypted",
	},
	"cilium": {
		"title": "Cilium",
		"kinds": {"ConfigMap"},
		"reads": "ConfigMaps",
		"several": "refused",
		"names": "unread",
		"prefixes": ["cilium.io/", "io.cilium/"],
		"refusal": "fail",
	},
	"kgateway": {
		"title": "kgateway",
		"kinds": {"ConfigMap", "Secret"},
		"reads": "ConfigMaps and Secrets",
		"several": "first",
		"names": "verified",
		"prefixes": ["kgateway.dev/"],
		"refusal": "fail",
	},
	"traefik": {
		"title": "Traefik",
		"kinds": {"ConfigMap", "Secret"},
		"reads": "ConfigMaps and Secrets",
		"several": "all",
		"names": "verified",
		"prefixes": ["traefik.io/"],
		"refusal": "fail",
	},
}

# METADATA
# description: What becomes of requests where a controller refuses the policy.
refused(name, refs) := sprintf("requests to %s fail with 5xx", [text.targets(refs)]) if controllers[name].refusal == "fail"

refused(name, refs) := sprintf("requests to %s are sent unencrypted", [text.targets(refs)]) if {
	controllers[name].refusal == "unencrypted"
}

# METADATA
# description: What a policy names, in the shape of any version.
targets(policy) := array.concat(
	[target | some target in policy.spec.targetRefs],
	[target | target := policy.spec.targetRef],
)

# METADATA
# description: The ports of its Service that a backend of a route names. There may be two of one number, for TCP and UDP.
ports(ref) := [port |
	some port in ref.object.spec.ports
	port.port == object.get(input.object, array.concat(ref.path, ["port"]), 0)
]

# METADATA
# description: The policies that are for a port of the Service that a backend of a route names.
policies(ref, port) := [peer |
	some peer in input.peers["backend-policy"]
	peer.path == ref.path
	some target in targets(peer.object)
	target.kind == "Service"
	target.name == ref.name
	object.get(target, "sectionName", "") in {"", object.get(port, "name", "")}
]

# METADATA
# description: The section of a Service that an element of a policy's targets names; empty for all of it.
section(ref) := object.get(input.object, array.concat(ref.path, ["sectionName"]), "")

# METADATA
# description: Where routes send requests that are for an element of a policy's targets.
routed(ref) := [to |
	some route in input.peers.route
	route.path == ref.path
	some rule in route.object.spec.rules
	some to in rule.backendRefs
	to.name == ref.name
	object.get(to, "namespace", route.namespace) == ref.namespace
]

# METADATA
# description: What becomes of requests where no controller gets the CA of the policy.
without_ca(refs) := refused("kong", refs) if {
	input.controllers.kong
	count(input.controllers) == 1
}

without_ca(refs) := sprintf("requests to %s fail with 5xx", [text.targets(refs)]) if {
	not input.controllers.kong
	not _unread
}

without_ca(refs) := sprintf("requests to %s fail with 5xx, and are sent unencrypted by Kong", [text.targets(refs)]) if {
	input.controllers.kong
	count(input.controllers) > 1
}

# Gloo Gateway reads no policies. Of that, backend-policy-unread speaks.
_unread if object.keys(input.controllers) == {"gloo-gateway"}

# METADATA
# description: A CA of the policy that nobody who acts reads, since they take the first one only.
passed_over(ref) if {
	ref.path[count(ref.path) - 1] > 0
	count(input.controllers) > 0
	every name, _ in input.controllers {
		controllers[name].several == "first"
	}
}

# METADATA
# description: The policy is switched off for a controller (Istio, backend_policies.go, IgnorePolicyAttachment).
switched_off("istio") if lower(input.object.metadata.annotations["istio.io/ignore-policy-attachment"]) == "true"
