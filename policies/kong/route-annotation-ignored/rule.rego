# METADATA
# title: Annotation for TLS of a route has a value that Kong does not take
# description: |
#   - `konghq.com/https-redirect-status-code` is 426, 301, 302, 307 or 308. Any other value is ignored without a word: plain
#     requests get **426** instead of a redirect.
#   - `konghq.com/snis` lists host names with commas between, and none with a `*`. One bad entry drops **the whole list**: the
#     route answers whatever name a client asks for by TLS.
#   - `konghq.com/snis` with `konghq.com/protocols` that has none of `https`, `grpcs`, `tls` and `tls_passthrough`: the data
#     plane refuses the whole configuration.
#   - `konghq.com/protocols` with one that Kong does not know: none of the list counts, and the route answers **plain requests**
#     as well.
# related_resources:
#   - description: Kong's controller, internal/dataplane/kongstate/route.go
#     ref: https://github.com/Kong/kubernetes-ingress-controller/blob/main/internal/dataplane/kongstate/route.go
#   - description: Kong, kong/db/schema/entities/routes.lua
#     ref: https://github.com/Kong/kong/blob/master/kong/db/schema/entities/routes.lua
# custom:
#   severity: error
#   kinds:
#     - Ingress.networking.k8s.io
#     - HTTPRoute.gateway.networking.k8s.io
#     - GRPCRoute.gateway.networking.k8s.io
#   controllers: [kong]
#   triggers:
#     - 'metadata.annotations["konghq.com/https-redirect-status-code"]'
#     - 'metadata.annotations["konghq.com/protocols"]'
#     - 'metadata.annotations["konghq.com/snis"]'
#   doors: [lint, audit]
#   admission: none
#   since: v0.1.0
package policies.kong["route-annotation-ignored"]

import data.lib.kong
import data.lib.text

findings contains {
	"path": ["metadata", "annotations", "konghq.com/https-redirect-status-code"],
	"message": sprintf("Kong ignores %q: it takes 301, 302, 307, 308 and 426", [value]),
	"effect": "plain requests get 426, and no redirect to https",
	"remedy": "set it to \"301\" or \"308\"",
	"severity": "warning",
} if {
	input.controllers.kong
	value := input.object.metadata.annotations["konghq.com/https-redirect-status-code"]
	value != ""
	not regex.match(`^\+?0*(301|302|307|308|426)$`, value)
	not text.unfilled(value)
}

findings contains {
	"path": ["metadata", "annotations", "konghq.com/snis"],
	"message": sprintf("%q is no host name to Kong, and the whole list is dropped", [name]),
	"effect": "the route answers whatever name a client asks for by TLS",
	"remedy": "list plain host names, with commas between",
	"severity": "warning",
} if {
	input.controllers.kong
	some part in split(input.object.metadata.annotations["konghq.com/snis"], ",")
	name := trim_space(part)
	name != ""
	not regex.match(`^([a-zA-Z0-9]+(-[a-zA-Z0-9]+)*)+(\.([a-zA-Z0-9]+(-[a-zA-Z0-9]+)*))*$`, name)
	not text.unfilled(name)
}

findings contains {
	"path": ["metadata", "annotations", "konghq.com/protocols"],
	"message": sprintf("Kong knows no protocol %q, and drops the whole list", [name]),
	"effect": "the route answers plain requests as well",
	"remedy": "list protocols in small letters, such as https",
} if {
	input.controllers.kong
	some name in _protocols
	not name in kong.protocols
	not text.unfilled(name)
}

findings contains {
	"path": ["metadata", "annotations", "konghq.com/snis"],
	"message": sprintf("names that clients ask for by TLS are listed, and konghq.com/protocols is %s", [text.list(sort(_protocols))]),
	"effect": kong.frozen,
	"remedy": "add https to konghq.com/protocols, or remove konghq.com/snis",
} if {
	input.controllers.kong
	trim(input.object.metadata.annotations["konghq.com/snis"], ", ") != ""
	count(_protocols) > 0
	every name in _protocols {
		name in (kong.protocols - {"https", "grpcs", "tls", "tls_passthrough"})
	}
}

_protocols := {name |
	some part in split(input.object.metadata.annotations["konghq.com/protocols"], ",")
	name := trim_space(part)
	name != ""
}
