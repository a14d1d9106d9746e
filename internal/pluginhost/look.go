package pluginhost

import (
	"slices"
	"strings"
	"time"

	"dkron/plugin"
)

const (
	// lookPause is the shortest time between two looks at the folders.
	lookPause = 3 * time.Second
	// settled is how long a file must not have changed before its program is run instead of the one that runs: somebody may
	// still write it.
	settled = 2 * time.Second
)

// FindExecutor returns the executor of that name, nil if there is none. A file that is new is found.
func (h *Host) FindExecutor(name string) plugin.Executor {
	if s := h.findPlugin(Executor, name); s != nil {
		return s
	}
	return nil
}

// FindProcessor returns the processor of that name, nil if there is none. A file that is new is found.
func (h *Host) FindProcessor(name string) plugin.Processor {
	if s := h.findPlugin(Processor, name); s != nil {
		return processor{s}
	}
	return nil
}

func (h *Host) findPlugin(kind Kind, name string) *supervised {
	if s := named(h.all(), kind, name); s != nil {
		return s
	}
	h.lookAgain()
	return named(h.all(), kind, name)
}

func named(all []*supervised, kind Kind, name string) *supervised {
	for _, s := range all {
		if s.file.kind == kind && s.file.name == name {
			return s
		}
	}
	return nil
}

// lookAgain looks for plugins unless that was done a moment ago.
func (h *Host) lookAgain() {
	h.looking.Lock()
	defer h.looking.Unlock()
	if h.looked.IsZero() || time.Since(h.looked) < lookPause { // a trial looks for none
		return
	}
	h.lookNow()
}

func (h *Host) look() {
	h.looking.Lock()
	defer h.looking.Unlock()
	h.lookNow()
}

// lookNow takes in what is in the folders. What has gone from them stays known: its process may still work. The caller
// holds looking.
func (h *Host) lookNow() {
	files, problems := find(h.cfg.Dirs)
	h.looked = time.Now()
	for _, err := range problems {
		if text := err.Error(); !h.problems[text] {
			h.problems[text] = true
			h.cfg.Logger.Warn("a folder of plugins can't be read", "error", err)
		}
	}
	known := h.all()
	all, unused := slices.Clone(known), []file(nil)
	for _, f := range files {
		if err := h.cfg.builtin(&f); err != nil {
			f.refused = err
			unused = append(unused, f)
			if !slices.ContainsFunc(h.unused, func(other file) bool { return other.path == f.path }) {
				h.cfg.Logger.Warn("a plugin is not used", "path", f.path, "error", err)
			}
			continue
		}
		if s := named(known, f.kind, f.name); s != nil {
			s.renew(f)
			continue
		}
		log := h.cfg.Logger.With("plugin", f.name, "kind", f.kind)
		if f.refused != nil {
			log.Error("a plugin is not used", "path", f.path, "error", f.refused)
		} else {
			log.Info("found a plugin", "path", f.path)
		}
		if h.cfg.Found != nil {
			h.cfg.Found(f.kind, f.name)
		}
		all = append(all, &supervised{host: h, file: f, log: log, retired: make(map[*instance]struct{})})
	}
	slices.SortStableFunc(all, func(a, b *supervised) int {
		return strings.Compare(string(a.file.kind)+a.file.name, string(b.file.kind)+b.file.name)
	})
	h.mu.Lock()
	defer h.mu.Unlock()
	h.plugins, h.unused = all, unused
}

// renew takes in the file as it is now. A process of another program than the file's gets no new executions.
func (s *supervised) renew(f file) {
	now := stampOf(f.path)
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed, f.path != s.file.path: // what lies in another folder counts after a restart of the agent
		return
	case f.refused == nil && s.file.refused != nil:
		s.log.Info("a plugin can be used now", "path", f.path)
	case f.refused != nil && s.file.refused == nil:
		s.log.Error("a plugin is not used any more", "path", f.path, "error", f.refused)
	}
	s.file.refused = f.refused
	if i := s.current; f.refused == nil && i != nil && i.of != now && time.Since(now.at) > settled {
		s.replace(i, "its file was replaced")
	}
}
