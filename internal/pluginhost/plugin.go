package pluginhost

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"dkron/internal/pluginwire"
	"dkron/plugin"
)

// Pauses before a plugin that has failed is started again. Each is twice the one before; a process that lived for
// steadyAfter was no failure to start.
const (
	firstPause  = time.Second
	longPause   = time.Minute
	steadyAfter = time.Minute
	// waitLimit is how long an execution waits for a plugin that is to be started again. After that it fails.
	waitLimit = 5 * time.Second
)

// errClosed is the error of executions that come after Close.
var errClosed = errors.New("the agent is shutting down")

// supervised is a plugin and its processes: a current one at most, and retired ones that still have work.
type supervised struct {
	host *Host
	file file // refused is guarded by mu
	log  *slog.Logger

	built    built
	asked    asked
	patience patience // for checks

	mu       sync.Mutex // guards what follows
	current  *instance
	starting chan struct{} // closed when the start that is under way has ended; nil if none is
	hurry    chan struct{} // closed to end the pause before that start; nil after that
	retired  map[*instance]struct{}
	closed   bool
	starts   uint64
	failures uint64 // starts that failed, and ends that nobody asked for, in a row
	next     time.Time
	lastErr  error
	failedAt time.Time
	about    *pluginwire.Description // of the last process that had one
}

// acquire returns the current process, and starts one if there is none. The caller releases it.
func (s *supervised) acquire(ctx context.Context) (*instance, error) {
	for {
		s.mu.Lock()
		if err := s.unfit(); err != nil {
			s.mu.Unlock()
			return nil, err
		}
		if i := s.current; i != nil && i.process.ended() {
			s.lost(i)
		}
		if i := s.current; i != nil {
			i.uses++
			s.mu.Unlock()
			return i, nil
		}
		wait := time.Until(s.next)
		if s.starting == nil && wait > waitLimit {
			err := fmt.Errorf("plugin %s failed: %w; it is started again in %s", s.file.name, s.lastErr, plugin.InWords(wait.Round(time.Second)))
			s.mu.Unlock()
			return nil, err
		}
		failures := s.failures
		started := s.start()
		s.mu.Unlock()
		select {
		case <-started:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
		s.mu.Lock()
		failed := s.current == nil && s.failures > failures
		err := s.lastErr
		s.mu.Unlock()
		if failed {
			return nil, fmt.Errorf("plugin %s failed to start: %w", s.file.name, err)
		}
	}
}

// unfit returns why no process may be started, nil if one may. The caller holds the mutex.
func (s *supervised) unfit() error {
	if s.file.refused != nil {
		return fmt.Errorf("plugin %s is not started: %w", s.file.name, s.file.refused)
	}
	if s.closed {
		return errClosed
	}
	return nil
}

// start begins to start a process, after the pause that is due, and returns what is closed at the end. The caller holds
// the mutex.
func (s *supervised) start() <-chan struct{} {
	if s.starting != nil {
		return s.starting
	}
	done, hurry := make(chan struct{}), make(chan struct{})
	s.starting, s.hurry = done, hurry
	wait := time.Until(s.next)
	s.host.running.Go(func() {
		defer close(done)
		select {
		case <-time.After(wait):
		case <-hurry:
		case <-s.host.quit:
		}
		s.startNow()
	})
	return done
}

func (s *supervised) startNow() {
	var i *instance
	err := errClosed
	select {
	case <-s.host.quit:
	default:
		s.log.Info("starting a plugin", "path", s.file.path)
		i, err = s.host.launch(&s.file, s.host.libraryLog(s.log))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.starting, s.hurry = nil, nil
	switch {
	case errors.Is(err, errClosed) || err != nil && s.closed:
		return
	case s.closed: // it became ready while the others were stopped
		_ = i.process.Kill(context.Background())
		s.host.running.Go(func() { s.watch(i) })
		return
	case err != nil:
		s.failed(err)
		s.log.Error("a plugin failed to start; jobs that need it fail", "path", s.file.path, "error", err, "retry_in", time.Until(s.next).Round(time.Millisecond))
		return
	}
	s.starts++
	s.current, s.about = i, i.about
	s.host.running.Go(func() { s.watch(i) })
}

// failed notes a failure, and when the next start may be. The caller holds the mutex.
func (s *supervised) failed(err error) {
	s.failures++
	s.lastErr, s.failedAt = err, time.Now()
	s.next = time.Now().Add(min(firstPause<<min(s.failures-1, 10), longPause))
}

// watch waits for the end of a process.
func (s *supervised) watch(i *instance) {
	<-i.process.done
	i.end() // closes the connection
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.retired, i)
	s.lost(i)
}

// lost replaces the current process after its end, if nobody has ended it. The caller holds the mutex.
func (s *supervised) lost(i *instance) {
	if s.current != i || s.closed {
		return
	}
	s.current = nil
	if time.Since(i.since) >= steadyAfter {
		s.failures = 0
	}
	s.failed(fmt.Errorf("its process ended: %s", i.process.gone()))
	s.log.Error("a plugin's process ended; its executions fail, and it is started again", "path", s.file.path, "pid", i.process.ID(),
		"error", i.process.gone(), "executions", i.uses, "start_in", time.Until(s.next).Round(time.Millisecond))
	s.start()
}

// release gives an instance back.
func (s *supervised) release(i *instance) {
	s.mu.Lock()
	i.uses--
	kill := i.retired && i.uses == 0
	s.mu.Unlock()
	if kill {
		i.end()
	}
}

// retire makes new executions go to a fresh process. This one is killed, with all that it has started, when its last
// execution has ended.
func (s *supervised) retire(i *instance, why string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i.retired {
		return
	}
	s.replace(i, why)
}

// stop ends all processes, those that work too, and waits for them.
func (s *supervised) stop() {
	s.mu.Lock()
	s.closed = true
	all := make([]*instance, 0, len(s.retired)+1)
	if s.current != nil {
		all = append(all, s.current)
	}
	for i := range s.retired {
		all = append(all, i)
	}
	s.mu.Unlock()
	for _, i := range all {
		i.end()
		<-i.process.done
	}
}
