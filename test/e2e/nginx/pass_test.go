package nginx

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tlsward/tlsward/effective"
	"github.com/tlsward/tlsward/effective/effectivetest"
	"github.com/tlsward/tlsward/pki/pkitest"
)

// pass puts the controller's own TCP proxy before nginx, with what the controller tells it of the cluster's addresses, behind each of
// which a Service answers with a certificate of its own.
func (k *knocker) pass(t *testing.T, r *real, mint *pkitest.Mint) {
	t.Helper()
	// The controller has nginx told who the client is, by which it knows its proxy.
	told := server{IP: "127.0.0.1", ProxyProtocol: true, Port: k.listen(t, func(conn net.Conn) {
		from := bufio.NewReader(conn)
		if line, err := from.ReadString('\n'); err != nil || !strings.HasPrefix(line, "PROXY TCP4 ") {
			t.Errorf("the TCP proxy says %q, %v", line, err)
			return
		}
		to, err := net.Dial("unix", filepath.Join(k.folder, "443"))
		if err != nil {
			t.Error(err)
			return
		}
		defer to.Close()
		go func() {
			_, _ = io.Copy(conn, to) // whoever ends it, it is over
			conn.Close()
		}()
		_, _ = io.Copy(to, from)
	})}
	servers, ports := make([]server, 0, len(r.Proxy)), map[string]int{}
	for _, s := range r.Proxy {
		if s.IP != "" {
			address := fmt.Sprintf("%s:%d", s.IP, s.Port)
			if ports[address] == 0 {
				pair := pairOf(t, mint.Leaf(mint.Root("one"), "behind.test"))
				k.shown[address] = pair.Certificate[0]
				config := &tls.Config{Certificates: []tls.Certificate{*pair}, CurvePreferences: groups}
				ports[address] = k.listen(t, func(conn net.Conn) { _ = tls.Server(conn, config).Handshake() }) // the client says what it got
			}
			s.IP, s.Port = "127.0.0.1", ports[address]
		}
		servers = append(servers, s)
	}
	built, err := build()
	if err != nil {
		t.Fatal(err)
	}
	list, err := json.Marshal(struct {
		ServerList []server
		Default    server
	}{servers, told})
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command(built.program, "-proxy")
	var said bytes.Buffer
	command.Stderr = &said
	in, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		if err := command.Wait(); err != nil {
			t.Errorf("ingressnginx -proxy: %v\n%s", err, said.String())
		}
	})
	if _, err := in.Write(list); err != nil {
		t.Fatal(err)
	}
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("ingressnginx -proxy: %v\n%s", err, said.String())
	}
	k.proxy = strings.TrimSpace(address)
}

// listen answers on a port that is free, and returns it.
func (k *knocker) listen(t *testing.T, serve func(net.Conn)) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return // the test is over
			}
			go func() {
				defer conn.Close()
				serve(conn)
			}()
		}
	}()
	address, _ := listener.Addr().(*net.TCPAddr)
	return address.Port
}

// dial reaches nginx, or what stands before it.
func (k *knocker) dial(port int) (net.Conn, error) {
	if port == 443 && k.proxy != "" {
		return net.DialTimeout("tcp", k.proxy, 10*time.Second)
	}
	return net.DialTimeout("unix", fmt.Sprintf("%s/%d", k.folder, port), 10*time.Second)
}

// askBehind compares whom a client meets with the row of a connection that is passed through.
func (k *knocker) askBehind(t *testing.T, row *effective.Row) {
	conn, err := k.dial(443)
	if err != nil {
		t.Error(err)
		return
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Error(err)
		return
	}
	over := tls.Client(conn, &tls.Config{ServerName: row.Host, InsecureSkipVerify: true, CurvePreferences: groups}) // whose certificate it is, is compared
	err = over.Handshake()
	if answer := row.Value(effective.Answer).Is; answer != effective.Served {
		if !errors.Is(err, io.EOF) || answer != "connection closed" {
			t.Errorf("%s:443 is passed through: %v, want %s", row.Host, err, answer)
		}
		return
	}
	if err != nil {
		t.Errorf("%s:443 is passed through: %v", row.Host, err)
		return
	}
	namespace, rest, _ := strings.Cut(strings.TrimPrefix(row.Value(effective.Backend).Is, "Service "), "/")
	service, port, _ := strings.Cut(rest, ":")
	if number, named := map[string]string{"a": "80", "b": "8443"}[port]; named {
		port = number
	}
	want := k.shown[effectivetest.ClusterIP(namespace, service)+":"+port]
	if leaf := over.ConnectionState().PeerCertificates[0]; want == nil || !bytes.Equal(leaf.Raw, want) {
		t.Errorf("%s:443 is not passed through to %s", row.Host, row.Value(effective.Backend).Is)
	}
}
