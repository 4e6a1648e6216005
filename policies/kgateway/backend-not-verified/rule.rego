# METADATA
# title: Backend of a BackendConfigPolicy is not verified
# description: |
#   `spec.tls` has requests encrypted, and **the certificate of the backend is not verified**: `insecureSkipVerify` is on, the Secret has no `ca.crt`, or
#   `files` has no `rootCA`. Whoever gets between the gateway and the backend reads and changes all requests. A Secret without `ca.crt` turns verification off without
#   a word; it is a key pair for the gateway to show, and says nothing of whom it is shown to.
# related_resources:
#   - description: kgateway, pkg/kgateway/extensions2/plugins/backendconfigpolicy/tls.go
#     ref: https://github.com/kgateway-dev/kgateway/blob/main/pkg/kgateway/extensions2/plugins/backendconfigpolicy/tls.go
# custom:
#   severity: warning
#   kinds:
#     - BackendConfigPolicy.gateway.kgateway.dev
#   triggers:
#     - spec.tls
#   since: v0.1.0
package policies.kgateway["backend-not-verified"]

import data.lib.kgateway

findings contains {
	"path": ["spec", "tls", "insecureSkipVerify"],
	"message": "insecureSkipVerify is on",
	"effect": _effect,
	"remedy": "name a CA, or wellKnownCACertificates: System for a certificate of the public",
} if {
	input.object.spec.tls.insecureSkipVerify == true
	not _replaced
}

findings contains {
	"path": ref.path,
	"message": sprintf("%s has no ca.crt", [ref.label]),
	"effect": _effect,
	"remedy": "put the CA into the Secret, under ca.crt",
} if {
	some ref in input.refs["kgateway-backend-ca"]
	ref.presence in {"present", "promised"}
	ref.key_presence == "absent"
	_by_itself
}

findings contains {
	"path": ["spec", "tls", kgateway.files_field(input.object.spec.tls)],
	"message": "there is no rootCA",
	"effect": _effect,
	"remedy": "name the file of the CA under rootCA",
} if {
	files := kgateway.files(input.object.spec.tls)
	count(files) > 0
	object.get(files, "rootCA", "") == ""
	not input.object.spec.tls.secretRef
	_by_itself
}

# Nothing else verifies, and no names are asked for, which kgateway would refuse.
_by_itself if {
	not _replaced
	object.get(input.object.spec.tls, "insecureSkipVerify", false) != true
	not input.object.spec.tls.wellKnownCACertificates
	count(kgateway.names(input.object.spec.tls)) == 0
}

# A BackendTLSPolicy for each of its targets takes the place of all its TLS, which config-replaced says.
_replaced if {
	count(input.object.spec.targetRefs) > 0
	not input.object.spec.targetSelectors
	every i, _ in input.object.spec.targetRefs {
		some peer in input.peers["backend-policy"]
		peer.kind == "BackendTLSPolicy"
		peer.path == ["spec", "targetRefs", i]
	}
}

_effect := sprintf("requests to %s go to whomever answers", [kgateway.targets])
