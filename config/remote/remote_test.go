package remote

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/tlsward/tlsward/config"
)

const text = "profile: strict\n"

// elsewhere is a web server and a registry. It counts what it is asked.
type elsewhere struct {
	*httptest.Server
	asked int
	pages map[string][]byte
}

func serve(t *testing.T) *elsewhere {
	t.Helper()
	e := &elsewhere{pages: map[string][]byte{"/v2/": nil}}
	e.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		e.asked++
		switch r.URL.Path {
		case "/elsewhere":
			http.Redirect(w, r, "/base.yaml", http.StatusFound)
			return
		case "/plain":
			http.Redirect(w, r, "http://"+r.Host+"/base.yaml", http.StatusFound)
			return
		case "/round":
			http.Redirect(w, r, "/round", http.StatusFound)
			return
		}
		page, ok := e.pages[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		if strings.Contains(r.URL.Path, "/manifests/") {
			w.Header().Set("Content-Type", ocispec.MediaTypeImageManifest)
		}
		w.Header().Set("Content-Length", fmt.Sprint(len(page)))
		_, _ = w.Write(page)
	}))
	t.Cleanup(e.Close)
	t.Setenv("DOCKER_CONFIG", t.TempDir())
	return e
}

// artifact adds one of some layers, and returns the digest of its manifest.
func (e *elsewhere) artifact(t *testing.T, mediaType string, layers ...string) string {
	t.Helper()
	m := ocispec.Manifest{MediaType: ocispec.MediaTypeImageManifest, ArtifactType: "application/vnd.tlsward.config", Config: ocispec.DescriptorEmptyJSON}
	m.SchemaVersion = 2
	for _, layer := range layers {
		d := digest.FromString(layer)
		e.pages["/v2/team/config/blobs/"+d.String()] = []byte(layer)
		m.Layers = append(m.Layers, ocispec.Descriptor{MediaType: mediaType, Digest: d, Size: int64(len(layer))})
	}
	manifest, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	d := digest.FromBytes(manifest)
	e.pages["/v2/team/config/manifests/"+d.String()] = manifest
	return d.Encoded()
}

func (e *elsewhere) fetcher(cache string) *Fetcher {
	return &Fetcher{Client: e.Client(), Cache: cache, Agent: "tlsward/test", Now: time.Now}
}

func (e *elsewhere) reference(scheme, path, sha string) config.Reference {
	return config.Reference{Scheme: scheme, Location: strings.TrimPrefix(e.URL, "https://") + path, SHA256: sha}
}

