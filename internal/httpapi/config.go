package httpapi

import (
	"context"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"dkron"
	"dkron/internal/clock"
	"dkron/internal/forecast"
	"dkron/internal/httpserver"
	"dkron/internal/request"
	"dkron/internal/respond"
	"dkron/internal/state"
)

// Cluster says who is in the cluster and whether this server leads.
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

// Live knows what running executions have written so far, from the given offsets on; a missing one is 0. It may leave
// out what it can't reach in time. What comes before the offset of a chunk is not held any more.
type Live interface {
	Output(ctx context.Context, keys []dkron.ExecutionKey, from []uint64) []dkron.Chunk
}

// maxStreams is Config.MaxStreams if it is not set.
const maxStreams = 2000

// DefaultMaxBody is how large the body of a request may be unless the configuration says otherwise.
const DefaultMaxBody = 1 << 20

// Config is what the API needs of the rest of the server.
type Config struct {
	NodeName string
	Version  string

	// Controller does requests, wherever the leader is. What it has done is visible in Store when it returns.
	Controller request.Doer
	Cluster    Cluster
	Surveyor   Surveyor
	Live       Live    // nil: no live output
	Syncer     Syncer  // nil: no reads with ?consistent
	Watcher    Watcher // nil: no events of members and leaders
	Planner    Planner // nil: no plans of restores
	Store      *state.Store

	// Judge returns what is wrong with the executor of a job and with its configuration. nil: nothing ever is.
	Judge func(*dkron.Job) []dkron.Problem
	// Executors are those that nodes of this version have.
	Executors []Executor

	Metrics http.Handler // nil: /metrics does not exist
	// Pages is what else this port serves besides the API, by pattern of http.ServeMux. nil: nothing.
	Pages map[string]http.Handler
	// Observe gets each request that was answered: the pattern of its route, its method, the status and how long
	// the answer took. Both texts are from a fixed set, whatever the client sends. nil: nobody is.
	Observe func(route, method string, status int, d time.Duration)
	Logger  *slog.Logger // nil: nothing is logged
	// Issues returns what makes this server unhealthy, such as a plugin that has died. nil: nothing ever does.
	Issues func() []string
	// Notices returns what an operator should know of this server although it does its part. nil: there is nothing.
	Notices func() []string

	MaxBody        int64    // bytes; 0 means DefaultMaxBody
	MaxStreams     int      // open streams and requests with ?wait at once; 0 means 2000
	AllowedOrigins []string // origins whose pages may call the API, such as https://ops.example.com; "*" is any

	// Ctx ends the streams that are open; everything else is answered still. nil: they end with their clients.
	Ctx context.Context
}

// api is the handlers' receiver.
type api struct {
	Config
	now       func() time.Time
	compress  func(http.Handler) http.HandlerFunc
	origins   httpserver.Origins
	streams   *respond.Streams
	wording   forecast.Wording
	counter   *forecast.Counter
	nonce     [8]byte      // makes entity tags of this process its own
	followers atomic.Int64 // of output, among the streams
}

// New returns the handler of the whole API.
func New(cfg Config) http.Handler { return newAPI(cfg).handler() }

func newAPI(cfg Config) *api {
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if cfg.MaxBody <= 0 {
		cfg.MaxBody = DefaultMaxBody
	}
	if cfg.MaxStreams <= 0 {
		cfg.MaxStreams = maxStreams
	}
	if cfg.Ctx == nil {
		cfg.Ctx = context.Background()
	}
	return &api{
		Config: cfg, now: clock.Now, compress: respond.NewCompressor(), origins: cfg.AllowedOrigins,
		streams: respond.NewStreams(cfg.Ctx, cfg.MaxStreams), nonce: newNonce(), counter: forecast.NewCounter(),
	}
}
