package pki

import (
	"crypto/sha256"
	"sync"
)

type digest = [sha256.Size]byte

const (
	// bytesPerEntry sets the memory a cache may hold beside its number of entries: a tenant who fills Secrets with a megabyte
	// each must not turn a few thousand entries into gigabytes. A usual CA bundle has 1 to 8 KiB.
	bytesPerEntry = 16 << 10
	// certificatesPerEntry: CA bundles of a cluster share most of their certificates.
	certificatesPerEntry = 4
	// DefaultEntries is used where NewCache is given no sensible number.
	DefaultEntries = 4096
)

// Cache keeps what Parse and ParseCRL found by the hash of the text, and single certificates by the hash of their DER, so that the same CA in a
// thousand Secrets is parsed once. It is safe for concurrent use; a nil Cache parses without keeping anything.
type Cache struct {
	mu           sync.Mutex
	bundles      generations[*Bundle]
	lists        generations[*CRLs]
	certificates generations[*Certificate]
}

// NewCache returns a cache of at most that many texts (DefaultEntries if not positive).
func NewCache(maxEntries int) *Cache {
	if maxEntries <= 0 {
		maxEntries = DefaultEntries
	}
	return &Cache{
		bundles:      generations[*Bundle]{maxEntries: maxEntries, maxBytes: maxEntries * bytesPerEntry},
		lists:        generations[*CRLs]{maxEntries: maxEntries, maxBytes: maxEntries * bytesPerEntry},
		certificates: generations[*Certificate]{maxEntries: maxEntries * certificatesPerEntry, maxBytes: maxEntries * bytesPerEntry},
	}
}

// Parse is the package's Parse through the cache. A hit costs one sha256 and a map look-up.
func (c *Cache) Parse(text []byte) *Bundle {
	hash := sha256.Sum256(text)
	if c == nil {
		return parse(text, hash, interner(nil))
	}
	c.mu.Lock()
	b, ok := c.bundles.get(hash)
	c.mu.Unlock()
	if ok {
		return b
	}
	// Not under the lock: two who parse the same text at once waste one parse, and both get the first one's result.
	b = parse(text, hash, interner(c))
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.bundles.put(hash, b, len(text))
}

// ParseCRL is the package's ParseCRL through the cache.
func (c *Cache) ParseCRL(text []byte) *CRLs {
	hash := sha256.Sum256(text)
	if c == nil {
		return parseCRL(text, hash, interner(nil))
	}
	c.mu.Lock()
	r, ok := c.lists.get(hash)
	c.mu.Unlock()
	if ok {
		return r
	}
	r = parseCRL(text, hash, interner(c))
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.lists.put(hash, r, len(text))
}

// interner returns newCertificate with a memory: that of the cache, or of one text only.
func interner(c *Cache) func(der []byte) *Certificate {
	seen := make(map[digest]*Certificate)
	return func(der []byte) *Certificate {
		hash := sha256.Sum256(der)
		if cert, ok := seen[hash]; ok {
			return cert
		}
		cert := c.certificate(hash, der)
		seen[hash] = cert
		return cert
	}
}

func (c *Cache) certificate(hash digest, der []byte) *Certificate {
	if c == nil {
		return newCertificate(der)
	}
	c.mu.Lock()
	cert, ok := c.certificates.get(hash)
	c.mu.Unlock()
	if ok {
		return cert
	}
	cert = newCertificate(der)
	if cert == nil {
		return nil // cheap to find out again, and not worth an entry
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.certificates.put(hash, cert, len(der))
}

// generations is a bounded map: entries go into the young half, and when that is full it becomes the old half and what was there
// is dropped. A hit in the old half moves the entry up. Close to least-recently-used, without a list to keep.
type generations[V any] struct {
	maxEntries, maxBytes int
	young, old           map[digest]weighed[V]
	bytes                int // of young
}

type weighed[V any] struct {
	value V
	bytes int
}

func (g *generations[V]) get(k digest) (V, bool) {
	if e, ok := g.young[k]; ok {
		return e.value, true
	}
	e, ok := g.old[k]
	if ok {
		delete(g.old, k)
		g.put(k, e.value, e.bytes)
	}
	return e.value, ok
}

// put adds a value unless one is there or it is too large to keep, and returns the one that stands.
func (g *generations[V]) put(k digest, v V, size int) V {
	if e, ok := g.young[k]; ok {
		return e.value
	}
	if size > g.maxBytes/2 {
		return v
	}
	if len(g.young) >= max(1, g.maxEntries/2) || g.bytes+size > g.maxBytes/2 {
		g.old, g.young, g.bytes = g.young, nil, 0
	}
	if g.young == nil {
		g.young = make(map[digest]weighed[V])
	}
	g.young[k] = weighed[V]{v, size}
	g.bytes += size
	return v
}
