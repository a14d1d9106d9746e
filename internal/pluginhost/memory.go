package pluginhost

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// measureEvery is how often the memory of plugins is compared with their limit.
const measureEvery = time.Second

// limitMemory ends processes that use too much, until the host is closed.
func (h *Host) limitMemory() {
	for {
		select {
		case <-h.quit:
			return
		case <-time.After(measureEvery):
		}
		if all := h.instances(); len(all) > 0 {
			u := measure()
			for _, a := range all {
				if bytes := u.of(a.instance.process); bytes > h.cfg.MemoryLimit {
					a.plugin.overrun(a.instance, bytes)
				}
			}
		}
	}
}

// ownedInstance is a process with its plugin.
type ownedInstance struct {
	plugin   *supervised
	instance *instance
}

// instances returns all processes.
func (h *Host) instances() (all []ownedInstance) {
	for _, s := range h.all() {
		s.mu.Lock()
		if s.current != nil {
			all = append(all, ownedInstance{s, s.current})
		}
		for i := range s.retired {
			all = append(all, ownedInstance{s, i})
		}
		s.mu.Unlock()
	}
	return all
}

// errMemory is the error of executions whose process was ended for its memory.
var errMemory = errors.New("the plugin used more than its limit of memory")

// overrun ends a process that uses too much memory, with all that it has started: the node has other work. What it executes
// fails with that reason. It is started again as one that has died.
func (s *supervised) overrun(i *instance, bytes uint64) {
	s.mu.Lock()
	if i.killedFor != nil || s.closed {
		s.mu.Unlock()
		return
	}
	i.killedFor = fmt.Errorf("%w, %d MiB", errMemory, s.host.cfg.MemoryLimit>>20)
	if s.current == i {
		s.replace(i, i.killedFor.Error())
		if time.Since(i.since) >= steadyAfter {
			s.failures = 0
		}
		s.failed(i.killedFor)
	}
	s.log.Error("a plugin used too much memory and was ended, with all that it has started; its executions fail", "path", s.file.path,
		"pid", i.process.ID(), "bytes", bytes, "limit", s.host.cfg.MemoryLimit, "executions", i.uses, "setting", "plugin-memory-limit")
	s.mu.Unlock()
	_ = i.process.Kill(context.Background())
}

// why returns why we have ended the process, nil if we have not.
func (s *supervised) why(i *instance) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return i.killedFor
}
