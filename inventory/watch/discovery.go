package watch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	apidiscovery "k8s.io/api/apidiscovery/v2"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/version"
	"k8s.io/utils/clock"

	"github.com/tlsward/tlsward/kube"
)

// resource is where objects of a kind are served.
type resource struct {
	schema.GroupVersionResource
	namespaced bool
}

// sight is what discovery knows of a kind. The zero value is the safe one.
type sight int

// unseen: not asked yet, or missing from an answer that need not be whole. served: it has a resource. absent: the cluster
// does not know the kind, so that no object of it exists.
const (
	unseen sight = iota
	served
	absent
)

// discovery asks the API server which kinds it serves, and where. There is no watch for that: one on
// CustomResourceDefinitions would need permissions of its own, and say nothing of kinds that are built in. Aggregated
// discovery is one request for everything, and 304 without a body as long as nothing changes.
//
// That a kind is missing is believed with care, because a kind believed absent is one whose objects are denied for being
// absent: an API server that starts answers discovery before it has loaded its CustomResourceDefinitions. So it must also
// call itself ready (it does once its discovery is whole), and a kind that was there before must be missing for a while.
// Where the API server does not tell whether it is ready, any kind must be.
type discovery struct {
	*clients
	clock  clock.Clock
	wanted []string

	// turn is taken by who asks; it guards etag and makes others wait for that answer.
	turn chan struct{}
	etag string

	mu       sync.RWMutex
	answered time.Time
	err      error
	// core and groups are the resources of wanted kinds in /api and /apis. The core group has no late comers: it is read
	// once.
	core, groups map[string]resource
	missing      map[string]gap
}

// gap is a wanted kind that discovery does not list.
type gap struct {
	since time.Time
	// was: it had been there. believed: the cluster does not serve it.
	was, believed bool
}

const (
	// discoveryTimeout bounds one question: an answer takes milliseconds, and one that hangs must not hide the next.
	discoveryTimeout = 5 * time.Second
	// maxDiscovery bounds an answer: a cluster with 1,000 kinds has one of about 1 MiB.
	maxDiscovery = 64 << 20
	// aggregated is what aggregated discovery is called; v2beta1 (Kubernetes 1.27 to 1.29) has the same shape.
	aggregated = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList," +
		"application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList"
)

func newDiscovery(clients *clients, clock clock.Clock, wanted []string) *discovery {
	return &discovery{clients: clients, clock: clock, wanted: wanted, turn: make(chan struct{}, 1), missing: map[string]gap{}}
}

// find says where a kind is served, as of the last answer.
func (d *discovery) find(groupKind string) (resource, sight) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	if at, ok := d.core[groupKind]; ok {
		return at, served
	}
	if at, ok := d.groups[groupKind]; ok {
		return at, served
	}
	if d.missing[groupKind].believed {
		return resource{}, absent
	}
	return resource{}, unseen
}

// failure is why the last question had no answer.
func (d *discovery) failure() error {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.err
}

