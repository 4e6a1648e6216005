package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/go-logr/logr"
	"github.com/open-policy-agent/cert-controller/pkg/rotator"
	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/events"
	"k8s.io/klog/v2"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/metrics"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"
	ctrlwebhook "sigs.k8s.io/controller-runtime/pkg/webhook"

	"github.com/tlsward/tlsward/cmd/tlsward/memory"
	"github.com/tlsward/tlsward/config/remote"
	"github.com/tlsward/tlsward/inventory/watch"
	"github.com/tlsward/tlsward/webhook"
)

// serveFlags are what a deployment decides; what an operator decides stands in the config.
type serveFlags struct {
	config            string
	clusterName       string
	rulebooks         []string
	certificates      string
	webhookAddress    string
	metricsAddress    string
	healthAddress     string
	pprofAddress      string
	configuration     string
	certificateSecret string
	service           string
	namespace         string
	secrets           string
	secretsNamespaces []string
	liveReads         int
	drainDelay        time.Duration
	kubeconfig        string
	logLevel          string
	now               string
	audit             bool
}

func serveCommand(s streams) *cobra.Command {
	var f serveFlags
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Judge what comes to the API server, as an admission webhook",
		Long: `Judge what comes to the API server, as an admission webhook: /validate refuses and warns, /mutate sets defaults, and
/guard looks at changes of what others refer to, where the config asks for that. With --audit, what is in the cluster already
is judged too.

The chart in charts/tlsward installs it; docs/install.md explains how. The config file is the one that lint reads, and is read
again when it changes.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := f.serve(cmd.Context(), s); err != nil {
				return unjudged(err)
			}
			return nil
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.config, "config", "", "config file; read again when it changes (default: none, everything enforced)")
	flags.StringVar(&f.clusterName, "cluster-name", "", clusterNameHelp)
	flags.StringArrayVar(&f.rulebooks, "rulebook", nil, "directory or zip archive of further rules; may be repeated")
	flags.StringVar(&f.certificates, "certificates", "/var/run/tlsward/certificates", "directory of tls.crt and tls.key; read again when they change")
	flags.StringVar(&f.webhookAddress, "webhook-address", ":9443", "address to answer admission requests at, over HTTPS")
	flags.StringVar(&f.metricsAddress, "metrics-address", ":8080", "address of /metrics, for Prometheus; 0 for none")
	flags.StringVar(&f.healthAddress, "health-address", ":8081", "address of /healthz and /readyz")
	flags.StringVar(&f.pprofAddress, "pprof-address", "", "address of /debug/pprof; empty for none")
	flags.StringVar(&f.configuration, "webhook-configuration", "", "name of our two webhook configurations: compared with the kinds of the rules, and given the CA bundle")
	flags.StringVar(&f.certificateSecret, "certificate-secret", "", "Secret of our own namespace to keep a certificate of our own in; empty if another keeps the files")
	flags.StringVar(&f.service, "service", "tlsward", "name of our Service, for the certificate")
	flags.StringVar(&f.namespace, "namespace", os.Getenv("POD_NAMESPACE"), "our namespace")
	flags.StringVar(&f.secrets, "secrets", watch.SecretsFull.String(), "how Secrets are read: full, metadata, live or none")
	flags.StringSliceVar(&f.secretsNamespaces, "secrets-namespaces", nil, "namespaces to read Secrets in (default: all)")
	flags.IntVar(&f.liveReads, "live-reads-per-second", 0, "reads that denials may cause, by second; overrides the config's")
	flags.DurationVar(&f.drainDelay, "drain-delay", 10*time.Second, "how long to go on answering after SIGTERM, while endpoints forget us")
	flags.StringVar(&f.kubeconfig, "kubeconfig", "", "kubeconfig file (default: that of the service account)")
	flags.StringVar(&f.logLevel, "log-level", "info", "info or debug; debug also logs what was allowed")
	flags.BoolVar(&f.audit, "audit", false, "also judge what is in the cluster already, in the replica that leads: reports, Events, metrics")
	flags.StringVar(&f.now, "now", "", "judge as of this time")
	if err := flags.MarkHidden("now"); err != nil {
		panic(err) // the flag is the line above
	}
	return cmd
}

// serveGCPercent is for a process that stays: what lint trades for speed would double the memory of every replica.
const serveGCPercent = 100

func (f *serveFlags) serve(ctx context.Context, s streams) error {
	memory.Settle(f.pprofAddress != "")
	log, err := f.logger(s)
	if err != nil {
		return err
	}
	clock, err := f.clock()
	if err != nil {
		return err
	}
	secrets, err := secretsMode(f.secrets)
	if err != nil {
		return err
	}
	cluster, err := f.cluster()
	if err != nil {
		return err
	}
	teller := webhook.NewTeller(log)
	server := &server{flags: f, log: log, cluster: cluster, secrets: secrets, clock: clock, teller: teller, fetcher: fetcher()}
	if err := server.start(); err != nil {
		return err
	}
	mgr, err := f.manager(cluster, server)
	if err != nil {
		return err
	}
	if err := server.join(mgr); err != nil {
		return err
	}
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	context.AfterFunc(ctx, func() {
		// Endpoints learn of our end a moment after we do: whoever is still sent here is answered.
		log.Info("draining", "for", f.drainDelay.String())
		server.draining.Store(true)
		time.AfterFunc(f.drainDelay, stop)
	})
	return mgr.Start(running)
}

func (f *serveFlags) logger(s streams) (*slog.Logger, error) {
	var level slog.Level
	switch f.logLevel {
	case "info":
	case "debug":
		level = slog.LevelDebug
	default:
		return nil, fmt.Errorf("--log-level %s: want info or debug", f.logLevel)
	}
	handler := slog.NewJSONHandler(s.err, &slog.HandlerOptions{Level: level})
	bridge := logr.FromSlogHandler(handler)
	ctrl.SetLogger(bridge)
	klog.SetLogger(bridge)
	return slog.New(handler), nil
}

func (f *serveFlags) clock() (func() time.Time, error) {
	if f.now == "" {
		return time.Now, nil
	}
	fixed, err := time.Parse(time.RFC3339, f.now)
	if err != nil {
		return nil, fmt.Errorf("--now %s: want a time like 2026-01-31T12:00:00Z", f.now)
	}
	began := time.Now()
	return func() time.Time { return fixed.Add(time.Since(began)) }, nil
}

func secretsMode(s string) (watch.SecretsMode, error) {
	for _, mode := range []watch.SecretsMode{watch.SecretsFull, watch.SecretsMetadata, watch.SecretsLive, watch.SecretsNone} {
		if s == mode.String() {
			return mode, nil
		}
	}
	return watch.SecretsNone, fmt.Errorf("--secrets %s: want full, metadata, live or none", s)
}

func (f *serveFlags) cluster() (*rest.Config, error) {
	var cluster *rest.Config
	var err error
	if f.kubeconfig != "" {
		cluster, err = clientcmd.BuildConfigFromFlags("", f.kubeconfig)
	} else {
		cluster, err = rest.InClusterConfig()
	}
	if err != nil {
		return nil, fmt.Errorf("cluster: %w", err)
	}
	return asTlsward(cluster), nil
}

// asTlsward has requests bear our name. Live reads have a budget of their own, and lists must not use it up.
func asTlsward(cluster *rest.Config) *rest.Config {
	cluster.UserAgent = "tlsward/" + versionText()
	cluster.QPS = -1
	return cluster
}

func (f *serveFlags) manager(cluster *rest.Config, s *server) (manager.Manager, error) {
	host, port, err := splitAddress(f.webhookAddress)
	if err != nil {
		return nil, fmt.Errorf("--webhook-address: %w", err)
	}
	s.https = ctrlwebhook.NewServer(ctrlwebhook.Options{Host: host, Port: port, CertDir: f.certificates, TLSOpts: []func(*tls.Config){plainHTTP}})
	grace := 20 * time.Second
	mgr, err := ctrl.NewManager(cluster, manager.Options{
		Logger:                  logr.FromSlogHandler(s.log.Handler()),
		Metrics:                 metricsserver.Options{BindAddress: f.metricsAddress},
		HealthProbeBindAddress:  f.healthAddress,
		PprofBindAddress:        f.pprofAddress,
		GracefulShutdownTimeout: &grace,
	})
	if err != nil {
		return nil, fmt.Errorf("serve: %w", err)
	}
	return mgr, nil
}

// plainHTTP offers HTTP/1.1 alone. API servers ask webhooks for nothing else, so that their calls are spread over replicas
// (apiserver, pkg/util/webhook/client.go); and nobody else is to open and reset streams here (CVE-2023-44487).
func plainHTTP(c *tls.Config) { c.NextProtos = []string{"http/1.1"} }

func splitAddress(address string) (host string, port int, err error) {
	host, number, err := net.SplitHostPort(address)
	if err != nil {
		return "", 0, err
	}
	port, err = strconv.Atoi(number)
	if err != nil || port < 1 || port > 65535 {
		return "", 0, fmt.Errorf("address %s: want a port from 1 to 65535", address)
	}
	return host, port, nil
}

// rotate has cert-controller keep our certificate, and tells when it is there and known to the API server.
func (f *serveFlags) rotate(mgr manager.Manager) (<-chan struct{}, error) {
	ready := make(chan struct{})
	if f.certificateSecret == "" {
		close(ready)
		return ready, nil
	}
	if f.namespace == "" {
		return nil, errors.New("--certificate-secret: want --namespace, or POD_NAMESPACE in the environment")
	}
	name := f.service + "." + f.namespace + ".svc"
	r := &rotator.CertRotator{
		SecretKey: types.NamespacedName{Namespace: f.namespace, Name: f.certificateSecret},
		CertDir:   f.certificates, CAName: "tlsward", CAOrganization: "tlsward", DNSName: name,
		ExtraDNSNames: []string{f.service + "." + f.namespace, name + ".cluster.local", "localhost"},
		IsReady:       ready, FieldOwner: "tlsward",
		// Half of this before its end it is renewed; a cluster that is off over the holidays still finds a valid one.
		ServerCertDuration: 180 * 24 * time.Hour, LookaheadInterval: 90 * 24 * time.Hour, RotationCheckFrequency: time.Hour,
	}
	if f.configuration != "" {
		r.Webhooks = []rotator.WebhookInfo{
			{Name: f.configuration, Type: rotator.Validating}, {Name: f.configuration, Type: rotator.Mutating},
		}
	}
	if err := rotator.AddRotator(mgr, r); err != nil {
		return nil, fmt.Errorf("certificate: %w", err)
	}
	return ready, nil
}

// server is the running door.
type server struct {
	flags   *serveFlags
	log     *slog.Logger
	cluster *rest.Config
	secrets watch.SecretsMode
	clock   func() time.Time
	teller  *webhook.Teller
	// fetcher reads what the config extends from elsewhere, when the config is read, and never for a review.
	fetcher *remote.Fetcher
	door    *webhook.Door
	world   *world
	https   ctrlwebhook.Server
	reader  client.Reader
	events  events.EventRecorder
	state   state
	// audit is nil without --audit.
	audit    *auditing
	draining atomic.Bool
	serving  atomic.Bool
	// answers: the door has been seen to take connections.
	answers atomic.Bool
	missing atomic.Int64 // kinds that our webhook configuration does not send
}

// join adds everything that runs to the manager.
func (s *server) join(mgr manager.Manager) error {
	for path, handler := range s.door.Handlers() {
		s.https.Register(path, s.timed(path, handler))
	}
	certificate, err := s.flags.rotate(mgr)
	if err != nil {
		return err
	}
	s.reader, s.events = mgr.GetAPIReader(), mgr.GetEventRecorder("tlsward")
	metrics.Registry.MustRegister(s.teller, s.world.watcher, s)
	rest := func(ctx context.Context) {
		memory.Rest(ctx, serveGCPercent, func() bool { return s.world.watcher.Ready() == nil })
	}
	background := []func(context.Context){s.door.Run, s.reload, s.compare, rest}
	for _, run := range background {
		if err := mgr.Add(always(func(ctx context.Context) error { run(ctx); return nil })); err != nil {
			return err
		}
	}
	if err := mgr.Add(s.world.watcher); err != nil {
		return err
	}
	if s.audit != nil {
		if err := s.joinAudit(mgr); err != nil {
			return err
		}
	}
	// Not before there is a certificate: the server reads it once at its start, and from then on whenever it changes.
	if err := mgr.Add(always(func(ctx context.Context) error {
		select {
		case <-certificate:
		case <-ctx.Done():
			return nil
		}
		s.serving.Store(true)
		return s.https.Start(ctx)
	})); err != nil {
		return err
	}
	alive := func(*http.Request) error { return nil }
	return errors.Join(mgr.AddHealthzCheck("alive", alive), mgr.AddReadyzCheck("ready", s.ready))
}

// always runs in every replica.
type always func(context.Context) error

func (a always) Start(ctx context.Context) error { return a(ctx) }

func (always) NeedLeaderElection() bool { return false }

func (s *server) ready(r *http.Request) error {
	switch {
	case s.draining.Load():
		return errors.New("draining")
	case !s.serving.Load():
		return errors.New("no certificate yet")
	}
	return errors.Join(s.world.watcher.Ready(), s.open(r))
}

// open has the door connected to until that works for the first time: a connection with TLS, both ends of it ours, costs 3 ms of
// processor time, and a listener that fails later ends the process.
func (s *server) open(r *http.Request) error {
	if s.answers.Load() {
		return nil
	}
	if err := s.https.StartedChecker()(r); err != nil {
		return err
	}
	s.answers.Store(true)
	return nil
}

func (s *server) timed(path string, h http.Handler) http.Handler {
	door, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		if s.draining.Load() {
			// The API server keeps its connections; those to a pod that ends must be given up before it does.
			w.Header().Set("Connection", "close")
		}
		h.ServeHTTP(w, r)
		s.teller.Took(door, time.Since(began))
	})
}
