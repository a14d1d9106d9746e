// Package proxy tries a use case here and, if this server doesn't lead, asks the leader, once. What it returns is
// already visible in the state of this server.
package proxy

import (
	"context"
	"errors"
	"fmt"

	"dkron"
)

// Controller is the use cases, here or on another server. The number is the index of the log entry that holds the
// change.
type Controller interface {
	// SetJob creates a job or replaces its definition. Of the progress the counters and last times count, of a new job.
	SetJob(ctx context.Context, job dkron.Record) (*dkron.Record, uint64, error)
	// DeleteJob removes a job. stop, if it is not nil, says why what runs of it is to end too.
	DeleteJob(ctx context.Context, name string, stop *dkron.Stop) (*dkron.Record, uint64, error)
	ToggleJob(ctx context.Context, name string) (*dkron.Record, uint64, error)
	ClearExecutions(ctx context.Context, name string) (*dkron.Record, uint64, error)
	RunJob(ctx context.Context, name string, cause dkron.Cause) (*dkron.Launched, uint64, error)
	SetPaused(ctx context.Context, paused bool) (uint64, error)
	RevertJob(ctx context.Context, name string, revision uint64) (*dkron.Record, uint64, error)
	Restore(ctx context.Context, jobs []dkron.Record) ([]string, uint64, error)
	Stop(ctx context.Context, what dkron.StopTarget, reason string) (uint64, uint64, error)
	Configure(ctx context.Context, settings dkron.Settings) (uint64, error)
	// ReadIndex returns an index with which a read is consistent: up to it there is every change that was acknowledged
	// before.
	ReadIndex(ctx context.Context) (uint64, error)
}

// Cluster finds the leader and waits for the log.
type Cluster interface {
	// Remote returns the leader's use cases; ErrNoLeader if there is none or it is this server.
	Remote(ctx context.Context) (Controller, error)
	// WaitApplied returns when this server's state holds the entry with the given index.
	WaitApplied(ctx context.Context, index uint64) error
}

// Proxy is the use cases as they can be called on any server.
type Proxy struct {
	local   Controller
	cluster Cluster
}

// New returns the use cases of the cluster.
func New(local Controller, cluster Cluster) *Proxy { return &Proxy{local, cluster} }

func try[T any](ctx context.Context, p *Proxy, call func(Controller) (T, uint64, error)) (T, error) {
	result, _, err := call(p.local)
	if !errors.Is(err, dkron.ErrNoLeader) {
		return result, err
	}
	remote, err := p.cluster.Remote(ctx)
	if err != nil {
		return result, err
	}
	result, index, err := call(remote)
	if err != nil {
		return result, err
	}
	if err := p.cluster.WaitApplied(ctx, index); err != nil {
		return result, fmt.Errorf("%w: the change is made, but this server has not caught up with it: %w", dkron.ErrUnavailable, err)
	}
	return result, nil
}

// SetJob creates a job, with what had become of it before, or replaces its definition, and returns it as stored.
func (p *Proxy) SetJob(ctx context.Context, job dkron.Record) (*dkron.Record, error) {
	return try(ctx, p, func(c Controller) (*dkron.Record, uint64, error) { return c.SetJob(ctx, job) })
}

// DeleteJob removes a job and returns it as it was; with stop what runs of it is to end too.
func (p *Proxy) DeleteJob(ctx context.Context, name string, stop *dkron.Stop) (*dkron.Record, error) {
	return try(ctx, p, func(c Controller) (*dkron.Record, uint64, error) { return c.DeleteJob(ctx, name, stop) })
}

// ToggleJob flips whether a job is disabled, and returns it as stored.
func (p *Proxy) ToggleJob(ctx context.Context, name string) (*dkron.Record, error) {
	return try(ctx, p, func(c Controller) (*dkron.Record, uint64, error) { return c.ToggleJob(ctx, name) })
}

// ClearExecutions forgets a job's history and counters.
func (p *Proxy) ClearExecutions(ctx context.Context, name string) (*dkron.Record, error) {
	return try(ctx, p, func(c Controller) (*dkron.Record, uint64, error) { return c.ClearExecutions(ctx, name) })
}

// RunJob launches a job now.
func (p *Proxy) RunJob(ctx context.Context, name string, cause dkron.Cause) (*dkron.Launched, error) {
	return try(ctx, p, func(c Controller) (*dkron.Launched, uint64, error) { return c.RunJob(ctx, name, cause) })
}

// SetPaused says whether submissions of jobs are refused.
func (p *Proxy) SetPaused(ctx context.Context, paused bool) error {
	_, err := try(ctx, p, func(c Controller) (struct{}, uint64, error) {
		index, err := c.SetPaused(ctx, paused)
		return struct{}{}, index, err
	})
	return err
}

// RevertJob writes an earlier definition of a job again, as a new revision, and returns it as stored.
func (p *Proxy) RevertJob(ctx context.Context, name string, revision uint64) (*dkron.Record, error) {
	return try(ctx, p, func(c Controller) (*dkron.Record, uint64, error) { return c.RevertJob(ctx, name, revision) })
}

// Restore stores many jobs at once, or none, and returns their names, parents before children.
func (p *Proxy) Restore(ctx context.Context, jobs []dkron.Record) ([]string, error) {
	return try(ctx, p, func(c Controller) ([]string, uint64, error) { return c.Restore(ctx, jobs) })
}

// Stop asks for an execution, a launch or all launches of a job to be ended, and returns how many that concerns.
func (p *Proxy) Stop(ctx context.Context, what dkron.StopTarget, reason string) (uint64, error) {
	return try(ctx, p, func(c Controller) (uint64, uint64, error) { return c.Stop(ctx, what, reason) })
}

// Configure replaces the settings that all servers go by.
func (p *Proxy) Configure(ctx context.Context, settings dkron.Settings) error {
	_, err := try(ctx, p, func(c Controller) (struct{}, uint64, error) {
		index, err := c.Configure(ctx, settings)
		return struct{}{}, index, err
	})
	return err
}
