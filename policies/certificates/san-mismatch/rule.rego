# METADATA
# title: Certificate is for other names than the host
# description: |
#   The certificate that is configured for a host does not have the host among its alternative names. ingress-nginx then does not
#   serve it but **its own default certificate**; so does Traefik. Others serve it. Either way every client that compares names
#   refuses the connection. The common name counts for nothing, and `*.shop.test` is neither for `shop.test` nor for
#   `a.b.shop.test`.
#
#   Of an Ingress are judged the hosts of its rules that an entry of `spec.tls` names, or all where it names none. Nothing is said
#   where cert-manager makes the certificate for this very object, or for the host by a Certificate in sight: it will issue it
#   again. Of a certificate without any alternative name it is a warning, since whoever uses one does not have names compared.
# related_resources:
#   - description: ingress-nginx, internal/ingress/controller/controller.go, createServers
#     ref: https://github.com/kubernetes/ingress-nginx/blob/main/internal/ingress/controller/controller.go
#   - description: RFC 9525, section 6.3, matching names
#     ref: https://www.rfc-editor.org/rfc/rfc9525#section-6.3
# custom:
#   severity: error
#   kinds:
#     - Ingress.networking.k8s.io
#     - Gateway.gateway.networking.k8s.io
#     - ListenerSet.gateway.networking.k8s.io
#     - XListenerSet.gateway.networking.x-k8s.io
#     - Gateway.networking.istio.io
#   triggers: [references]
#   since: v0.1.0
package policies.certificates["san-mismatch"]

import data.lib.istio
import data.lib.nginx
import data.lib.text
import data.lib.x509

# An entry of an Ingress that names hosts.
findings contains _finding(ref, certificate, hosts) if {
	some ref in input.refs["server-certificate"]
	certificate := _first(ref)
	not _hidden
	entry := input.object.spec.tls[ref.path[2]]
	hosts := sort({host |
		some host in entry.hosts
		_served(host)
		not x509.covers(certificate, host)
		not _covered_elsewhere(ref, host)
		not _will_cover(ref, host)
	})
	count(hosts) > 0
}

# One that names none is for all. ingress-nginx/tls-host-uncovered says what ingress-nginx makes of it.
findings contains _finding(ref, certificate, hosts) if {
	some ref in input.refs["server-certificate"]
	certificate := _first(ref)
	not input.controllers["ingress-nginx"]
	count(object.get(input.object.spec.tls[ref.path[2]], "hosts", [])) == 0
	hosts := sort({rule.host |
		some rule in input.object.spec.rules
		rule.host != ""
		not x509.covers(certificate, rule.host)
		not _covered_elsewhere(ref, rule.host)
		not _will_cover(ref, rule.host)
	})
	count(hosts) > 0
}

# A listener, of which the certificates that clients of the host may get are all in sight.
findings contains _finding(ref, certificate, [listener.hostname]) if {
	some ref in input.refs["listener-certificate"]
	certificate := _first(ref)
	listener := input.object.spec.listeners[ref.path[2]]
	listener.hostname != ""
	not _within(certificate, listener.hostname)
	not _will_cover(ref, listener.hostname)
	object.get(listener.tls, "mode", "Terminate") == "Terminate"
	others := [other | some other in input.refs["listener-certificate"]; other.path[2] == ref.path[2]]
	others[0].path == ref.path
	every other in others {
		not _within(input.certificates[other.content.certificates[0]], listener.hostname)
	}
}

# A server of Istio's, of which all certificates are in sight. Each of its hosts may be shown any of them.
findings contains _finding(ref, certificate, hosts) if {
	some ref in input.refs["gateway-credential"]
	certificate := _first(ref)
	server := input.object.spec.servers[ref.path[2]]
	others := [other | some other in input.refs["gateway-credential"]; other.path[2] == ref.path[2]]
	others[0].path == ref.path
	shown := [input.certificates[other.content.certificates[0]] | some other in others]
	count(shown) == count(others)
	hosts := sort({host |
		some entry in server.hosts
		host := istio.host(entry)
		host != "*"
		not _will_cover(ref, host)
		every other in shown {
			not _within(other, host)
		}
	})
	count(hosts) > 0
}

# ingress-nginx ignores spec.tls of a canary, and with passthrough the backend shows its own.
_hidden if {
	input.controllers["ingress-nginx"]
	nginx.canary(input.object.metadata.annotations)
}

_hidden if {
	input.controllers["ingress-nginx"]
	input.object.metadata.annotations["nginx.ingress.kubernetes.io/ssl-passthrough"] in nginx.truth
}

# Where the certificate stands behind its issuer, that is the defect.
_first(ref) := input.certificates[ref.content.certificates[0]] if not _behind(ref)

_behind(ref) if ref.content.chain.leaf > 0

_finding(ref, certificate, hosts) := {
	"path": ref.path,
	"message": sprintf("certificate %s of %s is not for %s%s", [x509.name(certificate), ref.label, _subject(hosts), _instead(certificate)]),
	"effect": sprintf("clients of %s that compare names refuse the connection", [text.list(hosts)]),
	"remedy": "issue a certificate for these names, or refer to the one that has them",
	"severity": _severity(certificate),
}

_subject(hosts) := hosts[0] if count(hosts) == 1

_subject(hosts) := sprintf("%d of the hosts", [count(hosts)]) if count(hosts) > 1

_instead(certificate) := sprintf(", but for %s", [text.list(certificate.dns_names)]) if count(certificate.dns_names) > 0

_instead(certificate) := "" if count(certificate.dns_names) == 0

_severity(certificate) := "error" if count(certificate.dns_names) > 0

_severity(certificate) := "warning" if count(certificate.dns_names) == 0

# Of what an Ingress routes nowhere, nobody is served a certificate.
_served(host) if {
	some rule in input.object.spec.rules
	rule.host == host
	host != ""
}

# Another entry of the Ingress has a certificate for the host, or one that is out of sight.
_covered_elsewhere(ref, host) if {
	not input.controllers["ingress-nginx"]
	some other in input.refs["server-certificate"]
	other.path != ref.path
	_may_cover(other, host)
}

# ingress-nginx looks at the first entry that lists the host, and at no other (internal/ingress/controller/controller.go,
# extractTLSSecretName).
_covered_elsewhere(ref, host) if {
	input.controllers["ingress-nginx"]
	some i, entry in input.object.spec.tls
	i < ref.path[2]
	some listed in entry.hosts
	lower(listed) == lower(host)
}

_may_cover(ref, host) if x509.covers(input.certificates[ref.content.certificates[0]], host)

_may_cover(ref, _) if not ref.content.certificates[0]

# cert-manager takes the names from the annotated object itself, and issues anew when they change.
_will_cover(ref, _) if ref.producer.kind in {"Ingress", "Gateway", "ListenerSet", "XListenerSet"}

_will_cover(ref, host) if {
	ref.producer.kind == "Certificate"
	x509.covers({"dns_names": _asked_for(ref.producer)}, host)
}

_will_cover(ref, _) if {
	ref.producer
	not ref.producer.object
}

_asked_for(producer) := array.concat(object.get(producer.object.spec, "dnsNames", []), [name | name := producer.object.spec.commonName])

# Routes of a listener with a wildcard have names below it, and a certificate may be for these.
_within(certificate, hostname) if x509.covers(certificate, hostname)

_within(certificate, hostname) if {
	startswith(hostname, "*.")
	some name in certificate.dns_names
	endswith(lower(name), lower(substring(hostname, 1, -1)))
}
