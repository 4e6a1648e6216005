package facts_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tlsward/tlsward/facts"
	"github.com/tlsward/tlsward/inventory"
)

// TestProducers goes through everything that has a Secret or ConfigMap made: none of it is ever absent, and of its keys is said
// what is certain. The namespace is declared complete, so that what nothing makes is absent.
func TestProducers(t *testing.T) {
	const (
		promised = "promised"
		present  = "present"
		absent   = "absent"
	)
	for name, test := range map[string]struct {
		kind, name string
		around     string
		want       string // presence, then that of ca.crt, then all keys
		state      string // ends like this
	}{
		"nothing": {"Secret", "ca", ``, absent + " unknown []+", "does not exist"},
		"Secret":  {"Secret", "ca", `{apiVersion: v1, kind: Secret, metadata: {name: ca, namespace: shop}, stringData: {ca.crt: x}}`, present + " present [ca.crt]", "exists"},
		"Certificate of an issuer out of sight": {
			"Secret", "ca", certificate(`{name: away}`), promised + " unknown [tls.crt tls.key]", "Certificate shop/c, which Issuer shop/away signs",
		},
		"Certificate of a ClusterIssuer out of sight": {
			"Secret", "ca", certificate(`{name: away, kind: ClusterIssuer}`), promised + " unknown [tls.crt tls.key]", "Certificate shop/c, which ClusterIssuer away signs",
		},
		"Certificate of ACME": {
			"Secret", "ca", certificate(`{name: i}`) + issuer(`acme: {server: x}`), promised + " absent [tls.crt tls.key]",
			"will be created for Certificate shop/c, which Issuer shop/i (ACME) signs",
		},
		"Certificate of a CA": {
			"Secret", "ca", certificate(`{name: i, kind: Issuer, group: cert-manager.io}`) + issuer(`ca: {secretName: root}`),
			promised + " promised [ca.crt tls.crt tls.key]", "(CA) signs",
		},
		"Certificate that signs itself": {"Secret", "ca", certificate(`{name: i}`) + issuer(`selfSigned: {}`), promised + " promised [ca.crt tls.crt tls.key]", "(self-signed) signs"},
		"Certificate of Vault":          {"Secret", "ca", certificate(`{name: i}`) + issuer(`vault: {path: pki}`), promised + " promised [ca.crt tls.crt tls.key]", "(Vault) signs"},
		"Certificate of Venafi":         {"Secret", "ca", certificate(`{name: i}`) + issuer(`venafi: {zone: z}`), promised + " unknown [tls.crt tls.key]", "(Venafi) signs"},
		"Certificate of somebody else's issuer": {
			"Secret", "ca", certificate(`{name: i, kind: AWSPCAIssuer, group: awspca.cert-manager.io}`) + issuer(`acme: {}`), promised + " unknown [tls.crt tls.key]", "AWSPCAIssuer shop/i signs",
		},
		"Certificate with keystores": {
			"Secret", "ca", more(`{apiVersion: cert-manager.io/v1, kind: Certificate, metadata: {name: c, namespace: shop}, spec: {secretName: ca, keystores: {jks: {create: true}}, issuerRef: {name: i}}}`),
			promised + " unknown [tls.crt tls.key]+", "",
		},
		"Ingress":                           {"Secret", "ca", ingressWith(`cert-manager.io/issuer: i`, `[{hosts: [a.test], secretName: ca}]`) + issuer(`acme: {}`), promised + " absent [tls.crt tls.key]", "Ingress shop/w, which Issuer shop/i (ACME) signs"},
		"Ingress with tls-acme":             {"Secret", "ca", ingressWith(`kubernetes.io/tls-acme: "true"`, `[{hosts: [a.test], secretName: ca}]`), promised + " unknown [tls.crt tls.key]", "Ingress shop/w"},
		"Ingress without tls-acme":          {"Secret", "ca", ingressWith(`kubernetes.io/tls-acme: "false"`, `[{hosts: [a.test], secretName: ca}]`), absent + " unknown []+", ""},
		"Ingress with two issuers":          {"Secret", "ca", ingressWith(`cert-manager.io/issuer: i, cert-manager.io/cluster-issuer: i`, `[{hosts: [a.test], secretName: ca}]`), absent + " unknown []+", ""},
		"Ingress with a kind too many":      {"Secret", "ca", ingressWith(`cert-manager.io/issuer-kind: i, cert-manager.io/cluster-issuer: i`, `[{hosts: [a.test], secretName: ca}]`), absent + " unknown []+", ""},
		"Ingress without hosts":             {"Secret", "ca", ingressWith(`cert-manager.io/issuer: i`, `[{secretName: ca}]`), absent + " unknown []+", ""},
		"Ingress with one Secret twice":     {"Secret", "ca", ingressWith(`cert-manager.io/issuer: i`, `[{hosts: [a.test], secretName: ca}, {hosts: [b.test], secretName: x}, {hosts: [c.test], secretName: x}]`), absent + " unknown []+", ""},
		"Ingress of an issuer of a kind":    {"Secret", "ca", ingressWith(`cert-manager.io/issuer: i, cert-manager.io/issuer-kind: K, cert-manager.io/issuer-group: g.test`, `[{hosts: [a.test], secretName: ca}]`), promised + " unknown [tls.crt tls.key]", "K shop/i signs"},
		"Gateway":                           {"Secret", "ca", gatewayWith("Gateway", `hostname: a.test, protocol: HTTPS, tls: {certificateRefs: [{name: ca}]}`) + issuer(`ca: {}`), promised + " promised [ca.crt tls.crt tls.key]", "Gateway shop/w, which Issuer shop/i (CA) signs"},
		"ListenerSet":                       {"Secret", "ca", gatewayWith("ListenerSet", `hostname: a.test, protocol: TLS, tls: {mode: Terminate, certificateRefs: [{group: core, kind: Secret, name: ca, namespace: shop}]}`), promised + " unknown [tls.crt tls.key]", ""},
		"listener without a hostname":       {"Secret", "ca", gatewayWith("Gateway", `protocol: HTTPS, tls: {certificateRefs: [{name: ca}]}`), absent + " unknown []+", ""},
		"listener with passthrough":         {"Secret", "ca", gatewayWith("Gateway", `hostname: a.test, protocol: TLS, tls: {mode: Passthrough, certificateRefs: [{name: ca}]}`), absent + " unknown []+", ""},
		"listener of plain text":            {"Secret", "ca", gatewayWith("Gateway", `hostname: a.test, protocol: HTTP, tls: {certificateRefs: [{name: ca}]}`), absent + " unknown []+", ""},
		"listener that is ignored":          {"Secret", "ca", gatewayWith("Gateway", `name: inner, hostname: a.test, protocol: HTTPS, tls: {certificateRefs: [{name: ca}]}`), absent + " unknown []+", ""},
		"listener with a foreign reference": {"Secret", "ca", gatewayWith("Gateway", `hostname: a.test, protocol: HTTPS, tls: {certificateRefs: [{name: ca}, {name: x, namespace: certs}]}`), absent + " unknown []+", ""},
		"listener with another kind":        {"Secret", "ca", gatewayWith("Gateway", `hostname: a.test, protocol: HTTPS, tls: {certificateRefs: [{name: ca}, {name: x, kind: Other}]}`), absent + " unknown []+", ""},
		"CertificateRequest makes nothing":  {"Secret", "ca", more(`{apiVersion: cert-manager.io/v1, kind: CertificateRequest, metadata: {name: ca, namespace: shop}, spec: {issuerRef: {name: i}}}`), absent + " unknown []+", ""},
		"Bundle":                            {"ConfigMap", "ca", bundle(`configMap: {key: ca.crt}`), promised + " promised [ca.crt]", "Bundle ca"},
		"Bundle with another key":           {"ConfigMap", "ca", bundle(`configMap: {key: bundle.pem}`), promised + " absent [bundle.pem]", ""},
		"Bundle with formats":               {"ConfigMap", "ca", bundle(`configMap: {key: bundle.pem}, additionalFormats: {jks: {key: x}}`), promised + " unknown [bundle.pem]+", ""},
		"Bundle of a Secret":                {"Secret", "ca", bundle(`secret: {key: ca.crt}`), promised + " promised [ca.crt]", ""},
		"Bundle of the other kind":          {"ConfigMap", "ca", bundle(`secret: {key: ca.crt}`), absent + " unknown []+", ""},
		"Bundle by a label out of sight":    {"ConfigMap", "ca", bundle(`configMap: {key: ca.crt}, namespaceSelector: {matchLabels: {trust: "yes"}}`), promised + " promised [ca.crt]", ""},
		"Bundle by a label":                 {"ConfigMap", "ca", bundle(`configMap: {key: ca.crt}, namespaceSelector: {matchLabels: {trust: "yes"}}`) + namespace(`trust: "yes"`), promised + " promised [ca.crt]", ""},
		"Bundle by a label that is not there": {
			"ConfigMap", "ca", bundle(`configMap: {key: ca.crt}, namespaceSelector: {matchLabels: {trust: "yes"}}`) + namespace(`trust: "no"`),
			absent + " unknown []+", "is not made in namespace shop: Bundle ca makes it only in namespaces with the labels trust=yes",
		},
		"Bundle by a name": {
			"ConfigMap", "ca", bundle(`configMap: {key: ca.crt}, namespaceSelector: {matchExpressions: [{key: kubernetes.io/metadata.name, operator: NotIn, values: [shop, infra]}]}`),
			absent + " unknown []+", "only in namespaces with the labels kubernetes.io/metadata.name not in (shop, infra)",
		},
		"ClusterBundle":                     {"ConfigMap", "ca", more(`{apiVersion: trust-manager.io/v1alpha2, kind: ClusterBundle, metadata: {name: ca}, spec: {target: {namespaceSelector: {}, configMap: {data: [{key: ca.crt}, {key: x}]}}}}`), promised + " promised [ca.crt x]", ""},
		"ClusterBundle without a selector":  {"ConfigMap", "ca", more(`{apiVersion: trust-manager.io/v1alpha2, kind: ClusterBundle, metadata: {name: ca}, spec: {target: {configMap: {data: [{key: ca.crt}]}}}}`), absent + " unknown []+", ""},
		"SealedSecret":                      {"Secret", "ca", more(`{apiVersion: bitnami.com/v1alpha1, kind: SealedSecret, metadata: {name: ca, namespace: shop}, spec: {encryptedData: {ca.crt: A, gone: A}, template: {metadata: {name: other}, data: {plain: x, gone: null}}}}`), promised + " promised [ca.crt plain]", ""},
		"ExternalSecret":                    {"Secret", "ca", externalSecret(`target: {name: ca}, data: [{secretKey: ca.crt}]`), promised + " promised [ca.crt]", ""},
		"ExternalSecret of all there is":    {"Secret", "ca", externalSecret(`target: {name: ca}, dataFrom: [{extract: {key: k}}]`), promised + " unknown []+", ""},
		"ExternalSecret with a template":    {"Secret", "ca", externalSecret(`target: {name: ca, template: {data: {tls.crt: x}}}, data: [{secretKey: ca.crt}]`), promised + " absent [tls.crt]", ""},
		"ExternalSecret with a merged one":  {"Secret", "ca", externalSecret(`target: {name: ca, template: {mergePolicy: Merge, data: {tls.crt: x}}}, data: [{secretKey: ca.crt}]`), promised + " promised [ca.crt tls.crt]", ""},
		"ExternalSecret into what is there": {"Secret", "ca", externalSecret(`target: {name: ca, creationPolicy: Merge}, data: [{secretKey: ca.crt}]`), absent + " unknown []+", ""},
		"ExternalSecret into what may be":   {"Secret", "ca", externalSecret(`target: {name: ca, creationPolicy: CreateOrMerge}, data: [{secretKey: x}]`), promised + " unknown []+", ""},
		"ExternalSecret of another kind":    {"ConfigMap", "ca", externalSecret(`target: {name: ca, manifest: {apiVersion: v1, kind: ConfigMap}}, data: [{secretKey: ca.crt}]`), promised + " unknown []+", ""},
		"ClusterExternalSecret":             {"Secret", "ca", more(`{apiVersion: external-secrets.io/v1, kind: ClusterExternalSecret, metadata: {name: x}, spec: {namespaces: [shop], externalSecretSpec: {target: {name: ca}, data: [{secretKey: ca.crt}]}}}`), promised + " promised [ca.crt]", ""},
		"ClusterExternalSecret elsewhere":   {"Secret", "ca", more(`{apiVersion: external-secrets.io/v1, kind: ClusterExternalSecret, metadata: {name: ca}, spec: {namespaces: [infra], externalSecretSpec: {data: [{secretKey: ca.crt}]}}}`), absent + " unknown []+", "only in namespaces named infra"},
		"PushSecret makes nothing here":     {"Secret", "ca", more(`{apiVersion: external-secrets.io/v1alpha1, kind: PushSecret, metadata: {name: ca, namespace: shop}, spec: {selector: {secret: {name: ca}}}}`), absent + " unknown []+", ""},
		"VaultPKISecret":                    {"Secret", "ca", more(`{apiVersion: secrets.hashicorp.com/v1beta1, kind: VaultPKISecret, metadata: {name: x, namespace: shop}, spec: {destination: {create: true, name: ca}}}`), promised + " unknown [certificate issuing_ca private_key]+", ""},
		"VaultPKISecret of TLS":             {"Secret", "ca", more(`{apiVersion: secrets.hashicorp.com/v1beta1, kind: VaultPKISecret, metadata: {name: x, namespace: shop}, spec: {destination: {create: true, name: ca, type: kubernetes.io/tls, transformation: {templates: {ca.crt: {}}}}}}`), promised + " promised [ca.crt tls.crt tls.key]+", ""},
		"VaultStaticSecret":                 {"Secret", "ca", more(`{apiVersion: secrets.hashicorp.com/v1beta1, kind: VaultStaticSecret, metadata: {name: x, namespace: shop}, spec: {destination: {create: true, name: ca}}}`), promised + " unknown []+", ""},
		"VaultStaticSecret into what is":    {"Secret", "ca", more(`{apiVersion: secrets.hashicorp.com/v1beta1, kind: VaultStaticSecret, metadata: {name: x, namespace: shop}, spec: {destination: {create: false, name: ca}}}`), absent + " unknown []+", ""},
		"SecretProviderClass":               {"Secret", "ca", more(`{apiVersion: secrets-store.csi.x-k8s.io/v1, kind: SecretProviderClass, metadata: {name: x, namespace: shop}, spec: {secretObjects: [{secretName: ca, data: [{key: ca.crt}]}]}}`), promised + " unknown []+", ""},
		"SOPS":                              {"Secret", "ca", more(`{apiVersion: v1, kind: Secret, metadata: {name: ca, namespace: shop}, data: {ca.crt: "ENC[AES256_GCM,data:x]"}, sops: {version: 3.9.0}}`), present + " present [ca.crt]", ""},
		"SopsSecret":                        {"Secret", "ca", more(`{apiVersion: isindir.github.com/v1alpha3, kind: SopsSecret, metadata: {name: x, namespace: shop}, spec: {secretTemplates: [{name: ca, stringData: {ca.crt: x}}]}}`), promised + " unknown []+", ""},
		"secretGenerator":                   {"Secret", "ca", more(`{apiVersion: kustomize.config.k8s.io/v1beta1, kind: Kustomization, secretGenerator: [{name: ca, files: [ca.crt]}]}`), promised + " unknown []+", ""},
		"configMapGenerator of a component": {"ConfigMap", "ca", more(`{apiVersion: kustomize.config.k8s.io/v1alpha1, kind: Component, configMapGenerator: [{name: ca, files: [ca.crt]}]}`), promised + " unknown []+", ""},
		"a job of a chart":                  {"Secret", "ca", more(`{apiVersion: batch/v1, kind: Job, metadata: {name: x, namespace: shop, annotations: {helm.sh/hook: pre-install}}, spec: {template: {spec: {containers: [{args: [create, --host=a.test, --secret-name=ca]}]}}}}`), promised + " unknown [ca cert key]+", ""},
		"kube-root-ca.crt":                  {"ConfigMap", "kube-root-ca.crt", ``, present + " present [ca.crt]", "is kept in every namespace by Kubernetes"},
		"Istio's":                           {"ConfigMap", "istio-ca-root-cert", ``, present + " absent [root-cert.pem]", "is kept in every namespace by Istio"},
		"OpenShift's":                       {"ConfigMap", "openshift-service-ca.crt", ``, present + " absent [service-ca.crt]", "is kept in every namespace by OpenShift"},
		"OpenShift's CA, injected":          {"ConfigMap", "ca", more(`{apiVersion: v1, kind: ConfigMap, metadata: {name: ca, namespace: shop, annotations: {service.beta.openshift.io/inject-cabundle: "true"}}, data: {ca.crt: x}}`), present + " absent [service-ca.crt]", ""},
		"OpenShift's trusted CAs":           {"ConfigMap", "ca", more(`{apiVersion: v1, kind: ConfigMap, metadata: {name: ca, namespace: shop, labels: {config.openshift.io/inject-trusted-cabundle: "true"}}}`), present + " unknown [ca-bundle.crt]+", ""},
		"OpenShift's serving certificate":   {"Secret", "ca", more(`{apiVersion: v1, kind: Service, metadata: {name: x, namespace: shop, annotations: {service.beta.openshift.io/serving-cert-secret-name: ca}}}`), promised + " absent [tls.crt tls.key]", "Service shop/x"},
		"Reflector's mirror":                {"ConfigMap", "ca", more(`{apiVersion: v1, kind: ConfigMap, metadata: {name: ca, namespace: shop, annotations: {reflector.v1.k8s.emberstack.com/reflects: infra/ca}}}`), present + " unknown []+", ""},
		"Reflector's source":                {"Secret", "ca", reflected(`reflector.v1.k8s.emberstack.com/reflection-auto-namespaces: "web,sh.*"`), promised + " promised [ca.crt]", "Secret infra/ca"},
		"Reflector's source for all":        {"Secret", "ca", reflected(`x: y`), promised + " promised [ca.crt]", ""},
		"Reflector's source for others":     {"Secret", "ca", reflected(`reflector.v1.k8s.emberstack.com/reflection-auto-namespaces: "web,sho"`), absent + " unknown []+", "Secret infra/ca makes it only in namespaces that match web or sho"},
		"a replicator's":                    {"Secret", "ca", more(`{apiVersion: v1, kind: Secret, metadata: {name: ca, namespace: infra, annotations: {replicator.v1.mittwald.de/replicate-to: "shop,web-.*"}}, stringData: {ca.crt: x}}`), promised + " promised [ca.crt]", ""},
		"a replicator's by label":           {"Secret", "ca", more(`{apiVersion: v1, kind: Secret, metadata: {name: ca, namespace: infra, annotations: {replicator.v1.mittwald.de/replicate-to-matching: "trust=yes,!old"}}, stringData: {ca.crt: x}}`) + namespace(`trust: "yes"`), promised + " promised [ca.crt]", ""},
		"a replicator's by another label":   {"Secret", "ca", more(`{apiVersion: v1, kind: Secret, metadata: {name: ca, namespace: infra, annotations: {replicator.v1.mittwald.de/replicate-to-matching: "trust!=yes"}}, stringData: {ca.crt: x}}`) + namespace(`trust: "yes"`), absent + " unknown []+", ""},
		"kubed's for all":                   {"ConfigMap", "ca", more(`{apiVersion: v1, kind: ConfigMap, metadata: {name: ca, namespace: infra, annotations: {kubed.appscode.com/sync: ""}}, data: {ca.crt: x}}`), promised + " promised [ca.crt]", ""},
		"kubed's by label":                  {"ConfigMap", "ca", more(`{apiVersion: v1, kind: ConfigMap, metadata: {name: ca, namespace: infra, annotations: {kubed.appscode.com/sync: "app=shop"}}, data: {ca.crt: x}}`) + namespace(`app: web`), absent + " unknown []+", ""},
		"Kyverno":                           {"ConfigMap", "ca", more(`{apiVersion: kyverno.io/v1, kind: ClusterPolicy, metadata: {name: x}, spec: {rules: [{name: a, generate: {kind: ConfigMap, name: ca, namespace: "{{request.object.metadata.name}}"}}]}}`), promised + " unknown []+", ""},
		"Elasticsearch":                     {"Secret", "logs-es-http-certs-public", more(`{apiVersion: elasticsearch.k8s.elastic.co/v1, kind: Elasticsearch, metadata: {name: logs, namespace: shop}}`), promised + " promised [ca.crt tls.crt]", ""},
		"Kibana":                            {"Secret", "logs-kb-http-certs-public", more(`{apiVersion: kibana.k8s.elastic.co/v1, kind: Kibana, metadata: {name: logs, namespace: shop}}`), promised + " promised [ca.crt tls.crt]", ""},
		"Strimzi":                           {"Secret", "bus-cluster-ca-cert", more(`{apiVersion: kafka.strimzi.io/v1, kind: Kafka, metadata: {name: bus, namespace: shop}}`), promised + " promised [ca.crt ca.p12 ca.password]", ""},
		"Strimzi, of clients":               {"Secret", "bus-clients-ca-cert", more(`{apiVersion: kafka.strimzi.io/v1, kind: Kafka, metadata: {name: bus, namespace: shop}}`), promised + " promised [ca.crt ca.p12 ca.password]", ""},
		"Strimzi, of a user":                {"Secret", "ca", more(`{apiVersion: kafka.strimzi.io/v1, kind: KafkaUser, metadata: {name: ca, namespace: shop}, spec: {authentication: {type: tls}}}`), promised + " promised [ca.crt user.crt user.key user.p12 user.password]", ""},
	} {
		t.Run(name, func(t *testing.T) {
			policy := fmt.Sprintf(`{apiVersion: gateway.networking.k8s.io/v1, kind: BackendTLSPolicy, metadata: {name: p, namespace: shop}, spec: {targetRefs: [{kind: Service, name: s}], validation: {hostname: s.test, caCertificateRefs: [{group: "", kind: %s, name: %s}]}}}`, test.kind, test.name)
			document := gatherAmong(t, inventory.Options{Complete: []string{"shop"}}, policy+more(strings.TrimPrefix(test.around, "\n---\n")))
			ref := document["refs"].(map[string]any)["backend-ca"].([]any)[0].(map[string]any)
			open := ""
			if ref["keys_open"] == true {
				open = "+"
			}
			if got := fmt.Sprint(ref["presence"], " ", ref["key_presence"], " ", ref["keys"], open); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
			if state, _ := ref["state"].(string); !strings.HasSuffix(state, test.state) {
				t.Errorf("got %q, want ...%q", state, test.state)
			}
		})
	}
}

