# METADATA
# description: Certificates behind references, for the rules about certificates.
package lib.x509

# METADATA
# description: The certificates of a content, in order.
chain(hashes) := [input.certificates[hash] | some hash in hashes]

# METADATA
# description: A certificate as messages name it. Many have no subject nowadays, only alternative names.
name(certificate) := sprintf("%q", [certificate.subject]) if certificate.subject != ""

name(certificate) := sprintf("for %s", [names[0]]) if {
	certificate.subject == ""
	names := _names(certificate)
	count(names) > 0
}

name(certificate) := sprintf("with hash %s", [substring(certificate.hash, 0, 16)]) if {
	certificate.subject == ""
	count(_names(certificate)) == 0
}

_names(certificate) := array.concat(array.concat(object.get(certificate, "dns_names", []), object.get(certificate, "ip_addresses", [])), object.get(certificate, "uris", []))

# METADATA
# description: Day of a time.
day(time) := substring(time, 0, 10)

# METADATA
# description: What a message about the first of several adds, such as "and so did 2 more".
more(_, 1) := ""

more(verb, n) := sprintf(", and so %s %d more", [verb, n - 1]) if n > 1

# METADATA
# description: What happens where a certificate that is shown is not accepted.
refused(ref) := "servers that ask for a client certificate refuse it" if ref.usage == "clientAuth"

refused(ref) := "every client that verifies it refuses the connection" if object.get(ref, "usage", "serverAuth") == "serverAuth"

# METADATA
# description: The same CA was issued anew with its old key, stands in the text too and is valid. It verifies what the other one signed.
renewed(certificate, hashes) if {
	some hash in hashes
	other := input.certificates[hash]
	other.subject == certificate.subject
	other.spki == certificate.spki
	other.not_before <= input.now
	other.not_after >= input.now
}

# METADATA
# description: |
#   When something should have been done about a certificate's end, in nanoseconds since 1970. Where something keeps renewing
#   it, that is a tenth of the lifetime after it was to be renewed, and half of what is left then at the latest. Else it is
#   the given number of days before the end, or a quarter of the lifetime if that is less: a certificate for a day is not late
#   on its first.
due(certificate, ref, _) := (end - before) + min([lifetime / 10, before / 2]) if {
	_renewing(ref)
	end := time.parse_rfc3339_ns(certificate.not_after)
	lifetime := end - time.parse_rfc3339_ns(certificate.not_before)
	before := _renew_before(ref.producer, lifetime)
}

due(certificate, ref, days) := end - min([days * _day, lifetime / 4]) if {
	not _renewing(ref)
	end := time.parse_rfc3339_ns(certificate.not_after)
	lifetime := end - time.parse_rfc3339_ns(certificate.not_before)
}

# METADATA
# description: The clock in nanoseconds since 1970.
now := time.parse_rfc3339_ns(input.now)

# METADATA
# description: |
#   The clock and a bit, as a time. The clock of the document is cut to the minute, and those of two machines differ: what was
#   issued just now is no mistake.
soon := time.format([now + ((5 * 60) * 1000000000), "UTC", "2006-01-02T15:04:05Z"])

_day := ((24 * 3600) * 1000) * 1000000

# cert-manager makes the key pair of a Certificate, an annotated Ingress, Gateway or ListenerSet, and renews it. What it writes
# to ca.crt is renewed by others.
_renewing(ref) if {
	ref.producer.kind in {"Certificate", "Ingress", "Gateway", "ListenerSet", "XListenerSet"}
	ref.key == "tls.crt"
}

# cert-manager, pkg/util/pki/renewaltime.go: a duration, a percentage of the lifetime, or a third of it.
_renew_before(producer, lifetime) := _told(producer, lifetime)[0] if count(_told(producer, lifetime)) > 0

_renew_before(producer, lifetime) := lifetime / 3 if count(_told(producer, lifetime)) == 0

_told(producer, lifetime) := [before |
	some before in array.concat(_durations(producer), _percentages(producer, lifetime))
	before > 0
	before < lifetime
]

_durations(producer) := [nanoseconds |
	some text in array.concat(
		[told | told := producer.object.spec.renewBefore],
		[told | told := producer.object.metadata.annotations["cert-manager.io/renew-before"]],
	)
	nanoseconds := time.parse_duration_ns(text)
]

_percentages(producer, lifetime) := [before |
	some value in array.concat(
		[told | told := producer.object.spec.renewBeforePercentage],
		[told | told := producer.object.metadata.annotations["cert-manager.io/renew-before-percentage"]],
	)
	percentage := sprintf("%v", [value])
	regex.match(`^[0-9]{1,2}$`, percentage)
	before := (lifetime * to_number(percentage)) / 100
]

# METADATA
# description: |
#   A certificate is good for a host by its alternative names, as Go's verifier and OpenSSL both see it: the common name counts
#   for nothing, and a wildcard stands for the whole left-most label and for one label, with two labels behind it at least. A
#   wildcard host is covered by the same wildcard. Neither hosts nor certificates hold other letters than those of ASCII:
#   international names stand in both in their xn-- form.
covers(certificate, host) if host in certificate.dns_names

covers(certificate, host) if _plain(host) in _lowered(certificate)

covers(certificate, host) if {
	_wildcard_above(_plain(host)) in _lowered(certificate)
}

covers(certificate, host) if lower(host) in object.get(certificate, "ip_addresses", [])

_plain(host) := trim_suffix(lower(host), ".")

_lowered(certificate) := {_plain(name) | some name in certificate.dns_names}

_wildcard_above(host) := concat("", ["*", substring(host, dot, -1)]) if {
	dot := indexof(host, ".")
	dot > 0
	contains(substring(host, dot + 1, -1), ".")
}
