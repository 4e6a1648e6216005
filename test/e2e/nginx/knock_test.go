package nginx

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tlsward/tlsward/effective"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/pki/pkitest"
)

// knocker asks an nginx that runs what the controller wrote.
type knocker struct {
	folder  string
	clients map[string]*tls.Certificate
	shown   map[string][]byte // by Secret, or default
	// proxy is the address of the controller's TCP proxy; "" where it stands not before nginx.
	proxy string
}

// knock runs nginx and compares what clients get with the rows.
func knock(t *testing.T, rows []effective.Row, r *real, now time.Time) {
	t.Helper()
	mint := pkitest.New("trees", now)
	k := &knocker{folder: short(t), shown: map[string][]byte{}, clients: map[string]*tls.Certificate{"": nil}}
	for _, name := range []string{"one", "two"} {
		k.clients[name] = pairOf(t, mint.With(pkitest.ExtKeyUsage(x509.ExtKeyUsageClientAuth)).Leaf(mint.Root(name), "client.test"))
	}
	k.backends(t, pairOf(t, mint.Leaf(mint.Root("one"), "up.test")))
	start(t, k.folder, k.servers(t, r), k.folder+"/80")
	if r.Proxy != nil {
		k.pass(t, r, mint)
	}
	var knocks, passed atomic.Int64
	each(len(rows), func(i int) {
		row := &rows[i]
		if row.Path == "" && k.proxy != "" && row.Value(effective.Answer).Unknown == "" {
			passed.Add(1)
			k.askBehind(t, row)
		}
		if row.Path == "" || row.Value(effective.Answer).Unknown != "" || row.Value(effective.Transport).Unknown != "" {
			return
		}
		for _, client := range kube.SortedKeys(k.clients) {
			if row.Port == 80 && client != "" {
				continue
			}
			if want, certain := expected(row, client); certain {
				knocks.Add(1)
				k.ask(t, row, client, want)
			}
		}
	})
	t.Logf("%d requests are answered as the rows say, and %d connections passed through", knocks.Load(), passed.Load())
	if knocks.Load() < 500 || k.proxy != "" && passed.Load() < 5 {
		t.Error("too few requests")
	}
}

func pairOf(t *testing.T, leaf *pkitest.Issued) *tls.Certificate {
	t.Helper()
	pair, err := tls.X509KeyPair([]byte(pkitest.Bundle(leaf)), []byte(leaf.KeyPEM))
	if err != nil {
		t.Fatal(err)
	}
	return &pair
}

// backends answer in plain, and by TLS with a certificate for up.test of CA one; then they say whether they were shown one.
func (k *knocker) backends(t *testing.T, certificate *tls.Certificate) {
	t.Helper()
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.TLS != nil && len(r.TLS.PeerCertificates) > 0 {
			w.Header().Set("Shown", "yes")
		}
		_, _ = io.WriteString(w, "ok") // nginx listens, or it does not
	})
	for name, config := range map[string]*tls.Config{
		"plain": nil, "tls": {Certificates: []tls.Certificate{*certificate}, CurvePreferences: groups, ClientAuth: tls.RequestClientCert},
	} {
		listener, err := net.Listen("unix", filepath.Join(k.folder, name))
		if err != nil {
			t.Fatal(err)
		}
		if config != nil {
			listener = tls.NewListener(listener, config)
		}
		server := http.Server{Handler: handler, ErrorLog: log.New(io.Discard, "", 0)}
		go func() { _ = server.Serve(listener) }() // it ends with the test
		t.Cleanup(func() { server.Close() })
	}
}

// kept are the directives that nginx is to judge by as they are.
func kept() []string {
	return []string{
		"ssl_client_certificate", "ssl_verify_client", "ssl_verify_depth", "proxy_ssl_trusted_certificate", "proxy_ssl_verify", "proxy_ssl_verify_depth",
		"proxy_ssl_name", "proxy_ssl_server_name", "proxy_ssl_certificate", "proxy_ssl_certificate_key", "return",
	}
}

