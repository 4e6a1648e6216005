package main

import (
	"context"
	"slices"
	"strings"
	"time"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/tlsward/tlsward/engine"
	"github.com/tlsward/tlsward/kube"
)

// compareEvery is how often the webhook configurations are compared with the rules: they change with an upgrade, or by an
// accident that should not stay unseen for a day.
const compareEvery = time.Minute

// compare says which kinds the rules judge, the cluster serves, and our webhook configurations do not send: a rule that is
// never asked is off without anybody having said so.
func (s *server) compare(ctx context.Context) {
	if s.flags.configuration == "" {
		return
	}
	ticker := time.NewTicker(compareEvery)
	defer ticker.Stop()
	said := ""
	for {
		missing, err := s.notSent(ctx)
		text := strings.Join(missing, ", ")
		if err != nil {
			text = err.Error()
		}
		if text != said {
			switch {
			case err != nil:
				s.log.Warn("the webhook configuration cannot be read", "name", s.flags.configuration, "error", err)
			case text != "":
				s.log.Warn("rules judge kinds that the webhook configuration does not send", "name", s.flags.configuration, "kinds", text)
			default:
				s.log.Info("the webhook configuration sends every kind that rules judge", "name", s.flags.configuration)
			}
			said = text
		}
		if err == nil {
			s.missing.Store(int64(len(missing)))
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

func (s *server) notSent(ctx context.Context) ([]string, error) {
	l, _ := s.state.get()
	var validating admissionregistrationv1.ValidatingWebhookConfiguration
	if err := s.reader.Get(ctx, client.ObjectKey{Name: s.flags.configuration}, &validating); err != nil {
		return nil, err
	}
	var mutating admissionregistrationv1.MutatingWebhookConfiguration
	err := s.reader.Get(ctx, client.ObjectKey{Name: s.flags.configuration}, &mutating)
	if err != nil && !apierrors.IsNotFound(err) {
		return nil, err
	}
	mutates := err == nil // to have none is a choice
	var validated, mutated []admissionregistrationv1.RuleWithOperations
	for _, w := range validating.Webhooks {
		validated = append(validated, w.Rules...)
	}
	for _, w := range mutating.Webhooks {
		mutated = append(mutated, w.Rules...)
	}
	var missing []string
	for _, k := range l.engine.AdmissionKinds() {
		if !s.world.Served(kube.GroupKind(k.Group, k.Kind)) {
			continue
		}
		if !sends(validated, k) {
			missing = append(missing, k.Resource+"."+k.Group)
		} else if mutates && k.Mutate && !sends(mutated, k) {
			missing = append(missing, k.Resource+"."+k.Group+" (mutating)")
		}
	}
	return missing, nil
}

func sends(rules []admissionregistrationv1.RuleWithOperations, k engine.AdmissionKind) bool {
	has := func(list []string, want string) bool {
		return slices.Contains(list, want) || slices.Contains(list, "*")
	}
	return slices.ContainsFunc(rules, func(r admissionregistrationv1.RuleWithOperations) bool {
		// The guard is sent ReferenceGrants too, but not new ones.
		return has(r.APIGroups, k.Group) && has(r.Resources, k.Resource) &&
			slices.ContainsFunc(r.Operations, func(o admissionregistrationv1.OperationType) bool {
				return o == admissionregistrationv1.Create || o == admissionregistrationv1.OperationAll
			})
	})
}
