package watch

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"k8s.io/client-go/rest"

	"github.com/tlsward/tlsward/kube"
)

// cluster is an API server as far as a watcher sees one: discovery with ETags, lists in pages, field selectors on type,
// watches that resume or bring the list, metadata only where asked for, and faults on demand.
type cluster struct {
	t      *testing.T
	server *httptest.Server

	mu      sync.Mutex
	changed *sync.Cond
	version int
	served  map[string]*kindServed // by resource name
	events  map[string][]event
	// streaming: watches may bring the list. ready is what /readyz answers.
	streaming bool
	// breaking, if set, is called once before a streamed list of Secrets breaks off, and may change what there is.
	breaking func(k *kindServed)
	ready    int
	// refuse gives a request another status than 200.
	refuse func(request) int
	// closed counts up to end all open watches.
	closed int
	calls  map[string]int
}

type kindServed struct {
	groupKind, resource string
	versions            []string
	cluster             bool
	objects             map[string]map[string]any
}

type event struct {
	version int
	kind    string
	object  map[string]any
}

// request is what refuse judges by. verb is discovery, get, list or watch.
type request struct{ verb, resource, namespace, version string }

func newCluster(t *testing.T) *cluster {
	c := &cluster{
		t: t, version: 1, served: map[string]*kindServed{}, events: map[string][]event{}, calls: map[string]int{},
		streaming: true, ready: http.StatusOK,
	}
	c.changed = sync.NewCond(&c.mu)
	c.server = httptest.NewServer(c)
	t.Cleanup(func() {
		c.disconnect()
		c.server.CloseClientConnections()
		c.server.Close()
	})
	c.install("Secret", "secrets", "v1")
	c.install("ConfigMap", "configmaps", "v1")
	c.install("Service", "services", "v1")
	c.install("Ingress.networking.k8s.io", "ingresses", "v1")
	c.install("IngressClass.networking.k8s.io", "ingressclasses", "v1")
	return c
}

func (c *cluster) config() *rest.Config { return &rest.Config{Host: c.server.URL} }

// do changes the cluster and wakes its watches.
func (c *cluster) do(f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f()
	c.changed.Broadcast()
}

func (c *cluster) install(groupKind, resource string, versions ...string) {
	c.do(func() {
		c.served[resource] = &kindServed{
			groupKind: groupKind, resource: resource, versions: versions, cluster: strings.HasSuffix(resource, "classes"),
			objects: map[string]map[string]any{},
		}
	})
}

func (c *cluster) uninstall(resource string) {
	c.do(func() {
		delete(c.served, resource)
		c.closed++
	})
}

// serve changes the versions in which a kind is served.
func (c *cluster) serve(resource string, versions ...string) {
	c.do(func() {
		c.served[resource].versions = versions
		c.closed++
	})
}

func (c *cluster) disconnect() { c.do(func() { c.closed++ }) }

func (c *cluster) refusing(f func(request) int) { c.do(func() { c.refuse = f }) }

// put creates or updates an object; fields are merged into it.
func (c *cluster) put(resource, namespace, name string, fields map[string]any) {
	c.do(func() {
		c.version++
		metadata := map[string]any{
			"name": name, "uid": namespace + "-" + name, "resourceVersion": strconv.Itoa(c.version), "creationTimestamp": "2026-01-01T00:00:00Z",
			"managedFields": []any{map[string]any{"manager": "test"}},
			"annotations":   map[string]any{lastApplied: "{}", "kept": "yes"},
		}
		if namespace != "" {
			metadata["namespace"] = namespace
		}
		object := map[string]any{"metadata": metadata}
		maps.Copy(object, fields)
		k := c.served[resource]
		kind := "MODIFIED"
		if k.objects[namespace+"/"+name] == nil {
			kind = "ADDED"
		}
		k.objects[namespace+"/"+name] = object
		c.events[resource] = append(c.events[resource], event{c.version, kind, object})
	})
}

func (c *cluster) remove(resource, namespace, name string) {
	c.do(func() {
		c.version++
		k := c.served[resource]
		object := maps.Clone(k.objects[namespace+"/"+name])
		metadata, _ := object["metadata"].(map[string]any)
		metadata = maps.Clone(metadata)
		metadata["resourceVersion"] = strconv.Itoa(c.version)
		object["metadata"] = metadata
		delete(k.objects, namespace+"/"+name)
		c.events[resource] = append(c.events[resource], event{c.version, "DELETED", object})
	})
}

// compact forgets past events: a watch cannot resume and must list again.
func (c *cluster) compact() {
	c.do(func() {
		c.events = map[string][]event{}
		c.version += 100
		c.closed++
	})
}

