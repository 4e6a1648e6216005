package pki

import (
	"encoding/pem"
	"strings"
)

// Opaque says that a value stands for one that is not here: it is encrypted, or some tool fills it in between the file and the
// cluster. Nothing can be said of its contents, good or bad, and Parse would call it a broken certificate. Recognised are
//
//   - SOPS: ENC[AES256_GCM,data:...];
//   - templates not rendered: {{ ... }} of Helm, Go and Jinja, anywhere in the value;
//   - substitutions: ${...} of envsubst, Flux and Terraform, anywhere in the value; $(...) as the whole value (Tekton, kustomize);
//   - argocd-vault-plugin: <path:secret/data/x#key> and <key>, as the whole value; with it any placeholder a reader is meant to
//     replace: <BASE64 OF YOUR CA>;
//   - references to a store: vault:secret/data/x#key (bank-vaults), ref+vault://... and other backends (vals, helmfile),
//     op://... (1Password).
//
// A PEM text, and the base64 of one, never contains these but in prose; a text that holds a BEGIN marker and a template is still
// opaque, since the template may be what is inside the block.
func Opaque(value string) bool {
	if strings.Contains(value, "{{") || substitution(value) {
		return true
	}
	v := strings.TrimSpace(value)
	for _, wrapped := range [...][2]string{{"ENC[", "]"}, {"<", ">"}, {"$(", ")"}} {
		inner, opens := strings.CutPrefix(v, wrapped[0])
		inner, closes := strings.CutSuffix(inner, wrapped[1])
		// One line: a PEM text in angle brackets is not a placeholder.
		if opens && closes && inner != "" && !strings.Contains(inner, "\n") {
			return true
		}
	}
	for _, prefix := range [...]string{"vault:", "ref+", "op://"} {
		if rest, ok := strings.CutPrefix(v, prefix); ok && rest != "" && !strings.ContainsAny(rest, " \n") {
			return true
		}
	}
	return false
}

// HoldsPrivateKey says whether a text holds a private key for TLS that everybody can use who reads it: not one under a passphrase,
// nor a block that only stands for a key. What is decoded is wiped.
func HoldsPrivateKey(text []byte) bool {
	for {
		blk, rest := pem.Decode(text)
		if blk == nil {
			return false
		}
		usable := len(blk.Bytes) >= leastKeyBytes && !strings.Contains(blk.Headers["Proc-Type"], "ENCRYPTED")
		clear(blk.Bytes)
		switch blk.Type {
		case "PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", "DSA PRIVATE KEY":
			if usable {
				return true
			}
		}
		text = rest
	}
}

// leastKeyBytes is the length of the shortest key that there is in DER, Ed25519 in PKCS #8 (RFC 8410, section 10.3).
const leastKeyBytes = 48

// substitution finds ${...} with something inside.
func substitution(value string) bool {
	_, rest, ok := strings.Cut(value, "${")
	return ok && strings.IndexByte(rest, '}') > 0
}
