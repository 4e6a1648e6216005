# METADATA
# title: CA for Kong has no id that Kong takes
# description: |
#   A Secret or ConfigMap with a CA for Kong has an entry `id`: a UUID, under which Kong keeps the CA. Without it the controller
#   reports an event and passes the CA over, so that the backend is verified without it, and **every request gets 502**.
#
#   An `id` that is no UUID, such as a name, or a UUID with a line break behind it, the data plane refuses, and with it **the whole
#   configuration**: without a database, no change of any object takes effect until it is mended.
#
#   In files, what bears the label `konghq.com/ca-cert` is looked at whoever refers to it: a plugin does so by the id alone.
# related_resources:
#   - description: Kong's controller, internal/dataplane/translator/translate_cacerts.go
#     ref: https://github.com/Kong/kubernetes-ingress-controller/blob/main/internal/dataplane/translator/translate_cacerts.go
#   - description: Kong, kong/tools/uuid.lua
#     ref: https://github.com/Kong/kong/blob/master/kong/tools/uuid.lua
# custom:
#   severity: error
#   kinds: [Service, KongServiceFacade.incubator.ingress-controller.konghq.com, BackendTLSPolicy.gateway.networking.k8s.io, Secret, ConfigMap]
#   triggers: [references, 'metadata.labels["konghq.com/ca-cert"]']
#   blames: target
#   since: v0.1.0
package policies.kong["ca-id-invalid"]

import data.lib.kong

findings contains {
	"path": ref.path,
	"key": "id",
	"message": sprintf("%s has no id", [ref.label]),
	"effect": sprintf("Kong does not load it, and requests to %s get 502 where its certificate is of that CA", [kong.verified]),
	"remedy": "add an entry id with a UUID, as uuidgen makes it: one for each CA, and the same in all namespaces",
} if {
	some ref in kong.authorities
	ref.presence == "present"
	ref.identifiers
	not ref.identifiers.id
	not ref.keys_open
}

findings contains {
	"path": ref.path,
	"key": "id",
	"message": sprintf("the id of %s is no UUID", [ref.label]),
	"effect": kong.frozen,
	"remedy": "set id to a UUID, as uuidgen makes it, without anything around it",
} if {
	some ref in kong.authorities
	ref.identifiers.id.uuid == false
	ref.identifiers.id.opaque == false
}

# Marked as a CA for Kong, whoever refers to it.
findings contains {
	"path": ["data", "id"],
	"message": sprintf("%s has no id", [input.id.label]),
	"effect": "Kong does not load it",
	"remedy": "add an entry id with a UUID, as uuidgen makes it: one for each CA, and the same in all namespaces",
} if {
	input.object.metadata.labels["konghq.com/ca-cert"] == "true"
	input.id.kind in {"Secret", "ConfigMap"}
	count(_keys) > 0
	not "id" in _keys
}

_keys := object.keys(object.union(object.get(input.object, "data", {}), object.get(input.object, "stringData", {})))
