package pluginhost

import (
	"context"
	"strconv"
	"time"

	"dkron"
	"dkron/internal/plugins"
)

// restartWait is how long Restart waits for the fresh process.
const restartWait = 5 * time.Second

// Plugins returns how the plugins are doing, by kind and name. It finds those whose files are new.
func (h *Host) Plugins() []plugins.Plugin {
	h.lookAgain()
	h.mu.Lock()
	all, unused := h.plugins, h.unused
	h.mu.Unlock()
	out := make([]plugins.Plugin, 0, len(all)+len(unused))
	used := measure()
	for _, s := range all {
		out = append(out, s.status(used))
	}
	for _, f := range unused {
		out = append(out, plugins.Plugin{Kind: string(f.kind), Name: f.name, Path: f.path, State: plugins.Refused, Reason: f.refused.Error()})
	}
	return out
}

// status returns how the plugin is doing.
func (s *supervised) status(used usage) plugins.Plugin {
	version := s.built.version(s.file.path)
	s.mu.Lock()
	defer s.mu.Unlock()
	p := plugins.Plugin{
		Kind: string(s.file.kind), Name: s.file.name, Path: s.file.path, Version: version, State: s.state(),
		Restarts: s.starts - min(s.starts, 1), Retired: uint64(len(s.retired)), FailedAt: s.failedAt,
	}
	if s.about != nil && s.about.Version != "" {
		p.Version = s.about.Version
	}
	if s.lastErr != nil {
		p.Error = s.lastErr.Error()
	}
	if s.file.refused != nil {
		p.Reason = s.file.refused.Error()
	}
	if p.State == plugins.Restarting {
		p.Next = s.next
	}
	count := func(i *instance) int {
		pid, _ := strconv.Atoi(i.process.ID())
		p.Executions += uint64(max(0, i.uses))
		p.Memory += used.of(i.process)
		return pid
	}
	if i := s.current; i != nil {
		p.PID, p.StartedAt = uint64(max(0, count(i))), i.since
	}
	for i := range s.retired {
		count(i)
	}
	return p
}

// state is what the plugin is doing. The caller holds the mutex.
func (s *supervised) state() plugins.State {
	switch {
	case s.file.refused != nil:
		return plugins.Refused
	case s.current != nil:
		return plugins.Running
	case s.starting != nil && time.Now().Before(s.next):
		return plugins.Restarting
	case s.starting != nil:
		return plugins.Starting
	case s.failures > 0:
		return plugins.Failed
	case len(s.retired) > 0:
		return plugins.Retired
	}
	return plugins.Idle
}

// Restart gives new executions of a plugin a fresh process at once, whatever pause is due. The old process ends after its
// executions. A file that was refused is looked at again. It returns when the process is ready or has failed, or after
// five seconds.
func (h *Host) Restart(ctx context.Context, r plugins.Restart) (*plugins.Plugin, error) {
	h.lookAgain()
	h.mu.Lock()
	all, unused := h.plugins, h.unused
	h.mu.Unlock()
	for _, s := range all {
		if string(s.file.kind) == r.Kind && s.file.name == r.Name {
			if err := s.restart(ctx); err != nil {
				return nil, err
			}
			p := s.status(measure())
			return &p, nil
		}
	}
	for _, f := range unused {
		if string(f.kind) == r.Kind && f.name == r.Name {
			return nil, dkron.Conflict("plugin %s is not used: %w", r.Name, f.refused)
		}
	}
	return nil, unknown(r.Kind, r.Name)
}

func unknown(kind, name string) error {
	return dkron.Error(dkron.ErrNotFound, "this node has no %.64q plugin of the name %.64q", kind, name)
}

func (s *supervised) restart(ctx context.Context) error {
	refused := trust(s.file.path)
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return dkron.Error(dkron.ErrUnavailable, "%w", errClosed)
	}
	s.file.refused = refused
	if refused != nil {
		s.mu.Unlock()
		return dkron.Conflict("plugin %s can't be restarted: %w", s.file.name, refused)
	}
	s.log.Info("a plugin is restarted because somebody asked for it", "path", s.file.path, "by", dkron.Actor(ctx))
	s.failures, s.next = 0, time.Time{}
	if i := s.current; i != nil {
		s.replace(i, "somebody restarted it")
	}
	if s.hurry != nil {
		close(s.hurry)
		s.hurry = nil
	}
	started := s.start()
	s.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, restartWait)
	defer cancel()
	select {
	case <-started:
	case <-ctx.Done():
	}
	return nil
}

// replace makes new executions go to a fresh process. This one is killed, with all that it has started, when its last
// execution has ended. The caller holds the mutex.
func (s *supervised) replace(i *instance, why string) {
	i.retired = true
	close(i.left)
	s.retired[i] = struct{}{}
	if s.current == i {
		s.current = nil
	}
	s.log.Warn("a plugin's process is replaced", "path", s.file.path, "pid", i.process.ID(), "reason", why, "executions", i.uses)
	if i.uses == 0 {
		s.host.running.Go(i.end)
	}
}
