# METADATA
# description: What cert-manager reads, as it reads it.
package lib.certmanager

# METADATA
# description: |
#   The object asks for certificates by its annotations, and names the issuer in a way that cert-manager takes
#   (pkg/controller/certificate-shim/sync.go). What does not is said by cert-manager/issuer-annotations-conflict.
asking if {
	input.object.metadata.annotations["cert-manager.io/issuer"] != ""
	not input.object.metadata.annotations["cert-manager.io/cluster-issuer"]
}

asking if {
	input.object.metadata.annotations["cert-manager.io/cluster-issuer"] != ""
	not input.object.metadata.annotations["cert-manager.io/issuer"]
	not input.object.metadata.annotations["cert-manager.io/issuer-kind"]
	not input.object.metadata.annotations["cert-manager.io/issuer-group"]
}

# METADATA
# description: |
#   How grave it is that no certificate is made for an annotated object: an error where a Secret that it refers to is not there
#   either.
default severity := "warning"

severity := "error" if {
	some role in ["server-certificate", "listener-certificate"]
	some ref in input.refs[role]
	ref.presence == "absent"
}

# METADATA
# description: |
#   What cert-manager's webhook refuses of the times of a certificate, by field (internal/apis/certmanager/validation/certificate.go).
#   The times are those of the spec of a Certificate.
refused_times(spec) := (((_malformed(spec) | _short(spec)) | _both(spec)) | _late(spec)) | _percentage(spec)

# METADATA
# description: |
#   Times as most Certificates have them: a thousand hours or more, or the default, of which some hundreds are left when it is
#   renewed. Nothing is wrong with them, and they are told by their digits, which costs next to nothing.
usual_times(spec) if {
	regex.match(`^[1-9][0-9]{3,5}h(0m)?(0s)?$`, spec.duration)
	regex.match(`^[1-9][0-9]{2}h(0m)?(0s)?$`, spec.renewBefore)
	not spec.renewBeforePercentage
}

usual_times(spec) if {
	not spec.duration
	regex.match(`^[1-9][0-9]{2}h(0m)?(0s)?$`, spec.renewBefore)
	not spec.renewBeforePercentage
}

usual_times(spec) if {
	regex.match(`^[1-9][0-9]{3,5}h(0m)?(0s)?$`, spec.duration)
	not spec.renewBefore
	not spec.renewBeforePercentage
}

_malformed(spec) := {[field, sprintf("%v is no duration", [spec[field]])] |
	some field in ["duration", "renewBefore"]
	spec[field]
	not _nanoseconds(spec[field])
}

# Durations are Go's: there are no days. OPA would take some.
_nanoseconds(text) := time.parse_duration_ns(text) if regex.match(`^[+-]?(([0-9]+\.?[0-9]*|\.[0-9]+)(ns|us|µs|ms|s|m|h))+$`, text)

_short(spec) := {["duration", sprintf("%s is less than an hour", [spec.duration])] | _nanoseconds(spec.duration) < _hour} | {["renewBefore", sprintf("%s is less than five minutes", [spec.renewBefore])] | _nanoseconds(spec.renewBefore) < _hour / 12}

_both(spec) := {["renewBefore", "renewBeforePercentage is set too"] |
	spec.renewBefore
	spec.renewBeforePercentage
}

_late(spec) := {["renewBefore", sprintf("%s is not less than the duration, which is %s", [spec.renewBefore, object.get(spec, "duration", "2160h")])] |
	_nanoseconds(spec.renewBefore) >= _duration(spec)
}

# It is how much of the lifetime has gone by. Alone it is not looked at, and no part of it is taken for the whole.
_percentage(spec) := {["renewBeforePercentage", sprintf("%v leaves no time, or all of it", [spec.renewBeforePercentage])] |
	is_number(spec.renewBeforePercentage)
	some field in ["duration", "renewBefore"]
	spec[field]
	before := (_duration(spec) * (100 - spec.renewBeforePercentage)) / 100
	not _between(before, _duration(spec))
}

_between(before, duration) if {
	before >= _hour / 12
	before < duration
}

_duration(spec) := _nanoseconds(object.get(spec, "duration", "2160h"))

_hour := ((60 * 60) * 1000) * 1000000

# METADATA
# description: Usages that go into the extended key usage, by the name that a Certificate has for them (pkg/api/util/usages.go).
extended_usages := {
	"any": "any",
	"server auth": "serverAuth",
	"client auth": "clientAuth",
	"code signing": "codeSigning",
	"email protection": "emailProtection",
	"s/mime": "emailProtection",
	"ipsec end system": "ipsecEndSystem",
	"ipsec tunnel": "ipsecTunnel",
	"ipsec user": "ipsecUser",
	"timestamping": "timeStamping",
	"ocsp signing": "OCSPSigning",
	"microsoft sgc": "msSGC",
	"netscape sgc": "nsSGC",
}

# METADATA
# description: The other usages.
usages := {
	"signing", "digital signature", "content commitment", "key encipherment", "key agreement", "data encipherment", "cert sign",
	"crl sign", "encipher only", "decipher only",
}