// servers are those of the controller without Lua: in place of it stand the certificate that Lua would find, and its redirect.
func (k *knocker) servers(t *testing.T, r *real) string {
	t.Helper()
	files := map[string]string{}
	for _, s := range r.Servers {
		block, _ := pem.Decode([]byte(s.PEM))
		if s.Certificate == "" || block == nil {
			continue
		}
		if _, there := files[s.Certificate]; !there {
			files[s.Certificate] = write(t, k.folder, fmt.Sprintf("c%d.pem", len(files)), s.PEM)
			k.shown[named(s.Certificate)] = block.Bytes
		}
	}
	var b strings.Builder
	// Sessions are kept by upstream, of which there is one here for all locations: what was verified once would count for another.
	fmt.Fprintf(&b, "proxy_ssl_session_reuse off;\nserver_names_hash_bucket_size 128;\nserver_names_hash_max_size 4096;\nupstream upstream_balancer { server unix:%s/tls; }\nupstream plain { server unix:%s/plain; }\n", k.folder, k.folder)
	for _, host := range kube.SortedKeys(r.blocks) {
		block := r.blocks[host]
		if strings.HasPrefix(host, "~") {
			continue
		}
		secret, certified := r.certificate(host)
		if files[secret] == "" {
			t.Fatalf("no certificate %q", secret)
		}
		name, byDefault := host, ""
		if host == "" {
			name, byDefault = "_", " default_server"
		}
		fmt.Fprintf(&b, "server {\nserver_name %q;\nlisten unix:%s/80%s;\nlisten unix:%s/443 ssl%s;\nssl_certificate %s;\nssl_certificate_key %s;\n",
			name, k.folder, byDefault, k.folder, byDefault, files[secret], files[secret])
		if first(block, "if") != nil {
			if _, matches := subjects(block); matches {
				b.WriteString("if ($ssl_client_s_dn !~ \"" + first(block, "if").words[len(first(block, "if").words)-2] + "\") { return 403; }\n")
			}
		}
		keep(&b, r, block)
		for _, d := range block {
			if first(d.block, "rewrite_by_lua_block") != nil {
				k.location(&b, r, location{host: host, path: d.words[len(d.words)-1], exact: d.words[1] == "=", block: d.block}, certified)
			}
		}
		b.WriteString("}\n")
	}
	return b.String()
}

func keep(b *strings.Builder, r *real, block []directive) {
	for _, d := range block {
		if len(d.words) < 2 || !slices.Contains(kept(), d.words[0]) {
			continue
		}
		value := strings.Join(d.words[1:], " ")
		if strings.HasPrefix(value, "/etc/") {
			value = r.folder + value
		}
		fmt.Fprintf(b, "%s %s;\n", d.words[0], value)
	}
}

func (k *knocker) location(b *strings.Builder, r *real, l location, certified bool) {
	modifier := ""
	if l.exact {
		modifier = "= "
	}
	fmt.Fprintf(b, "location %s%s {\n", modifier, l.path)
	keep(b, r, l.block)
	if argument(l.block, "return") == "" && !l.lua("force_no_ssl_redirect") && (l.lua("\tforce_ssl_redirect") || l.lua("\tssl_redirect") && certified) {
		b.WriteString("if ($scheme = http) { return 308; }\n")
	}
	fmt.Fprintf(b, "add_header Service %q always;\n", l.service())
	switch pass := argument(l.block, "proxy_pass"); {
	case argument(l.block, "return") != "":
	case strings.HasPrefix(pass, "$scheme"):
		// Of one location nginx has one set of directives, and in plain they do nothing.
		b.WriteString("set $pass https://upstream_balancer;\nif ($scheme = http) { set $pass http://plain; }\nproxy_pass $pass;\n")
	case strings.HasPrefix(pass, "https"):
		b.WriteString("proxy_pass https://upstream_balancer;\n")
	case l.service() == "":
		b.WriteString("return 404;\n") // the controller's default backend
	default:
		// The Services of the scenes speak no gRPC; that of gRPC nothing is verified is a matter of the text.
		b.WriteString("proxy_pass http://plain;\n")
	}
	b.WriteString("}\n")
}

// reply is what a client sees.
type reply struct {
	status         string
	service, shown string
}

