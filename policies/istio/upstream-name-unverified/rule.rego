# METADATA
# title: Name of a server is not verified
# description: |
#   Istio compares a server's certificate with a name of its own accord only where neither `sni` nor `subjectAltNames` is set, and
#   only for HTTP: it takes the name that the request is for. With `sni` and without `subjectAltNames` it verifies the chain alone. **Any
#   certificate of that CA will do**, and where no CA is set, one that any public CA gave to anybody. So it is on ports of plain TCP.
#
#   `subjectAltNames` of the ServiceEntry count where those of the DestinationRule are not set.
#
#   Istio makes such settings of a BackendTLSPolicy too: `hostname` becomes the SNI, and nothing holds the certificate to it unless
#   `subjectAltNames` name it. That is said of a policy with well-known CAs; with a CA of the policy's own, only its certificates pass.
#
#   Many trees that work are written so: of the 24 DestinationRules of Istio's samples and egress tasks, 6 set `SIMPLE` or `MUTUAL`, and the
#   rule fires on 2 of these. It is off but in the profile `strict`.
# related_resources:
#   - description: Istio, pilot/pkg/networking/core/cluster_tls.go, setAutoSniAndAutoSanValidation
#     ref: https://github.com/istio/istio/blob/master/pilot/pkg/networking/core/cluster_tls.go
#   - description: Istio, auto_san_validation only without sni
#     ref: https://github.com/istio/istio/pull/48398
#   - description: Istio, the name is not checked unless subjectAltNames are set
#     ref: https://github.com/istio/istio/issues/35436
#   - description: Istio, pilot/pkg/config/kube/gateway/backend_policies.go, BackendTLSPolicyCollection
#     ref: https://github.com/istio/istio/blob/master/pilot/pkg/config/kube/gateway/backend_policies.go
# custom:
#   severity: warning
#   profiles: {default: "off", strict: warn, migration: "off"}
#   kinds:
#     - DestinationRule.networking.istio.io
#     - BackendTLSPolicy.gateway.networking.k8s.io
#   controllers: [istio]
#   triggers:
#     - spec.trafficPolicy.tls
#     - spec.trafficPolicy.portLevelSettings[*].tls
#     - spec.subsets[*].trafficPolicy.tls
#     - spec.subsets[*].trafficPolicy.portLevelSettings[*].tls
#     - spec.validation.wellKnownCACertificates
#   since: v0.1.0
package policies.istio["upstream-name-unverified"]

import data.lib.backend
import data.lib.mesh
import data.lib.text

findings contains {
	"path": array.concat(entry.path, ["tls", "sni"]),
	"message": "with sni set, Istio compares the certificate with subjectAltNames only, and there are none",
	"effect": _believed(entry),
	"remedy": sprintf("set subjectAltNames to [%s], or remove sni to have the name of the request asked for and verified", [entry.policy.tls.sni]),
	"fix": {
		"title": sprintf("set subjectAltNames to [%s]", [entry.policy.tls.sni]),
		"safe": false,
		"edits": [{"op": "set", "path": array.concat(entry.path, ["tls", "subjectAltNames"]), "value": [entry.policy.tls.sni]}],
	},
} if {
	some entry in mesh.policies(input.object)
	entry.policy.tls.sni != ""
	_chain_alone(entry.policy.tls)
	not text.unfilled(entry.policy.tls.sni)
}

findings contains {
	"path": array.concat(entry.path, ["tls"]),
	"message": sprintf("%s has no port of HTTP, and Istio takes no name from other requests", [peer.label]),
	"effect": _believed(entry),
	"remedy": "set subjectAltNames, and sni if the server asks for it",
	"related": [mesh.related(peer, "its ports")],
} if {
	some peer in input.peers["service-entry"]
	count(peer.object.spec.ports) > 0
	every port in peer.object.spec.ports {
		upper(port.protocol) in {"TCP", "MONGO", "MYSQL", "REDIS"}
	}
	some entry in mesh.policies(input.object)
	object.get(entry.policy.tls, "sni", "") == ""
	_chain_alone(entry.policy.tls)
}

findings contains {
	"path": ["spec", "validation", "hostname"],
	"message": sprintf("Istio asks for %s, and compares the certificate with subjectAltNames only, of which there are none", [input.object.spec.validation.hostname]),
	"effect": sprintf("%s is believed with a certificate of any public CA", [text.targets(input.refs)]),
	"remedy": sprintf("set subjectAltNames to %s", [input.object.spec.validation.hostname]),
	"fix": {
		"title": "name the hostname under subjectAltNames",
		"safe": false,
		"edits": [{
			"op": "set",
			"path": ["spec", "validation", "subjectAltNames"],
			"value": [{"type": "Hostname", "hostname": input.object.spec.validation.hostname}],
		}],
	},
} if {
	input.object.spec.validation.wellKnownCACertificates != ""
	count(object.get(input.object.spec.validation, "subjectAltNames", [])) == 0
	not backend.switched_off("istio")
}

_chain_alone(tls) if {
	tls.mode in {"SIMPLE", "MUTUAL"}
	count(object.get(tls, "subjectAltNames", [])) == 0
	not tls.insecureSkipVerify
	not _named_by_entry
}

_named_by_entry if {
	some peer in input.peers["service-entry"]
	count(peer.object.spec.subjectAltNames) > 0
}

_believed(entry) := sprintf("whoever answers for %v is believed with a certificate of any public CA", [entry.to]) if {
	object.get(entry.policy.tls, "caCertificates", "") in {"", "system"}
	object.get(entry.policy.tls, "credentialName", "") == ""
} else := sprintf("whoever answers for %v is believed with any certificate of its CA", [entry.to])
