//go:build !race

// The race detector allocates for itself, and would take a minute for this.

package watch

import (
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"github.com/tlsward/tlsward/pki/pkitest"
)

// TestMemory holds the inventory to its budget: 1,000 Secrets that nobody refers to, of 32 KiB each, cost under 3 MiB.
func TestMemory(t *testing.T) {
	c := newCluster(t)
	populate(c, 1100)
	cost(t, c, 2200) // what is allocated once
	referred := cost(t, c, 2200)
	for i := range 1000 {
		c.put("secrets", "foreign", fmt.Sprintf("f-%d", i), map[string]any{"type": "Opaque", "data": map[string]any{"blob": noise()}})
	}
	for _, streaming := range []bool{true, false} {
		c.do(func() { c.streaming = streaming })
		growth := cost(t, c, 3200) - referred
		t.Logf("2,200 Secrets and ConfigMaps with 100 certificates: %.2f MiB; 1,000 foreign Secrets of 32 KiB: %+.2f MiB", referred, growth)
		if growth > 3 {
			t.Errorf("streaming=%v: foreign Secrets cost %.2f MiB, want under 3", streaming, growth)
		}
	}
}

// populate makes Secrets of a certificate, its key and a CA, and as many ConfigMaps of a CA; of 100 issuers only, since
// to mint takes longer than all the rest.
func populate(c *cluster, count int) {
	mint := pkitest.New("memory", time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	var issued []*pkitest.Issued
	for i := range 100 {
		issued = append(issued, mint.Root(fmt.Sprintf("ca-%d", i)))
	}
	for i := range count {
		one, other := issued[i%100], issued[(i+1)%100]
		of := secret("tls.crt", one.CertPEM, "tls.key", one.KeyPEM, "ca.crt", other.CertPEM)
		of["type"] = "kubernetes.io/tls"
		c.put("secrets", "shop", fmt.Sprintf("tls-%d", i), of)
		c.put("configmaps", "shop", fmt.Sprintf("ca-%d", i), map[string]any{"data": map[string]any{"ca.crt": other.CertPEM}})
	}
}

func noise() string {
	b := make([]byte, 32<<10)
	for i := range b {
		b[i] = byte(rand.Uint32())
	}
	return base64.StdEncoding.EncodeToString(b)
}

// cost is what a watcher with its store holds, in MiB. What the API server of the test holds is there before and after.
func cost(t *testing.T, c *cluster, objects int) float64 {
	t.Helper()
	before := heap()
	s := start(t, c)
	eventually(t, "everything is there", func() bool {
		return s.isReady() && s.kind("ConfigMap").Synced && s.kind("Secret").Objects+s.kind("ConfigMap").Objects == objects
	})
	s.stop()
	s.server.CloseClientConnections()
	held := heap() - before
	runtime.KeepAlive(s)
	return held
}

func heap() float64 {
	runtime.GC()
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return float64(stats.HeapAlloc) / (1 << 20)
}
