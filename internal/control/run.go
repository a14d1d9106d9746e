package control

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"time"

	"dkron"
	"dkron/internal/clock"
	"dkron/internal/command"
	"dkron/internal/request"
	"dkron/internal/state"
)

func (c *Control) runJob(ctx context.Context, r *request.RunJob) (*request.Launched, uint64, error) {
	return c.launch(ctx, r.Job, &command.Run{Cause: r.Cause}, nil)
}

func (c *Control) launchJob(ctx context.Context, r *request.LaunchJob) (*request.Launched, uint64, error) {
	cmd := &command.Run{Cause: dkron.CauseManual, Alone: r.Alone}
	if !r.Change.Empty() {
		cmd.Change = r.Change
	}
	return c.launch(ctx, r.Job, cmd, func(_ *state.Tx, job *dkron.Job, _ *command.Run) error {
		if err := r.Change.Validate(); err != nil {
			return err
		}
		return c.suits(job.Executor, r.Change)
	})
}

// launch launches a job on request. prepare, if it is not nil, completes the command or refuses it.
func (c *Control) launch(ctx context.Context, name string, cmd *command.Run,
	prepare func(*state.Tx, *dkron.Job, *command.Run) error) (*request.Launched, uint64, error) {
	if err := c.log.Leads(); err != nil {
		return nil, 0, err
	}
	var job *dkron.Job
	err := c.state.View(func(tx *state.Tx) (err error) {
		if job, err = tx.Job(name); err == nil {
			err = job.NotRun()
		}
		if err == nil && prepare != nil {
			err = prepare(tx, job, cmd)
		}
		return err
	})
	if err != nil {
		return nil, 0, err
	}
	reach := c.fleet.Reach()
	chosen := reach.Choose(job.Tags, newRand())
	if len(chosen.Nodes) == 0 && !chosen.Hope {
		return nil, 0, dkron.ErrNoTarget
	}
	cmd.Name, cmd.Now, cmd.By = name, clock.Now(), dkron.Actor(ctx)
	if !chosen.Wait {
		cmd.Targets, cmd.Unreached, cmd.Missing = chosen.Nodes, chosen.Unreached, chosen.Missing
	}
	launched, index, err := value[dkron.Launched](ctx, c, cmd)
	if err != nil {
		return nil, index, err
	}
	return &request.Launched{Launched: *launched}, index, nil
}

// Fire launches the jobs due at now. A launch waits if a matching node is about to be attached.
func (c *Control) Fire(ctx context.Context, due []dkron.Due, now time.Time) error {
	c.aim(due)
	for _, part := range split(due) { // many jobs on many nodes don't fit into one entry
		cmd := &command.Fire{Due: part, Now: now}
		c.fillNext(ctx, cmd)
		if _, _, err := c.propose(ctx, cmd); err != nil {
			return err
		}
	}
	return nil
}

// aim chooses the targets of the due launches.
func (c *Control) aim(due []dkron.Due) {
	reach, rnd := c.fleet.Reach(), newRand()
	for i := range due {
		if due[i].Missed > 0 {
			continue
		}
		if chosen := reach.Choose(due[i].Tags, rnd); !chosen.Wait {
			due[i].Targets, due[i].Unreached, due[i].Missing = chosen.Nodes, chosen.Unreached, chosen.Missing
		}
	}
}

// Rewind moves cursors after now back. last marks the last call of a series.
func (c *Control) Rewind(ctx context.Context, jobs []dkron.Rewound, now time.Time, last bool) error {
	_, _, err := c.propose(ctx, &command.Rewind{Jobs: jobs, Now: now, Last: last})
	return err
}

