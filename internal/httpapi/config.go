package httpapi

import (
	"context"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"dkron"
	"dkron/internal/clock"
	"dkron/internal/executor"
	"dkron/internal/feed"
	"dkron/internal/forecast"
	"dkron/internal/httpserver"
	"dkron/internal/limit"
	"dkron/internal/objective"
	"dkron/internal/request"
	"dkron/internal/respond"
	"dkron/internal/review"
	"dkron/internal/state"
)

// Cluster lists the cluster's members and reports whether this server leads.
type Cluster interface {
	Members() []Member
	Leader() (Member, bool)
	IsLeader() bool
	Status() Status
	Node
}

// Node is this node, server or agent.
type Node interface {
	// Ready returns nil if this node should get requests: it is not leaving, and as a server it has a leader and has
	// caught up with it. Otherwise it returns the reason, for people.
	Ready() error
	// Leave makes the node leave the cluster and stop. It returns when the node has left, or not much later than an
	// idle node would need. It may be called again.
	Leave(ctx context.Context) error
}

// Live returns what running executions have written, from the given offsets; a missing one is 0. It may leave out what
// it can't reach in time. Output before a chunk's offset is no longer held.
type Live interface {
	Output(ctx context.Context, keys []dkron.ExecutionKey, from []uint64) []dkron.Chunk
}

// maxStreams is the default of Config.MaxStreams.
const maxStreams = 2000

// DefaultMaxBody is the default of Config.MaxBody.
const DefaultMaxBody = 1 << 20

// Config is what the API needs from the server.
type Config struct {
	NodeName string
	Version  string

	// Controller executes requests, wherever the leader is. When it returns, Store contains the change.
	Controller request.Doer
	Cluster    Cluster
	Surveyor   Surveyor
	Plugins    Plugins
	Live       Live           // nil: no live output
	Syncer     Syncer         // nil: no reads with ?consistent
	Watcher    feed.Watcher   // nil: no events of members and leaders
	Planner    review.Planner // nil: restores can't be planned
	Store      *state.Store

	// Judge returns the problems of a job's executors and of their configuration. nil: there are none.
	Judge func(*dkron.Job) []dkron.Problem
	// Executors lists those that jobs may use; see executor.Catalogue.
	Executors func() []executor.Entry
	// Processors lists the processors of this version.
	Processors func() []executor.Entry

	Metrics http.Handler // nil: /metrics does not exist
	// Gate admits a request to its endpoint: as it goes on, and what to call after the answer. A request that is refused may come back
	// with its client. nil: all are admitted.
	Gate func(http.ResponseWriter, *http.Request) (*http.Request, func(), error)
	// Noted gets each request after its endpoint, with its client as far as that is known, and why it was refused. It may be nil.
	Noted func(r *http.Request, err error)
	// Routes is the endpoints of the API that other rooms have.
	Routes []httpserver.Route
	// Pages is what this port serves besides the API, by pattern of http.ServeMux. nil: nothing.
	Pages map[string]http.Handler
	// Observe gets each answered request: the pattern of its route, its method, the status and the duration. Both texts
	// are from a fixed set, whatever the client sends. It may be nil.
	Observe func(route, method string, status int, d time.Duration)
	Logger  *slog.Logger // nil: nothing is logged
	// Issues returns what makes this server unhealthy, such as a crashed plugin. nil: there is nothing.
	Issues func() []string
	// Notices returns what an operator should know about this server although it works. nil: there is nothing.
	Notices func() []string

	// Rates limits how often a client may ask. nil: as often as it likes.
	Rates *limit.Rates

	MaxBody        int64    // bytes; 0 means DefaultMaxBody
	MaxStreams     int      // open streams and requests with ?wait at once; 0 means 2000
	AllowedOrigins []string // origins whose pages may call the API, such as https://ops.example.com; "*" is any

	// Trace returns the address of a launch's trace, "" if there is none; nil: nothing is traced.
	Trace func(launch string) string
	// Ctx ends the open streams; other requests are still answered. nil: they end with their clients.
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
	board     *objective.Board
	nonce     [8]byte      // makes entity tags unique to this process
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
		streams: respond.NewStreams(cfg.Ctx, cfg.MaxStreams), nonce: newNonce(), counter: forecast.NewCounter(), board: objective.NewBoard(cfg.Store),
	}
}
