# METADATA
# title: Ingress of a controller that is retired
# description: |
#   ingress-nginx was maintained until March 2026. There are **no further releases, and no fixes of what is found in it**. What runs goes
#   on running. The project names Gateway API as the way on.
#
#   The rule is off, but for the profile `migration`.
# related_resources:
#   - description: Ingress NGINX retirement
#     ref: https://www.kubernetes.io/blog/2025/11/11/ingress-nginx-retirement/
#   - description: Implementations of Gateway API
#     ref: https://gateway-api.sigs.k8s.io/implementations/
# custom:
#   severity: info
#   kinds: [Ingress.networking.k8s.io]
#   controllers: [ingress-nginx]
#   doors: [lint, audit]
#   admission: none
#   profiles: {default: "off", strict: "off", migration: note}
#   since: v0.1.0
package policies["ingress-nginx"]["controller-retired"]

import data.lib.text

findings contains {
	"path": _path,
	"message": "ingress-nginx has had no releases since March 2026",
	"effect": sprintf("vulnerabilities of the proxy in front of %s stay open", [text.hosts(input.object)]),
	"remedy": "move to a Gateway API implementation, or to another Ingress controller",
} if {
	input.controllers["ingress-nginx"]
}

# Where the class is asked for.
_path := ["spec", "ingressClassName"] if input.object.spec.ingressClassName

_path := ["spec"] if not input.object.spec.ingressClassName