func (c *cluster) called(what string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.calls[what]
}

func (c *cluster) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch path := r.URL.Path; path {
	case "/readyz":
		c.mu.Lock()
		status := c.ready
		c.mu.Unlock()
		w.WriteHeader(status)
	case "/api", "/apis":
		c.discover(w, r, path == "/api")
	default:
		c.resource(w, r)
	}
}

func (c *cluster) discover(w http.ResponseWriter, r *http.Request, core bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls["discovery"]++
	if c.refuse != nil {
		if status := c.refuse(request{verb: "discovery"}); status != 0 {
			w.WriteHeader(status)
			return
		}
	}
	groups := map[string]map[string][]any{}
	for _, resource := range kube.SortedKeys(c.served) {
		k := c.served[resource]
		group, kind := kube.SplitGroupKind(k.groupKind)
		if (group == "") != core {
			continue
		}
		scope := "Namespaced"
		if k.cluster {
			scope = "Cluster"
		}
		if groups[group] == nil {
			groups[group] = map[string][]any{}
		}
		for _, version := range k.versions {
			groups[group][version] = append(groups[group][version], map[string]any{
				"resource": resource, "scope": scope, "verbs": []any{"get", "list", "watch"},
				"responseKind": map[string]any{"group": group, "version": version, "kind": kind},
			})
		}
	}
	var items []any
	for _, group := range kube.SortedKeys(groups) {
		var versions []any
		for _, version := range kube.SortedKeys(groups[group]) {
			versions = append(versions, map[string]any{"version": version, "resources": groups[group][version]})
		}
		items = append(items, map[string]any{"metadata": map[string]any{"name": group}, "versions": versions})
	}
	body, _ := json.Marshal(map[string]any{"kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "items": items})
	etag := fmt.Sprintf("%q", fmt.Sprintf("%x", sha256.Sum256(body)))
	w.Header().Set("ETag", etag)
	if r.Header.Get("If-None-Match") == etag {
		c.calls["discovery-unchanged"]++
		w.WriteHeader(http.StatusNotModified)
		return
	}
	w.Header().Set("Content-Type", "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList")
	_, _ = w.Write(body)
}

// target takes a path of a resource apart.
func (c *cluster) target(path string) (k *kindServed, version, namespace, name string) {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	group := ""
	if parts[0] == "apis" {
		group, parts = parts[1], parts[1:]
	}
	version, parts = parts[1], parts[2:]
	if len(parts) > 2 && parts[0] == "namespaces" {
		namespace, parts = parts[1], parts[2:]
	}
	k = c.served[parts[0]]
	if len(parts) > 1 {
		name = parts[1]
	}
	if k == nil || !slices.Contains(k.versions, version) {
		return nil, "", "", ""
	}
	if g, _ := kube.SplitGroupKind(k.groupKind); g != group {
		return nil, "", "", ""
	}
	return k, version, namespace, name
}

func (c *cluster) resource(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	k, version, namespace, name := c.target(r.URL.Path)
	if k == nil {
		http.Error(w, "404 page not found", http.StatusNotFound)
		return
	}
	query := r.URL.Query()
	asked := request{verb: "list", resource: k.resource, namespace: namespace, version: version}
	switch {
	case name != "":
		asked.verb = "get"
	case query.Get("watch") != "":
		asked.verb = "watch"
	}
	c.calls[asked.verb+" "+k.resource]++
	if strings.Contains(r.Header.Get("Accept"), "as=PartialObjectMetadata") {
		c.calls[asked.verb+" metadata of "+k.resource]++
	}
	if labels := query.Get("labelSelector"); labels != "" {
		c.calls[asked.verb+" "+k.resource+" by "+labels]++
	}
	if c.refuse != nil {
		if status := c.refuse(asked); status != 0 {
			fail(w, status, fmt.Sprintf("%s %s refused", asked.verb, k.resource), nil)
			return
		}
	}
	show := func(object map[string]any) map[string]any { return c.show(r, k, version, object) }
	switch asked.verb {
	case "get":
		object := k.objects[namespace+"/"+name]
		if object == nil {
			fail(w, http.StatusNotFound, name+" not found", map[string]any{"name": name, "kind": k.resource})
			return
		}
		answer(w, show(object))
	case "list":
		c.list(w, r, k, namespace, show)
	case "watch":
		c.watch(w, r, k, namespace, show)
	}
}

func (c *cluster) show(r *http.Request, k *kindServed, version string, object map[string]any) map[string]any {
	group, kind := kube.SplitGroupKind(k.groupKind)
	if strings.Contains(r.Header.Get("Accept"), "as=PartialObjectMetadata") {
		return map[string]any{"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": object["metadata"]}
	}
	shown := maps.Clone(object)
	shown["kind"], shown["apiVersion"] = kind, strings.TrimPrefix(group+"/"+version, "/")
	return shown
}

// selects applies the namespace and a field selector of the form type!=a,type!=b.
func selects(r *http.Request, namespace string, object map[string]any) bool {
	metadata, _ := object["metadata"].(map[string]any)
	if namespace != "" && metadata["namespace"] != namespace {
		return false
	}
	for _, term := range strings.Split(r.URL.Query().Get("fieldSelector"), ",") {
		if left, ok := strings.CutPrefix(term, "type!="); ok && object["type"] == left {
			return false
		}
	}
	return true
}

func (c *cluster) list(w http.ResponseWriter, r *http.Request, k *kindServed, namespace string, show func(map[string]any) map[string]any) {
	limit, _ := strconv.Atoi(r.URL.Query().Get("limit"))
	items := []any{}
	next := ""
	for _, key := range kube.SortedKeys(k.objects) {
		if !selects(r, namespace, k.objects[key]) || key <= r.URL.Query().Get("continue") {
			continue
		}
		if limit > 0 && len(items) == limit {
			metadata, _ := items[limit-1].(map[string]any)["metadata"].(map[string]any)
			ns, _ := metadata["namespace"].(string)
			name, _ := metadata["name"].(string)
			next = ns + "/" + name
			break
		}
		items = append(items, show(k.objects[key]))
	}
	_, kind := kube.SplitGroupKind(k.groupKind)
	list := map[string]any{
		"kind": kind + "List", "apiVersion": "v1", "items": items,
		"metadata": map[string]any{"resourceVersion": strconv.Itoa(c.version), "continue": next},
	}
	if strings.Contains(r.Header.Get("Accept"), "as=PartialObjectMetadataList") {
		list["kind"], list["apiVersion"] = "PartialObjectMetadataList", "meta.k8s.io/v1"
	}
	answer(w, list)
}

func (c *cluster) watch(w http.ResponseWriter, r *http.Request, k *kindServed, namespace string, show func(map[string]any) map[string]any) {
	query := r.URL.Query()
	initial := query.Get("sendInitialEvents") != ""
	if initial && !c.streaming {
		fail(w, http.StatusUnprocessableEntity, "sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled", nil)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusOK)
	encoder := json.NewEncoder(w)
	flush, _ := w.(http.Flusher)
	send := func(kind string, object map[string]any) {
		_ = encoder.Encode(map[string]any{"type": kind, "object": object})
	}
	since, _ := strconv.Atoi(query.Get("resourceVersion"))
	resource := k.resource
	if initial {
		for _, key := range kube.SortedKeys(k.objects) {
			if selects(r, namespace, k.objects[key]) {
				send("ADDED", show(k.objects[key]))
			}
		}
		if c.breaking != nil && resource == "secrets" {
			c.breaking(k)
			c.breaking = nil
			return
		}
		since = c.version
		send("BOOKMARK", show(map[string]any{"metadata": map[string]any{
			"resourceVersion": strconv.Itoa(since), "annotations": map[string]any{"k8s.io/initial-events-end": "true"},
		}}))
	} else if since < c.version && (len(c.events[resource]) == 0 || c.events[resource][0].version > since+1) && c.version >= 100 {
		send("ERROR", map[string]any{"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "Expired", "code": http.StatusGone})
		return
	}
	flush.Flush()
	closed := c.closed
	stop := make(chan struct{})
	defer close(stop)
	go func() {
		select {
		case <-r.Context().Done():
			c.changed.Broadcast()
		case <-stop:
		}
	}()
	for c.closed == closed && r.Context().Err() == nil {
		for _, e := range c.events[resource] {
			if e.version > since {
				since = e.version
				if selects(r, namespace, e.object) {
					send(e.kind, show(e.object))
				}
			}
		}
		flush.Flush()
		c.changed.Wait()
	}
}

func answer(w http.ResponseWriter, body map[string]any) {
	var buffer bytes.Buffer
	_ = json.NewEncoder(&buffer).Encode(body)
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(buffer.Bytes())
}

func fail(w http.ResponseWriter, status int, message string, details map[string]any) {
	reason := map[int]string{http.StatusForbidden: "Forbidden", http.StatusNotFound: "NotFound", http.StatusUnprocessableEntity: "Invalid"}[status]
	body, _ := json.Marshal(map[string]any{
		"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": message, "reason": reason, "code": status, "details": details,
	})
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(body)
}
