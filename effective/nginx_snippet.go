package effective

import (
	"slices"
	"strings"
)

// nginxDirectives are those of TLS that a snippet may write, and which answers they are about. ngx_http_ssl_module, ngx_http_proxy_module.
func nginxDirectives(name string) []Aspect {
	switch name {
	case "ssl_verify_client":
		return []Aspect{Clients}
	case "ssl_client_certificate", "ssl_trusted_certificate", "ssl_crl":
		return []Aspect{ClientCA}
	case "ssl_verify_depth":
		return []Aspect{ClientDepth}
	case "ssl_certificate", "ssl_certificate_key":
		return []Aspect{ServerCertificate}
	case "ssl_protocols":
		return []Aspect{Protocols}
	case "ssl_reject_handshake":
		return []Aspect{Answer}
	case "proxy_ssl_verify", "grpc_ssl_verify":
		return []Aspect{Verification}
	case "proxy_ssl_trusted_certificate", "grpc_ssl_trusted_certificate", "proxy_ssl_crl", "grpc_ssl_crl":
		return []Aspect{UpstreamCA}
	case "proxy_ssl_name", "proxy_ssl_server_name", "grpc_ssl_name", "grpc_ssl_server_name":
		return []Aspect{UpstreamName}
	case "proxy_ssl_verify_depth", "grpc_ssl_verify_depth":
		return []Aspect{UpstreamDepth}
	case "proxy_ssl_certificate", "proxy_ssl_certificate_key", "grpc_ssl_certificate", "grpc_ssl_certificate_key":
		return []Aspect{UpstreamCertificate}
	case "proxy_pass", "grpc_pass":
		return []Aspect{Backend, Upstream}
	case "include":
		return []Aspect{
			Clients, ClientCA, ClientDepth, ServerCertificate, Protocols, Verification, UpstreamCA, UpstreamName, UpstreamDepth, UpstreamCertificate,
		}
	default:
		return nil
	}
}

// written is a directive that stands in a snippet.
type written struct {
	directive, snippet string
	by                 Source
}

// handwriting are directives of TLS that are written by hand, by the answer that they are about: of several the first.
type handwriting map[Aspect]written

func (h handwriting) read(text string, by Source) {
	for _, directive := range directives(text) {
		for _, aspect := range nginxDirectives(directive) {
			if _, known := h[aspect]; !known {
				h[aspect] = written{directive, text, by}
			}
		}
	}
}

// handwriting are the snippets of an Ingress, and those of the controller's ConfigMap for all (rootfs/etc/nginx/template/nginx.tmpl). What becomes of
// them beside what the template writes is nginx's affair: of one block they would be refused as duplicates, and of an outer one they are
// inherited where nothing else is said.
func (i *nginxIngress) handwriting() handwriting {
	h := handwriting{}
	for _, name := range []string{"configuration-snippet", "server-snippet"} {
		if text, there := i.annotation(name); there {
			h.read(text, i.source(name))
		}
	}
	for _, name := range []string{"location-snippet", "server-snippet", "http-snippet"} {
		s := i.setting(name)
		by := i.object.Source().Saying(name + " of the controller's configuration")
		if s.By != nil {
			by = *s.By
		}
		h.read(s.Value, by)
	}
	return h
}

// serverSnippet is what any Ingress of a host writes for the whole of its server.
func (h *nginxHost) serverSnippet() handwriting {
	if h.byHand == nil {
		h.byHand = handwriting{}
		for _, rule := range taken(h.main) {
			if text, there := rule.annotation("server-snippet"); there {
				h.byHand.read(text, rule.source("server-snippet"))
			}
		}
	}
	return h.byHand
}

// overwrite makes unknown what is written by hand.
func (h handwriting) overwrite(values *[aspects]Value) {
	for aspect, found := range h {
		v := &values[aspect]
		// What is said of TLS is about nothing where there is none.
		idle := aspect > Upstream && values[Upstream].Is != TLS || aspect < Backend && aspect != Answer && values[Transport].Is != TLS
		if idle || v.Unknown != "" || !v.Asked() && aspect != Verification {
			continue
		}
		*v = Unsettled("what nginx makes of "+found.directive+", which a snippet writes by hand", slices.Concat([]Source{found.by}, v.By)...)
		v.Conditions = []Condition{{Text: "snippet " + shortened(found.snippet), Source: found.by, Adding: Unclear}}
	}
}

// directives are the names of nginx's directives in a text: the first word of each statement, in blocks too. Arguments and comments are none.
func directives(text string) (names []string) {
	const space = " \t\r\n"
	first := true
	for text != "" {
		switch c := text[0]; {
		case strings.IndexByte(space, c) >= 0:
			text = text[1:]
		case c == ';' || c == '{' || c == '}':
			first, text = true, text[1:]
		case c == '#':
			_, text, _ = strings.Cut(text, "\n")
		case c == '"' || c == '\'':
			quoted, rest := pastQuote(text[1:], c)
			if first {
				names = append(names, quoted) // nginx takes a directive in quotes too
			}
			first, text = false, rest
		default:
			end := strings.IndexAny(text, space+";{}")
			if end < 0 {
				end = len(text)
			}
			if first {
				names = append(names, text[:end])
			}
			first, text = false, text[end:]
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// pastQuote splits at the end of a text in quotes, in which a backslash stands before what is no end.
func pastQuote(text string, quote byte) (quoted, rest string) {
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case quote:
			return text[:i], text[i+1:]
		}
	}
	return text, ""
}
