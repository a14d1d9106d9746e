package pluginhost

import (
	"errors"
	"log/slog"
	"slices"
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
	// Guard is what the function Guard has returned to main. If it is true plugins leave no process when the agent is killed.
	Guard bool
	// Grace is how long an execution that was stopped may go on before its plugin is given up; default 10 s.
	Grace time.Duration
}

// errBuiltin is why a plugin is not used that has the name of a built-in executor.
var errBuiltin = errors.New("an executor of this name is built in: give the file another name")

// Host has the plugins of a node. It is safe for concurrent use.
type Host struct {
	cfg     Config
	plugins []*supervised
	unused  []file // for what refused says
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
			f.refused = errBuiltin
			h.unused = append(h.unused, f)
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
