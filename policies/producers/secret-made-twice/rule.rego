# METADATA
# title: Two objects have one Secret made
# description: |
#   Two objects name the same Secret to be made for them. Of two Certificates, **only one is issued**: the one that the Secret is annotated
#   with, else the older; the other stays `Ready=False` (`IncorrectCertificate`). cert-manager makes a Certificate of the Secret's name for each
#   entry of an annotated Ingress or listener of a Gateway, which clashes with a Certificate of another name. cert-manager and a
#   SealedSecret or ExternalSecret **write over what the other wrote, again and again**.
#
#   Of two annotated objects with one Secret, the first gets a certificate for its own hosts, and the second none: a warning, where the hosts
#   of the one are not all among those of the other. Both sides are reported.
# related_resources:
#   - description: cert-manager, internal/controller/certificates/certificates.go
#     ref: https://github.com/cert-manager/cert-manager/blob/master/internal/controller/certificates/certificates.go
#   - description: Endless issuance
#     ref: https://github.com/cert-manager/cert-manager/issues/2099
#   - description: ExternalSecret beside a Certificate
#     ref: https://github.com/cert-manager/cert-manager/issues/6992
# custom:
#   severity: error
#   kinds:
#     - Certificate.cert-manager.io
#     - Ingress.networking.k8s.io
#     - Gateway.gateway.networking.k8s.io
#     - ListenerSet.gateway.networking.k8s.io
#     - XListenerSet.gateway.networking.x-k8s.io
#     - SealedSecret.bitnami.com
#     - ExternalSecret.external-secrets.io
#     - VaultStaticSecret.secrets.hashicorp.com
#     - VaultDynamicSecret.secrets.hashicorp.com
#     - VaultPKISecret.secrets.hashicorp.com
#     - SopsSecret.isindir.github.com
#   triggers:
#     - spec.secretName
#     - 'metadata.annotations["cert-manager.io/issuer"]'
#     - 'metadata.annotations["cert-manager.io/cluster-issuer"]'
#     - 'metadata.annotations["kubernetes.io/tls-acme"]'
#     - spec.encryptedData
#     - spec.template
#     - spec.data
#     - spec.dataFrom
#     - spec.target
#     - spec.destination
#     - spec.secretTemplates
#   doors: [lint, audit]
#   admission: none
#   since: v0.1.0
package policies.producers["secret-made-twice"]

import data.lib.text
import data.lib.x509

findings contains {
	"path": made.path,
	"message": sprintf("%s has %s made too", [other.label, made.label]),
	"effect": effect,
	"remedy": "have each make a Secret of its own, or keep one of them",
	"severity": _severity(other),
	"related": [_related(other)],
} if {
	some made in input.makes
	some other in made.others
	effect := _effect(made, other)
}

# The second of two annotated objects is passed over.
findings contains {
	"path": made.path,
	"message": sprintf("%s has %s made too, and not for %s", [other.label, made.label, text.list(hosts)]),
	"effect": sprintf("clients of %s are shown a certificate of other names, unless this %s came first", [text.list(hosts), input.id.kind]),
	"remedy": "have each make a Secret of its own",
	"severity": "warning",
	"related": [_related(other)],
} if {
	some made in input.makes
	_shim(input.id.kind)
	some other in made.others
	_shim(other.kind)
	hosts := [host |
		some host in sort(_hosts(input.object, made.name))
		not x509.covers({"dns_names": _hosts(other.object, made.name)}, host)
	]
	count(hosts) > 0
}

_effect(made, other) := "only one of the two is issued; the other is neither issued nor renewed" if {
	_signed(input.id.kind)
	_signed(other.kind)
	not _same(made, other)
}

_effect(_, other) := "each writes over what the other wrote" if {
	_written(input.id.kind)
	_written(other.kind)
}

_effect(_, other) := "each writes over what the other wrote" if {
	_signed(input.id.kind)
	_written(other.kind)
}

_effect(_, other) := "each writes over what the other wrote" if {
	_written(input.id.kind)
	_signed(other.kind)
}

# The Certificate that cert-manager would make is there already, and it is left alone.
_same(made, other) if {
	_shim(input.id.kind)
	other.name == made.name
}

_same(made, other) if {
	_shim(other.kind)
	input.id.name == made.name
}

# Of these the other body speaks.
_same(_, other) if {
	_shim(input.id.kind)
	_shim(other.kind)
}

_shim(kind) if kind in {"Ingress", "Gateway", "ListenerSet", "XListenerSet"}

_signed("Certificate")

_signed(kind) if _shim(kind)

_written(kind) if {
	kind in {
		"SealedSecret", "ExternalSecret", "VaultStaticSecret", "VaultDynamicSecret", "VaultPKISecret", "SopsSecret",
	}
}

_hosts(object, name) := {host |
	some entry in object.spec.tls
	entry.secretName == name
	some host in entry.hosts
} | {listener.hostname |
	some listener in object.spec.listeners
	some ref in listener.tls.certificateRefs
	ref.name == name
}

# Where no namespace is set, the two may be meant for different ones.
default _severity(_) := "warning"

_severity(other) := "error" if {
	input.id.namespace != ""
	other.namespace != ""
}

_related(other) := object.union(
	object.filter(other, ["group", "kind", "namespace", "name", "path"]),
	{"message": "has it made too"},
)