func more(manifest string) string {
	if manifest == "" {
		return ""
	}
	return "\n---\n" + manifest
}

func certificate(issuerRef string) string {
	return more(`{apiVersion: cert-manager.io/v1, kind: Certificate, metadata: {name: c, namespace: shop}, spec: {secretName: ca, issuerRef: ` + issuerRef + `}}`)
}

func issuer(spec string) string {
	return more(`{apiVersion: cert-manager.io/v1, kind: Issuer, metadata: {name: i, namespace: shop}, spec: {` + spec + `}}`)
}

func ingressWith(annotations, tls string) string {
	return more(`{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: w, namespace: shop, annotations: {` + annotations + `}}, spec: {tls: ` + tls + `}}`)
}

func gatewayWith(kind, listener string) string {
	return more(`{apiVersion: gateway.networking.k8s.io/v1, kind: ` + kind + `, metadata: {name: w, namespace: shop, annotations: {cert-manager.io/issuer: i, cert-manager.io/ignore-tls-listeners: "outer, inner"}}, spec: {listeners: [{` + listener + `}]}}`)
}

func bundle(target string) string {
	return more(`{apiVersion: trust.cert-manager.io/v1alpha1, kind: Bundle, metadata: {name: ca}, spec: {target: {` + target + `}}}`)
}

func namespace(labels string) string {
	return more(`{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {` + labels + `}}}`)
}

func externalSecret(spec string) string {
	return more(`{apiVersion: external-secrets.io/v1, kind: ExternalSecret, metadata: {name: x, namespace: shop}, spec: {` + spec + `}}`)
}

func reflected(annotation string) string {
	return more(`{apiVersion: v1, kind: Secret, metadata: {name: ca, namespace: infra, annotations: {reflector.v1.k8s.emberstack.com/reflection-allowed: "true", reflector.v1.k8s.emberstack.com/reflection-auto-enabled: "true", ` + annotation + `}}, stringData: {ca.crt: x}}`)
}

func gatherAmong(t *testing.T, options inventory.Options, manifests string) facts.Facts {
	t.Helper()
	options.Providers = shipped(t)
	list := objects(t, manifests)
	store := inventory.New(options)
	for _, obj := range list {
		store.Add(obj)
	}
	document := facts.Gather(facts.Request{Object: list[0], Inventory: store.Snapshot(), Now: now}, facts.Settings{Providers: options.Providers, Scope: "this tree"})
	validate(t, schema(t), document)
	return document
}
