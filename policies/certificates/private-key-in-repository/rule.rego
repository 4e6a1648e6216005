# METADATA
# title: Private key stands in the repository
# description: |
#   A Secret or ConfigMap in a Git repository holds a private key in clear text (base64 is clear text). **Everybody who may read
#   the repository, now or later, has the key**, and so have the machines that build from it. To delete the file does not take it
#   out of the history: the key is to be replaced.
#
#   Nothing is said of what SOPS has encrypted, of SealedSecrets, of placeholders, of keys under a passphrase, nor of files that
#   are in no repository. Turn the rule off for directories with keys for tests only.
# related_resources:
#   - description: Kubernetes, good practices for Secrets
#     ref: https://kubernetes.io/docs/concepts/security/secrets-good-practices/
#   - description: SOPS
#     ref: https://getsops.io/
# custom:
#   severity: warning
#   kinds: ["*"]
#   since: v0.1.0
#   doors: [lint]
#   admission: none
package policies.certificates["private-key-in-repository"]

findings contains {
	"path": defect.path,
	"message": defect.message,
	"effect": "everybody who can read the repository has the key",
	"remedy": "replace the key, and keep the new one out or encrypted: cert-manager, SOPS, Sealed Secrets or External Secrets",
} if {
	some defect in input.source["private-key"]
}
