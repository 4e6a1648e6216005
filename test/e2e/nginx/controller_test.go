package nginx

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/tlsward/tlsward/effective"
)

// real is what the program in ../ingressnginx says that ingress-nginx makes of a tree.
type real struct {
	Configuration string
	Servers       []struct {
		Host        string
		Aliases     []string
		Certificate string
		Names       []string
		PEM         string
	}
	Passthrough []struct{ Host, Namespace, Service, Port string }
	Proxy       []server

	// folder is the root of the controller's file system, with what it wrote.
	folder string
	// protocols are those of all servers.
	protocols string
	blocks    map[string][]directive
}

// server is one that the controller's TCP proxy knows.
type server struct {
	Hostname, IP  string
	Port          int
	ProxyProtocol bool
}

// build builds the controller once. It takes minutes where its modules are not there yet.
var build = sync.OnceValues(func() (struct{ program, template string }, error) {
	var built struct{ program, template string }
	folder, err := os.MkdirTemp("", "ingressnginx")
	if err != nil {
		return built, err
	}
	run := func(arguments ...string) (string, error) {
		command := exec.Command("go", arguments...)
		command.Dir = filepath.Join("..", "ingressnginx")
		command.Env = append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off", "GOFLAGS=-mod=readonly")
		output, err := command.CombinedOutput()
		if err != nil {
			return "", fmt.Errorf("go %s: %w\n%s", strings.Join(arguments, " "), err, output)
		}
		return strings.TrimSpace(string(output)), nil
	}
	built.program = filepath.Join(folder, "ingressnginx")
	if _, err = run("build", "-o", built.program, "."); err != nil {
		return built, err
	}
	module, err := run("list", "-m", "-f", "{{.Dir}}", "k8s.io/ingress-nginx")
	built.template = filepath.Join(module, "rootfs", "etc", "nginx", "template", "nginx.tmpl")
	return built, err
})

// ask has the real controller read a tree.
func ask(t *testing.T, objects string, passthrough bool) *real {
	t.Helper()
	built, err := build()
	if err != nil {
		t.Fatal(err)
	}
	r := &real{folder: t.TempDir()}
	template, err := os.ReadFile(built.template)
	if err != nil {
		t.Fatal(err)
	}
	at := filepath.Join(r.folder, "etc", "nginx", "template")
	if err := os.MkdirAll(at, 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, at, "nginx.tmpl", string(template))
	command := exec.Command(built.program, "-passthrough="+strconv.FormatBool(passthrough), r.folder)
	command.Stdin = strings.NewReader(objects)
	var said bytes.Buffer
	command.Stderr = &said
	output, err := command.Output()
	if err != nil {
		t.Fatalf("ingressnginx, which needs the right to chroot: %v\n%s", err, said.String())
	}
	if err := json.Unmarshal(output, r); err != nil {
		t.Fatal(err)
	}
	blocks, err := parse(r.Configuration)
	if err != nil {
		t.Fatal(err)
	}
	r.blocks = map[string][]directive{}
	http := first(blocks, "http")
	if http == nil {
		t.Fatal("no http block in the controller's configuration")
	}
	if d := first(http.block, "ssl_protocols"); d != nil {
		r.protocols = strings.Join(d.words[1:], " ")
	}
	for _, d := range http.block {
		if name := first(d.block, "server_name"); d.is("server") && name != nil {
			for _, host := range name.words[1:] {
				// Of servers of one name nginx takes the first.
				if _, taken := r.blocks[hostname(host)]; !taken {
					r.blocks[hostname(host)] = d.block
				}
			}
		}
	}
	return r
}

// hostname undoes what the template does to wildcards.
func hostname(name string) string {
	if name == "_" {
		return ""
	}
	if rest, found := strings.CutPrefix(name, `~^(?<subdomain>[\w-]+)\.`); found {
		return "*." + strings.ReplaceAll(strings.TrimSuffix(rest, "$"), `\.`, ".")
	}
	return name
}

// certificate looks a host up as certificate.lua does in the table that configureCertificates (controller/nginx.go) fills.
func (r *real) certificate(host string) (secret string, found bool) {
	table := map[string]string{}
	for _, s := range r.Servers {
		if s.Certificate != "" {
			table[hostname(s.Host)] = s.Certificate
		}
		for _, alias := range s.Aliases {
			delete(table, alias)
			if s.Certificate != "" && slices.ContainsFunc(s.Names, func(name string) bool { return validFor(alias, name) }) {
				table[alias] = s.Certificate
			}
		}
	}
	delete(table, "")
	for _, name := range []string{host, regexp.MustCompile(`^[^.]+\.`).ReplaceAllString(host, "*.")} {
		if secret, found := table[name]; found {
			return secret, true
		}
	}
	return "default", false
}

// validFor is IsValidHostname of internal/net/ssl.
func validFor(host, name string) bool {
	if host == name {
		return true
	}
	label, rest, _ := strings.Cut(host, ".")
	return strings.HasPrefix(name, "*.") && name[2:] == rest && !strings.Contains(label, "*")
}

// location is a place in the configuration.
type location struct {
	host, path string
	exact      bool
	block      []directive
}

// locations lists those of a host that lead to a Service of an Ingress.
func (r *real) locations(host string) []location {
	var list []location
	for _, d := range r.blocks[host] {
		if !d.is("location") {
			continue
		}
		l := location{host: host, path: d.words[len(d.words)-1], exact: d.words[1] == "=", block: d.block}
		if l.service() != "" {
			list = append(list, l)
		}
	}
	return list
}

