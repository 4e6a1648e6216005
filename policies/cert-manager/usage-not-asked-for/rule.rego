# METADATA
# title: Certificate is asked for without the usage it is shown for
# description: |
#   The Certificate that makes this key pair lists `usages` that go into the extended key usage, and the one it is used for here is not among
#   them: `server auth` where it is shown to clients, `client auth` where it is shown to servers. A list replaces the default. The other side
#   **refuses the connection**. A Certificate without such usages is good for everything.
#
#   It is an error where the issuer is a CA of cert-manager's or the Certificate signs itself, and a warning where the issuer may add usages of its
#   own. Of ACME nothing is said: what it issues has the usages of the public CA. Once the certificate is in sight,
#   `certificates/usage-missing` speaks of it.
# related_resources:
#   - description: cert-manager, usages
#     ref: https://cert-manager.io/docs/reference/api-docs/#cert-manager.io/v1.KeyUsage
# custom:
#   severity: error
#   kinds:
#     - "*"
#   triggers:
#     - references
#   since: v0.1.0
package policies["cert-manager"]["usage-not-asked-for"]

import data.lib.certmanager
import data.lib.x509

findings contains {
	"path": ref.path,
	"message": sprintf("%s is made for %s, whose usages are %s", [ref.label, ref.producer.label, concat(", ", ref.producer.object.spec.usages)]),
	"effect": x509.refused(ref),
	"remedy": sprintf("add %q to the usages of %s", [_word[ref.usage], ref.producer.label]),
	"severity": _severity(object.get(ref.producer, ["signer", "title"], "")),
	"related": [object.union(
		object.filter(ref.producer, ["group", "kind", "namespace", "name"]),
		{"path": ["spec", "usages"], "message": "asks for the certificate"},
	)],
} if {
	some role
	some ref in input.refs[role]
	ref.use == "certificate"
	ref.in_force
	ref.usage
	ref.producer.kind == "Certificate"
	not ref.content
	extended := {certmanager.extended_usages[usage] | some usage in ref.producer.object.spec.usages}
	count(extended) > 0
	count(extended & {ref.usage, "any"}) == 0
}

_word := {"serverAuth": "server auth", "clientAuth": "client auth"}

_severity(title) := "error" if title in {"CA", "self-signed"}

_severity(title) := "warning" if not title in {"CA", "self-signed", "ACME"}
