// Package controlplane runs a real etcd and a real kube-apiserver, with the CRDs that tlsward has rules for. envtest
// drives them; what this package adds is what faults need: both can be stopped, stalled and started again on the same
// data, and a second API server leads into the cluster past every webhook. It knows nothing of tlsward.
package controlplane

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
	"sigs.k8s.io/controller-runtime/pkg/envtest"

	"github.com/tlsward/tlsward/test/e2e/repository"
)

// Options say what kind of control plane is wanted.
type Options struct {
	// Folder takes data, certificates and logs. It must exist.
	Folder string
	// Gateways is which of Gateway API's CRDs are there at the start; the zero value is none.
	Gateways Gateways
	// CertManager: so are cert-manager's.
	CertManager bool
	// BackDoor runs a second API server on the same data that calls no webhook.
	BackDoor bool
	// Arguments are further ones of kube-apiserver, as "name=value".
	Arguments []string
}

// Plane is a running control plane.
type Plane struct {
	// Config is the administrator's.
	Config *rest.Config
	// Network is what the API server reaches Services through.
	Network  *Network
	folder   string
	assets   string
	env      *envtest.Environment
	backDoor *envtest.APIServer
	logs     []*os.File
}

// startTimeout is for machines that do something else beside; a quiet one takes three seconds.
const startTimeout = 2 * time.Minute

// Start starts a control plane. Stop must be called also if it failed.
func Start(ctx context.Context, o Options) (*Plane, error) {
	assets, err := repository.Assets()
	if err != nil {
		return nil, err
	}
	p := &Plane{folder: o.Folder, assets: assets}
	if err := p.start(ctx, o); err != nil {
		return nil, errors.Join(fmt.Errorf("control plane in %s: %w", o.Folder, err), p.Stop())
	}
	return p, nil
}

func (p *Plane) start(ctx context.Context, o Options) error {
	var err error
	if p.Network, err = listen(); err != nil {
		return err
	}
	selector, err := p.egressSelector()
	if err != nil {
		return err
	}
	etcd := &envtest.Etcd{DataDir: filepath.Join(p.folder, "data")}
	server := &envtest.APIServer{CertDir: filepath.Join(p.folder, "certificates")}
	for _, dir := range []string{etcd.DataDir, server.CertDir} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return err
		}
	}
	if etcd.Path, etcd.Out, err = p.leash("etcd", "etcd"); err != nil {
		return err
	}
	if server.Path, server.Out, err = p.leash("kube-apiserver", "kube-apiserver"); err != nil {
		return err
	}
	etcd.Err, server.Err = etcd.Out, server.Out
	server.Configure().Set("egress-selector-config-file", selector)
	// Without it, a server that is told to stop waits a minute for watches to end by themselves.
	server.Configure().Set("shutdown-watch-termination-grace-period", "2s")
	// Every scene in a namespace of its own has more Services than envtest's /24 has addresses.
	server.Configure().Set("service-cluster-ip-range", "10.0.0.0/16")
	for _, argument := range o.Arguments {
		name, value, _ := strings.Cut(argument, "=")
		server.Configure().Append(name, value)
	}
	p.env = &envtest.Environment{
		ControlPlane: envtest.ControlPlane{Etcd: etcd, APIServer: server, KubectlPath: p.Kubectl()},
		// The installation is a test's own.
		ControlPlaneStartTimeout: startTimeout,
		ControlPlaneStopTimeout:  time.Minute,
	}
	if p.Config, err = p.env.Start(); err != nil {
		return err
	}
	if o.BackDoor {
		if err := p.openBackDoor(); err != nil {
			return err
		}
	}
	if o.CertManager {
		if err := p.InstallCertManager(ctx); err != nil {
			return err
		}
	}
	return p.InstallGateways(ctx, o.Gateways)
}

// Kubectl is the path of a kubectl of the API server's version.
func (p *Plane) Kubectl() string { return filepath.Join(p.assets, "kubectl") }

// Stop ends what was started. Data and logs stay.
func (p *Plane) Stop() error {
	var errs []error
	if p.backDoor != nil {
		errs = append(errs, p.backDoor.Stop())
	}
	if p.env != nil {
		errs = append(errs, p.env.Stop())
	}
	if p.Network != nil {
		errs = append(errs, p.Network.Close())
	}
	for _, log := range p.logs {
		errs = append(errs, log.Close())
	}
	return errors.Join(errs...)
}

// openBackDoor starts the second API server, as in a cluster with several: same data, same certificates, another port.
func (p *Plane) openBackDoor() error {
	front := p.env.ControlPlane.APIServer
	server := &envtest.APIServer{
		CertDir: front.CertDir, EtcdURL: front.EtcdURL, StartTimeout: startTimeout, StopTimeout: time.Minute,
		SecureServing: envtest.SecureServing{CA: front.CA, Authn: front.Authn},
	}
	var err error
	if server.Path, server.Out, err = p.leash("back-door", "kube-apiserver"); err != nil {
		return err
	}
	server.Err = server.Out
	server.Configure().Append("disable-admission-plugins",
		"ServiceAccount", "MutatingAdmissionWebhook", "ValidatingAdmissionWebhook", "ValidatingAdmissionPolicy", "MutatingAdmissionPolicy")
	// Whoever comes this way clears up after tests.
	server.Configure().Append("delete-collection-workers", "8")
	p.backDoor = server
	return server.Start()
}

// BackDoor is the administrator's way past every webhook and admission policy.
func (p *Plane) BackDoor() *rest.Config {
	config := rest.CopyConfig(p.Config)
	config.Host = p.backDoor.SecureServing.URL("https", "/").String()
	return config
}

// User returns how somebody without any permission of their own reaches the API server.
func (p *Plane) User(name string, groups ...string) (*rest.Config, error) {
	user, err := p.env.AddUser(envtest.User{Name: name, Groups: groups}, &rest.Config{QPS: -1})
	if err != nil {
		return nil, err
	}
	return user.Config(), nil
}

// StopServer stops the API server as an upgrade of it does: told to, it lets requests end.
func (p *Plane) StopServer() error { return p.env.ControlPlane.APIServer.Stop() }

// StartServer starts it again, at the same address.
func (p *Plane) StartServer() error { return p.env.ControlPlane.APIServer.Start() }

// StallStore stops etcd's clock: it neither answers nor refuses, as with a disk that hangs. ResumeStore lets it go on.
func (p *Plane) StallStore() error { return p.signal("etcd", syscall.SIGSTOP) }

// ResumeStore undoes StallStore.
func (p *Plane) ResumeStore() error { return p.signal("etcd", syscall.SIGCONT) }

// WriteKubeconfig writes the kubeconfig of somebody.
func WriteKubeconfig(file string, config *rest.Config, namespace string) error {
	const name = "tlsward"
	return clientcmd.WriteToFile(clientcmdapi.Config{
		Clusters: map[string]*clientcmdapi.Cluster{name: {Server: config.Host, CertificateAuthorityData: config.CAData}},
		AuthInfos: map[string]*clientcmdapi.AuthInfo{name: {
			ClientCertificateData: config.CertData, ClientKeyData: config.KeyData, Token: config.BearerToken,
		}},
		Contexts:       map[string]*clientcmdapi.Context{name: {Cluster: name, AuthInfo: name, Namespace: namespace}},
		CurrentContext: name,
	}, file)
}

// Address is where the API server listens.
func (p *Plane) Address() string {
	parsed, err := url.Parse(p.Config.Host)
	if err != nil {
		return p.Config.Host
	}
	return net.JoinHostPort(parsed.Hostname(), parsed.Port())
}
