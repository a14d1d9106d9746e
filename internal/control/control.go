// Package control executes requests and the engines' decisions on the leader: it validates, stamps the time, makes the
// choices, and builds and proposes the command. Other servers return ErrNoLeader, and package proxy asks the leader.
package control

import (
	"context"
	"math/rand/v2"
	"time"

	"dkron"
	"dkron/internal/command"
	"dkron/internal/request"
	"dkron/internal/state"
)

// Log orders commands. Propose returns once the entry is committed and applied here, with the state machine's result
// and the entry's index.
type Log interface {
	Propose(ctx context.Context, data []byte) (any, uint64, error)
	// Leads returns nil if this server believes that it leads; else ErrNoLeader, or why there is no leader.
	Leads() error
	// ReadIndex returns an index that is at or after every entry acknowledged before the call. It fails with
	// ErrNoLeader on a server that does not lead.
	ReadIndex(ctx context.Context) (uint64, error)
	// Lowest asks all servers of the cluster which protocols they speak, and returns the lowest of the newest, and whose it is.
	Lowest(ctx context.Context) (protocol uint64, server string, err error)
}

// Fleet lists the cluster's nodes, and those that the leader can give orders to now.
type Fleet interface {
	Reach() dkron.Reach
}

// Config is what a Control needs.
type Config struct {
	Log      Log // where it proposes
	State    *state.Store
	Fleet    Fleet
	Judge    Judge
	Suits    Suits
	Observer Observer // may be nil
	// Channels are those through which people are notified of executions that start and end.
	Channels []string
	// CheckChannel refuses channels that can't work; nil: all are stored.
	CheckChannel func(*dkron.Channel) error
}

// Control executes requests and records the engines' decisions.
type Control struct {
	log      Log
	state    *state.Store
	fleet    Fleet
	judge    Judge
	suits    Suits
	observer Observer // may be nil
	channels []string
	// checkChannel refuses channels that can't work; nil: all are stored.
	checkChannel func(*dkron.Channel) error

	handlers map[string]handler // by the name of the request
	refused  refusal
}

// Judge returns the problems of a job's executors and of their configuration.
type Judge func(*dkron.Job) []dkron.Problem

// Suits refuses a change that the executor of that name can't use.
type Suits func(executor string, change *dkron.Change) error

// New returns a Control.
func New(cfg Config) *Control {
	c := &Control{
		log: cfg.Log, state: cfg.State, fleet: cfg.Fleet, judge: cfg.Judge, suits: cfg.Suits,
		observer: cfg.Observer, channels: cfg.Channels, checkChannel: cfg.CheckChannel,
	}
	c.handlers = c.handle()
	return c
}

// notifying is a command by which executions may start or end.
type notifying interface{ SetChannels(channels []string) }

// propose writes a command, if all servers know what it has in it, and returns the state machine's own error as the error.
func (c *Control) propose(ctx context.Context, cmd command.Command) (any, uint64, error) {
	if n, ok := cmd.(notifying); ok && len(c.channels) > 0 && c.known(ctx, 2) {
		n.SetChannels(c.channels)
	}
	data, protocol := command.EncodeFor(cmd)
	if protocol > 0 {
		if err := c.reach(ctx, protocol); err != nil {
			return nil, 0, err
		}
	}
	return c.send(ctx, c.audited(ctx, cmd, data))
}

func (c *Control) send(ctx context.Context, data []byte) (any, uint64, error) {
	began := time.Now()
	result, index, err := c.log.Propose(ctx, data)
	c.proposed(result, began, err)
	if err != nil {
		return nil, index, err
	}
	if err, ok := result.(error); ok {
		return nil, index, err
	}
	return result, index, nil
}

// value is propose for commands whose result is a *T.
func value[T any](ctx context.Context, c *Control, cmd command.Command) (*T, uint64, error) {
	result, index, err := c.propose(ctx, cmd)
	if err != nil {
		return nil, index, err
	}
	return result.(*T), index, nil
}

// done is propose for commands whose result is not used.
func done(ctx context.Context, c *Control, cmd command.Command) (*request.Done, uint64, error) {
	_, index, err := c.propose(ctx, cmd)
	return new(request.Done), index, err
}

// stored is value for commands whose result is a job.
func stored(ctx context.Context, c *Control, cmd command.Command) (*request.Stored, uint64, error) {
	record, index, err := value[dkron.Record](ctx, c, cmd)
	if err != nil {
		return nil, index, err
	}
	return &request.Stored{Record: *record}, index, nil
}

func (c *Control) clearExecutions(ctx context.Context, r *request.ClearExecutions) (*request.Stored, uint64, error) {
	return stored(ctx, c, &command.Clear{Name: r.Job})
}

func (c *Control) setPaused(ctx context.Context, r *request.SetPaused) (*request.Done, uint64, error) {
	return done(ctx, c, &command.Pause{Paused: r.Paused})
}

// Identify gives the cluster an id, unless it has one.
func (c *Control) Identify(ctx context.Context, id string) error {
	_, _, err := c.propose(ctx, &command.Identify{Cluster: id})
	return err
}

func (c *Control) readIndex(ctx context.Context, _ *request.ReadIndex) (*request.Done, uint64, error) {
	index, err := c.log.ReadIndex(ctx)
	return new(request.Done), index, err
}

func (c *Control) configure(ctx context.Context, r *request.Configure) (*request.Done, uint64, error) {
	if err := r.Settings.Validate(); err != nil {
		return nil, 0, err
	}
	return done(ctx, c, &command.Configure{Settings: r.Settings})
}

func newRand() *rand.Rand { return rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64())) }
