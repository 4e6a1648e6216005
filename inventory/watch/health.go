package watch

import (
	"context"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// state is how a stream stands.
type state int

// syncing: on its way. synced: complete. forbidden: not permitted, and not just by an API server that has not loaded its
// roles yet. failing: out of touch for too long.
const (
	syncing state = iota
	synced
	forbidden
	failing
)

func (s state) String() string { return [...]string{"syncing", "synced", "forbidden", "failing"}[s] }

// begin starts the time out of touch.
func (s *stream) begin() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.inTouch, s.since, s.err = false, s.watcher.clock.Now(), nil
}

// asked notes that a request is on its way, and so no watch open.
func (s *stream) asked(streaming bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lose()
	s.streaming = streaming
}

func (s *stream) lose() {
	if s.inTouch {
		s.inTouch, s.since = false, s.watcher.clock.Now()
	}
}

// failed notes why a request did not work.
func (s *stream) failed(ctx context.Context, err error) {
	if ctx.Err() == nil {
		s.lost(err)
	}
}

// lost notes that no watch is open, and perhaps why.
func (s *stream) lost(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lose()
	if err != nil {
		s.err = err
	}
	s.tell()
	if apierrors.IsNotFound(err) {
		s.watcher.again()
	}
}

// found notes that a watch is open. After a gap the events missed are still on their way in it; that they are taken for
// arrived a moment early does no harm, since nothing is denied for an absence that was not confirmed.
func (s *stream) found() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.filled {
		return
	}
	s.inTouch, s.err, s.lastEvent = true, nil, s.watcher.clock.Now()
	s.tell()
}

// settle looks whether the stream has been out of touch for too long.
func (s *stream) settle() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tell()
}

// state is how the stream stands now.
func (s *stream) state() state {
	out := s.watcher.clock.Since(s.since)
	switch {
	case s.inTouch:
		return synced
	case apierrors.IsForbidden(s.err) && out > s.watcher.timing.settle:
		return forbidden
	case out > s.watcher.timing.bound && (s.err != nil || s.complete):
		return failing
	case s.complete:
		return synced
	default:
		return syncing
	}
}

// tell passes changes on: to the store, and to the log.
func (s *stream) tell() {
	now := s.state()
	if complete := now == synced; complete != s.complete {
		s.complete = complete
		s.watcher.options.Store.SetComplete(s.kind.groupKind, s.namespace, complete)
	}
	if now == s.said || now == syncing {
		return
	}
	s.said = now
	attributes := []any{"kind", s.kind.groupKind, "namespace", s.namespace, "state", now.String()}
	if now == synced {
		s.watcher.log.Info("kind is in sight", append(attributes, "objects", len(s.objects))...)
		return
	}
	s.watcher.log.Warn("kind is out of sight, its facts are unknown", append(attributes, "error", s.err)...)
}

// add adds the stream to its kind's status, and returns what keeps it from being complete.
func (s *stream) add(status *KindStatus) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	status.Objects += len(s.objects)
	if s.lastEvent.After(status.LastEvent) {
		status.LastEvent = s.lastEvent
	}
	if s.complete {
		return ""
	}
	status.Synced = false
	reason := s.state().String()
	if s.namespace != "" {
		reason += " in namespace " + s.namespace
	}
	if s.err != nil {
		reason += ": " + s.err.Error()
	}
	return reason
}
