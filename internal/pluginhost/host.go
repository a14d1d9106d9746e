package pluginhost

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"

	"dkron/internal/liblog"
	"dkron/plugin"
)

// Config is what a host needs.
type Config struct {
	Dirs       []string // as Dirs returns them
	Builtin    []string // executors that no plugin replaces
	Processors []string // processors that no plugin replaces
	Logger     *slog.Logger
	// Stdout and Stderr get what processors write there; nil is the agent's own. Of v4 the processor log writes so.
	Stdout, Stderr io.Writer
	// Found is called with each plugin whose file is new, also by New, before the plugin can be used; nil for nobody.
	Found func(kind Kind, name string)
	// Learn gets what plugins say of themselves; nil asks none. They are asked one after another and in the background, from New until
	// the host is closed: each once, and again after its file has changed or it was started afresh. A process that was started for
	// this ends again. It must be quick.
	Learn func(kind Kind, name string, d Description)
	// Guard is what the function Guard has returned to main. If it is true plugins leave no process when the agent is killed.
	Guard bool
	// MemoryLimit is how many resident bytes a process may have, with all that it has started; 0: any number. It is kept on Linux.
	MemoryLimit uint64
	// PassEnv names variables that plugins get although they are for the agent: see environ.
	PassEnv []string
	// Grace is how long an execution that was stopped may continue before its plugin is given up; default 10 s.
	Grace time.Duration
}

// builtin returns why a plugin with the name of a built-in executor or processor is not used, nil for other names.
func (c *Config) builtin(f *file) error {
	taken, what := c.Builtin, "an executor"
	if f.kind == Processor {
		taken, what = c.Processors, "a processor"
	}
	if !slices.Contains(taken, f.name) {
		return nil
	}
	return fmt.Errorf("%s of this name is built in: give the file another name", what)
}

// Host has the plugins of a node. It is safe for concurrent use.
type Host struct {
	cfg     Config
	quit    chan struct{}
	running sync.WaitGroup
	once    sync.Once

	looking sync.Mutex // held while the folders are looked at
	looked  time.Time

	mu       sync.Mutex      // guards what follows
	plugins  []*supervised   // sorted by kind and name; the slice is replaced, never changed
	unused   []file          // for what refused says
	problems map[string]bool // of folders that were logged
}

// New finds the plugins.
func New(cfg Config) *Host {
	if cfg.Grace == 0 {
		cfg.Grace = 10 * time.Second
	}
	if cfg.Stdout == nil {
		cfg.Stdout = os.Stdout
	}
	if cfg.Stderr == nil {
		cfg.Stderr = os.Stderr
	}
	h := &Host{cfg: cfg, quit: make(chan struct{}), problems: make(map[string]bool)}
	h.look()
	if cfg.MemoryLimit > 0 {
		h.running.Go(h.limitMemory)
	}
	if cfg.Learn != nil {
		h.describe(cfg.Learn)
	}
	return h
}

// Executors returns the plugins that are executors, by name.
func (h *Host) Executors() map[string]plugin.Executor {
	m := make(map[string]plugin.Executor)
	for _, s := range h.of(Executor) {
		m[s.file.name] = s
	}
	return m
}

// Processors returns the plugins that are processors, by name.
func (h *Host) Processors() map[string]plugin.Processor {
	m := make(map[string]plugin.Processor)
	for _, s := range h.of(Processor) {
		m[s.file.name] = processor{s}
	}
	return m
}

// all returns the plugins that may be used.
func (h *Host) all() []*supervised {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.plugins
}

func (h *Host) of(kind Kind) (all []*supervised) {
	for _, s := range h.all() {
		if s.file.kind == kind {
			all = append(all, s)
		}
	}
	return all
}

// Close ends all plugins. Executions must have ended, or they fail.
func (h *Host) Close() {
	h.once.Do(func() { close(h.quit) })
	var stopping sync.WaitGroup
	for _, s := range h.all() {
		stopping.Go(s.stop)
	}
	stopping.Wait()
	h.running.Wait()
}

// libraryLog is what the library logs through: what plugins write to standard error, and its own news.
func (h *Host) libraryLog(log *slog.Logger) hclog.Logger { return liblog.New(log, "plugin") }