// refresh asks, unless there is an answer that is not older than maxAge. After an error what is known stays.
func (d *discovery) refresh(ctx context.Context, settle, maxAge time.Duration) error {
	select {
	case d.turn <- struct{}{}:
		defer func() { <-d.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	if d.isFresh(maxAge) {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, discoveryTimeout)
	defer cancel()
	err := d.ask(ctx, settle)
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.err = err; err == nil {
		d.answered = d.clock.Now()
	}
	return err
}

func (d *discovery) isFresh(maxAge time.Duration) bool {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.err == nil && !d.answered.IsZero() && d.clock.Since(d.answered) < maxAge
}

func (d *discovery) ask(ctx context.Context, settle time.Duration) error {
	core, groups := d.core, d.groups // only who has the turn writes them
	if core == nil {
		var err error
		if core, _, err = d.fetch(ctx, "/api", ""); err != nil {
			return err
		}
	}
	changed, etag, err := d.fetch(ctx, "/apis", d.etag)
	if err != nil {
		return err
	}
	if changed != nil {
		groups = changed
	}
	missing := d.gaps(ctx, core, groups, settle)
	d.etag = etag
	d.mu.Lock()
	defer d.mu.Unlock()
	d.core, d.groups, d.missing = core, groups, missing
	return nil
}

// gaps lists the wanted kinds that are in no answer.
func (d *discovery) gaps(ctx context.Context, core, groups map[string]resource, settle time.Duration) map[string]gap {
	now := d.clock.Now()
	state := sync.OnceValue(func() readiness { return d.ready(ctx) })
	missing := map[string]gap{}
	for _, groupKind := range d.wanted {
		if _, ok := core[groupKind]; ok {
			continue
		}
		if _, ok := groups[groupKind]; ok {
			continue
		}
		g, known := d.missing[groupKind]
		if !known {
			_, was := d.groups[groupKind]
			g = gap{since: now, was: was}
		}
		if !g.believed {
			long := now.Sub(g.since) >= settle
			g.believed = state() == ready && (long || !g.was) || state() == untold && long
		}
		missing[groupKind] = g
	}
	return missing
}

// readiness is what the API server says of itself.
type readiness int

// notReady: it is starting, or cannot be reached. untold: it does not tell everybody.
const (
	notReady readiness = iota
	untold
	ready
)

func (d *discovery) ready(ctx context.Context) readiness {
	got, err := d.send(ctx, "/readyz", nil)
	switch {
	case err != nil:
		return notReady
	case got.status == http.StatusOK:
		return ready
	case got.status == http.StatusUnauthorized, got.status == http.StatusForbidden, got.status == http.StatusNotFound:
		return untold
	default:
		return notReady
	}
}

// fetch reads one half of discovery. It returns nil where nothing has changed since the etag.
func (d *discovery) fetch(ctx context.Context, path, etag string) (map[string]resource, string, error) {
	header := http.Header{"Accept": {aggregated}}
	if etag != "" {
		header.Set("If-None-Match", etag)
	}
	got, err := d.send(ctx, path, header)
	contentType := got.header.Get("Content-Type")
	switch {
	case err != nil:
		return nil, "", fmt.Errorf("discovery: %w", err)
	case got.status == http.StatusNotModified:
		return nil, etag, nil
	case got.status == http.StatusNotAcceptable:
		return nil, "", errors.New("discovery: the API server has no aggregated discovery, which Kubernetes has since 1.27")
	case got.status != http.StatusOK:
		return nil, "", fmt.Errorf("discovery: %s: status %d %s", path, got.status, http.StatusText(got.status))
	case !strings.Contains(contentType, "as=APIGroupDiscoveryList"):
		return nil, "", fmt.Errorf("discovery: %s: want aggregated discovery, got %s", path, contentType)
	}
	var list apidiscovery.APIGroupDiscoveryList
	if err := json.Unmarshal(got.body, &list); err != nil {
		return nil, "", fmt.Errorf("discovery: %s: %w", path, err)
	}
	return d.pick(list), got.header.Get("ETag"), nil
}

// received is an answer.
type received struct {
	status int
	header http.Header
	body   []byte
}

func (d *discovery) send(ctx context.Context, path string, header http.Header) (received, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, d.base.JoinPath(path).String(), nil)
	if err != nil {
		return received{}, err
	}
	request.Header = header
	response, err := d.http.Do(request)
	if err != nil {
		return received{}, err
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxDiscovery))
	return received{response.StatusCode, response.Header, body}, err
}

// pick takes the best version of each wanted kind: GA before beta before alpha, then the higher number. All replicas and
// every restart then read the same one.
func (d *discovery) pick(list apidiscovery.APIGroupDiscoveryList) map[string]resource {
	wanted := make(map[string]bool, len(d.wanted))
	for _, groupKind := range d.wanted {
		wanted[groupKind] = true
	}
	picked := map[string]resource{}
	for _, group := range list.Items {
		for _, v := range group.Versions {
			for _, r := range v.Resources {
				if r.ResponseKind == nil {
					continue
				}
				groupKind := kube.GroupKind(group.Name, r.ResponseKind.Kind)
				best, taken := picked[groupKind]
				if !wanted[groupKind] || taken && version.CompareKubeAwareVersionStrings(v.Version, best.Version) <= 0 {
					continue
				}
				picked[groupKind] = resource{
					GroupVersionResource: schema.GroupVersionResource{Group: group.Name, Version: v.Version, Resource: r.Resource},
					namespaced:           r.Scope == apidiscovery.ScopeNamespace,
				}
			}
		}
	}
	return picked
}
