package webhook_test

import (
	"errors"
	"slices"
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