// expected is what a row says a client gets; certain is false where the row does not say, as of names of clients.
func expected(row *effective.Row, client string) (want reply, certain bool) {
	v := row.Value
	if v(effective.Transport).Is == effective.Redirect {
		return reply{status: "308"}, true
	}
	if row.Port == 443 {
		secret := strings.TrimPrefix(v(effective.ClientCA).Is, "Secret ")
		_, name, _ := strings.Cut(secret, "/")
		root := map[string]string{"one": "one", "two": "two", "mutual": "one"}[name]
		for _, by := range v(effective.Clients).By {
			if strings.HasSuffix(by.Path.String(), `auth-tls-match-cn"]`) {
				return reply{}, false
			}
		}
		deep := strings.HasPrefix(v(effective.ClientDepth).Is, "-")
		switch v(effective.Clients).Is {
		case effective.Required:
			if client == "" || client != root || deep {
				return reply{status: "400"}, true
			}
		case effective.Optional:
			if client != "" && (client != root || deep) {
				return reply{status: "400"}, true
			}
		}
	}
	if v(effective.Answer).Is != effective.Served {
		return reply{status: v(effective.Answer).Is}, v(effective.Answer).Is != "404"
	}
	want = reply{status: "200", service: v(effective.Backend).Is}
	if v(effective.Upstream).Is != effective.TLS {
		return want, true
	}
	for _, by := range v(effective.Upstream).By {
		if strings.HasSuffix(by.Path.String(), `backend-protocol"]`) && v(effective.Verification).Is == effective.Off && len(v(effective.Verification).By) > 0 &&
			strings.Contains(v(effective.Verification).By[0].Because, "gRPC") {
			return want, true
		}
	}
	if v(effective.Verification).Is == effective.Name {
		_, name, _ := strings.Cut(v(effective.UpstreamCA).Is, "/")
		if name == "two" || v(effective.UpstreamName).Is != "up.test" || strings.HasPrefix(v(effective.UpstreamDepth).Is, "-") {
			want.status = "502"
			return want, true
		}
	}
	if v(effective.UpstreamCertificate).Is != effective.None {
		want.shown = "yes"
	}
	return want, true
}

func (k *knocker) ask(t *testing.T, row *effective.Row, client string, want reply) {
	host := strings.Replace(row.Host, "*.", "zz.", 1)
	if host == "" {
		host = "nobody.test"
	}
	path := row.Path
	if row.Match != "Exact" {
		path = strings.TrimSuffix(path, "/") + "/zz"
	}
	what := fmt.Sprintf("%s:%d %s %s, client %q", row.Host, row.Port, row.Path, row.Match, client)
	conn, err := k.dial(row.Port)
	if err != nil {
		t.Errorf("%s: %v", what, err)
		return
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Errorf("%s: %v", what, err)
		return
	}
	if row.Port == 443 {
		over := tls.Client(conn, &tls.Config{
			ServerName: host, InsecureSkipVerify: true, CurvePreferences: groups, // it is the server that is on trial
			GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
				if client == "" {
					return &tls.Certificate{}, nil
				}
				return k.clients[client], nil
			},
		})
		if err := over.Handshake(); err != nil {
			t.Errorf("%s: %v", what, err)
			return
		}
		if leaf := over.ConnectionState().PeerCertificates[0]; string(leaf.Raw) != string(k.shown[row.Value(effective.ServerCertificate).Is]) {
			t.Errorf("%s: shown is %v, want %s", what, leaf.DNSNames, row.Value(effective.ServerCertificate).Is)
		}
		conn = over
	}
	if _, err := fmt.Fprintf(conn, "GET %s HTTP/1.0\r\nHost: %s\r\n\r\n", path, host); err != nil {
		t.Errorf("%s: %v", what, err)
		return
	}
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Errorf("%s: %v", what, err)
		return
	}
	response.Body.Close()
	got := reply{status: fmt.Sprint(response.StatusCode), service: response.Header.Get("Service"), shown: response.Header.Get("Shown")}
	if want.service == "" {
		got.service = ""
	}
	if want.status != "200" {
		got.shown = ""
	}
	if got != want {
		t.Errorf("%s: got %+v, want %+v", what, got, want)
	}
}
