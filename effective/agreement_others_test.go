package effective_test

import (
	"fmt"
	"slices"

	"github.com/tlsward/tlsward/effective"
	"github.com/tlsward/tlsward/rule"
)

// otherRemarks are the values of all controllers but ingress-nginx for which a row gives a reason that is a defect, and no rule does in
// any of the objects that decide it, nor, of what the reason blames another object for, in any of the tree.
func otherRemarks(j *judged) (missing []string) {
	table := otherRemarkTable()
	for i := range j.rows {
		r := &j.rows[i]
		if r.Controller == nginx {
			continue
		}
		for _, aspect := range effective.Aspects() {
			var rules, elsewhere, why []string
			for _, s := range r.Value(aspect).By {
				if s.Because == "" {
					continue
				}
				k := slices.IndexFunc(table, func(m remark) bool { return m.because.MatchString(s.Because) })
				if k < 0 {
					missing = append(missing, fmt.Sprintf("nobody knows what rule is about %q", s.Because))
					continue
				}
				rules, elsewhere = append(rules, table[k].rules...), append(elsewhere, table[k].elsewhere...)
				if len(table[k].rules)+len(table[k].elsewhere) > 0 {
					why = append(why, s.Object.String()+" ("+s.Because+")")
				}
			}
			if len(why) > 0 && !j.foundAny(r.Value(aspect).By, rules) && !j.foundAnywhere(elsewhere) {
				missing = append(missing, fmt.Sprintf("%s %s of %s:%d%s%s rests on %s; no rule of %v says so",
					r.Controller, aspect, r.Host, r.Port, r.Path, r.Service, why, slices.Concat(rules, elsewhere)))
			}
		}
	}
	slices.Sort(missing)
	return slices.Compact(missing)
}

func (j *judged) foundAnywhere(rules []string) bool {
	return slices.ContainsFunc(j.findings, func(f rule.Finding) bool { return slices.Contains(rules, f.Rule) })
}

