package webhook_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/tlsward/tlsward/engine"
)

// patient waits for rules longer than a webhook would.
var patient = sync.OnceValue(func() *engine.Engine { return engineOf(engine.Settings{Deadline: time.Minute}) })

// BenchmarkLarge is an Ingress of 3 MiB, the most that an etcd takes twice over: it must be judged within the time that an API
// server waits.
func BenchmarkLarge(b *testing.B) {
	names := make([]string, 12000)
	for i := range names {
		names[i] = fmt.Sprintf("host-%05d.test", i)
	}
	large := mtls("shop/api", "shop/ca", hosts(names...), created(noon))
	for name, r := range map[string]request{"create": create(large), "update": update(large, mtls("shop/api", "shop/ca", hosts(names...), created(noon), label("a", "b")))} {
		b.Run(name, func(b *testing.B) {
			s := open(b)
			s.put(nginxClass(), secret("shop/ca", "ca.crt", shallow), ingress("shop/other", hosts(names[:100]...), created(noon.Add(-time.Hour))))
			for b.Loop() {
				s.ask(r)
			}
		})
	}
}
