package webhook_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

// OnDemand plays the mode in which Secrets are read one by one.
func (c *cluster) OnDemand(groupKind string) bool { return c.onDemand && groupKind == "Secret" }

// TestOnDemand: where Secrets are not watched, a review reads those it asks for, and nobody is denied for what could not be
// read.
func TestOnDemand(t *testing.T) {
	onDemand := func(t *testing.T) *stage {
		s := open(t)
		s.onDemand = true
		s.store.SetComplete("Secret", "", false)
		s.put(nginxClass())
		return s
	}
	t.Run("the Secret is not there", func(t *testing.T) {
		object := mtls("shop/api", "shop/ca")
		s := onDemand(t)
		s.denied(request{object: &object}, true)
		if reads := s.looked(); !slices.Contains(reads, "Secret shop/ca") {
			t.Errorf("read %v, want the Secret", reads)
		}
	})
	t.Run("the Secret holds no CA", func(t *testing.T) {
		object := mtls("shop/api", "shop/ca")
		s := onDemand(t)
		s.appear(secret("shop/ca", "other", "x"))
		s.denied(request{object: &object}, true)
	})
	t.Run("the Secret is right", func(t *testing.T) {
		object := mtls("shop/api", "shop/ca")
		s := onDemand(t)
		s.appear(secret("shop/ca", "ca.crt", shallow))
		s.denied(request{object: &object}, false)
	})
	t.Run("the Secret cannot be read", func(t *testing.T) {
		object := mtls("shop/api", "shop/ca")
		s := onDemand(t)
		s.fails = func(string) error { return errors.New("no") }
		s.denied(request{object: &object}, false)
	})
	t.Run("its depth is written", func(t *testing.T) {
		object := mtls("shop/api", "shop/ca")
		s := onDemand(t)
		s.appear(secret("shop/ca", "ca.crt", shallow))
		if _, changed := s.change(request{object: &object}); !changed {
			t.Error("want a depth")
		}
	})
}

// TestLateMakers: what will make the missing Secret was applied a moment ago, and is in no cache yet.
func TestLateMakers(t *testing.T) {
	const certificates = "Certificate.cert-manager.io"
	object := mtls("shop/api", "shop/ca")
	certificate := parse(t, `{"apiVersion":"cert-manager.io/v1","kind":"Certificate","metadata":{"namespace":"shop","name":"ca"},"spec":{"secretName":"ca"}}`)
	t.Run("it is there", func(t *testing.T) {
		s := open(t)
		s.put(nginxClass())
		s.serves(certificates)
		s.appear(certificate)
		s.denied(request{object: &object}, false)
	})
	t.Run("there is none", func(t *testing.T) {
		s := open(t)
		s.put(nginxClass())
		s.serves(certificates)
		s.denied(request{object: &object}, true)
	})
	t.Run("it is gone", func(t *testing.T) {
		s := open(t)
		s.put(nginxClass())
		s.serves(certificates)
		s.linger(certificate)
		s.denied(request{object: &object}, false) // what the cache promises is believed, as documented
	})
	t.Run("nobody can tell", func(t *testing.T) {
		s := open(t)
		s.put(nginxClass())
		s.serves(certificates)
		s.fails = func(what string) error {
			if strings.HasPrefix(what, certificates+"s") || strings.Contains(what, "Certificate") {
				return errors.New("no")
			}
			return nil
		}
		s.denied(request{object: &object}, false)
	})
}
