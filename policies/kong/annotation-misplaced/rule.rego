# METADATA
# title: Annotation of Kong on the wrong kind of object
# description: |
#   Kong reads how a backend is called from annotations of the **Service**: `protocol`, `tls-verify`, `tls-verify-depth`,
#   `ca-certificates-secrets`, `ca-certificates-configmaps`, `client-cert` and `host-header`. On an Ingress or a route they do
#   nothing: the backend is called **by http**, or is not verified. The other way round, `protocols`, `snis`,
#   `https-redirect-status-code` and `preserve-host` are read on Ingresses and routes, and not on Services.
#
#   Nothing is said of an Ingress or a route one of whose Services has the annotation too.
# related_resources:
#   - description: Kong's controller, a protocol on the wrong object
#     ref: https://github.com/Kong/kubernetes-ingress-controller/issues/4457
#   - description: Kong's controller, internal/annotations/annotations.go
#     ref: https://github.com/Kong/kubernetes-ingress-controller/blob/main/internal/annotations/annotations.go
# custom:
#   severity: warning
#   kinds:
#     - Service
#     - KongServiceFacade.incubator.ingress-controller.konghq.com
#     - Ingress.networking.k8s.io
#     - HTTPRoute.gateway.networking.k8s.io
#     - GRPCRoute.gateway.networking.k8s.io
#   triggers:
#     - 'metadata.annotations["konghq.com/protocol"]'
#     - 'metadata.annotations["konghq.com/tls-verify"]'
#     - 'metadata.annotations["konghq.com/tls-verify-depth"]'
#     - 'metadata.annotations["konghq.com/ca-certificates-secrets"]'
#     - 'metadata.annotations["konghq.com/ca-certificates-configmaps"]'
#     - 'metadata.annotations["konghq.com/client-cert"]'
#     - 'metadata.annotations["konghq.com/host-header"]'
#     - 'metadata.annotations["konghq.com/protocols"]'
#     - 'metadata.annotations["konghq.com/snis"]'
#     - 'metadata.annotations["konghq.com/https-redirect-status-code"]'
#     - 'metadata.annotations["konghq.com/preserve-host"]'
#   doors: [lint, audit]
#   admission: none
#   since: v0.1.0
package policies.kong["annotation-misplaced"]

import data.lib.kong

findings contains {
	"path": ["metadata", "annotations", key],
	"message": sprintf("Kong reads %s on a Service, and not on %s", [key, _kind[input.id.kind]]),
	"effect": outcome,
	"remedy": "annotate the Service with it",
} if {
	input.controllers.kong
	not input.id.kind in kong.backends
	some key, outcome in _of_service
	value := input.object.metadata.annotations[key]
	not value in {"", "http", "false"}
	not key in _on_backends
}

findings contains {
	"path": ["metadata", "annotations", key],
	"message": sprintf("Kong reads %s on Ingresses and routes, and not on a %s", [key, input.id.kind]),
	"effect": "the annotation does nothing",
	"remedy": "annotate the Ingress or the route with it",
} if {
	input.id.kind in kong.backends
	some key in _of_route
	input.object.metadata.annotations[key] != ""
}

_on_backends := {key |
	some role in ["route-backend", "kong-backend", "kong-facade"]
	some ref in input.refs[role]
	some key, _ in ref.object.metadata.annotations
}

_of_service := {
	"konghq.com/protocol": "requests to its backends are sent unencrypted, unless their Services say otherwise",
	"konghq.com/tls-verify": "its backends are not verified, unless their Services say otherwise",
	"konghq.com/tls-verify-depth": "the annotation does nothing",
	"konghq.com/ca-certificates-secrets": "its backends are not verified, unless their Services say otherwise",
	"konghq.com/ca-certificates-configmaps": "its backends are not verified, unless their Services say otherwise",
	"konghq.com/client-cert": "requests to its backends go out without a client certificate, unless their Services say otherwise",
	"konghq.com/host-header": "the annotation does nothing",
}

_of_route := {
	"konghq.com/protocols",
	"konghq.com/snis",
	"konghq.com/https-redirect-status-code",
	"konghq.com/preserve-host",
}

_kind := {"Ingress": "an Ingress", "HTTPRoute": "an HTTPRoute", "GRPCRoute": "a GRPCRoute"}
