package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/tlsward/tlsward/cmd/tlsward/memory"
	"github.com/tlsward/tlsward/config"
	"github.com/tlsward/tlsward/engine"
	"github.com/tlsward/tlsward/inventory"
	"github.com/tlsward/tlsward/inventory/watch"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/rule"
	"github.com/tlsward/tlsward/webhook"
)

// world is what a door sees of the cluster.
type world struct {
	*watch.Watcher
	store   *inventory.Store
	watcher *watch.Watcher
	secrets watch.SecretsMode
}

func (w *world) Snapshot() inventory.Reader { return w.store.Snapshot() }

// Referring lists the objects that name another one in a reference.
func (w *world) Referring(target kube.ID) []*inventory.Entry {
	return w.store.Snapshot().Referring(target)
}

// Served reports whether the cluster serves a kind.
func (w *world) Served(groupKind string) bool {
	return slices.ContainsFunc(w.Kinds(), func(k watch.KindStatus) bool { return k.GroupKind == groupKind && k.Served != "" })
}

// OnDemand reports whether objects of a kind are read one by one.
func (w *world) OnDemand(groupKind string) bool {
	return groupKind == "Secret" && w.secrets == watch.SecretsLive
}

// texts are the config and the rulebooks as they stand in the files.
type texts struct {
	config *config.Config
	books  []engine.Rulebook
	hash   string
}

// loaded is what the texts said when they were last taken over.
type loaded struct {
	texts
	engine *engine.Engine
	// info is what the metric tells.
	info buildInfo
}

// read reads config and rulebooks.
func (s *server) read() (t texts, err error) {
	t.config = &config.Config{}
	var contents bytes.Buffer
	if s.flags.config != "" {
		if t.config, err = config.Read(context.Background(), s.flags.config, config.Options{Cluster: s.flags.clusterName, Fetch: s.fetcher.Fetch}); err != nil {
			return t, err
		}
		contents.WriteString(t.config.Texts())
	} else if s.flags.clusterName != "" {
		return t, fmt.Errorf("--cluster-name %s: no config names clusters", s.flags.clusterName)
	}
	if t.books, err = rulebooks(t.config, s.flags.rulebooks); err != nil {
		return t, err
	}
	for _, book := range t.books[1:] {
		if err := digest(&contents, book.FS); err != nil {
			return t, fmt.Errorf("rulebook %s: %w", book.Name, err)
		}
	}
	t.hash = sum(contents.Bytes())
	return t, nil
}

// compile makes an engine of what was read.
func (t texts) compile() (loaded, error) {
	e, err := engine.New(engine.Settings{
		Rules: t.config.Settings, OnlyControllers: t.config.Controllers.Only, Classes: t.config.Controllers.Classes,
		ControllerSettings: t.config.Controllers.Settings, Scope: "this cluster",
	}, t.books...)
	if err != nil {
		return loaded{}, settingErrors(err, t.config)
	}
	info, err := infoOf(t.config, t.books)
	return loaded{t, e, info}, err
}

// maxRulebookFile bounds what is read of one file of a rulebook to tell whether it has changed; the engine refuses larger
// rules anyway.
const maxRulebookFile = 1 << 20

func digest(into *bytes.Buffer, files fs.FS) error {
	return fs.WalkDir(files, ".", func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := fs.Stat(files, file)
		if err != nil || info.IsDir() || info.Size() > maxRulebookFile {
			return err
		}
		data, err := fs.ReadFile(files, file)
		if err != nil {
			return err
		}
		fmt.Fprintf(into, "%s %s\n", file, sum(data))
		return nil
	})
}

func sum(data []byte) string {
	hash := sha256.Sum256(data)
	return hex.EncodeToString(hash[:])
}