func otherRemarkTable() []remark {
	anywhere := func(m remark, rules ...string) remark {
		m.elsewhere = rules
		return m
	}
	const certificate = "gateway-api/listener-certificate-missing"
	return []remark{
		// What is not there, or not granted.
		remarked(`ConfigMap \S+ (does not exist: Istio looks .*)`, "gateway-api/frontend-ca-missing", "istio/gateway-client-ca-missing"),
		remarked(`ConfigMap \S+ (does not exist|is not (granted|in this tree|made)).*`,
			"gateway-api/backend-ca-missing", "gateway-api/frontend-ca-missing", "envoy-gateway/client-ca-missing"),
		remarked(`(Secret|Secrets) .*, so that Traefik skips the Ingress|it is not the namespace .*, so that Traefik .*`, "traefik/client-ca-unusable"),
		remarked(`Secret \S+ (does not exist|is not (granted|in this tree)).*`, certificate, "gateway-api/backend-ca-missing", "envoy-gateway/client-ca-missing",
			"gloo/secret-missing", "istio/gateway-credential-missing", "istio/gateway-credential-out-of-reach", "istio/gateway-client-ca-missing",
			"kong/ca-missing", "kong/client-certificate-not-sent", "kong/several-listener-certificates", "istio/ingress-secret-missing"),
		remarked(`Secret \S+ is not in the namespace of .*`, "istio/gateway-credential-out-of-reach"),
		remarked(`Service \S+ is not granted.*`, "gateway-api/backend-not-granted"),
		// What cannot be used.
		remarked(`ConfigMap \S+ has neither cert nor ca.crt`, "kong/ca-refused"),
		remarked(`ConfigMap \S+ has no id`, "kong/ca-id-invalid"),
		remarked(`(ConfigMap|Secret) \S+ lacks the label .*`, "kong/ca-not-labelled"),
		remarked(`(ca.crt of )?(ConfigMap|Secret) \S+ (has no ca.crt|holds no certificate|is empty|holds neither ca.crt nor cacert)`, "gateway-api/backend-ca-unusable",
			"gateway-api/frontend-ca-unusable", "envoy-gateway/client-ca-missing", "gateway-api/terminate-mode-without-ca", "istio/gateway-client-ca-missing"),
		remarked(`Secret \S+ has no tls.(crt|key)`, "gateway-api/key-pair-incomplete", "istio/gateway-credential-incomplete", "kong/client-certificate-not-sent"),
		remarked(`tls.crt of Secret \S+ is empty|tls.key of Secret \S+ does not belong .*`, "gateway-api/key-pair-incomplete", "certificates/key-mismatch",
			"istio/gateway-credential-incomplete"),
		remarked(`Secret \S+ is of type .* only`, "gateway-api/secret-type-unsupported", "gloo/secret-unusable"),
		remarked(`.* reads no CA from a Certificate|nobody reads it from a .*`, "gateway-api/backend-ca-unusable", "gateway-api/certificate-kind-unsupported",
			"envoy-gateway/client-ca-missing", "istio/gateway-credential-incomplete"),
		remarked(`.* reads no CA from a .*`, "gateway-api/backend-ca-kind-unread"),
		// BackendTLSPolicy.
		remarked(`(Cilium|NGINX Gateway Fabric) takes one CA only`, "gateway-api/backend-ca-several"),
		remarked(`Cilium sets up no TLS for backends of a GRPCRoute`, "gateway-api/backend-policy-ignored-for-grpc"),
		remarked(`Cilium sets up no TLS for it|.* knows System only`, "gateway-api/backend-roots-unsupported"),
		remarked(`Kong does not take the policy`, "gateway-api/backend-names-unread", "gateway-api/backend-ca-missing", "gateway-api/backend-ca-unusable",
			"gateway-api/backend-ca-kind-unread", "gateway-api/backend-roots-unsupported"),
		remarked(`Kong reads no BackendTLSPolicy without .*`, "kong/policies-switched-off"),
		remarked(`Kong takes out all policies of .*`, "gateway-api/backend-policy-sections-conflict", "gateway-api/backend-policy-conflict"),
		remarked(`it does nothing: Kong reads a policy where .*`, "gateway-api/backend-policy-unreached"),
		anywhere(remarked(`it has no BackendTLSPolicy, and another .*|the policies of the backends of a rule differ`), "gateway-api/backend-policies-differ"),
		remarked(`Kong .* Services .*`, "kong/backends-differ"),
		// Clients of Gateways.
		remarked(`(Kong|Traefik|Gloo Gateway) does not read it`, "gateway-api/client-validation-unsupported", "gloo/listener-client-certificate-implied"),
		remarked(`(Cilium|NGINX Gateway Fabric) does not read it`, "gateway-api/backend-names-unread"),
		remarked(`Istio does not show it`, "gateway-api/client-certificate-unread"),
		remarked(`it has no validation for this port|it holds for listeners of protocol HTTPS only`, "gateway-api/client-validation-unused"),
		remarked(`it replaces the default for the port, and has no validation`, "gateway-api/client-validation-off-for-port"),
		remarked(`it takes the place of the policy for the whole, .*`, "envoy-gateway/client-validation-lost"),
		remarked(`it verifies, and names no CA`, "envoy-gateway/client-ca-missing"),
		remarked(`ssl_verify_client optional_no_ca`, "gateway-api/client-validation-insecure"),
		remarked(`Istio knows no such mode, .*`, "gateway-api/terminate-mode-open"),
		// Listeners.
		remarked(`.* leaves out a listener of this protocol without tls`, "gateway-api/https-without-tls"),
		remarked(`.* passes TLS through and has certificates`, "gateway-api/passthrough-with-certificate"),
		remarked(`.* leaves out a listener without certificateRefs`, "gateway-api/listener-without-certificate", "schema/invalid-value"),
		remarked(`Istio takes (one CA only|two certificates at most), .*`, "gateway-api/too-many-references"),
		remarked(`another (listener|protocol) has the .*`, "gateway-api/listener-conflict"),
		remarked(`kgateway knows no such option, .*`, "gateway-api/listener-option-unknown"),
		anywhere(remarked(`it takes no ListenerSet of .*`), "gateway-api/listener-set-not-attached"),
		remarked(`Kong takes one certificate for a listener, .*`, "kong/several-listener-certificates"),
		remarked(`without a mode it is PASSTHROUGH`, "istio/gateway-mode-missing"),
		anywhere(remarked(`.* has one of them on the port, and Istio drops the server`), "istio/gateway-host-twice"),
		remarked(`no CA is named`, "istio/upstream-ca-unset"),
		remarked(`Kong knows no protocol .*`, "kong/route-annotation-ignored", "kong/protocol-unknown"),
		// Gloo.
		remarked(`Gloo reads the paths as if .*`, "gloo/files-refused", "gloo/certificate-missing", "gloo/names-without-ca"),
		remarked(`it has no namespace, and Gloo .*`, "gloo/secret-namespace-missing"),
		remarked(`it names no certificate`, "gloo/certificate-missing"),
		remarked(`it names no CA|it has no sslConfig with a CA`, "gloo/upstream-not-verified", "gloo/names-without-ca"),
		remarked(`there is no CA, and Gloo refuses .*`, "gloo/names-without-ca"),
		// Traefik's reading of annotations of ingress-nginx.
		remarked(`Traefik takes all but true for false`, "traefik/boolean-not-true"),
		remarked(`Traefik takes it for the name`, "traefik/server-name-literal"),
		remarked(`the rule has no host, by which TLS options are found`, "traefik/client-certificates-without-host"),
		remarked(`routers of the host have other TLS options too, .*`, "traefik/client-certificates-off-for-host"),

		// How it is meant to be, or not about TLS.
		remarked(`(Service|Backend) \S+ (does not exist|is not in this tree).*`),
		remarked(`this is so for .*; other backends of the rule have it better`),
		remarked(`it is older than the policy, and has no tls`),
		remarked(`it has none|the Secret has no ca.crt`),
		// A domain may be there for clients that ask for another name.
		remarked(`the host is none of them(, and connections come to .*)?`),
		remarked(`Kong has the route for HTTPS only`),
		// What is written, or meant for another controller.
		remarked(`who fails is let in as this consumer|Kong passes over it: .*|of two global plugins mtls-auth .*`),
		remarked(`NGINX Gateway Fabric passes over an entry without validation`),
		remarked(`it does nothing: the route keeps the host of the client`),
		remarked(`it has no tls, and only then ssl-redirect does something`),
		remarked(`Traefik calls port 443, .*`),
		// Rules that are off but in the profile strict: kgateway/backend-not-verified, istio/upstream-name-unverified.
		remarked(`it has no (verifySubjectAltNames|sni to compare .*)`),
		remarked(`Istio compares no name with the certificate .*`),
	}
}
