package pluginhost

import (
	"log/slog"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"

	"dkron/internal/liblog"
	"dkron/plugin"
)

// Config is what a host needs.
type Config struct {
	Dirs    []string // as Dirs returns them
	Builtin []string // executors that no plugin replaces
	Logger  *slog.Logger
	// Grace is how long an execution that was stopped may go on before its plugin is given up; default 10 s.
	Grace time.Duration
}

// Host has the plugins of a node. It is safe for concurrent use.
type Host struct {
	cfg     Config
	plugins []*supervised
	quit    chan struct{}
	running sync.WaitGroup
	once    sync.Once
}

// New finds the plugins. It starts none.
func New(cfg Config) *Host {
	if cfg.Grace == 0 {
		cfg.Grace = 10 * time.Second
	}
	h := &Host{cfg: cfg, quit: make(chan struct{})}
	files, problems := find(cfg.Dirs)
	for _, err := range problems {
		cfg.Logger.Warn("a folder of plugins can't be read", "error", err)
	}
	for _, f := range files {
		log := cfg.Logger.With("plugin", f.name)
		switch {
		case f.kind != Executor:
			continue
		case slices.Contains(cfg.Builtin, f.name):
			log.Warn("a plugin is not used: an executor of this name is built in", "path", f.path)
			continue
		case f.refused != nil:
			log.Error("a plugin is not used", "path", f.path, "error", f.refused)
		default:
			log.Info("found a plugin", "path", f.path)
		}
		h.plugins = append(h.plugins, &supervised{host: h, file: f, log: log, retired: make(map[*instance]struct{})})
	}
	return h
}

// Executors returns the plugins that are executors, by name.
func (h *Host) Executors() map[string]plugin.Executor {
	m := make(map[string]plugin.Executor)
	for _, s := range h.plugins {
		m[s.file.name] = s
	}
	return m
}

// Names returns their names, sorted.
func (h *Host) Names() (names []string) {
	for _, s := range h.plugins {
		names = append(names, s.file.name)
	}
	return names
}

// State is what a plugin is doing.
type State string

// The states of a plugin.
const (
	Idle     State = "idle"     // it was not needed yet
	Starting State = "starting" // perhaps after a pause
	Running  State = "running"
	Failed   State = "failed"  // it is started again later
	Refused  State = "refused" // it must not be started
)

// Status is a plugin as operators see it.
type Status struct {
	Name     string
	Kind     Kind
	Path     string
	Version  string // as it says; empty if it does not
	State    State
	PID      int       // 0: no process
	Since    time.Time // start of the process
	Starts   uint64    // processes started so far
	Memory   uint64    // resident, in bytes; 0: not known
	Working  int       // executions
	Retired  int       // processes that were replaced and still have work
	Error    string    // last failure
	NextTry  time.Time // of the next start, if it failed
	FromKit  bool      // it was made with our kit: it can be stopped, and says more of its work
	Schema   []byte    // JSON Schema of its configuration, empty if it has none
	Adopting bool      // its work survives the agent
}

// Plugins returns what every plugin does now.
func (h *Host) Plugins() []Status {
	out := make([]Status, 0, len(h.plugins))
	for _, s := range h.plugins {
		out = append(out, s.status())
	}
	return out
}

func (s *supervised) status() Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := Status{Name: s.file.name, Kind: s.file.kind, Path: s.file.path, State: Idle, Starts: s.starts, Retired: len(s.retired)}
	if s.lastErr != nil {
		st.Error = s.lastErr.Error()
	}
	switch {
	case s.file.refused != nil:
		st.State, st.Error = Refused, s.file.refused.Error()
	case s.current != nil:
		i := s.current
		st.State, st.Since, st.Working = Running, i.since, i.uses
		st.PID, _ = strconv.Atoi(i.process.ID())
		st.Memory = resident(st.PID)
		if i.about != nil {
			st.FromKit, st.Version, st.Schema, st.Adopting = true, i.about.Version, i.about.Schema, i.about.Adopts
		}
	case s.failures > 0 && time.Now().Before(s.next):
		st.State, st.NextTry = Failed, s.next
	case s.starting != nil:
		st.State = Starting
	case s.failures > 0:
		st.State = Failed
	}
	return st
}

// Close ends all plugins. Executions must have ended, or they fail.
func (h *Host) Close() {
	h.once.Do(func() { close(h.quit) })
	var stopping sync.WaitGroup
	for _, s := range h.plugins {
		stopping.Go(s.stop)
	}
	stopping.Wait()
	h.running.Wait()
}

// libraryLog is what the library logs through: what plugins write to standard error, and its own news.
func (h *Host) libraryLog(log *slog.Logger) hclog.Logger { return liblog.New(log, "plugin") }
