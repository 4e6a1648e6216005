// Command ingressnginx says what the real ingress-nginx makes of Kubernetes objects: it runs the controller's own store, extraction of
// annotations, merging and template on a stream of YAML documents, without a cluster and without nginx.
//
//	ingressnginx [-passthrough] FOLDER < objects.yaml > answer.json
//
// FOLDER becomes the root of its file system, and holds the controller's template at etc/nginx/template/nginx.tmpl. It also runs the TCP
// proxy that stands before nginx where TLS may be passed through, until its input ends; the address is what it prints:
//
//	ingressnginx -proxy < proxy.json
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"reflect"
	"syscall"
	"time"
	"unsafe"

	networking "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/kubernetes/fake"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/klog/v2"

	"k8s.io/ingress-nginx/internal/ingress/controller"
	"k8s.io/ingress-nginx/internal/ingress/controller/config"
	"k8s.io/ingress-nginx/internal/ingress/controller/ingressclass"
	"k8s.io/ingress-nginx/internal/ingress/controller/store"
	"k8s.io/ingress-nginx/internal/ingress/metric"
	"k8s.io/ingress-nginx/internal/k8s"
	"k8s.io/ingress-nginx/internal/net/ssl"
	"k8s.io/ingress-nginx/pkg/apis/ingress"
	"k8s.io/ingress-nginx/pkg/tcpproxy"
)

// The controller does these two between reading the cluster and starting nginx. They have no other name outside of its package.
//
//go:linkname getConfiguration k8s.io/ingress-nginx/internal/ingress/controller.(*NGINXController).getConfiguration
func getConfiguration(n *controller.NGINXController, ingresses []*ingress.Ingress) (sets.Set[string], []*ingress.Server, *ingress.Configuration)

//go:linkname generateTemplate k8s.io/ingress-nginx/internal/ingress/controller.(*NGINXController).generateTemplate
func generateTemplate(n *controller.NGINXController, cfg config.Configuration, ingressCfg ingress.Configuration) ([]byte, error)

// answer is what there is to know: the configuration, and what the controller hands to Lua and to its TCP proxy beside it.
type answer struct {
	Configuration string
	Servers       []server
	Passthrough   []passthrough
	// Proxy is what the TCP proxy is told: Services by their cluster addresses.
	Proxy []*tcpproxy.TCPServer
}

type server struct {
	Host    string
	Aliases []string
	// Certificate is the Secret, as namespace/name, "default", or "" where the server has none of its own.
	Certificate string
	// Names are those that the certificate is for, PEM what Lua is given of it.
	Names []string
	PEM   string
}

type passthrough struct{ Host, Namespace, Service, Port string }

func main() {
	enable := flag.Bool("passthrough", false, "--enable-ssl-passthrough")
	proxy := flag.Bool("proxy", false, "run the TCP proxy")
	flag.Parse()
	do := func() error { return run(flag.Arg(0), *enable) }
	if *proxy {
		do = func() error { return pass(os.Stdin, os.Stdout) }
	}
	if err := do(); err != nil {
		fmt.Fprintln(os.Stderr, "ingressnginx:", err)
		os.Exit(1)
	}
}