// start reads config and rulebooks, and makes the door and what it sees.
func (s *server) start() error {
	t, err := s.read()
	if err != nil {
		return err
	}
	l, err := t.compile()
	if err != nil {
		return err
	}
	store := inventory.New(inventory.Options{
		Providers: l.engine.Providers(), Cluster: true, Referrers: true, External: externals(l.config),
	})
	watcher, err := watch.New(watch.Options{
		Store: store, Providers: l.engine.Providers(), Config: s.cluster,
		Secrets: s.secrets, SecretsNamespaces: s.flags.secretsNamespaces,
		Needed: l.engine.Needed(), Logger: s.log, OnChange: func(id kube.ID) { s.door.Changed(id) },
	})
	if err != nil {
		return err
	}
	s.world = &world{Watcher: watcher, store: store, watcher: watcher, secrets: s.secrets}
	s.door = webhook.New(webhook.Options{
		World: s.world, Now: s.clock, Tell: s.teller.Tell, Overdue: s.overdue, Read: s.teller.Read,
	})
	s.teller.Watch(s.door)
	s.door.SetPolicy(s.policy(l))
	if s.flags.audit {
		s.audit = s.newAuditing(l)
	}
	s.state.set(l, nil)
	s.tellLoaded(l)
	return nil
}

// overdue tells that an object which was admitted still misses what it refers to: to operators in log and metric, to whoever
// owns the object in an Event.
func (s *server) overdue(ctx context.Context, obj kube.Object, findings []rule.Finding) {
	s.teller.Overdue(ctx, obj, findings)
	regarding := &unstructured.Unstructured{Object: obj.Fields}
	for _, f := range findings {
		s.events.Eventf(regarding, nil, corev1.EventTypeWarning, "ReferenceMissing", "Admission", "%s (%s)", f.Headline(), f.Rule)
	}
}

func externals(c *config.Config) []inventory.External {
	list := make([]inventory.External, 0, len(c.External))
	for _, x := range c.External {
		list = append(list, inventory.External{Group: x.Group, Kind: x.Kind, Namespace: x.Namespace, Name: x.Name, Keys: x.Keys})
	}
	return list
}

func (s *server) policy(l loaded) webhook.Policy {
	a := l.config.Admission.WithDefaults()
	p := webhook.Policy{Reviewer: l.engine, NoRatchet: a.NoRatchet, PendingGrace: a.PendingGrace, LiveReads: a.LiveReads}
	if s.flags.liveReads > 0 {
		p.LiveReads = s.flags.liveReads
	}
	switch a.Mode {
	case config.Warn:
		p.Mode = webhook.Warn
	case config.Off:
		p.Mode = webhook.Off
	case config.Enforce:
		p.Mode = webhook.Enforce
	}
	switch a.Guard {
	case config.GuardOff:
		p.Guard = webhook.GuardOff
	case config.GuardWarn:
		p.Guard = webhook.GuardWarn
	case config.GuardDeny:
		p.Guard = webhook.GuardDeny
	}
	switch a.OnCreate {
	case config.Deny:
		p.OnCreate = webhook.Deny
	case config.Pending:
		p.OnCreate = webhook.Pending
	case config.Auto:
		p.OnCreate = webhook.Auto
	}
	return p
}

// state is what was last loaded, and what is wrong with what stands in the files now.
type state struct {
	mu     sync.Mutex
	loaded loaded
	err    error
}

func (s *state) set(l loaded, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err == nil {
		s.loaded = l
	}
	s.err = err
}

func (s *state) get() (loaded, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.loaded, s.err
}

const (
	// reloadEvery is how often config and rulebooks are read. A mounted ConfigMap changes within a minute anyway (kubelet's sync).
	reloadEvery = 2 * time.Second
	// lookEvery is how often the config is looked at from outside, which takes microseconds: who watches for a change has it at once.
	lookEvery = 250 * time.Millisecond
)

// reload follows config and rulebooks until ctx ends. What cannot be read or is wrong leaves the old policy in force, and
// shows in the log and in tlsward_config_valid.
func (s *server) reload(ctx context.Context) {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	var read time.Time
	var seen os.FileInfo
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			now, _ := os.Stat(s.flags.config) // a reading says why
			if time.Since(read) >= reloadEvery || !unchanged(seen, now) {
				read, seen = time.Now(), now
				s.reloadOnce()
			}
		}
	}
}

