# METADATA
# title: cert-manager passes over an entry
# description: |
#   The object asks cert-manager for certificates, and one of its entries is written so that none is made for it:
#
#   * an entry of an Ingress without hosts, or without a Secret to put the certificate into;
#   * one Secret in two entries of an Ingress, for which **none of its certificates is made**;
#   * a listener without a hostname, or with a reference to another namespace or another kind beside the Secret that is meant.
#
#   cert-manager writes an event (`BadConfig`) and goes on. Where the Secret is there already, or something else makes it, nothing is said;
#   nor of listeners that pass TLS through or that `cert-manager.io/ignore-tls-listeners` names.
# related_resources:
#   - description: cert-manager, annotated Ingress
#     ref: https://cert-manager.io/docs/usage/ingress/
#   - description: cert-manager, annotated Gateway
#     ref: https://cert-manager.io/docs/usage/gateway/
#   - description: Listener without a hostname
#     ref: https://github.com/cert-manager/cert-manager/issues/6051
# custom:
#   severity: error
#   kinds:
#     - Ingress.networking.k8s.io
#     - Gateway.gateway.networking.k8s.io
#     - ListenerSet.gateway.networking.k8s.io
#     - XListenerSet.gateway.networking.x-k8s.io
#   triggers:
#     - 'metadata.annotations["cert-manager.io/issuer"]'
#     - 'metadata.annotations["cert-manager.io/cluster-issuer"]'
#   since: v0.1.0
package policies["cert-manager"]["entry-passed-over"]

import data.lib.certmanager
import data.lib.text

findings contains {
	"path": ref.path,
	"message": "the entry has no hosts, and cert-manager makes no certificate for it",
	"effect": sprintf("%s is not made", [ref.label]),
	"remedy": "name the hosts of the certificate",
	"severity": _severity(ref),
} if {
	input.id.kind == "Ingress"
	certmanager.asking
	some ref in input.refs["server-certificate"]
	ref.presence in {"unknown", "absent"}
	count(object.get(input.object.spec.tls[ref.path[2]], "hosts", [])) == 0
}

findings contains {
	"path": ["spec", "tls", position],
	"message": "the entry names no Secret, and cert-manager makes no certificate for it",
	"effect": sprintf("clients of %s are shown whatever certificate the controller has for everybody", [text.list(entry.hosts)]),
	"remedy": "name a Secret, or remove the issuer if that certificate is meant",
	"severity": "warning",
} if {
	input.id.kind == "Ingress"
	certmanager.asking
	some position, entry in input.object.spec.tls
	_without_secret(entry)
	count(entry.hosts) > 0
}

findings contains {
	"path": ["spec", "tls", position, "secretName"],
	"message": sprintf("Secret %s stands in another entry too, and cert-manager then makes no certificate for the whole Ingress", [entry.secretName]),
	"effect": sprintf("no certificate of %s is made, and none is changed", [text.hosts(input.object)]),
	"remedy": "put the hosts of both entries into one",
	"severity": certmanager.severity,
} if {
	input.id.kind == "Ingress"
	certmanager.asking
	some position, entry in input.object.spec.tls
	entry.secretName != ""
	some earlier, before in input.object.spec.tls
	earlier < position
	before.secretName == entry.secretName
}

findings contains {
	"path": ref.path,
	"message": sprintf("%s, and cert-manager makes no certificate for it", [cause]),
	"effect": sprintf("%s is not made", [ref.label]),
	"remedy": remedy,
	"severity": _severity(ref),
} if {
	input.id.kind in {"Gateway", "ListenerSet", "XListenerSet"}
	certmanager.asking
	some ref in input.refs["listener-certificate"]
	ref.presence in {"unknown", "absent"}
	_own(ref)
	listener := input.object.spec.listeners[ref.path[2]]
	listener.protocol in {"HTTPS", "TLS"}
	object.get(listener.tls, "mode", "Terminate") == "Terminate"
	not _ignored(listener)
	[cause, remedy] := _cause(listener)
}

_without_secret(entry) if not entry.secretName

_without_secret(entry) if entry.secretName == ""

# What cert-manager would make, if the listener were another.
_own(ref) if {
	ref.kind == "Secret"
	ref.grant == "not-needed"
}

_ignored(listener) if {
	some name in split(input.object.metadata.annotations["cert-manager.io/ignore-tls-listeners"], ",")
	trim_space(name) == listener.name
}

_cause(listener) := [
	sprintf("listener %s has no hostname", [listener.name]),
	"give the listener a hostname, or make the Secret by a Certificate",
] if {
	object.get(listener, "hostname", "") == ""
}

_cause(listener) := [
	sprintf("listener %s refers to %s %s as well", [listener.name, object.get(foreign, "kind", "Secret"), foreign.name]),
	"name this listener in cert-manager.io/ignore-tls-listeners and make the Secret by a Certificate",
] if {
	object.get(listener, "hostname", "") != ""
	foreign := [other | some other in listener.tls.certificateRefs; _foreign(other)][0]
}

_foreign(ref) if not object.get(ref, "namespace", input.id.namespace) == input.id.namespace

_foreign(ref) if object.get(ref, "kind", "Secret") != "Secret"

_severity(ref) := "error" if ref.presence == "absent"

_severity(ref) := "warning" if ref.presence == "unknown"
