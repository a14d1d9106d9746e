package dispatch

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"dkron"
	"dkron/internal/clock"
	"dkron/internal/queue"
	"dkron/internal/state"
	"dkron/plugin"
)

// Controller proposes what dispatch decides.
type Controller interface {
	Assign(ctx context.Context, waiting []dkron.Waiting, unplaced []dkron.Unplaced) error
	Finish(ctx context.Context, results []dkron.Result) error
}

// Config is how long dispatch waits for nodes, and who counts what they report.
type Config struct {
	Lease      time.Duration // a node that is unreachable for longer loses its executions; default 30 s
	TargetWait time.Duration // how long a launch waits for a node to run on; default 10 s
	// Configure returns the executor's configuration for a launch. Its error ends the execution as failed. If it is nil,
	// the job's configuration is used.
	Configure func(*dkron.Job, *dkron.Launch) (map[string]string, error)

	// OnGathered is called after results were recorded by one proposal, which took so long. It may be nil.
	OnGathered func(results []dkron.Result, took time.Duration)
}

// tickEvery is how often leases and waiting launches are checked.
const tickEvery = 250 * time.Millisecond

// Dispatcher is one term's dispatcher.
type Dispatcher struct {
	cfg     Config
	state   *state.Store
	control Controller
	fleet   *Fleet
	live    *Live
	log     *slog.Logger
	term    uint64
	began   time.Time
	results *gatherer
	news    chan string // nodes that attached

	// Owned by Run's goroutine.
	open    map[dkron.ExecutionKey]*running
	byNode  map[string]map[dkron.ExecutionKey]struct{}
	later   queue.Queue[dkron.ExecutionKey] // retries whose time has not come
	waiting map[uint64]time.Time            // launches without a target → since when this dispatcher knows of them
	retries map[dkron.ExecutionKey]unplaced // retries that are due and have no node yet
	since   map[string]time.Time            // when a node with executions was first seen detached
	lost    map[dkron.ExecutionKey]bool
}

// running is an execution that was sent to its node, or will be when the node attaches.
type running struct {
	attempt uint64
	node    string
	on      *link // the stream on which it was ordered, so that each stream carries an order once
	stopOn  *link // the stream on which its stop was ordered
}

// New returns a dispatcher for one term.
func New(cfg Config, term uint64, st *state.Store, control Controller, fleet *Fleet, live *Live, log *slog.Logger) *Dispatcher {
	if cfg.Lease == 0 {
		cfg.Lease = 30 * time.Second
	}
	if cfg.TargetWait == 0 {
		cfg.TargetWait = 10 * time.Second
	}
	if cfg.OnGathered == nil {
		cfg.OnGathered = func([]dkron.Result, time.Duration) {}
	}
	if cfg.Configure == nil {
		cfg.Configure = func(j *dkron.Job, _ *dkron.Launch) (map[string]string, error) { return j.ExecutorConfig, nil }
	}
	d := &Dispatcher{
		cfg: cfg, state: st, control: control, fleet: fleet, live: live, log: log, term: term,
		news:   make(chan string, 64),
		open:   make(map[dkron.ExecutionKey]*running),
		byNode: make(map[string]map[dkron.ExecutionKey]struct{}), waiting: make(map[uint64]time.Time),
		retries: make(map[dkron.ExecutionKey]unplaced),
		since:   make(map[string]time.Time), lost: make(map[dkron.ExecutionKey]bool),
	}
	d.results = newGatherer(control, fleet, cfg.OnGathered, log)
	return d
}

// Run dispatches until ctx ends.
func (d *Dispatcher) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx) // an error ends all parts, so that the duty can be restarted
	var parts sync.WaitGroup
	defer parts.Wait()
	defer cancel()
	parts.Go(func() { d.fleet.run(ctx, d.term, fleetEvents{ctx, d}) })
	parts.Go(func() { d.results.run(ctx) })
	watch := d.state.Watch()
	defer watch.Close()
	defer d.live.clear()
	tick := time.NewTicker(tickEvery)
	defer tick.Stop()
	retry := time.NewTimer(time.Hour)
	defer retry.Stop()
	d.began = time.Now()
	for {
		var err error
		ticks := tick.C
		if len(d.open)+len(d.waiting)+len(d.retries) == 0 { // nothing for a tick to check
			ticks = nil
			clear(d.since)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-watch.C:
			err = d.refresh(ctx, watch.Take())
		case node := <-d.news:
			err = d.resend(ctx, node)
		case <-retry.C:
			if err = d.handOutDue(); err == nil {
				d.assign(ctx)
			}
		case <-ticks:
			d.checkLeases()
			if err = d.handOutDue(); err == nil { // a wall clock that was set forward makes retries due before their timer
				d.assign(ctx)
			}
		}
		if err != nil && ctx.Err() == nil {
			return err
		}
		if when, ok := d.later.First(); ok {
			retry.Reset(max(clock.Until(when), 0))
		}
	}
}

