package corpus

import (
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"github.com/tlsward/tlsward/pki/pkitest"
)

// authorities are the certificates of the tree: a few dozen, used again and again, as in a company.
type authorities struct {
	roots, intermediates, expired []string // PEM
	mint                          *pkitest.Mint
	issuer                        *pkitest.Issued // of the server certificates
}

func mint(now time.Time) *authorities {
	m := pkitest.New("tlsward bench, throw-away", now)
	old := m.With(pkitest.NotBefore(now.AddDate(-10, 0, 0)), pkitest.NotAfter(now.AddDate(0, -1, 0)))
	a := &authorities{mint: m, issuer: m.Root("Bench Root 00")}
	for i := range 24 {
		root := m.Root(fmt.Sprintf("Bench Root %02d", i))
		a.roots = append(a.roots, root.CertPEM)
		if i%3 == 0 {
			a.intermediates = append(a.intermediates, m.Intermediate(root, fmt.Sprintf("Bench Issuing %02d", i)).CertPEM)
		}
	}
	for i := range 6 {
		a.expired = append(a.expired, old.Root(fmt.Sprintf("Bench Old Root %02d", i)).CertPEM)
	}
	return a
}

func pick[T any](g *generator, list []T) T { return list[g.rand.IntN(len(list))] }

// root is a bundle of one valid CA; bundle one of several.
func (g *generator) root() string { return pick(g, g.pki.roots) }

func (g *generator) bundle() string {
	first := g.rand.IntN(len(g.pki.roots) - 2)
	// Every third root has an intermediate, so that one of the three has.
	return strings.Join(g.pki.roots[first:first+3], "") + g.pki.intermediates[(first+2)/3]
}

func (g *generator) expired() string { return pick(g, g.pki.expired) }

func encode(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

// block indents a text for a YAML block scalar.
func block(text, indent string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString(indent + line)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// entry is one key of a Secret or ConfigMap. Marks behind its value are those of the line on which it begins.
type entry struct{ key, value string }

func (e entry) text() (text, marked string) {
	text, marked, found := strings.Cut(e.value, string(markByte))
	if found {
		marked = string(markByte) + marked
	}
	return text, marked
}

const secretTemplate = `
# Kept here in plain text because it holds no secret: certificates only.
apiVersion: v1
kind: Secret
metadata:
  name: {name}
  namespace: {namespace}
  labels:
    app.kubernetes.io/managed-by: flux
    example.com/rotation: manual
type: {type}
data:
{data}
`

// secret is a Secret with base64 data.
func secret(namespace, name, kind string, entries ...entry) document {
	var lines []string
	for _, e := range entries {
		text, marked := e.text()
		value := encode(text)
		if value == "" {
			value = `""`
		}
		lines = append(lines, "  "+e.key+": "+value+marked)
	}
	return object("", "Secret", namespace, name, secretTemplate, "{type}", kind, "{data}", strings.Join(lines, "\n"))
}

// keyPair is a Secret of type kubernetes.io/tls with a certificate for a host.
func (g *generator) keyPair(namespace, name, host string, more ...entry) document {
	leaf := g.pki.mint.Leaf(g.pki.issuer, host)
	return secret(namespace, name, "kubernetes.io/tls", append([]entry{{"tls.crt", leaf.CertPEM}, {"tls.key", leaf.KeyPEM}}, more...)...)
}

func caSecret(namespace, name, pem string) document {
	return secret(namespace, name, "Opaque", entry{"ca.crt", pem})
}

const configMapTemplate = `
# Trust anchors; see the runbook "Rotating a CA" before touching this.
apiVersion: v1
kind: ConfigMap
metadata:
  name: {name}
  namespace: {namespace}
  labels:
    app.kubernetes.io/managed-by: flux
data:
{data}
`

// configMap is a ConfigMap whose values are block scalars.
func configMap(namespace, name string, entries ...entry) document {
	var lines []string
	for _, e := range entries {
		text, marked := e.text()
		if text == "" {
			lines = append(lines, "  "+e.key+`: ""`+marked)
			continue
		}
		lines = append(lines, "  "+e.key+": |"+marked+"\n"+block(text, "    "))
	}
	return object("", "ConfigMap", namespace, name, configMapTemplate, "{data}", strings.Join(lines, "\n"))
}

const certificateTemplate = `
apiVersion: cert-manager.io/v1
kind: Certificate
metadata:
  name: {name}
  namespace: {namespace}
  labels:
    app.kubernetes.io/part-of: {part}
spec:
  secretName: {secret}
  # Renewed at two thirds of its life; see the dashboard "Certificates".
  duration: 2160h
  renewBefore: 720h
  privateKey:
    algorithm: ECDSA
    size: 256
    rotationPolicy: Always
  dnsNames:
    - {host}
    - www.{host}
  issuerRef:
    name: internal-ca
    kind: ClusterIssuer
    group: cert-manager.io
`

func certificate(namespace, secretName, host string) document {
	return object("cert-manager.io", "Certificate", namespace, secretName, certificateTemplate,
		"{secret}", secretName, "{host}", host, "{part}", namespace)
}

const sealedTemplate = `
# kubeseal --controller-namespace sealed-secrets
apiVersion: bitnami.com/v1alpha1
kind: SealedSecret
metadata:
  name: {name}
  namespace: {namespace}
spec:
  encryptedData:
{data}
  template:
    metadata:
      labels:
        app.kubernetes.io/managed-by: sealed-secrets
    type: Opaque
`

func sealed(namespace, name string, keys ...string) document {
	var lines []string
	for _, key := range keys {
		lines = append(lines, "    "+key+": AgB"+strings.Repeat("4kQ2x9Lr7dZmW1tYbN8vHcJ5sFpE3gUa", 12)+"==")
	}
	return object("bitnami.com", "SealedSecret", namespace, name, sealedTemplate, "{data}", strings.Join(lines, "\n"))
}

const externalTemplate = `
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata:
  name: {name}-sync
  namespace: {namespace}
spec:
  refreshInterval: 1h
  secretStoreRef:
    name: vault
    kind: ClusterSecretStore
  target:
    name: {name}
    creationPolicy: Owner
  data:
    - secretKey: ca.crt
      remoteRef:
        key: pki/{namespace}
        property: ca
    - secretKey: crl.pem
      remoteRef:
        key: pki/{namespace}
        property: crl
`

func externalSecret(namespace, name string) document {
	d := object("external-secrets.io", "ExternalSecret", namespace, name, externalTemplate)
	d.id.Name = name + "-sync"
	return d
}

const sopsTemplate = `
apiVersion: v1
kind: Secret
metadata:
  name: {name}
  namespace: {namespace}
type: Opaque
data:
  ca.crt: ENC[AES256_GCM,data:{cipher},iv:q1w2e3r4t5y6u7i8o9p0,tag:a1s2d3f4g5h6j7k8,type:str]
sops:
  age:
    - recipient: age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq
      enc: |
        -----BEGIN AGE ENCRYPTED FILE-----
        YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSB0aHJvdy1hd2F5
        -----END AGE ENCRYPTED FILE-----
  lastmodified: "2026-10-01T08:00:00Z"
  mac: ENC[AES256_GCM,data:bm90IGEgbWFj,iv:aaaa,tag:bbbb,type:str]
  encrypted_regex: ^(data|stringData)$
  version: 3.9.0
`

func sops(namespace, name string) document {
	return object("", "Secret", namespace, name, sopsTemplate, "{cipher}", strings.Repeat("Zm9vYmFyYmF6", 20))
}
