# METADATA
# description: The halves of Gloo's control-plane mTLS, and whether they are on.
package lib.gloomtls

# METADATA
# description: An address is reached from within its own pod alone.
loopback(address) if startswith(address, "127.")

loopback(address) if startswith(address, "localhost:")

loopback(address) if startswith(address, "[::1]:")

# METADATA
# description: Where Gloo's Settings have it answer its proxies. Without a word it answers everybody (setup_syncer.go).
address(settings) := object.get(settings, ["spec", "gloo", "xdsBindAddr"], "0.0.0.0:9977")

# METADATA
# description: The Settings beside the object, whose namespace is that of the control plane.
settings := [peer | some peer in input.peers["gloo-settings"]; peer.kind == "Settings"]

# METADATA
# description: A container of a workload, by its name.
container(workload, name) := found if {
	some found in workload.spec.template.spec.containers
	found.name == name
}

# METADATA
# description: The workload is the control plane itself.
is_gloo(workload) if {
	object.get(workload, ["metadata", "labels", "gloo"], "") == "gloo"
	container(workload, "gloo")
}

# METADATA
# description: The control plane beside the object, with the Envoy that ends TLS for it, or without.
planes := [peer | some peer in input.peers["gloo-workload"]; is_gloo(peer.object)]
