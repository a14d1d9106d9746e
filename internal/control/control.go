// Package control holds every use case once: it validates, stamps the time and whatever must be chosen, builds the
// command and proposes it. It runs on whichever server leads; elsewhere its methods return ErrNoLeader and the proxy
// asks the leader.
package control

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

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
}

// Fleet knows the nodes that orders can be given to now.
type Fleet interface {
	Live() []dkron.Node
}

// Control is the use cases.
type Control struct {
	log   Log
	state *state.Store
	fleet Fleet
	check func(*dkron.Job) error // of the executors' configuration
}

// New returns the use cases. check tells what is wrong with the configuration of a known executor.
func New(log Log, st *state.Store, fleet Fleet, check func(*dkron.Job) error) *Control {
	return &Control{log, st, fleet, check}
}

// propose returns the state machine's own error as the error.
func (c *Control) propose(ctx context.Context, cmd command.Kinded) (any, uint64, error) {
	result, index, err := c.log.Propose(ctx, command.Encode(cmd))
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

// SetJob creates a job or replaces its definition, and returns it as stored.
func (c *Control) SetJob(ctx context.Context, job dkron.Job) (*dkron.Record, uint64, error) {
	if err := job.Validate(); err != nil {
		return nil, 0, err
	}
	if err := c.check(&job); err != nil {
		return nil, 0, err
	}
	return c.change(ctx, job.Name, func(old *dkron.Job, paused bool) (dkron.Job, error) {
		if paused {
			return job, dkron.ErrPaused
		}
		return job, nil
	})
}

// ToggleJob flips whether a job is disabled, and returns it as stored.
func (c *Control) ToggleJob(ctx context.Context, name string) (*dkron.Record, uint64, error) {
	return c.change(ctx, name, func(old *dkron.Job, _ bool) (dkron.Job, error) {
		if old == nil {
			return dkron.Job{}, dkron.ErrNotFound
		}
		job := *old
		job.Disabled = !old.Disabled
		return job, nil
	})
}

// change proposes what edit makes of the stored definition, and looks again if somebody else was faster.
func (c *Control) change(ctx context.Context, name string, edit func(old *dkron.Job, paused bool) (dkron.Job, error)) (*dkron.Record, uint64, error) {
	if err := c.log.Leads(); err != nil { // its own state may be old
		return nil, 0, err
	}
	for {
		var old *dkron.Job
		var paused bool
		err := c.state.View(func(tx *state.Tx) (err error) {
			paused = tx.Paused()
			old, err = tx.Job(name)
			if errors.Is(err, dkron.ErrNotFound) {
				old, err = nil, nil
			}
			return err
		})
		if err != nil {
			return nil, 0, err
		}
		job, err := edit(old, paused)
		if err != nil {
			return nil, 0, err
		}
		cmd := &command.SetJob{Job: job, Now: time.Now().UTC()}
		if old != nil {
			cmd.Base = old.Revision
		}
		if cmd.Next, err = firstDue(&job, old, cmd.Now); err != nil {
			return nil, 0, err
		}
		record, index, err := value[dkron.Record](ctx, c, cmd)
		if !errors.Is(err, command.ErrChanged) {
			return record, index, err
		}
	}
}

// firstDue returns when a definition that is written now is due first.
func firstDue(job, old *dkron.Job, now time.Time) (time.Time, error) {
	if job.ParentJob != "" {
		return time.Time{}, nil
	}
	anchored := *job
	anchored.CreatedAt = now
	if old != nil {
		anchored.CreatedAt = old.CreatedAt
	}
	s, err := anchored.Parse()
	if err != nil {
		return time.Time{}, dkron.Invalid("can't parse job schedule: %w", err)
	}
	if old == nil || old.Schedule != job.Schedule {
		if first := s.First(now); first.Equal(now) { // @after within its grace: at once
			return now.Add(1), nil
		}
	}
	return anchored.After(s, now), nil
}

// DeleteJob removes a job and returns it as it was.
func (c *Control) DeleteJob(ctx context.Context, name string) (*dkron.Record, uint64, error) {
	return value[dkron.Record](ctx, c, &command.DeleteJob{Name: name})
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

// ReadIndex returns an index with which a read is consistent.
func (c *Control) ReadIndex(ctx context.Context) (uint64, error) { return c.log.ReadIndex(ctx) }

// RunJob launches a job now. Without a node that it can run on nothing is recorded.
func (c *Control) RunJob(ctx context.Context, name string, cause dkron.Cause) (*dkron.Launched, uint64, error) {
	if err := c.log.Leads(); err != nil {
		return nil, 0, err
	}
	var job *dkron.Job
	err := c.state.View(func(tx *state.Tx) (err error) {
		job, err = tx.Job(name)
		return err
	})
	if err != nil {
		return nil, 0, err
	}
	targets := c.targets(job.Tags)
	if len(targets) == 0 {
		return nil, 0, dkron.ErrNoTarget
	}
	return value[dkron.Launched](ctx, c, &command.Run{Name: name, Cause: cause, Targets: targets, Now: time.Now().UTC()})
}

// Fire launches what is due.
func (c *Control) Fire(ctx context.Context, due []dkron.Due) error {
	nodes, rnd := c.fleet.Live(), newRand()
	for i := range due {
		if due[i].Missed == 0 {
			due[i].Targets = dkron.Targets(nodes, due[i].Tags, rnd)
		}
	}
	_, _, err := c.propose(ctx, &command.Fire{Due: due, Now: time.Now().UTC()})
	return err
}

// Assign gives targets to those of the launches for which there are some now, and ends those that are to be given up.
// It proposes nothing if there are neither.
func (c *Control) Assign(ctx context.Context, waiting []dkron.Waiting) error {
	cmd := &command.Assign{Now: time.Now().UTC()}
	nodes, rnd := c.fleet.Live(), newRand()
	err := c.state.View(func(tx *state.Tx) error {
		for _, w := range waiting {
			job, err := tx.Job(w.Job)
			if err != nil && !errors.Is(err, dkron.ErrNotFound) {
				return err
			}
			a := dkron.Assignment{Launch: w.Launch}
			if job != nil {
				a.Nodes = dkron.Targets(nodes, job.Tags, rnd)
			}
			if len(a.Nodes) > 0 || w.GiveUp || job == nil {
				cmd.Targets = append(cmd.Targets, a)
			}
		}
		return nil
	})
	if err != nil || len(cmd.Targets) == 0 {
		return err
	}
	_, _, err = c.propose(ctx, cmd)
	return err
}

// Finish records results.
func (c *Control) Finish(ctx context.Context, results []dkron.Result) error {
	_, _, err := c.propose(ctx, &command.Finish{Results: results, Now: time.Now().UTC()})
	return err
}

func (c *Control) targets(tags map[string]string) []string {
	return dkron.Targets(c.fleet.Live(), tags, newRand())
}

func newRand() *rand.Rand { return rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64())) }
