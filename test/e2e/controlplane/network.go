package controlplane

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// Network stands in for a cluster's network, which a control plane alone has none of: the API server asks it for a
// connection to a Service's address (an egress selector, as konnectivity is one), and it leads to whoever offered to be
// there. So webhooks are configured and called exactly as the chart has them, by Service and name, and certificates are
// checked as in a cluster.
type Network struct {
	listener net.Listener
	socket   string
	mu       sync.Mutex
	routes   map[string]Dial
	open     map[net.Conn]bool
	closed   bool
}

// Dial connects to one of a Service's endpoints.
type Dial func(ctx context.Context) (net.Conn, error)

// dialTimeout is how long a connection may take to be made: they are all local.
const dialTimeout = 5 * time.Second

// listen opens the socket in a folder of its own: a Unix socket's name has 104 bytes at most, and checkouts stand deep.
func listen() (*Network, error) {
	folder, err := os.MkdirTemp("", "tlsward-")
	if err != nil {
		return nil, err
	}
	socket := filepath.Join(folder, "net")
	listener, err := net.Listen("unix", socket)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	n := &Network{listener: listener, socket: socket, routes: map[string]Dial{}, open: map[net.Conn]bool{}}
	go n.serve()
	return n, nil
}

// Route has connections to an address, host:port, made by dial; nil takes it away.
func (n *Network) Route(address string, dial Dial) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if dial == nil {
		delete(n.routes, address)
	} else {
		n.routes[address] = dial
	}
}

// Close ends the network and every connection.
func (n *Network) Close() error {
	n.mu.Lock()
	n.closed = true
	for connection := range n.open {
		_ = connection.Close() // whoever reads from it learns of it
	}
	n.mu.Unlock()
	return errors.Join(n.listener.Close(), os.RemoveAll(filepath.Dir(n.socket)))
}

func (n *Network) serve() {
	for {
		connection, err := n.listener.Accept()
		if err != nil {
			return // closed
		}
		go n.connect(connection)
	}
}

// connect answers one CONNECT and carries bytes until either side ends.
func (n *Network) connect(from net.Conn) {
	if !n.keep(from) {
		return
	}
	defer n.drop(from)
	reader := bufio.NewReader(from)
	request, err := http.ReadRequest(reader)
	if err != nil {
		return
	}
	to, err := n.dial(request.Host)
	if err != nil {
		// Whoever is not there to hear it needs it no more.
		_, _ = fmt.Fprintf(from, "HTTP/1.1 503 %s\r\n\r\n", err)
		return
	}
	if !n.keep(to) {
		return
	}
	defer n.drop(to)
	if _, err := io.WriteString(from, "HTTP/1.1 200 Connection established\r\n\r\n"); err != nil {
		return
	}
	done := make(chan struct{}, 2)
	carry := func(to net.Conn, from io.Reader) {
		_, _ = io.Copy(to, from) // the end of a connection, however it comes, is the end
		done <- struct{}{}
	}
	go carry(to, reader)
	go carry(from, to)
	<-done
}

func (n *Network) dial(address string) (net.Conn, error) {
	n.mu.Lock()
	dial := n.routes[address]
	n.mu.Unlock()
	if dial == nil {
		return nil, errors.New("no route to " + address)
	}
	ctx, cancel := context.WithTimeout(context.Background(), dialTimeout)
	defer cancel()
	return dial(ctx)
}

func (n *Network) keep(connection net.Conn) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed {
		_ = connection.Close() // nobody is there to be told
		return false
	}
	n.open[connection] = true
	return true
}

func (n *Network) drop(connection net.Conn) {
	_ = connection.Close() // a second time, or the peer has gone: nothing to be done
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.open, connection)
}

// egressSelector writes the file that tells kube-apiserver of the network.
func (p *Plane) egressSelector() (string, error) {
	file := filepath.Join(p.folder, "egress.yaml")
	return file, os.WriteFile(file, []byte(`apiVersion: apiserver.k8s.io/v1beta1
kind: EgressSelectorConfiguration
egressSelections:
  - name: cluster
    connection:
      proxyProtocol: HTTPConnect
      transport:
        uds:
          udsName: `+p.Network.socket+"\n"), 0o600)
}