func TestFetch(t *testing.T) {
	e := serve(t)
	large := strings.Repeat("#", config.MaxSize+1)
	e.pages["/base.yaml"], e.pages["/large.yaml"] = []byte(text), []byte(large)
	const yaml = "application/yaml"
	artifact, two := e.artifact(t, yaml, text), e.artifact(t, yaml, text, "a: b\n")
	archive, none := e.artifact(t, "application/vnd.oci.image.layer.v1.tar+gzip", text), e.artifact(t, yaml)
	lost := e.artifact(t, yaml, "lost: true\n")
	delete(e.pages, "/v2/team/config/blobs/"+digest.FromString("lost: true\n").String())
	forged := e.artifact(t, yaml, "forged: 1\n")
	e.pages["/v2/team/config/blobs/"+digest.FromString("forged: 1\n").String()] = []byte("forged: 2\n")
	swapped := strings.Repeat("0", 64)
	e.pages["/v2/team/config/manifests/sha256:"+swapped] = e.pages["/v2/team/config/manifests/sha256:"+artifact]
	ours, big := sum([]byte(text)), sum([]byte(large))
	for name, test := range map[string]struct {
		reference config.Reference
		fails     string
	}{
		"a file":                     {e.reference("https", "/base.yaml", ours), ""},
		"a file behind a redirect":   {e.reference("https", "/elsewhere", ours), ""},
		"an artifact":                {e.reference("oci", "/team/config", artifact), ""},
		"another file":               {e.reference("https", "/base.yaml", swapped), "want the digest sha256:" + swapped + ", got sha256:" + ours},
		"a file that is not there":   {e.reference("https", "/gone.yaml", ours), "the server answers 404"},
		"a file that is too large":   {e.reference("https", "/large.yaml", big), "want at most 1024 KiB"},
		"a redirect to plain HTTP":   {e.reference("https", "/plain", ours), "want no redirect away from HTTPS"},
		"a redirect without an end":  {e.reference("https", "/round", ours), "want at most 5 redirects"},
		"an artifact of two files":   {e.reference("oci", "/team/config", two), "want an artifact of one file, got 2 layers"},
		"an artifact of none":        {e.reference("oci", "/team/config", none), "want an artifact of one file, got 0 layers"},
		"an archive":                 {e.reference("oci", "/team/config", archive), "want an artifact of one file as it is"},
		"an artifact that is lost":   {e.reference("oci", "/team/config", lost), "not found"},
		"an artifact that is forged": {e.reference("oci", "/team/config", forged), "it is not what was meant"},
		"another manifest":           {e.reference("oci", "/team/config", swapped), "sha256:" + swapped},
		"nobody there":               {config.Reference{Scheme: "https", Location: "127.0.0.1:1/a", SHA256: ours}, "https://127.0.0.1:1/a: "},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := e.fetcher(t.TempDir()).Fetch(context.Background(), test.reference)
			if test.fails != "" {
				if err == nil || !strings.Contains(err.Error(), test.fails) || !strings.HasPrefix(err.Error(), test.reference.Scheme+"://"+test.reference.Location+": ") {
					t.Errorf("%v, want %s", err, test.fails)
				}
				return
			}
			if err != nil || string(got) != text {
				t.Errorf("%q, %v", got, err)
			}
		})
	}
}

// TestCacheOfLinks: a cache that somebody else has filled leads to no other file.
func TestCacheOfLinks(t *testing.T) {
	e := serve(t)
	e.pages["/base.yaml"] = []byte(text)
	cache, other := t.TempDir(), filepath.Join(t.TempDir(), "other")
	link := filepath.Join(cache, "sha256", sum([]byte(text)))
	if err := os.WriteFile(other, []byte("theirs"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Dir(link), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(other, link); err != nil {
		t.Fatal(err)
	}
	got, err := e.fetcher(cache).Fetch(context.Background(), e.reference("https", "/base.yaml", sum([]byte(text))))
	if err != nil || string(got) != text {
		t.Errorf("%q, %v", got, err)
	}
	if left, err := os.ReadFile(other); err != nil || string(left) != "theirs" {
		t.Errorf("%q, %v: it was written through the link", left, err)
	}
	if info, err := os.Lstat(link); err != nil || !info.Mode().IsRegular() {
		t.Errorf("%v, %v: it is not kept", info, err)
	}
}

// TestLogin: a registry that asks for a login in clear gets no password; oras sees to it, and for us it is a promise.
func TestLogin(t *testing.T) {
	asked := 0
	plain := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		_, _ = w.Write([]byte(`{"token":"t"}`))
	}))
	defer plain.Close()
	registry := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Www-Authenticate", `Bearer realm="`+plain.URL+`/token",service="registry"`)
		w.WriteHeader(http.StatusUnauthorized)
	}))
	defer registry.Close()
	host := strings.TrimPrefix(registry.URL, "https://")
	t.Setenv("DOCKER_CONFIG", t.TempDir())
	login := fmt.Sprintf(`{"auths":{%q:{"auth":"dXNlcjpwYXNzd29yZA=="}}}`, host)
	if err := os.WriteFile(filepath.Join(os.Getenv("DOCKER_CONFIG"), "config.json"), []byte(login), 0o600); err != nil {
		t.Fatal(err)
	}
	f := &Fetcher{Client: registry.Client(), Agent: "tlsward/test", Now: time.Now}
	_, err := f.Fetch(context.Background(), config.Reference{Scheme: "oci", Location: host + "/team/config", SHA256: strings.Repeat("0", 64)})
	if err == nil || asked > 0 {
		t.Errorf("%v, asked %d times", err, asked)
	}
}

