# METADATA
# description: What ingress-nginx reads, as it reads it.
package lib.nginx

import data.lib.text

# METADATA
# description: Go's strconv.ParseBool, by which ingress-nginx reads its boolean annotations.
truth := {"1", "t", "T", "TRUE", "true", "True"}

# METADATA
# description: The same, for what is off. Anything else is no boolean, and ingress-nginx takes a default.
falsehood := {"0", "f", "F", "FALSE", "false", "False"}

# METADATA
# description: |
#   An option is on that an annotation switches for the Ingress, and the ConfigMap for the whole controller. Of what is no boolean
#   the controller's setting counts.
switched_on(option) if input.object.metadata.annotations[_switches[option]] in truth

switched_on(option) if {
	not switched(option)
	input.settings["ingress-nginx"][option].value == "true"
}

# METADATA
# description: The Ingress itself says whether the option is on.
switched(option) if input.object.metadata.annotations[_switches[option]] in (truth | falsehood)

# Written out: a name that is put together is one that the engine does not look up before it asks OPA.
_switches := {
	"force-ssl-redirect": "nginx.ingress.kubernetes.io/force-ssl-redirect",
	"ssl-redirect": "nginx.ingress.kubernetes.io/ssl-redirect",
}

# METADATA
# description: |
#   A canary's Ingress makes no locations: its backend is called as the main Ingress of the host says
#   (internal/ingress/controller/controller.go, mergeAlternativeBackends).
canary(annotations) if annotations["nginx.ingress.kubernetes.io/canary"] in truth

# METADATA
# description: ssl-passthrough is on. A canary's is ignored.
passes_through(annotations) if {
	annotations["nginx.ingress.kubernetes.io/ssl-passthrough"] in truth
	not canary(annotations)
}

# METADATA
# description: The controller is known to run without --enable-ssl-passthrough. Without is the default, so that it must be known.
passthrough_off if {
	setting := input.settings["ingress-nginx"]["enable-ssl-passthrough"]
	setting.value == "false"
	setting.certainty == "known"
}

# METADATA
# description: The controller keeps proxy-ssl-* to the paths of their own Ingress.
location_only if input.settings["ingress-nginx"]["proxy-ssl-location-only"].value == "true"

# METADATA
# description: |
#   Connections to the host are passed through if some Ingress of it asks for that. Passthrough works by the name a client
#   asks for, and knows no wildcards (pkg/tcpproxy/tcp.go): there it does nothing. What it leads to is the Service of the
#   location "/", whichever Ingress makes it (internal/ingress/controller/controller.go, getConfiguration).
passable(host, ingresses) if {
	named(host)
	rooted(host, ingresses)
}

# METADATA
# description: A host by which a connection can be told before TLS.
named(host) if {
	host != ""
	not startswith(host, "*")
}

# METADATA
# description: |
#   Some Ingress has the path "/" on the host. An Exact one is another location than the one that every host has.
rooted(host, ingresses) if {
	some ingress in ingresses
	not canary(object.get(ingress, ["metadata", "annotations"], {}))
	some rule in ingress.spec.rules
	object.get(rule, "host", "") == host
	some path in rule.http.paths
	object.get(path, "path", "/") in {"", "/"}
	object.get(path, "pathType", "Prefix") != "Exact"
}

# METADATA
# description: A snippet of the Ingress sets a directive by hand, so that what the annotations say is not all.
by_hand(annotations, directive) if {
	some snippet in ["configuration-snippet", "server-snippet"]
	contains(annotations[concat("/", ["nginx.ingress.kubernetes.io", snippet])], directive)
}

# METADATA
# description: |
#   How the Secret of a trust reference lacks a CA, in words. Undefined if it holds one, or that is not known.
lack(ref) := missing(ref)

lack(ref) := sprintf("its ca.crt holds no certificate that can be read: %s", [ref.content.defects[0].message]) if {
	not ref.content.opaque
	not ref.content.empty
	count(ref.content.certificates) == 0
}

# METADATA
# description: The same, if there is nothing under ca.crt at all.
missing(ref) := sprintf("it has no ca.crt%s", [text.made(ref)]) if {
	ref.key_presence == "absent"
	not being_made(ref)
}

missing(ref) := "its ca.crt is empty" if {
	ref.content.empty
	not being_made(ref)
}

# METADATA
# description: |
#   The Secret is there, and what keeps making it has not filled it in yet: it is empty, or holds the certificate that
#   cert-manager writes until the issuer has answered (pkg/util/pki/temporarycertificate.go).
being_made(ref) if {
	ref.presence == "present"
	ref.producer
	_provisional(ref)
}

_provisional(ref) if count(ref.keys) == 0

_provisional(ref) if ref.pair == "empty"

_provisional(ref) if input.certificates[ref.also["tls.crt"].certificates[0]].issuer == "CN=cert-manager.local"

