# METADATA
# title: Two edge proxies for one host
# description: Which of two proxies a host's connections go to changes with every restart.
# custom:
#   severity: warning
#   kinds: [EdgeProxy.acme.example]
#   since: v1.0.0
package policies.acme["host-twice"]

findings contains {
	"path": peer.path,
	"message": sprintf("%s serves %s too", [peer.label, peer.key]),
	"related": [{
		"group": peer.group,
		"kind": peer.kind,
		"namespace": peer.namespace,
		"name": peer.name,
		"path": peer.their_path,
		"message": "the other proxy",
	}],
} if {
	some peer in input.peers["edge-host"]
}
