package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"k8s.io/apimachinery/pkg/util/uuid"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/leaderelection"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/metrics"

	"github.com/tlsward/tlsward/audit"
	"github.com/tlsward/tlsward/audit/publish"
)

// What controller-runtime and most controllers have. Others look each 2.0 to 4.4 s: a leader that dies is followed 24 s later at most, one
// that ends well after 4.4.
const (
	leaseDuration = 15 * time.Second
	renewDeadline = 10 * time.Second
	retryPeriod   = 2 * time.Second
)

// auditing is the audit of a server; nil without --audit.
type auditing struct {
	*audit.Auditor
	publisher *publish.Publisher
	// tell is the publisher's, which is made after the auditor.
	tell func(before, now audit.Verdict)
}

// newAuditing makes the audit before its publisher, which the manager has the means for.
func (s *server) newAuditing(l loaded) *auditing {
	a := &auditing{}
	a.Auditor = audit.New(audit.Options{
		Store: s.world.store, Reviewer: l.engine, Now: s.clock, Ready: s.world.watcher.Ready,
		Tell: func(before, now audit.Verdict) { a.tell(before, now) },
	})
	return a
}

// joinAudit has the audit run in the replica that leads. The manager's own election would end the process of who has lost it, and with
// it a webhook that works.
func (s *server) joinAudit(mgr manager.Manager) error {
	if s.flags.namespace == "" {
		return errors.New("--audit: want --namespace, or POD_NAMESPACE in the environment")
	}
	direct, err := client.New(s.cluster, client.Options{Mapper: mgr.GetRESTMapper()})
	if err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	s.audit.publisher = publish.New(publish.Options{Auditor: s.audit.Auditor, Client: direct, Events: s.events, Log: s.log})
	s.audit.tell = s.audit.publisher.Tell
	metrics.Registry.MustRegister(s.audit.publisher.Collector(s.clock))
	election, err := s.election()
	if err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	return mgr.Add(always(func(ctx context.Context) error { s.lead(ctx, election); return nil }))
}

func (s *server) election() (leaderelection.LeaderElectionConfig, error) {
	// As controller-runtime does: what hangs must not outlast the lease.
	config := rest.CopyConfig(s.cluster)
	config.Timeout = renewDeadline / 2
	clients, err := kubernetes.NewForConfig(config)
	if err != nil {
		return leaderelection.LeaderElectionConfig{}, err
	}
	host, err := os.Hostname()
	if err != nil {
		return leaderelection.LeaderElectionConfig{}, err
	}
	lock, err := resourcelock.New(resourcelock.LeasesResourceLock, s.flags.namespace, s.flags.service+"-audit",
		clients.CoreV1(), clients.CoordinationV1(), resourcelock.ResourceLockConfig{Identity: host + "_" + string(uuid.NewUUID())})
	if err != nil {
		return leaderelection.LeaderElectionConfig{}, err
	}
	return leaderelection.LeaderElectionConfig{
		Lock: lock, Name: "audit", LeaseDuration: leaseDuration, RenewDeadline: renewDeadline, RetryPeriod: retryPeriod, ReleaseOnCancel: true,
	}, nil
}

// lead stands for election until ctx ends, and audits while it leads.
func (s *server) lead(ctx context.Context, election leaderelection.LeaderElectionConfig) {
	for ctx.Err() == nil {
		ended := make(chan struct{})
		election.Callbacks = leaderelection.LeaderCallbacks{
			OnStartedLeading: func(leading context.Context) {
				defer close(ended)
				s.log.Info("auditing, as the leader")
				if err := s.audit.publisher.Run(leading); err != nil {
					s.log.Error("audit has ended", "error", err)
				}
			},
			OnStoppedLeading: func() {},
		}
		elector, err := leaderelection.NewLeaderElector(election)
		if err != nil {
			s.log.Error("audit: no election", "error", err)
			return
		}
		elector.Run(ctx)
		// It returns without a context's end only after it has led.
		select {
		case <-ended:
			s.log.Info("not auditing any more, for want of the lead")
		case <-ctx.Done():
		}
	}
}