# METADATA
# description: |
#   The Secret lacks a CA and holds a key pair. ingress-nginx takes it, and configures nothing
#   (internal/ingress/controller/store/backend_ssl.go).
key_pair_only(ref) if {
	missing(ref)

	# White space is no CA, and a text: the Secret is refused.
	not ref.content.go == "refused"
	_key_pair(ref)
}

# A pair that is out of sight is taken to be one.
_key_pair(ref) if ref.pair == "match"

_key_pair(ref) if {
	not ref.pair
	"tls.crt" in ref.keys
	"tls.key" in ref.keys
}

# METADATA
# description: |
#   What else a message and its remedy have to say of a Secret that ingress-nginx refuses, for a CA under ca.crt alone would
#   not help.
refused(ref, whom) := {
	"message": sprintf(", nor a key pair that ingress-nginx takes (%s)", [broken[ref.pair]]),
	"remedy": sprintf("put the CA that signs your %s under ca.crt, in a Secret without tls.crt and tls.key", [whom]),
} if {
	broken[ref.pair]
}

refused(ref, whom) := {
	"message": "",
	"remedy": sprintf("put the CA that signs your %s under ca.crt", [whom]),
} if {
	not object.get(ref, "pair", "match") in object.keys(broken)
}

# METADATA
# description: Key pairs for which ingress-nginx refuses the whole Secret, by ref.pair.
broken := {
	"mismatch": "its tls.key does not belong to its tls.crt",
	"empty": "its tls.crt or tls.key is empty",
	"certificate-unreadable": "its tls.crt cannot be read",
	"key-unreadable": "its tls.key cannot be read",
	"key-encrypted": "its tls.key is encrypted",
}

# METADATA
# description: |
#   The Secret of a trust reference, as far as it is in sight, is one that ingress-nginx takes: it writes the CA into a file, and
#   nginx loads that.
taken(ref) if {
	ref.content.go == "accepted"
	not object.get(ref, "pair", "match") in object.keys(broken)
	not ref.revocation.go == "refused"
}

# METADATA
# description: |
#   The same, and nginx loads the file too: what it holds decides who is let in. Only then can the certificates be judged, and
#   only if they are all there are.
loaded(ref) if {
	ref.trust.openssl == "accepted"
	ref.trust.complete
	taken(ref)
	not lets_all_in(ref)
}

# METADATA
# description: Clients are let in whatever their certificate leads to.
lets_all_in(ref) if {
	ref.role == "client-ca"
	input.object.metadata.annotations["nginx.ingress.kubernetes.io/auth-tls-verify-client"] == "optional_no_ca"
}

# METADATA
# description: |
#   A Secret that ingress-nginx refuses closes something: the host of the clients, or the locations that lead to the backends, of
#   which a canary makes none.
closes("client-ca", _)

closes("upstream-ca", annotations) if not canary(annotations)

# METADATA
# description: |
#   The client certificate policy of an Ingress with the defaults that ingress-nginx fills in
#   (internal/ingress/annotations/authtls/main.go). Two Ingresses of one host agree if these are equal.
client_policy(annotations) := {
	"auth-tls-secret": trim(annotations["nginx.ingress.kubernetes.io/auth-tls-secret"], " "),
	"auth-tls-verify-client": verify_client(object.get(annotations, "nginx.ingress.kubernetes.io/auth-tls-verify-client", "on")),
	"auth-tls-verify-depth": depth(object.get(annotations, "nginx.ingress.kubernetes.io/auth-tls-verify-depth", "1")),
	"auth-tls-error-page": object.get(annotations, "nginx.ingress.kubernetes.io/auth-tls-error-page", ""),
	"auth-tls-pass-certificate-to-upstream": object.get(annotations, "nginx.ingress.kubernetes.io/auth-tls-pass-certificate-to-upstream", "false") in truth,
	"auth-tls-match-cn": object.get(annotations, "nginx.ingress.kubernetes.io/auth-tls-match-cn", ""),
}

# METADATA
# description: The annotations name a client CA. Of blanks ingress-nginx makes none (annotations/parser).
names_client_ca(annotations) if trim(annotations["nginx.ingress.kubernetes.io/auth-tls-secret"], " ") != ""

# METADATA
# description: The annotations have clients asked for a certificate.
asks_clients(annotations) if {
	names_client_ca(annotations)
	client_policy(annotations)["auth-tls-verify-client"] != "off"
}

# METADATA
# description: |
#   The options by which annotations ask something of clients, beside the CA. A blank is none, and "off" asks nothing. The
#   depth is not among them: charts write it wherever they write any.
asking_options(annotations) := [option |
	some option in [
		"auth-tls-verify-client",
		"auth-tls-match-cn",
		"auth-tls-pass-certificate-to-upstream",
		"auth-tls-error-page",
	]
	_asks(option, trim(annotations[sprintf("nginx.ingress.kubernetes.io/%s", [option])], " "))
	not _off(annotations)
]

_off(annotations) if verify_client(annotations["nginx.ingress.kubernetes.io/auth-tls-verify-client"]) == "off"

_asks("auth-tls-pass-certificate-to-upstream", value) if value in truth