func run(folder string, enable bool) error {
	for _, name := range []string{"etc/ingress-controller/ssl", "etc/ingress-controller/geoip", "etc/nginx/lua", "tmp", "sys/fs/cgroup"} {
		if err := os.MkdirAll(filepath.Join(folder, name), 0o755); err != nil {
			return err
		}
	}
	if err := syscall.Chroot(folder); err != nil {
		return fmt.Errorf("chroot %s: %w", folder, err)
	}
	if err := os.Chdir("/"); err != nil {
		return err
	}
	objects, ingresses, err := read(os.Stdin)
	if err != nil {
		return err
	}
	klog.LogToStderr(true)
	k8s.IngressPodDetails = &k8s.PodInfo{}
	n := controller.NewNGINXController(&controller.Configuration{
		Client: fake.NewSimpleClientset(objects...), ConfigMapName: "ingress-nginx/ingress-nginx-controller", WatchNamespaceSelector: labels.Everything(),
		ListenPorts:          &config.ListenPorts{HTTP: 80, HTTPS: 443, Health: 10254, Default: 8181, SSLProxy: 442},
		EnableSSLPassthrough: enable, FakeCertificate: ssl.GetFakeSSLCert(), DisableSyncEvents: true,
		IngressClassConfiguration: &ingressclass.Configuration{Controller: ingressclass.DefaultControllerName, AnnotationValue: ingressclass.DefaultAnnotationValue},
	}, metric.NewDummyCollector())
	field := reflect.ValueOf(n).Elem().FieldByName("store")
	storer, ok := reflect.NewAt(field.Type(), unsafe.Pointer(field.UnsafeAddr())).Elem().Interface().(store.Storer)
	if !ok {
		return errors.New("NGINXController has no store")
	}
	stop := make(chan struct{})
	defer close(stop)
	storer.Run(stop)
	settle(storer, ingresses)

	_, servers, configuration := getConfiguration(n, storer.ListIngresses())
	text, err := generateTemplate(n, storer.GetBackendConfiguration(), *configuration)
	if err != nil {
		return err
	}
	a := answer{Configuration: string(text), Proxy: n.Proxy.ServerList}
	for _, s := range servers {
		a.Servers = append(a.Servers, describe(s))
	}
	for _, p := range configuration.PassthroughBackends {
		described := passthrough{Host: p.Hostname, Port: p.Port.String()}
		if p.Service != nil {
			described.Namespace, described.Service = p.Service.Namespace, p.Service.Name
		}
		a.Passthrough = append(a.Passthrough, described)
	}
	return json.NewEncoder(os.Stdout).Encode(a)
}

// pass hands connections to whom the TCP proxy finds in their first message.
func pass(in io.Reader, out io.Writer) error {
	var proxy tcpproxy.TCPProxy
	decoder := json.NewDecoder(in)
	if err := decoder.Decode(&proxy); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return // it is closed below
			}
			go proxy.Handle(conn)
		}
	}()
	fmt.Fprintln(out, listener.Addr())
	_, err = io.Copy(io.Discard, in)
	return errors.Join(err, listener.Close())
}

func read(r io.Reader) (objects []runtime.Object, ingresses int, err error) {
	decoder := yaml.NewYAMLOrJSONDecoder(r, 1<<16)
	for {
		var raw runtime.RawExtension
		if err := decoder.Decode(&raw); errors.Is(err, io.EOF) {
			return objects, ingresses, nil
		} else if err != nil {
			return nil, 0, err
		}
		if len(raw.Raw) == 0 || string(raw.Raw) == "null" {
			continue
		}
		object, _, err := scheme.Codecs.UniversalDeserializer().Decode(raw.Raw, nil, nil)
		if err != nil {
			return nil, 0, err
		}
		if _, ok := object.(*networking.Ingress); ok {
			ingresses++
		}
		objects = append(objects, object)
	}
}

// settle waits until the store has taken all Ingresses, or takes no more: those that it refuses never come.
func settle(s store.Storer, want int) {
	const pause, patience = 50 * time.Millisecond, 20
	for last, same := -1, 0; same < patience && last < want; time.Sleep(pause) {
		if now := len(s.ListIngresses()); now == last {
			same++
		} else {
			last, same = now, 0
		}
	}
	time.Sleep(patience * pause) // what they refer to
}

func describe(s *ingress.Server) server {
	described := server{Host: s.Hostname, Aliases: s.Aliases}
	switch {
	case s.SSLCert == nil:
	case s.SSLCert.Name == "":
		described.Certificate = "default"
	default:
		described.Certificate = s.SSLCert.Namespace + "/" + s.SSLCert.Name
	}
	if s.SSLCert != nil {
		described.Names, described.PEM = s.SSLCert.CN, s.SSLCert.PemCertKey
	}
	return described
}
