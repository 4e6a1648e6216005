package migrate

import (
	"slices"
	"strconv"
	"strings"

	"github.com/tlsward/tlsward/effective"
	"github.com/tlsward/tlsward/inventory"
	"github.com/tlsward/tlsward/kube"
)

const annotationPrefix = "nginx.ingress.kubernetes.io/"

// fate is what becomes of an annotation. The zero value is of those that are not known: they may do anything.
type fate int

// refuses: what it does is lost, and without it the host would let in, or answer, what it does not now. drops: what it does is lost, and
// lets nobody in. carries: rows have what it does.
const (
	refuses fate = iota
	drops
	carries
)

// access and routing are annotations for which a host is left out, by why. What is in neither is not known here.
func access() []string {
	return []string{
		"allowlist-source-range", "auth-cache-duration", "auth-cache-key", "auth-always-set-cookie", "auth-keepalive", "auth-keepalive-requests",
		"auth-keepalive-share-vars", "auth-keepalive-timeout", "auth-method", "auth-proxy-set-headers", "auth-realm", "auth-request-redirect",
		"auth-response-headers", "auth-secret", "auth-secret-type", "auth-signin", "auth-signin-redirect-param", "auth-snippet", "auth-type",
		"auth-url", "configuration-snippet", "denylist-source-range", "enable-global-auth", "enable-modsecurity", "enable-owasp-core-rules",
		"limit-allowlist", "limit-burst-multiplier", "limit-connections", "limit-rate", "limit-rate-after", "limit-rpm", "limit-rps",
		"limit-whitelist", "modsecurity-snippet", "modsecurity-transaction-id", "satisfy", "server-snippet", "stream-snippet", "whitelist-source-range",
	}
}

func routing() []string {
	return []string{
		"app-root", "default-backend", "fastcgi-index", "fastcgi-params-configmap", "from-to-www-redirect", "permanent-redirect",
		"permanent-redirect-code", "rewrite-target", "temporal-redirect", "temporal-redirect-code", "upstream-vhost", "use-regex",
	}
}

// fates are those of annotations (ingress-nginx v1.15.1, docs/user-guide/nginx-configuration/annotations.md). Those not listed here are
// refused.
func fates() map[string]fate {
	all := map[string]fate{}
	for _, name := range []string{
		"auth-tls-secret", "auth-tls-verify-client", "auth-tls-verify-depth", "auth-tls-error-page", "backend-protocol", "canary",
		"canary-weight", "canary-weight-total", "force-ssl-redirect", "proxy-ssl-name", "proxy-ssl-secret", "proxy-ssl-server-name",
		"proxy-ssl-verify", "proxy-ssl-verify-depth", "server-alias", "ssl-passthrough", "ssl-redirect",
	} {
		all[name] = carries
	}
	for _, name := range []string{
		"affinity", "affinity-canary-behavior", "affinity-mode", "client-body-buffer-size", "connection-proxy-header",
		"cors-allow-credentials", "cors-allow-headers", "cors-allow-methods", "cors-allow-origin", "cors-expose-headers", "cors-max-age",
		"custom-headers", "custom-http-errors", "disable-proxy-intercept-errors", "enable-access-log", "enable-cors", "enable-opentelemetry",
		"enable-rewrite-log", "http2-push-preload", "load-balance", "mirror-host", "mirror-request-body", "mirror-target",
		"opentelemetry-operation-name", "opentelemetry-trust-incoming-span", "preserve-trailing-slash", "proxy-body-size",
		"proxy-buffer-size", "proxy-buffering", "proxy-buffers-number", "proxy-busy-buffers-size", "proxy-connect-timeout",
		"proxy-cookie-domain", "proxy-cookie-path", "proxy-http-version", "proxy-max-temp-file-size", "proxy-next-upstream",
		"proxy-next-upstream-timeout", "proxy-next-upstream-tries", "proxy-read-timeout", "proxy-redirect-from", "proxy-redirect-to",
		"proxy-request-buffering", "proxy-send-timeout", "proxy-ssl-ciphers", "proxy-ssl-protocols", "relative-redirects", "service-upstream",
		"session-cookie-change-on-failure", "session-cookie-conditional-samesite-none", "session-cookie-domain", "session-cookie-expires",
		"session-cookie-max-age", "session-cookie-name", "session-cookie-path", "session-cookie-samesite", "session-cookie-secure",
		"ssl-ciphers", "ssl-prefer-server-ciphers", "upstream-hash-by", "upstream-hash-by-subset", "upstream-hash-by-subset-size",
		"use-port-in-redirects", "x-forwarded-prefix",
	} {
		all[name] = drops
	}
	return all
}

