// Package remote fetches what a config extends from elsewhere: files over HTTPS, and artifacts of OCI registries. Both are known by their
// digest, so that who serves them cannot change them; what has been fetched once is kept, and asked for no more. It knows nothing of what
// the texts say.
package remote

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	orasremote "oras.land/oras-go/v2/registry/remote"
	"oras.land/oras-go/v2/registry/remote/auth"
	"oras.land/oras-go/v2/registry/remote/credentials"

	"github.com/tlsward/tlsward/config"
	"github.com/tlsward/tlsward/outfile"
)

const (
	// timeout bounds the fetching of one text: a config takes a few round trips, a registry's login among them.
	timeout = 15 * time.Second
	// maxRedirects is what a release behind a content network takes, twice over.
	maxRedirects = 5
	// maxManifest bounds a manifest, in bytes. One of a single file has some 500; registries take no more than 4 MiB.
	maxManifest = 64 << 10
	// patience is how long a failure is not tried again: a server that follows its config asks every two seconds.
	patience = 30 * time.Second
)

// Fetcher fetches. Safe for concurrent use.
type Fetcher struct {
	// Client asks; nil is one with the system's trust and proxies.
	Client *http.Client
	// Cache is the directory in which texts are kept by their digests; "" keeps them in memory alone.
	Cache string
	// Agent is how requests name the program.
	Agent string
	// Now is the clock by which failures are tried again.
	Now func() time.Time

	mu     sync.Mutex
	texts  map[string][]byte
	failed map[config.Reference]failure
}

type failure struct {
	err error
	at  time.Time
}

// New returns a fetcher that keeps what it fetches in the user's cache directory, where there is one.
func New(agent string, now func() time.Time) *Fetcher {
	f := &Fetcher{Agent: agent, Now: now}
	if dir, err := os.UserCacheDir(); err == nil {
		f.Cache = filepath.Join(dir, "tlsward", "configs")
	}
	return f
}

// Fetch returns the text that a reference leads to. What is there by its digest is not asked for.
func (f *Fetcher) Fetch(ctx context.Context, r config.Reference) ([]byte, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if before, ok := f.failed[r]; ok && f.Now().Sub(before.at) < patience {
		return nil, before.err
	}
	bounded, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	text, err := f.fetch(bounded, r)
	if err != nil {
		err = fmt.Errorf("%s://%s: %w", r.Scheme, r.Location, plain(err))
		if ctx.Err() == nil {
			if f.failed == nil {
				f.failed = map[config.Reference]failure{}
			}
			f.failed[r] = failure{err, f.Now()}
		}
		return nil, err
	}
	return text, nil
}

// plain says in our words what everybody meets.
func plain(err error) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("no answer within %s", timeout)
	}
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		return wrapped.Err // the address stands before it
	}
	return err
}

func (f *Fetcher) fetch(ctx context.Context, r config.Reference) ([]byte, error) {
	if r.Scheme == "https" {
		return f.kept(r.SHA256, config.MaxSize, func() (io.ReadCloser, error) { return f.get(ctx, r) })
	}
	repository, err := f.repository(r)
	if err != nil {
		return nil, err
	}
	text, err := f.kept(r.SHA256, maxManifest, func() (io.ReadCloser, error) {
		_, body, err := repository.Manifests().FetchReference(ctx, "sha256:"+r.SHA256)
		return body, err
	})
	if err != nil {
		return nil, err
	}
	var manifest ocispec.Manifest
	if err := json.Unmarshal(text, &manifest); err != nil || len(manifest.Layers) != 1 {
		return nil, fmt.Errorf("want an artifact of one file, got %d layers", len(manifest.Layers))
	}
	layer := manifest.Layers[0]
	digest, ok := strings.CutPrefix(layer.Digest.String(), "sha256:")
	if !ok || len(digest) != hex.EncodedLen(sha256.Size) {
		return nil, errors.New("want a layer with a sha256 digest")
	}
	if strings.HasSuffix(layer.MediaType, "gzip") || strings.HasSuffix(layer.MediaType, "zstd") || strings.HasSuffix(layer.MediaType, "tar") {
		return nil, fmt.Errorf("want an artifact of one file as it is, got %s", layer.MediaType)
	}
	return f.kept(digest, config.MaxSize, func() (io.ReadCloser, error) { return repository.Blobs().Fetch(ctx, layer) })
}

