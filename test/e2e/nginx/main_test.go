// Package nginx holds what package pki says of certificates against what nginx does with them. It needs no cluster: it mints
// certificates, starts the real nginx, in front of clients and of upstreams, and asks for every combination whether the prediction
// comes true. README.md of the folder above says how to run it.
package nginx

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// program is where nginx is, version what it says of itself and of OpenSSL.
var program, version string

func TestMain(m *testing.M) {
	flag.Parse()
	if err := install(); err != nil {
		fmt.Fprintln(os.Stderr, "test/e2e/nginx:", err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// install finds nginx, or installs Debian's. RUNLEVEL=1 keeps the package from starting a server of its own.
func install() (err error) {
	if program, err = exec.LookPath("nginx"); err != nil {
		for _, arguments := range [][]string{{"update"}, {"install", "--yes", "--no-install-recommends", "nginx-light"}} {
			command := exec.Command("apt-get", arguments...)
			command.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive", "RUNLEVEL=1")
			if output, err := command.CombinedOutput(); err != nil {
				return fmt.Errorf("nginx is not installed, and apt-get %s: %w\n%s", arguments[0], err, output)
			}
		}
		if program, err = exec.LookPath("nginx"); err != nil {
			return err
		}
	}
	output, err := exec.Command(program, "-V").CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s -V: %w\n%s", program, err, output)
	}
	lines := strings.Split(string(output), "\n")
	version = strings.Join(lines[:min(2, len(lines))], ", ")
	return nil
}

// configuration is the text around server blocks. Sockets are files: no port can be taken.
func configuration(folder, servers string) string {
	var b strings.Builder
	if who, err := user.Current(); err == nil && who.Uid == "0" {
		b.WriteString("user root;\n") // workers read the keys too
	}
	fmt.Fprintf(&b, "daemon off;\nworker_processes 2;\npid %[1]s/pid;\nerror_log %[1]s/error.log crit;\n"+
		"events { worker_connections 1024; }\nhttp {\naccess_log off;\n", folder)
	for _, kind := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		fmt.Fprintf(&b, "%s_temp_path %s/temp;\n", kind, folder)
	}
	b.WriteString(servers)
	b.WriteString("}\n")
	return b.String()
}

// refuses says whether nginx finds the server blocks wrong, and how.
func refuses(t *testing.T, folder, servers string) (bool, string) {
	t.Helper()
	file := write(t, folder, "tried.conf", configuration(folder, servers))
	output, err := exec.Command(program, "-t", "-q", "-p", folder, "-e", folder+"/error.log", "-c", file).CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return err != nil, string(output)
}

// start runs one nginx until the test ends.
func start(t *testing.T, folder, servers, socket string) {
	t.Helper()
	file := write(t, folder, "nginx.conf", configuration(folder, servers))
	var said bytes.Buffer
	command := exec.Command(program, "-p", folder, "-e", folder+"/error.log", "-c", file)
	command.Stdout, command.Stderr = &said, &said
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- command.Wait() }()
	t.Cleanup(func() {
		_ = command.Process.Signal(syscall.SIGTERM) // or it has ended
		select {
		case <-ended:
		case <-time.After(10 * time.Second):
			t.Error("nginx does not stop")
			_ = command.Process.Kill() // the last word
		}
	})
	deadline := time.Now().Add(time.Minute)
	for {
		conn, err := net.Dial("unix", socket)
		if err == nil {
			conn.Close()
			return
		}
		select {
		case err := <-ended:
			ended <- err
			t.Fatalf("nginx ended: %v\n%s", err, said.String())
		default:
		}
		if time.Now().After(deadline) {
			t.Fatalf("nginx does not listen: %v", err)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// groups leave out what is slow. The curves of certificates must be among them.
var groups = []tls.CurveID{tls.X25519, tls.CurveP256, tls.CurveP384}

// get asks a server for a path and returns the status, or why there is none. With a certificate, over TLS.
func get(socket, path string, certificate *tls.Certificate) (status int, err error) {
	dialer := net.Dialer{Timeout: 10 * time.Second}
	var conn net.Conn
	if conn, err = dialer.Dial("unix", socket); err != nil {
		return 0, err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		return 0, err
	}
	if certificate != nil {
		conn = tls.Client(conn, &tls.Config{
			InsecureSkipVerify: true,   // it is the other side that is on trial
			CurvePreferences:   groups, // the default costs more than all the rest
			// Whatever the server says it wants.
			GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return certificate, nil },
		})
	}
	if _, err := fmt.Fprintf(conn, "GET %s HTTP/1.0\r\nHost: api.shop.test\r\n\r\n", path); err != nil {
		return 0, err
	}
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil {
		return 0, fmt.Errorf("%q: %w", line, err)
	}
	fields := strings.Fields(line)
	if len(fields) < 2 {
		return 0, errors.New(line)
	}
	return strconv.Atoi(fields[1])
}

// backend serves a certificate over TLS until the test ends, and answers every request with 200.
func backend(t *testing.T, socket string, certificate tls.Certificate) {
	t.Helper()
	listener, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	server := http.Server{
		Handler:   http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok") }),
		TLSConfig: &tls.Config{Certificates: []tls.Certificate{certificate}, CurvePreferences: groups},
		ErrorLog:  log.New(io.Discard, "", 0), // most handshakes are meant to fail
	}
	go func() { _ = server.ServeTLS(listener, "", "") }() // it ends with the test
	t.Cleanup(func() { server.Close() })
}

// each calls f for every index, four at a time.
func each(n int, f func(i int)) {
	var group sync.WaitGroup
	next := make(chan int)
	for range 4 {
		group.Go(func() {
			for i := range next {
				f(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	group.Wait()
}

func write(t *testing.T, folder, name, text string) string {
	t.Helper()
	file := filepath.Join(folder, name)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// short makes a folder whose name leaves room for sockets, which may have 108 bytes.
func short(t *testing.T) string {
	t.Helper()
	folder, err := os.MkdirTemp("", "ngx")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) }) // it is in the system's own folder for such things
	return folder
}
