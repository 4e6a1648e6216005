# METADATA
# title: mTLS of the mesh with a server outside of it
# description: |
#   Mode ISTIO_MUTUAL shows the certificate of the mesh and believes the mesh's CA only. The host is of a ServiceEntry outside the mesh
#   (`MESH_EXTERNAL`, which is the default): its server has a certificate of another CA, and **every request fails with 503**. The
#   server learns the identity of the client on the way.
#
#   Use SIMPLE or MUTUAL with the server's CA. If the server is in the mesh, of another cluster or a virtual machine, have the
#   ServiceEntry say `location: MESH_INTERNAL`. Where it does not say where the server is, it is a warning.
# related_resources:
#   - description: Istio, ServiceEntry, location
#     ref: https://istio.io/latest/docs/reference/config/networking/service-entry/#ServiceEntry-Location
#   - description: Istio, pilot/pkg/networking/core/cluster_tls.go
#     ref: https://github.com/istio/istio/blob/master/pilot/pkg/networking/core/cluster_tls.go
# custom:
#   severity: error
#   kinds: [DestinationRule.networking.istio.io]
#   controllers: [istio]
#   triggers:
#     - spec.trafficPolicy.tls.mode
#     - spec.trafficPolicy.portLevelSettings[*].tls.mode
#     - spec.subsets[*].trafficPolicy.tls.mode
#     - spec.subsets[*].trafficPolicy.portLevelSettings[*].tls.mode
#   since: v0.1.0
package policies.istio["mesh-certificate-outside-mesh"]

import data.lib.mesh

findings contains {
	"path": array.concat(entry.path, ["tls", "mode"]),
	"message": sprintf("%s says that %s is outside the mesh", [peer.label, peer.key]),
	"effect": sprintf("requests to %v fail with 503, as its certificate is of none of the mesh's CAs", [entry.to]),
	"remedy": "use SIMPLE or MUTUAL with the server's CA, or set location: MESH_INTERNAL in the ServiceEntry if it is in the mesh",
	"severity": _severity(peer),
	"related": [mesh.related(peer, "the ServiceEntry")],
} if {
	some peer in input.peers["service-entry"]
	object.get(peer.object.spec, "location", "") in {"MESH_EXTERNAL", ""}
	not peer.object.spec.workloadSelector
	some entry in mesh.policies(input.object)
	entry.policy.tls.mode == "ISTIO_MUTUAL"
}

_severity(peer) := "error" if peer.object.spec.location == "MESH_EXTERNAL"

_severity(peer) := "warning" if object.get(peer.object.spec, "location", "") == ""
