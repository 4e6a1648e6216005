package install

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// service stands in for what makes a Service of a cluster work: connections to its address go to one of the pods that are
// ready at that moment. Those that are made already stay where they are, as with kube-proxy.
type service struct {
	in        *Installation
	addresses []string
}

// errNoEndpoint is what a connection to a Service without ready pods ends in.
var errNoEndpoint = errors.New("connection refused: no pod of the Service is ready")

func serve(ctx context.Context, in *Installation) (*service, error) {
	stored, err := in.clients.CoreV1().Services(in.workload.service.Namespace).Get(ctx, in.workload.service.Name, metav1.GetOptions{})
	if err != nil {
		return nil, err
	}
	s := &service{in: in}
	for _, port := range stored.Spec.Ports {
		name, err := in.containerPort(port)
		if err != nil {
			return nil, err
		}
		address := net.JoinHostPort(stored.Spec.ClusterIP, strconv.Itoa(int(port.Port)))
		s.addresses = append(s.addresses, address)
		in.options.Plane.Network.Route(address, func(ctx context.Context) (net.Conn, error) { return s.dial(ctx, name) })
	}
	return s, nil
}

func (s *service) dial(ctx context.Context, port string) (net.Conn, error) {
	var endpoints []string
	for _, pod := range s.in.Pods() {
		if pod.ready.Load() {
			endpoints = append(endpoints, pod.Address(port))
		}
	}
	if len(endpoints) == 0 {
		return nil, errNoEndpoint
	}
	var dialer net.Dialer
	// Choosing an endpoint is no secret.
	connection, err := dialer.DialContext(ctx, "tcp", endpoints[rand.IntN(len(endpoints))])
	if err != nil {
		return nil, fmt.Errorf("endpoint: %w", err)
	}
	return connection, nil
}

func (s *service) stop() {
	for _, address := range s.addresses {
		s.in.options.Plane.Network.Route(address, nil)
	}
}
