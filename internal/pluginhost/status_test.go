//go:build unix

package pluginhost

import (
	"strconv"
	"time"
)

// seen is what tests see of a plugin.
type seen struct {
	Running bool
	PID     int // 0: no process
	Since   time.Time
	Starts  uint64
	Working int // executions
	Retired int // processes that were replaced and still have work
	Error   string
}

// statuses returns it of all plugins, by name.
func (h *Host) statuses() (all []seen) {
	for _, s := range h.plugins {
		all = append(all, s.status())
	}
	return all
}

func (s *supervised) status() seen {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := seen{Starts: s.starts, Retired: len(s.retired)}
	if s.lastErr != nil {
		st.Error = s.lastErr.Error()
	}
	if i := s.current; i != nil {
		st.Running, st.Since, st.Working = true, i.since, i.uses
		st.PID, _ = strconv.Atoi(i.process.ID())
	}
	return st
}