// unchanged reports whether a file looks as it did; nil is none.
func unchanged(before, now os.FileInfo) bool {
	if before == nil || now == nil {
		return before == nil && now == nil
	}
	return os.SameFile(before, now) && before.ModTime().Equal(now.ModTime()) && before.Size() == now.Size()
}

func (s *server) tellLoaded(l loaded) {
	s.log.Info("loaded", "config", s.flags.config, "mode", l.config.Admission.Mode.String(), "guard", l.config.Admission.Guard.String(),
		"rules", len(l.engine.Rules()), "rulebook", l.info.rulebook, "digest", l.info.config)
}

func (s *server) reloadOnce() {
	before, said := s.state.get()
	t, err := s.read()
	if err == nil && t.hash == before.hash {
		s.state.set(before, nil)
		return
	}
	var l loaded
	if err == nil {
		l, err = t.compile()
	}
	if err == nil && !reflect.DeepEqual(l.engine.Providers().Providers, before.engine.Providers().Providers) {
		// The inventory is laid out for the kinds, references and peers it was filled with.
		err = errors.New("a rulebook's provider.yaml has changed, which takes a restart")
	}
	if err != nil {
		if said == nil || said.Error() != err.Error() {
			s.log.Error("what stands in the config and the rulebooks is not in force", "error", err)
		}
		s.state.set(before, err)
		return
	}
	s.world.store.SetExternal(externals(l.config))
	s.door.SetPolicy(s.policy(l))
	if s.audit != nil {
		s.audit.SetReviewer(l.engine)
	}
	s.state.set(l, nil)
	s.tellLoaded(l)
}

var (
	configValid = prometheus.NewDesc("tlsward_config_valid", "1 while what stands in the config and the rulebooks is in force.", nil, nil)
	notAfter    = prometheus.NewDesc("tlsward_serving_certificate_not_after_seconds", "End of the serving certificate, in Unix time.", nil, nil)
	built       = prometheus.NewDesc(buildInfoName, "1, with the program's version, that of the rulebook in force, and a digest of what the config decides about rules.", []string{"version", "rulebook", "config"}, nil)
	memoryLimit = prometheus.NewDesc("tlsward_memory_limit_bytes", "Memory that the container may use. There is none without a limit.", nil, nil)
	uncovered   = prometheus.NewDesc("tlsward_uncovered_kinds", "Kinds that rules judge and our webhook configuration does not send.", nil, nil)
)

// Describe implements prometheus.Collector.
func (s *server) Describe(to chan<- *prometheus.Desc) {
	to <- configValid
	to <- notAfter
	to <- memoryLimit
	to <- uncovered
	to <- built
}

// Collect implements prometheus.Collector.
func (s *server) Collect(to chan<- prometheus.Metric) {
	valid := 1.0
	l, err := s.state.get()
	if err != nil {
		valid = 0
	}
	to <- prometheus.MustNewConstMetric(built, prometheus.GaugeValue, 1, l.info.version, l.info.rulebook, l.info.config)
	to <- prometheus.MustNewConstMetric(configValid, prometheus.GaugeValue, valid)
	to <- prometheus.MustNewConstMetric(uncovered, prometheus.GaugeValue, float64(s.missing.Load()))
	if limit, ok := memory.Limit(); ok {
		to <- prometheus.MustNewConstMetric(memoryLimit, prometheus.GaugeValue, float64(limit))
	}
	if end, err := s.flags.certificateEnd(); err == nil {
		to <- prometheus.MustNewConstMetric(notAfter, prometheus.GaugeValue, float64(end.Unix()))
	}
}

// certificateEnd reads when the serving certificate ends.
func (f *serveFlags) certificateEnd() (time.Time, error) {
	data, err := os.ReadFile(filepath.Join(f.certificates, "tls.crt"))
	if err != nil {
		return time.Time{}, err
	}
	block, _ := pem.Decode(data)
	if block == nil {
		return time.Time{}, errors.New("tls.crt: no PEM")
	}
	certificate, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return time.Time{}, err
	}
	return certificate.NotAfter, nil
}
