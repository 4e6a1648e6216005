# METADATA
# title: Gloo's secret service does not get the certificates
# description: |
#   The container `sds` hands the files of `gloo-mtls-certs` to the Envoy beside it. It needs the Secret mounted, and
#   `GLOO_MTLS_SDS_ENABLED: "true"` in its environment. Without the variable it does not serve them (and ends, if it has nothing else to
#   serve); without the mount it ends as the files are missing. **The Envoy has no certificate then**, and gloo and its proxies do not
#   come together.
# related_resources:
#   - description: Gloo, the secret service
#     ref: https://github.com/solo-io/gloo/blob/main/projects/sds/pkg/run/run_main.go
# custom:
#   severity: error
#   kinds: [Deployment.apps, DaemonSet.apps]
#   triggers: ["spec.template.spec.volumes[*].secret.secretName"]
#   doors: [lint]
#   admission: none
#   since: v0.1.0
package policies["gloo-mtls"]["secret-service-without-secret"]

findings contains {
	"path": ["spec", "template", "spec", "containers", i],
	"message": "container sds does not mount Secret gloo-mtls-certs",
	"effect": "it ends at once, and the Envoy beside it has no certificate",
	"remedy": "mount it at /etc/envoy/ssl",
} if {
	some volume in input.object.spec.template.spec.volumes
	volume.secret.secretName == "gloo-mtls-certs"
	some i, container in input.object.spec.template.spec.containers
	container.name == "sds"
	_on(container, "GLOO_MTLS_SDS_ENABLED")
	not volume.name in {mount.name | some mount in container.volumeMounts}
}

findings contains {
	"path": ["spec", "template", "spec", "containers", i],
	"message": "container sds mounts Secret gloo-mtls-certs, and GLOO_MTLS_SDS_ENABLED is not \"true\"",
	"effect": "it does not serve the certificates, and the Envoy beside it has none",
	"remedy": "set GLOO_MTLS_SDS_ENABLED: \"true\" in its environment",
} if {
	some volume in input.object.spec.template.spec.volumes
	volume.secret.secretName == "gloo-mtls-certs"
	some i, container in input.object.spec.template.spec.containers
	container.name == "sds"
	some mount in container.volumeMounts
	mount.name == volume.name
	not _on(container, "GLOO_MTLS_SDS_ENABLED")
	not container.envFrom
}

# As Go's strconv.ParseBool has it. What comes from elsewhere is not known.
_on(container, name) if {
	some variable in container.env
	variable.name == name
	object.get(variable, "value", "true") in {"1", "t", "T", "true", "TRUE", "True"}
}