// Assign gives targets to waiting launches that a node now matches, and ends those whose wait is over. It gives nodes
// to retries that may run elsewhere. It proposes nothing if nothing changed.
func (c *Control) Assign(ctx context.Context, waiting []dkron.Waiting, unplaced []dkron.Unplaced) error {
	now := clock.Now()
	var targets []dkron.Assignment
	var places []dkron.Placement
	var failed []dkron.Result
	reach, rnd := c.fleet.Reach(), newRand()
	err := c.state.View(func(tx *state.Tx) error {
		for _, w := range waiting {
			job, err := tx.Job(w.Job)
			if err != nil && !errors.Is(err, dkron.ErrNotFound) {
				return err
			}
			var chosen dkron.Choice
			if job != nil {
				chosen = reach.Choose(job.Tags, rnd)
			}
			if len(chosen.Nodes) > 0 && !chosen.Wait || w.GiveUp || job == nil {
				targets = append(targets, dkron.Assignment{
					Launch: w.Launch, Nodes: chosen.Nodes, Unreached: chosen.Unreached, Missing: chosen.Missing,
				})
			}
		}
		for _, u := range unplaced {
			node, err := place(tx, u, reach.Live, rnd)
			switch {
			case err != nil:
				return err
			case node != "":
				places = append(places, dkron.Placement{Key: u.Key, Attempt: u.Attempt, Node: node})
			case u.GiveUp:
				failed = append(failed, u.Failed(now))
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	var entries []command.Command
	for _, part := range split(targets) {
		entries = append(entries, &command.Assign{Targets: part, Now: now})
	}
	for _, part := range split(places) {
		entries = append(entries, &command.Assign{Places: part, Now: now})
	}
	for _, part := range split(failed) {
		entries = append(entries, &command.Finish{Results: c.explained(ctx, part), Now: now})
	}
	for _, cmd := range entries {
		if _, _, err := c.propose(ctx, cmd); err != nil {
			return err
		}
	}
	return nil
}

// place chooses the node of a retry: live, matching, and never used by another part of the launch, because two parts on
// one node could have the same id. Nodes that this part has not tried come first. The node that it last failed on is
// used only if the job allows it, or if the wait for another is over.
func place(tx *state.Tx, u dkron.Unplaced, nodes []dkron.Node, rnd *rand.Rand) (string, error) {
	job, err := tx.Job(u.Job)
	if errors.Is(err, dkron.ErrNotFound) {
		return u.Last, nil // the dispatcher finds that the job is gone
	}
	if err != nil {
		return "", err
	}
	others, own, err := usedNodes(tx, u, job)
	if err != nil {
		return "", err
	}
	var fresh, tried []string
	last := false
	for _, name := range dkron.Matching(nodes, job.Tags) {
		switch {
		case name == u.Last:
			last = true
		case others[name]:
		case own[name]:
			tried = append(tried, name)
		default:
			fresh = append(fresh, name)
		}
	}
	if len(fresh) == 0 {
		fresh = tried
	}
	if last && (job.RetryOn == dkron.AnyNode || job.RetryOn == dkron.SameNode || len(fresh) == 0 && u.GiveUp) {
		fresh = append(fresh, u.Last)
	}
	if len(fresh) == 0 {
		return "", nil
	}
	return fresh[rnd.IntN(len(fresh))], nil
}

// usedNodes returns the nodes of a retry's launch: those that other parts use or, as far as the history goes, have
// used, and those that its own part has used.
func usedNodes(tx *state.Tx, u dkron.Unplaced, job *dkron.Job) (others, own map[string]bool, err error) {
	others, own = make(map[string]bool), make(map[string]bool)
	note := func(e *dkron.Execution) bool {
		switch {
		case e.Key == u.Key:
			own[e.NodeName] = true
		case e.Key.Launch == u.Key.Launch:
			others[e.NodeName] = true
		}
		return true
	}
	if err := tx.LaunchExecutions(u.Key.Launch, note); err != nil {
		return nil, nil, err
	}
	p, err := tx.Progress(job.Number)
	if err != nil {
		return nil, nil, err
	}
	seen := 0
	err = tx.History(p, func(e *dkron.Execution) bool {
		seen++
		return note(e) && seen < 1000
	})
	return others, own, err
}

// Finish records results.
func (c *Control) Finish(ctx context.Context, results []dkron.Result) error {
	_, _, err := c.propose(ctx, &command.Finish{Results: c.explained(ctx, results), Now: clock.Now()})
	return err
}

// explained returns results with their reasons, or without reasons and usage while a server is there that does not know
// these.
func (c *Control) explained(ctx context.Context, results []dkron.Result) []dkron.Result {
	known := c.known(ctx, 2)
	results = slices.Clone(results) // the caller's may be proposed again
	for i := range results {
		r := &results[i]
		if !known {
			r.Reason, r.Usage = "", nil
			continue
		}
		r.Reason = r.Explain()
	}
	return results
}