func (l *location) variable(name string) string {
	for _, d := range l.block {
		if d.is("set") && d.words[1] == "$"+name {
			return d.words[2]
		}
	}
	return ""
}

// service is what the location leads to, by the name of its upstream; "" for the default backend of the controller. No name has a hyphen.
func (l *location) service() string {
	parts := strings.Split(l.variable("proxy_upstream_name"), "-")
	if len(parts) != 3 || parts[0] == "upstream" {
		return ""
	}
	return fmt.Sprintf("Service %s/%s:%s", parts[0], parts[1], parts[2])
}

// lua reports whether an argument of lua_ingress.rewrite is true.
func (l *location) lua(name string) bool {
	d := first(l.block, "rewrite_by_lua_block")
	return d != nil && strings.Contains(d.lua, name+" = true")
}

// read is what the configuration does with requests for a location. Values are written as package effective writes them.
func (r *real) read(l location, port int) map[effective.Aspect]string {
	server := r.blocks[l.host]
	got := map[effective.Aspect]string{}
	secret, certified := r.certificate(l.host)
	verify := argument(server, "ssl_verify_client")
	if argument(server, "ssl_client_certificate") == "" {
		verify = ""
	}
	match, matches := subjects(server)
	if port == 443 {
		got[effective.Transport], got[effective.Protocols] = effective.TLS, r.protocols
		got[effective.ServerCertificate] = named(secret)
		got[effective.Clients] = map[string]string{
			"": effective.Off, "off": effective.Off, "on": effective.Required, "optional": effective.Optional, "optional_no_ca": effective.Unverified,
		}[verify]
		switch got[effective.Clients] {
		case effective.Required, effective.Optional:
			got[effective.ClientCA] = file(argument(server, "ssl_client_certificate"))
			got[effective.ClientDepth] = number(argument(server, "ssl_verify_depth"))
			if matches {
				got[effective.Clients] = effective.Required
			}
		case effective.Unverified:
			got[effective.ClientCA] = effective.None
		}
	} else {
		got[effective.Transport] = effective.Plain
	}
	nobody := matches && !match.MatchString("")
	switch {
	case argument(server, "return") == "403", nobody && (port == 80 || got[effective.Clients] == effective.Off):
		got[effective.Answer] = "403"
		return got
	case argument(l.block, "return") == "503":
		got[effective.Answer] = "503"
		return got
	case port == 80 && !l.lua("force_no_ssl_redirect") && (l.lua("force_ssl_redirect") || l.lua("\tssl_redirect") && certified):
		return map[effective.Aspect]string{effective.Transport: effective.Redirect}
	}
	got[effective.Answer] = effective.Served
	got[effective.Backend] = l.service()
	r.upstream(got, l, server, port)
	return got
}

func (r *real) upstream(got map[effective.Aspect]string, l location, server []directive, port int) {
	get := func(name string) string {
		if own := argument(l.block, name); own != "" {
			return own
		}
		return argument(server, name)
	}
	pass := argument(l.block, "proxy_pass") + argument(l.block, "grpc_pass") + argument(l.block, "fastcgi_pass")
	scheme, _, _ := strings.Cut(pass, "://")
	if scheme == "$scheme" {
		scheme = map[int]string{80: "http", 443: "https"}[port]
	}
	switch scheme {
	case "grpcs":
		got[effective.Upstream], got[effective.Verification] = effective.TLS, effective.Off
		got[effective.UpstreamName], got[effective.UpstreamCertificate] = effective.None, effective.None
		return
	case "https":
		got[effective.Upstream] = effective.TLS
	default:
		got[effective.Upstream] = effective.Plain
		return
	}
	verifies := get("proxy_ssl_verify") == "on"
	got[effective.Verification] = effective.Off
	if verifies {
		got[effective.Verification] = effective.Name
		got[effective.UpstreamCA] = file(get("proxy_ssl_trusted_certificate"))
		got[effective.UpstreamDepth] = number(get("proxy_ssl_verify_depth"))
	}
	got[effective.UpstreamName] = effective.None
	if verifies || get("proxy_ssl_server_name") == "on" {
		got[effective.UpstreamName] = "upstream_balancer" // $proxy_host
		if name := get("proxy_ssl_name"); name != "" {
			got[effective.UpstreamName] = name
		}
	}
	got[effective.UpstreamCertificate] = effective.None
	if shown := get("proxy_ssl_certificate"); shown != "" {
		got[effective.UpstreamCertificate] = file(shown)
	}
}

// number is a depth as OpenSSL takes it, which has C's int for it.
func number(depth string) string {
	n, err := strconv.Atoi(depth)
	if err != nil {
		return depth
	}
	return strconv.Itoa(int(int32(n))) //nolint:gosec // that it wraps is the point
}

// subjects is the pattern of auth-tls-match-cn.
func subjects(server []directive) (*regexp.Regexp, bool) {
	for _, d := range server {
		if d.is("if") && slices.Contains(d.words, "$ssl_client_s_dn") {
			for _, word := range d.words {
				if strings.HasPrefix(word, "CN=") {
					return regexp.MustCompile(word), true
				}
			}
		}
	}
	return nil, false
}

// file names the Secret that the controller wrote into a file. The names of the scenes have no hyphens.
func file(path string) string {
	name := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(path), "ca-"), ".pem")
	return "Secret " + strings.Replace(name, "-", "/", 1)
}

func named(secret string) string {
	if secret == "default" {
		return "default certificate of ingress-nginx"
	}
	return "Secret " + secret
}