// kept returns the text of a digest: that which is kept, or else what opens, once it is seen to be it.
func (f *Fetcher) kept(digest string, most int64, open func() (io.ReadCloser, error)) ([]byte, error) {
	if text, ok := f.texts[digest]; ok {
		return text, nil
	}
	file := ""
	if f.Cache != "" {
		file = filepath.Join(f.Cache, "sha256", digest)
		// A text that is not that of its name somebody has changed, or a disk; it is fetched anew.
		if text, err := readBounded(file, most); err == nil && sum(text) == digest {
			f.remember(digest, text)
			return text, nil
		}
	}
	body, err := open()
	if err != nil {
		return nil, err
	}
	defer func() { _ = body.Close() }()
	text, err := io.ReadAll(io.LimitReader(body, most+1))
	if err != nil {
		return nil, err
	}
	if int64(len(text)) > most {
		return nil, fmt.Errorf("want at most %d KiB", most>>10)
	}
	if got := sum(text); got != digest {
		return nil, fmt.Errorf("want the digest sha256:%s, got sha256:%s: it is not what was meant", digest, got)
	}
	f.remember(digest, text)
	if file != "" {
		f.keep(file, text)
	}
	return text, nil
}

func (f *Fetcher) remember(digest string, text []byte) {
	if f.texts == nil {
		f.texts = map[string][]byte{}
	}
	f.texts[digest] = text
}

// keep writes a text for the next run. What stands there and is no file is put away first: a cache comes from elsewhere in many pipelines,
// and through a link in it some other file would be overwritten. A home that cannot be written to, as in most containers, is no reason to fail: memory has it.
func (f *Fetcher) keep(file string, text []byte) {
	if os.MkdirAll(filepath.Dir(file), 0o700) != nil {
		return
	}
	if info, err := os.Lstat(file); err == nil && !info.Mode().IsRegular() && os.Remove(file) != nil {
		return
	}
	_ = outfile.Write(file, text)
}

func readBounded(name string, most int64) ([]byte, error) {
	if info, err := os.Lstat(name); err != nil || !info.Mode().IsRegular() {
		return nil, fs.ErrNotExist // of a pipe nothing might ever come
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(io.LimitReader(file, most+1))
}

func sum(text []byte) string {
	hash := sha256.Sum256(text)
	return hex.EncodeToString(hash[:])
}

func (f *Fetcher) client() *http.Client {
	client := http.Client{}
	if f.Client != nil {
		client = *f.Client
	}
	client.CheckRedirect = func(next *http.Request, via []*http.Request) error {
		switch {
		case next.URL.Scheme != "https":
			return errors.New("want no redirect away from HTTPS")
		case len(via) >= maxRedirects:
			return fmt.Errorf("want at most %d redirects", maxRedirects)
		}
		return nil
	}
	return &client
}

func (f *Fetcher) get(ctx context.Context, r config.Reference) (io.ReadCloser, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://"+r.Location, nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("User-Agent", f.Agent)
	response, err := f.client().Do(request)
	if err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		_ = response.Body.Close()
		return nil, fmt.Errorf("the server answers %d", response.StatusCode)
	}
	return response.Body, nil
}

// repository is that of an artifact, asked with the credentials that docker login has left.
func (f *Fetcher) repository(r config.Reference) (*orasremote.Repository, error) {
	repository, err := orasremote.NewRepository(r.Location)
	if err != nil {
		return nil, err
	}
	client := &auth.Client{Client: f.client(), Header: http.Header{"User-Agent": {f.Agent}}, Cache: auth.NewCache()}
	if store, err := credentials.NewStoreFromDocker(credentials.StoreOptions{}); err == nil {
		client.Credential = credentials.Credential(store)
	}
	repository.Client = client
	return repository, nil
}
