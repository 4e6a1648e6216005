# METADATA
# title: Gloo's secret service answers the whole cluster
# description: |
#   The container `sds` hands the certificate **and its private key** to the Envoy in the same pod, without TLS and without asking who
#   wants it. It listens on `0.0.0.0:8234` unless told otherwise, so that every pod that reaches this one gets the key by which proxies
#   and control plane know each other. No NetworkPolicy in sight keeps others away from that port.
#
#   The Envoy asks at `127.0.0.1:8234`. In the pod of gloo itself, `SDS_SERVER_ADDRESS: 127.0.0.1:8234` in the container's environment is
#   enough. In the pods of a proxy the chart has the kubelet probe port 8234 from outside: with that address they would **never become
#   ready**, so that the probe has to go too, or a NetworkPolicy is the way. One for the pods that leaves only the ports in which others
#   are interested open (9977 and 9976 of gloo, the listeners of a proxy) also closes Envoy's admin port 8001. The kubelet's probes pass it.
#
#   It is said of every installation by the chart that has mTLS on: the chart has no value for the address, and brings no
#   NetworkPolicy. Only NetworkPolicies of the same namespace in whose text the word gloo stands are looked at. Turn the rule off where
#   others keep the port closed: a CiliumNetworkPolicy, Calico's policies, an AdminNetworkPolicy, a mesh that insists on mTLS, a
#   NetworkPolicy of another repository, or a cluster in which nothing else runs. No NetworkPolicy holds for pods with `hostNetwork`.
# related_resources:
#   - description: Gloo, the secret service and its default address
#     ref: https://github.com/solo-io/gloo/blob/main/projects/sds/pkg/run/run_main.go
# custom:
#   severity: warning
#   kinds: [Deployment.apps, DaemonSet.apps]
#   triggers: ["spec.template.spec.volumes[*].secret.secretName"]
#   doors: [lint]
#   admission: none
#   since: v0.1.0
package policies["gloo-mtls"]["secret-service-exposed"]

import data.lib.gloomtls
import data.lib.text

findings contains {
	"path": ["spec", "template", "spec", "containers", i],
	"message": sprintf("container sds listens on %s, and %s", [address, _unprotected]),
	"effect": "every pod that can reach port 8234 gets the private key by which gloo and its proxies know each other",
	"remedy": _remedy(container),
} if {
	some volume in input.object.spec.template.spec.volumes
	volume.secret.secretName == "gloo-mtls-certs"
	some i, container in input.object.spec.template.spec.containers
	container.name == "sds"
	not container.envFrom
	address := _address(container)
	not gloomtls.loopback(address)
	not text.unfilled(address)
	not _closed
}

_address(container) := [variable.value | some variable in container.env; variable.name == "SDS_SERVER_ADDRESS"][0]

_address(container) := "0.0.0.0:8234" if not "SDS_SERVER_ADDRESS" in {variable.name | some variable in container.env}

# The kubelet cannot reach what listens for its own pod alone.
_probed(container) if {
	some probe in ["readinessProbe", "livenessProbe", "startupProbe"]
	some handler in ["tcpSocket", "httpGet", "grpc"]
	container[probe][handler].port in ({8234, "8234"} | {port.name | some port in container.ports; port.containerPort == 8234})
}

_remedy(container) := "set SDS_SERVER_ADDRESS: 127.0.0.1:8234 in its environment, or allow only the other ports in a NetworkPolicy" if {
	not _probed(container)
}

_remedy(container) := "allow only the other ports in a NetworkPolicy; SDS_SERVER_ADDRESS: 127.0.0.1:8234 works only without the probe of port 8234" if {
	_probed(container)
}

_host if input.object.spec.template.spec.hostNetwork == true

_unprotected := "no NetworkPolicy in sight keeps others away" if not _host

_unprotected := "the pod is on the network of its node, where no NetworkPolicy holds" if _host

_closed if {
	not _host
	some peer in input.peers["gloo-network-policy"]
	policy := peer.object.spec
	_selects(policy.podSelector)
	"Ingress" in object.get(policy, "policyTypes", ["Ingress"])
	every rule in object.get(policy, "ingress", []) { not _opens(rule) }
}

# Of expressions it is not told whom they take, and the benefit of the doubt is theirs.
_selects(selector) if {
	every name, value in object.get(selector, "matchLabels", {}) {
		object.get(input.object, ["spec", "template", "metadata", "labels", name], null) == value
	}
}

# Everybody may come, to this port or to all.
_opens(rule) if {
	count(object.get(rule, "from", [])) == 0
	count(object.get(rule, "ports", [])) == 0
}

_opens(rule) if {
	count(object.get(rule, "from", [])) == 0
	some port in rule.ports
	object.get(port, "port", 8234) == 8234
}
