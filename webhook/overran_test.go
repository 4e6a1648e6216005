package webhook_test

import (
	"testing"
	"testing/fstest"
	"time"

	"github.com/tlsward/tlsward/engine"
	"github.com/tlsward/tlsward/policies"
	"github.com/tlsward/tlsward/webhook"
)

// endless is a rule of a user's that does not end.
const endless = `# METADATA
# title: A rule that does not end
# description: It counts.
# custom: {severity: warning, kinds: [Ingress.networking.k8s.io], since: v0.1.0}
package policies.acme["endless"]

findings contains {"path": ["spec"], "message": "never"} if {
	x := numbers.range(1, count(input.object.spec.rules) * 3000)
	count([1 | some i in x; some j in x; some k in x; i + j + k == 0]) == 1
}
`

// TestOverran: a denial is looked at several times before it stands, and a rulebook that came to no verdict is waited for once only, or
// the API server would give up before the denial is there. Where nothing denies there is no verdict.
func TestOverran(t *testing.T) {
	const deadline = time.Second
	e, err := engine.New(engine.Settings{Scope: "this cluster", Deadline: deadline},
		engine.Rulebook{Name: "tlsward", FS: policies.FS(), Verified: true},
		engine.Rulebook{Name: "acme", FS: fstest.MapFS{
			"acme/provider.yaml":     {Data: []byte("title: Acme\nkinds: []\n")},
			"acme/endless/rule.rego": {Data: []byte(endless)},
		}})
	if err != nil {
		t.Fatal(err)
	}
	s := open(t, func(p *webhook.Policy) { p.Reviewer = e })
	s.put(nginxClass(), secret("shop/ca", "ca.crt", shallow))
	began := time.Now()
	s.denied(create(mtls("shop/api", "shop/missing")), true)
	if took := time.Since(began); took < deadline || took > 2*deadline {
		t.Errorf("a denial took %s, want the deadline of %s once", took, deadline)
	}
	if len(s.looked()) == 0 {
		t.Error("nothing was read: the denial was looked at once only")
	}
	if a := s.ask(create(mtls("shop/api", "shop/ca"))); a.status != 500 || a.Allowed {
		t.Errorf("nothing wrong with it: got %v, want no verdict", a)
	}
}