// What has been fetched is asked for no more, by this process or the next; what was changed in the cache is fetched anew.
func TestKept(t *testing.T) {
	e := serve(t)
	cache := t.TempDir()
	r := e.reference("oci", "/team/config", e.artifact(t, "application/yaml", text))
	ask := func(f *Fetcher, want int) {
		t.Helper()
		e.asked = 0
		if got, err := f.Fetch(context.Background(), r); err != nil || string(got) != text {
			t.Fatalf("%q, %v", got, err)
		}
		if e.asked != want {
			t.Errorf("asked %d times, want %d", e.asked, want)
		}
	}
	first := e.fetcher(cache)
	ask(first, 2) // manifest and layer
	ask(first, 0)
	ask(e.fetcher(cache), 0)
	file := filepath.Join(cache, "sha256", sum([]byte(text)))
	if err := os.WriteFile(file, []byte("profile: default\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	ask(e.fetcher(cache), 1)
	if kept, err := os.ReadFile(file); err != nil || string(kept) != text {
		t.Errorf("%q, %v: want the cache mended", kept, err)
	}
	// Where nothing can be written, memory keeps it.
	blocked := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(blocked, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	homeless := e.fetcher(filepath.Join(blocked, "cache"))
	ask(homeless, 2)
	ask(homeless, 0)
}

// A server that follows its config does not ask again and again for what is not there.
func TestPatience(t *testing.T) {
	e := serve(t)
	now := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	f := e.fetcher("")
	f.Now = func() time.Time { return now }
	r := e.reference("https", "/late.yaml", sum([]byte(text)))
	for range 3 {
		if _, err := f.Fetch(context.Background(), r); err == nil {
			t.Fatal("found")
		}
	}
	if e.asked != 1 {
		t.Errorf("asked %d times, want once", e.asked)
	}
	e.pages["/late.yaml"] = []byte(text)
	now = now.Add(patience)
	if got, err := f.Fetch(context.Background(), r); err != nil || string(got) != text {
		t.Errorf("%q, %v", got, err)
	}
}

// A config that stands on one from elsewhere is one config, and errors name the reference.
func TestExtends(t *testing.T) {
	e := serve(t)
	read := func(base, own string) (*config.Config, string, error) {
		e.pages["/base.yaml"] = []byte(base)
		r := e.reference("https", "/base.yaml", sum([]byte(base))).String()
		name := filepath.Join(t.TempDir(), ".tlsward.yaml")
		if err := os.WriteFile(name, []byte("extends: ["+r+"]\n"+own), 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := config.Read(context.Background(), name, config.Options{Fetch: e.fetcher("").Fetch})
		return c, r, err
	}
	c, r, err := read("locked: [profile]\nprofile: strict\n", "")
	if err != nil || c.Settings.Profile != "strict" || c.Files()[0] != r {
		t.Errorf("%+v, %v", c, err)
	}
	if _, _, err = read("locked: [profile]\nprofile: strict\n", "profile: default\n"); err == nil || !strings.Contains(err.Error(), "profile is locked at https://") {
		t.Errorf("%v, want the lock held", err)
	}
	for base, want := range map[string]string{
		"extends: [a.yaml]\n":  ":1: extends[0]: want what is elsewhere, too",
		"rulebooks: [a]\n":     ":1: rulebooks: means nothing in a config from elsewhere",
		"# x\nprofile: none\n": ":2: profile: want default, strict or migration",
	} {
		if _, r, err := read(base, ""); err == nil || !strings.Contains(err.Error(), r+want) {
			t.Errorf("%q: %v, want %s", base, err, want)
		}
	}
}