// annotations judges those of an Ingress that has a part in a host.
func (s *site) annotations(p *plan, o *effective.Object) {
	field, _ := o.Field("metadata", "annotations")
	annotations, _ := field.(map[string]any)
	for _, key := range kube.SortedKeys(annotations) {
		at := o.Source("metadata", "annotations", key)
		name, own := strings.CutPrefix(key, annotationPrefix)
		value, _ := annotations[key].(string)
		switch {
		case !own && (key == "cert-manager.io/issuer" || key == "cert-manager.io/cluster-issuer" || key == "kubernetes.io/tls-acme"):
			s.remark(Step, at, "cert-manager makes the certificate of "+titleOf(s.host)+" for the Ingress, and renews it no more once that is gone: write a Certificate for the Secret before")
		case !own:
		case name == "auth-tls-match-cn":
			s.remark(LeftOut, at, "nothing in Gateway API compares a client certificate's common name: without it whoever the CA has issued a certificate for is let in")
		case name == "auth-tls-pass-certificate-to-upstream":
			if on, _ := strconv.ParseBool(value); on {
				s.remark(LeftOut, at, "the backend is passed the client's certificate in the header ssl-client-cert, which no controller of Gateway API sends; "+p.target.forwards())
			}
		case name == "auth-tls-error-page":
			if s.asksClients() {
				s.remark(Changed, at, "there is no page for clients without a certificate: the handshake fails")
			}
		case name == "canary-by-header" || name == "canary-by-header-value" || name == "canary-by-header-pattern" || name == "canary-by-cookie":
			s.remark(LeftOut, at, "only canaries by weight are written")
		case name == "backend-protocol":
			if protocol := strings.ToUpper(strings.TrimSpace(value)); slices.Contains([]string{"GRPC", "GRPCS", "FCGI"}, protocol) {
				s.remark(LeftOut, at, "backends of protocol "+protocol+" are not written: it takes a GRPCRoute, or cannot be said")
			}
		default:
			switch p.fates[name] {
			case carries:
			case drops:
				s.remark(Dropped, at, dropped(name, p.target))
			case refuses:
				s.remark(LeftOut, at, refusal(name, p.target))
			}
		}
	}
}

// dropped says of an annotation why the host is written without it.
func dropped(name string, t *target) string {
	switch name {
	case "ssl-ciphers", "ssl-prefer-server-ciphers":
		return "clients may speak the ciphers that are " + t.title + "'s own: Gateway API has no list of them"
	case "proxy-ssl-ciphers", "proxy-ssl-protocols":
		return "backends are called by the versions and ciphers that are " + t.title + "'s own: a BackendTLSPolicy has no list of them"
	default:
		return "nothing of Gateway API says it; it lets nobody in"
	}
}

// refusal says of an annotation why the host is not written without it.
func refusal(name string, t *target) string {
	switch {
	case slices.Contains(access(), name):
		return "it keeps requests out, or may, and nothing that is written for " + t.title + " does"
	case slices.Contains(routing(), name):
		return "it has requests answered in another way, which is not written"
	default:
		return "nobody here knows what it does: if nothing, remove it"
	}
}

// forwards says how the controller has backends know a client's certificate.
func (t *target) forwards() string {
	switch t.name {
	case "envoy-gateway":
		return "Envoy Gateway sends x-forwarded-client-cert (spec.headers.xForwardedClientCert of a ClientTrafficPolicy): have the backend read that, and remove the annotation"
	case "istio", "kgateway":
		return "Envoy sends x-forwarded-client-cert: have the backend read that, and remove the annotation"
	default:
		return "have the backend do without it, and remove the annotation"
	}
}

// guards are settings of the ConfigMap by which all hosts are guarded, or may be (docs/user-guide/nginx-configuration/configmap.md).
func guards() []string {
	return []string{
		"allowlist-source-range", "block-cidrs", "block-referers", "block-user-agents", "denylist-source-range", "enable-modsecurity",
		"enable-owasp-modsecurity-crs", "global-auth-url", "http-snippet", "limit-rate", "limit-rate-after", "location-snippet", "main-snippet",
		"modsecurity-snippet", "plugins", "proxy-set-headers", "server-snippet", "stream-snippet", "whitelist-source-range",
	}
}

// answers are settings of the ConfigMap that change what clients get, and let nobody in.
func answers() []string {
	return []string{"add-headers", "custom-http-errors", "hide-headers", "http-redirect-code"}
}

// settings leaves out all hosts where a ConfigMap in sight keeps somebody out of all of them.
func (p *plan) settings() {
	for _, entry := range p.tree.Inventory.Kind(inventory.Installation(Source), "", kube.ID{}) {
		data, _ := entry.Object().Fields["data"].(map[string]any)
		if entry.ID.Kind != "ConfigMap" {
			continue
		}
		for _, name := range answers() {
			if value, _ := data[name].(string); strings.TrimSpace(value) != "" {
				p.general = append(p.general, Remark{
					Kind: Dropped, All: true, Source: effective.Source{Object: entry.ID, Path: kube.Path{"data", name}},
					Why: "nothing that is written says it; it lets nobody in",
				})
			}
		}
		for _, name := range guards() {
			value, _ := data[name].(string)
			if value = strings.TrimSpace(value); value == "" || value == "false" {
				continue
			}
			at := effective.Source{Object: entry.ID, Path: kube.Path{"data", name}}
			for _, s := range p.sites {
				if !s.stays {
					s.remark(LeftOut, at, "it keeps requests out of all hosts, or may, and nothing that is written for "+p.target.title+" does")
				}
			}
		}
	}
}