// refresh reads changed executions and waiting launches from the state.
func (d *Dispatcher) refresh(ctx context.Context, c state.Changes) error {
	var ready []*dkron.Execution
	err := d.state.View(func(tx *state.Tx) error {
		if c.All {
			return d.reload(tx, &ready)
		}
		for _, k := range c.Executions {
			e, err := tx.Execution(k)
			if errors.Is(err, dkron.ErrNotFound) {
				d.drop(k)
				continue
			}
			if err != nil {
				return err
			}
			d.take(e, &ready)
		}
		for _, n := range c.Launches {
			l, err := tx.Launch(n)
			if err == nil {
				d.wait(l)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := d.handOut(ready); err != nil {
		return err
	}
	if len(d.waiting)+len(d.retries) > 0 {
		d.assign(ctx)
	}
	return nil
}

// reload starts over with everything that is open.
func (d *Dispatcher) reload(tx *state.Tx, ready *[]*dkron.Execution) error {
	clear(d.open)
	clear(d.byNode)
	clear(d.waiting)
	clear(d.retries)
	d.live.clear()
	d.later = queue.Queue[dkron.ExecutionKey]{}
	err := tx.OpenExecutions(func(e *dkron.Execution) bool {
		d.take(e, ready)
		return true
	})
	if err != nil {
		return err
	}
	return tx.OpenLaunches(0, func(l *dkron.Launch) bool {
		d.wait(l)
		return true
	})
}

// take records an execution, and adds it to ready if its node must be sent something.
func (d *Dispatcher) take(e *dkron.Execution, ready *[]*dkron.Execution) {
	if r := d.open[e.Key]; r != nil && r.attempt == e.Attempt {
		if e.Stop != nil {
			*ready = append(*ready, e)
		}
		return
	}
	d.drop(e.Key) // nothing of an earlier attempt remains: neither its output nor its loss
	switch {
	case e.Due.After(clock.Now()) && e.Stop == nil: // a stop is sent at once: only the node knows whether the execution has begun
		d.later.Set(e.Key, e.Due)
		return
	case e.Unplaced:
		d.retries[e.Key] = unplaced{dkron.Unplaced{Key: e.Key, Attempt: e.Attempt, Group: e.Group, Job: e.JobName, Last: e.NodeName}, time.Now()}
		return
	}
	d.open[e.Key] = &running{attempt: e.Attempt, node: e.NodeName}
	d.live.open(e.Key, e.Attempt)
	if d.byNode[e.NodeName] == nil {
		d.byNode[e.NodeName] = make(map[dkron.ExecutionKey]struct{})
	}
	d.byNode[e.NodeName][e.Key] = struct{}{}
	*ready = append(*ready, e)
}

// drop forgets an execution that has ended.
func (d *Dispatcher) drop(k dkron.ExecutionKey) {
	d.later.Remove(k)
	delete(d.lost, k)
	delete(d.retries, k)
	d.live.drop(k)
	if r := d.open[k]; r != nil {
		delete(d.open, k)
		delete(d.byNode[r.node], k)
	}
}

// handOut sends orders for executions to their nodes, and stops for those that must end. A node that is not attached
// gets its orders when it attaches.
func (d *Dispatcher) handOut(ready []*dkron.Execution) error {
	return d.state.View(func(tx *state.Tx) error {
		for _, e := range ready {
			l := d.fleet.link(e.NodeName)
			r := d.open[e.Key]
			if l == nil || r == nil || r.node != e.NodeName {
				continue
			}
			if e.Stop != nil { // sent instead of the order: a node that has not begun must not begin any more
				if r.stopOn != l {
					r.stopOn = l
					l.stop(dkron.Order{Key: e.Key, JobName: e.JobName, Group: e.Group, Attempt: e.Attempt, Nominal: e.Nominal})
				}
				continue
			}
			if r.on == l {
				continue
			}
			o, unfit, err := d.order(tx, e)
			if err != nil {
				return err
			}
			r.on = l
			if unfit != nil {
				d.results.add("", []dkron.Result{unfitResult(e, unfit)})
				continue
			}
			l.order(o)
		}
		return nil
	})
}

// order returns the order for a node. For a deleted job nothing starts any more, but only the node knows whether the
// execution has begun. unfit says why the job as it is now can't run the launch.
func (d *Dispatcher) order(tx *state.Tx, e *dkron.Execution) (o dkron.Order, unfit, err error) {
	o = dkron.Order{Key: e.Key, JobName: e.JobName, Group: e.Group, Attempt: e.Attempt, Nominal: e.Nominal}
	j, err := tx.Job(e.JobName)
	switch {
	case errors.Is(err, dkron.ErrNotFound) || err == nil && j.Number != e.JobNumber:
		o.Void = true
		return o, nil, nil
	case err != nil:
		return o, nil, err
	}
	o.Executor, o.Config, o.KeepOutput = j.Executor, j.ExecutorConfig, j.KeepsOutput()
	if !e.Varied {
		return o, nil, nil
	}
	l, err := tx.Launch(e.Key.Launch)
	if err != nil {
		return o, nil, err
	}
	o.Config, unfit = d.cfg.Configure(j, l)
	return o, unfit, nil
}

// unfitResult is the result of an execution that is not sent to its node.
func unfitResult(e *dkron.Execution, why error) dkron.Result {
	now := clock.Now()
	return dkron.Result{
		JobName: e.JobName, Key: e.Key, Group: e.Group, Attempt: e.Attempt, NodeName: e.NodeName,
		StartedAt: now, FinishedAt: now, Outcome: dkron.Failed, Error: "the launch can't run with the job as it is now: " + why.Error(),
	}
}

// handOutDue sends retries whose time has come.
func (d *Dispatcher) handOutDue() error {
	now := clock.Now()
	if when, ok := d.later.First(); !ok || when.After(now) {
		return nil
	}
	var ready []*dkron.Execution
	err := d.state.View(func(tx *state.Tx) error {
		for {
			k, ok := d.later.Pop(now)
			if !ok {
				return nil
			}
			e, err := tx.Execution(k)
			if errors.Is(err, dkron.ErrNotFound) {
				continue
			}
			if err != nil {
				return err
			}
			d.take(e, &ready)
		}
	})
	if err != nil {
		return err
	}
	return d.handOut(ready)
}

// resend sends all open orders of a node that has attached; the node recognizes those it has seen.
func (d *Dispatcher) resend(ctx context.Context, node string) error {
	delete(d.since, node)
	var ready []*dkron.Execution
	err := d.state.View(func(tx *state.Tx) error {
		for k := range d.byNode[node] {
			e, err := tx.Execution(k)
			if errors.Is(err, dkron.ErrNotFound) {
				continue
			}
			if err != nil {
				return err
			}
			ready = append(ready, e)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := d.handOut(ready); err != nil {
		return err
	}
	d.assign(ctx)
	return nil
}

// checkLeases declares executions lost if their node has been unreachable for too long.
func (d *Dispatcher) checkLeases() {
	now := time.Now()
	for node, keys := range d.byNode {
		if len(keys) == 0 || d.fleet.link(node) != nil {
			delete(d.since, node)
			continue
		}
		if d.since[node].IsZero() {
			d.since[node] = now
		}
		if now.Sub(d.since[node]) > d.cfg.Lease {
			d.lose(node, keys)
		}
	}
}

func (d *Dispatcher) lose(node string, keys map[dkron.ExecutionKey]struct{}) {
	var results []dkron.Result
	err := d.state.View(func(tx *state.Tx) error {
		for k := range keys {
			if d.lost[k] {
				continue
			}
			e, err := tx.Execution(k)
			if err == nil {
				d.lost[k] = true
				results = append(results, lostResult(e, "node "+node+" did not answer for "+plugin.InWords(d.cfg.Lease)+"; the outcome of the run is not known"))
			}
		}
		return nil
	})
	if err == nil && len(results) > 0 {
		d.log.Warn("executions are lost: their node is gone", "member", node, "executions", len(results))
		d.results.add("", results)
	}
}

func lostResult(e *dkron.Execution, why string) dkron.Result {
	return dkron.Result{
		JobName: e.JobName, Key: e.Key, Group: e.Group, Attempt: e.Attempt, NodeName: e.NodeName,
		StartedAt: e.StartedAt, FinishedAt: clock.Now(), Outcome: dkron.Lost, Error: why,
	}
}

// fleetEvents passes what nodes report to the dispatcher.
type fleetEvents struct {
	ctx context.Context
	d   *Dispatcher
}

func (ev fleetEvents) attached(node string) {
	select {
	case ev.d.news <- node:
	case <-ev.ctx.Done():
	}
}

func (ev fleetEvents) report(node string, m *dkron.FromNode) {
	for i := range m.Chunks {
		ev.d.live.add(&m.Chunks[i])
	}
	ev.d.results.add(node, m.Results)
}
