package auditapi

import (
	"context"
	"log/slog"
	"net/http"
	"path/filepath"
	"sync"

	"dkron/internal/audit"
	"dkron/internal/httpserver"
	"dkron/internal/state"
)

// Config is what the audit of a server needs.
type Config struct {
	Node    string // name of this server
	DataDir string
	File    string // where records are also written; "": nowhere
	Syslog  string // address of the syslog to which they are also sent; "": none
	Store   *state.Store
	Counter Counter
	// Stops gets what ends the work of the audit.
	Stops func(name string, stop func())
	// Problem returns the error of a setting that can't be used.
	Problem func(setting, text string) error
	Logger  *slog.Logger
}

// Counter counts what becomes of records. Its methods are safe for concurrent use.
type Counter interface {
	audit.Counter
	AuditRefused() // a request was refused
	AuditLost()    // a record of this server could not be written
}

// Audit is the audit of a server.
type Audit struct {
	Notes
	Config
	streams []*audit.Stream
}

// Open opens a server's own records, in the data directory, and starts to write records to where the settings say.
func Open(cfg Config) (*Audit, error) {
	dir := filepath.Join(cfg.DataDir, "audit")
	local, err := audit.OpenLocal(dir, cfg.Counter.AuditLost, cfg.Logger)
	if err != nil {
		return nil, err
	}
	a := &Audit{Notes: Notes{local, cfg.Counter.AuditRefused}, Config: cfg}
	add := func(name string, t audit.Target) {
		a.streams = append(a.streams, &audit.Stream{
			Name: name, Target: t, Store: cfg.Store, Local: local, Server: cfg.Node, Dir: dir, Counter: cfg.Counter, Logger: cfg.Logger,
		})
	}
	if cfg.File != "" {
		add("file", &audit.File{Path: cfg.File})
	}
	if cfg.Syslog != "" {
		t, err := audit.NewSyslog(cfg.Syslog, cfg.Node)
		if err != nil {
			return nil, cfg.Problem("audit-syslog", err.Error())
		}
		add("syslog", t)
	}
	cfg.Stops("audit", a.start())
	return a, nil
}

// Routes returns the endpoints.
func (a *Audit) Routes(servers audit.Servers) []httpserver.Route {
	return Routes(&audit.Finder{Name: a.Node, Store: a.Store, Local: a.Local, Servers: servers})
}

// Noted notes a request after its endpoint, and why it was refused, if it was.
func (a *Audit) Noted(r *http.Request, err error) {
	if err != nil {
		a.Refused(r, err)
		return
	}
	a.Done(r)
}

// Before answers another server's question for this server's own records.
func (a *Audit) Before(q *audit.Question) (*audit.Answer, error) { return a.Local.Before(q) }

// start starts to write records to where the settings say, and returns what ends that.
func (a *Audit) start() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { a.Local.Run(ctx) })
	for _, s := range a.streams {
		running.Go(func() { s.Run(ctx) })
	}
	return func() {
		cancel()
		running.Wait()
		a.Local.Close()
	}
}
