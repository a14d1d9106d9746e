// Package control holds every use case once: it validates, stamps the time and whatever must be chosen, builds the
// command and proposes it. It runs on whichever server leads; elsewhere its methods return ErrNoLeader and the proxy
// asks the leader.
package control

import (
	"context"
	"math/rand/v2"

	"dkron"
	"dkron/internal/command"
	"dkron/internal/state"
)

// Log orders commands. Propose returns what the state machine returned once the entry is committed and applied here,
// and the entry's index.
type Log interface {
	Propose(ctx context.Context, data []byte) (any, uint64, error)
	// Leads returns nil if this server believes that it leads; else ErrNoLeader, or why there can be no leader.
	Leads() error
	// ReadIndex returns an index up to which there is every entry that was acknowledged before; ErrNoLeader elsewhere
	// than on the leader.
	ReadIndex(ctx context.Context) (uint64, error)
	// Lowest asks all servers of the cluster which protocols they speak, and returns the lowest of the newest, and whose it is.
	Lowest(ctx context.Context) (protocol uint64, server string, err error)
}

// Fleet knows the nodes of the cluster, and which of them orders can be given to now.
type Fleet interface {
	Reach() dkron.Reach
}

// Control is the use cases.
type Control struct {
	log   Log
	state *state.Store
	fleet Fleet
	judge Judge

	refused refusal
}

// Judge returns what is wrong with the executor of a job and with its configuration.
type Judge func(*dkron.Job) []dkron.Problem

// New returns the use cases.
func New(log Log, st *state.Store, fleet Fleet, judge Judge) *Control {
	return &Control{log: log, state: st, fleet: fleet, judge: judge}
}

// propose writes a command, if all servers know what it has in it, and returns the state machine's own error as the error.
func (c *Control) propose(ctx context.Context, cmd command.Kinded) (any, uint64, error) {
	data, protocol := command.EncodeFor(cmd)
	if protocol > 0 {
		if err := c.reach(ctx, protocol); err != nil {
			return nil, 0, err
		}
	}
	return c.send(ctx, data)
}

func (c *Control) send(ctx context.Context, data []byte) (any, uint64, error) {
	result, index, err := c.log.Propose(ctx, data)
	if err != nil {
		return nil, index, err
	}
	if err, ok := result.(error); ok {
		return nil, index, err
	}
	return result, index, nil
}

// value is propose for commands that return a *T.
func value[T any](ctx context.Context, c *Control, cmd command.Kinded) (*T, uint64, error) {
	result, index, err := c.propose(ctx, cmd)
	if err != nil {
		return nil, index, err
	}
	return result.(*T), index, nil
}

// ClearExecutions forgets a job's history and counters.
func (c *Control) ClearExecutions(ctx context.Context, name string) (*dkron.Record, uint64, error) {
	return value[dkron.Record](ctx, c, &command.Clear{Name: name})
}

// SetPaused says whether submissions of jobs are refused.
func (c *Control) SetPaused(ctx context.Context, paused bool) (uint64, error) {
	_, index, err := c.propose(ctx, &command.Pause{Paused: paused})
	return index, err
}

// Identify gives the cluster an id, if it has none.
func (c *Control) Identify(ctx context.Context, id string) error {
	_, _, err := c.propose(ctx, &command.Identify{Cluster: id})
	return err
}

// ReadIndex returns an index with which a read is consistent.
func (c *Control) ReadIndex(ctx context.Context) (uint64, error) { return c.log.ReadIndex(ctx) }

// Configure replaces the settings that all servers go by.
func (c *Control) Configure(ctx context.Context, s dkron.Settings) (uint64, error) {
	if err := s.Validate(); err != nil {
		return 0, err
	}
	_, index, err := c.propose(ctx, &command.Configure{Settings: s})
	return index, err
}

func newRand() *rand.Rand { return rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64())) }
