package httpapi

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"dkron"
	"dkron/internal/state"
)

// Controller makes changes, wherever the leader is. What it returns is already visible in Store. Errors wrap the kinds
// of package dkron.
type Controller interface {
	SetJob(ctx context.Context, job dkron.Job) (*dkron.Record, error)
	DeleteJob(ctx context.Context, name string) (*dkron.Record, error)
	ToggleJob(ctx context.Context, name string) (*dkron.Record, error)
	ClearExecutions(ctx context.Context, name string) (*dkron.Record, error)
	RunJob(ctx context.Context, name string, cause dkron.Cause) (*dkron.Launched, error)
	SetPaused(ctx context.Context, paused bool) error
}

// Cluster tells who is there and where this server stands among them.
type Cluster interface {
	Members() []Member
	Leader() (Member, bool)
	IsLeader() bool
	Status() Status
	Node
}

// Node is this node itself, server or agent.
type Node interface {
	// Ready returns nil when this node should be sent requests: it stays, and as a server it has a leader and has caught
	// up with it; else the reason, for people.
	Ready() error
	// Leave makes the node leave the cluster and end. It returns when the node has left, or not much later than that
	// would take if nothing ran. To ask again is fine.
	Leave(ctx context.Context) error
}

// Live knows what running executions have written so far. It may leave out what it can't reach in time.
type Live interface {
	Output(ctx context.Context, keys []dkron.ExecutionKey) map[dkron.ExecutionKey][]byte
}

// DefaultMaxBody is how large the body of a request may be unless the configuration says otherwise.
const DefaultMaxBody = 1 << 20

// Config is what the API needs of the rest of the server.
type Config struct {
	NodeName string
	Version  string

	Controller Controller
	Cluster    Cluster
	Live       Live // nil: no live output
	Store      *state.Store

	Metrics http.Handler // nil: /metrics does not exist
	Logger  *slog.Logger // nil: nothing is logged
	// Issues returns what makes this server unhealthy, such as a plugin that has died. nil: nothing ever does.
	Issues func() []string

	MaxBody        int64    // bytes; 0 means DefaultMaxBody
	AllowedOrigins []string // origins whose pages may call the API, such as https://ops.example.com; "*" is any
}

// api is the handlers' receiver.
type api struct {
	Config
	now func() time.Time
}

// New returns the handler of the whole API.
func New(cfg Config) http.Handler {
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if cfg.MaxBody <= 0 {
		cfg.MaxBody = DefaultMaxBody
	}
	a := &api{Config: cfg, now: time.Now}
	return a.handler()
}
