# METADATA
# title: Gloo's secret service answers the whole cluster
# description: |
#   The container `sds` hands the certificate **and its private key** to the Envoy in the same pod, without TLS and without asking who
#   wants it. It listens on `0.0.0.0:8234` unless told otherwise, so that every pod that reaches this one gets the key by which proxies
#   and control plane know each other. No NetworkPolicy in sight keeps others away from that port.
#
#   The Envoy asks at `127.0.0.1:8234`: `SDS_SERVER_ADDRESS: 127.0.0.1:8234` in the container's environment is enough. A NetworkPolicy for
#   the pods that leaves only the ports in which others are interested open (9977 and 9976 of gloo, the listeners of a proxy) also
#   closes Envoy's admin port 8001. Turn the rule off where policies of another kind (Cilium, Calico) do that.
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
	"message": sprintf("container sds listens on %s, and no NetworkPolicy in sight keeps others away", [address]),
	"effect": "every pod that reaches port 8234 gets the private key by which gloo and its proxies know each other",
	"remedy": "set SDS_SERVER_ADDRESS: 127.0.0.1:8234 in its environment, or allow only the other ports in a NetworkPolicy",
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

_closed if {
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
