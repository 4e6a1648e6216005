# METADATA
# title: Verify depth that Kong ignores or refuses
# description: |
#   `konghq.com/tls-verify-depth` of a Service, and the option `tls-verify-depth` of a BackendTLSPolicy, are whole numbers from
#   0 to 64.
#
#   What is no whole number Kong's controller ignores without a word: certificates with more than **one** intermediate are then
#   refused. A number beyond the range it passes on, and the data plane refuses **the whole configuration**: without a database, no
#   change of any object takes effect until it is mended. A negative option it ignores as well.
#
#   Of an option that is no number speaks `gateway-api/backend-option-unknown`.
# related_resources:
#   - description: Kong, kong/db/schema/entities/services.lua, entity_checks
#     ref: https://github.com/Kong/kong/blob/master/kong/db/schema/entities/services.lua
#   - description: Kong's controller, internal/dataplane/translator/ingressrules.go
#     ref: https://github.com/Kong/kubernetes-ingress-controller/blob/main/internal/dataplane/translator/ingressrules.go
# custom:
#   severity: error
#   kinds: [Service, KongServiceFacade.incubator.ingress-controller.konghq.com, BackendTLSPolicy.gateway.networking.k8s.io]
#   triggers:
#     - 'metadata.annotations["konghq.com/tls-verify-depth"]'
#     - 'spec.options["tls-verify-depth"]'
#   since: v0.1.0
package policies.kong["verify-depth-invalid"]

import data.lib.kong
import data.lib.text

findings contains {
	"path": ["metadata", "annotations", "konghq.com/tls-verify-depth"],
	"message": sprintf("konghq.com/tls-verify-depth %q is no whole number, and Kong ignores it", [value]),
	"effect": sprintf("certificates of %s with more than one intermediate are refused", [input.id.label]),
	"remedy": "set it to the number of intermediates between the backend's certificate and its root, in quotes",
	"severity": "warning",
} if {
	input.id.kind in kong.backends
	value := input.object.metadata.annotations["konghq.com/tls-verify-depth"]
	value != ""
	not kong.whole(value)
	not text.unfilled(value)
}

findings contains {
	"path": ["metadata", "annotations", "konghq.com/tls-verify-depth"],
	"message": sprintf("Kong takes a depth from 0 to 64, not %s", [value]),
	"effect": kong.frozen,
	"remedy": _remedy,
} if {
	input.id.kind in kong.backends
	value := input.object.metadata.annotations["konghq.com/tls-verify-depth"]
	kong.whole(value)
	_beyond(kong.number(value))
}

findings contains {
	"path": ["spec", "options", "tls-verify-depth"],
	"message": sprintf("Kong takes a depth from 0 to 64, not %s", [value]),
	"effect": kong.frozen,
	"remedy": _remedy,
} if {
	input.controllers.kong
	value := input.object.spec.options["tls-verify-depth"]
	kong.whole(value)
	kong.number(value) > 64
}

_beyond(depth) if depth < 0

_beyond(depth) if depth > 64

_remedy := "set it to the number of intermediates between the backend's certificate and its root"
