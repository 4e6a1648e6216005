# METADATA
# title: Backend's certificate is not for the hostname
# description: |
#   `hostname` of a BackendTLSPolicy must be a name of the backend's certificate, unless `subjectAltNames` are set: otherwise the
#   connection is refused and **every request fails**.
#
#   The backend's certificate is in sight where the policy takes its CA from the very Secret that cert-manager, or somebody, writes
#   the backend's certificate to. It is taken for the backend's where it names the Service.
# related_resources:
#   - description: BackendTLSPolicy, hostname
#     ref: https://gateway-api.sigs.k8s.io/api-types/backendtlspolicy/
#   - description: RFC 9525, section 6.3, matching names
#     ref: https://www.rfc-editor.org/rfc/rfc9525#section-6.3
# custom:
#   severity: warning
#   kinds: [BackendTLSPolicy.gateway.networking.k8s.io]
#   triggers: [spec.validation.hostname]
#   since: v0.1.0
package policies["gateway-api"]["backend-hostname-uncovered"]

import data.lib.text
import data.lib.x509

findings contains {
	"path": ["spec", "validation", "hostname"],
	"message": sprintf("the backend's certificate in %s is for %s, not for %s", [ref.label, text.list(names), input.object.spec.validation.hostname]),
	"effect": sprintf("requests to %s fail with 5xx", [text.targets(input.refs)]),
	"remedy": sprintf("set hostname to one of its names, such as %s, or issue it for this one too", [names[0]]),
} if {
	some ref in input.refs["backend-ca"]
	ref.kind == "Secret"
	count(object.get(input.object.spec.validation, "subjectAltNames", [])) == 0
	names := _names(ref)
	_the_backends(names)
	not x509.covers({"dns_names": names}, input.object.spec.validation.hostname)
}

# What cert-manager will write counts, not what a file shows of another time.
_names(ref) := ref.producer.object.spec.dnsNames if {
	ref.producer.kind == "Certificate"
	not ref.producer.object.spec.isCA
}

_names(ref) := input.certificates[hash].dns_names if {
	not ref.producer
	hash := ref.also["tls.crt"].certificates[0]
	not input.certificates[hash].ca
}

_the_backends(names) if {
	some target in input.refs["policy-target"]
	target.kind == "Service"
	target.namespace != ""
	some name in names
	_names_service(name, target)
}

_names_service(name, target) if name in {target.name, sprintf("%s.%s", [target.name, target.namespace])}

_names_service(name, target) if startswith(name, sprintf("%s.%s.svc", [target.name, target.namespace]))