_asks(option, value) if {
	option != "auth-tls-pass-certificate-to-upstream"
	value != ""
}

# METADATA
# description: How grave it is that these options do nothing. The first two let nobody in where they work.
option_severity(options) := "error" if _checks(options)

option_severity(options) := "warning" if not _checks(options)

_checks(options) if {
	some option in options
	option in {"auth-tls-verify-client", "auth-tls-match-cn"}
}

# METADATA
# description: |
#   The hosts of an Ingress for which none of the others (peers.host) names a client CA. A host has one client certificate
#   policy, whichever of its Ingresses it comes from.
without_client_ca(ingress, others) := sort({text.host(host) | some host in (_hosts(ingress) - supplied)}) if {
	supplied := {peer.key | some peer in others; names_client_ca(peer.object.metadata.annotations)}
}

_hosts(ingress) := {object.get(rule, "host", "") | some rule in ingress.spec.rules} if ingress.spec.rules[0]

_hosts(ingress) := {""} if not ingress.spec.rules[0]

# METADATA
# description: The wildcard host above a host. Of a wildcard that is itself, as ingress-nginx looks it up (lua/certificate.lua).
parent(host) := regex.replace(host, `^[^.]+\.`, "*.")

# METADATA
# description: A verify depth as ingress-nginx reads it. What is below 0 stays so, and nginx refuses it.
depth(value) := to_number(trim_left(value, "+")) if not coerced(value)

depth(value) := 1 if coerced(value)

# METADATA
# description: |
#   The verify depth that the CA in use needs, undefined where that is not known. nginx loads tls.crt of the Secret together with
#   ca.crt, so that a way to the root may lead over it.
needed_depth(ref) := ref.trust.depth

needed_depth(ref) := ref.content.depth if not ref.trust.depth

# METADATA
# description: The same, and the default of ingress-nginx where it is not known.
least_depth(ref) := needed_depth(ref)

least_depth(ref) := 1 if not needed_depth(ref)

# METADATA
# description: Why a verify depth is the one to write.
depth_reason(ref, depth) := "which the CA in use needs" if needed_depth(ref) == depth

depth_reason(ref, depth) := "the minimum that the config asks for" if least_depth(ref) < depth

depth_reason(ref, 1) := "the default, if that is meant" if not needed_depth(ref)

# METADATA
# description: Of this verify depth ingress-nginx makes 1. Go's strconv.Atoi fails on it, or yields 0.
coerced(value) if not regex.match(`^[+-]?[0-9]+$`, value)

coerced(value) if regex.match(`^[+-]?0+$`, value)

coerced(value) if to_number(trim_left(value, "+")) > 9223372036854775807

coerced(value) if to_number(trim_left(value, "+")) < -9223372036854775808

_modes := {"on", "off", "optional", "optional_no_ca"}

# METADATA
# description: A verify mode as ingress-nginx reads it. What is none of the four becomes "on".
verify_client(value) := trim(value, " ") if _mode(value)

verify_client(value) := "on" if not _mode(value)

_mode(value) if trim(value, " ") in _modes

# METADATA
# description: |
#   The Secret that an Ingress names for a host in spec.tls, "" if it names the host without one: the first entry that lists
#   the host (extractTLSSecretName in internal/ingress/controller/controller.go).
tls_secret(ingress, host) := object.get(entries[0], "secretName", "") if {
	entries := [entry | some entry in ingress.spec.tls; some listed in entry.hosts; lower(listed) == lower(host)]
	count(entries) > 0
}

# METADATA
# description: |
#   An Ingress has spec.tls, and gives a host no certificate by it: no entry names the host with a Secret, and none has a Secret
#   whose certificate could be for the host.
tls_leaves_out(ingress, host) if {
	count(ingress.spec.tls) > 0
	not _names_secret_first(ingress, host)
	not _names_secret(ingress, host)
	not _may_cover(ingress, host)
}

_names_secret(ingress, host) if tls_secret(ingress, host) != ""

# The usual case, in steps that the engine need not ask OPA about.
_names_secret_first(ingress, host) if {
	ingress.spec.tls[0].secretName != ""
	some listed in ingress.spec.tls[0].hosts
	lower(listed) == lower(host)
}

# An entry that names the host without a Secret is the end of it: no certificate is looked at.
_may_cover(ingress, host) if {
	not tls_secret(ingress, host)
	some entry in ingress.spec.tls
	entry.secretName != ""
	may_cover(entry, host)
}

# METADATA
# description: An entry of spec.tls is for every name in its certificate, or for a wildcard that covers the host.
may_cover(entry, _) if count(object.get(entry, "hosts", [])) == 0

may_cover(entry, host) if {
	some listed in entry.hosts
	covers(listed, host)
}

# METADATA
# description: The name in a certificate is for the host.
covers(name, host) if lower(name) == lower(host)

covers(name, host) if {
	startswith(name, "*.")
	concat(".", array.slice(split(lower(host), "."), 1, 99)) == lower(substring(name, 2, -1))
}
