package dispatch

import (
	"context"
	"errors"
	"time"

	"dkron"
	"dkron/internal/state"
)

// unplaced is a retry that is due and has no node, with the time since when this dispatcher knows of it.
type unplaced struct {
	dkron.Unplaced
	since time.Time
}

// wait notes a launch that waits for a target.
func (d *Dispatcher) wait(l *dkron.Launch) {
	if _, known := d.waiting[l.Number]; !known && l.State == dkron.LaunchWaiting {
		d.waiting[l.Number] = time.Now()
	}
}

// assign gives nodes to the launches and retries that wait for some, or ends those that have waited long enough.
func (d *Dispatcher) assign(ctx context.Context) {
	if len(d.waiting)+len(d.retries) == 0 {
		return
	}
	launches, err := d.stillWaiting()
	retries := d.stillUnplaced()
	if err == nil && len(launches)+len(retries) > 0 {
		err = d.control.Assign(ctx, launches, retries)
	}
	if err != nil && ctx.Err() == nil {
		d.log.Warn("could not assign nodes to launches and retries; trying again", "launches", len(launches), "retries", len(retries), "error", err)
	}
}

// overdue reports whether something that this dispatcher has known since then has waited long enough. It doesn't
// compare with instants in the state: if the wall clock was set in the meantime, the wait would end early, or never.
func (d *Dispatcher) overdue(since time.Time) bool { return time.Since(since) > d.cfg.TargetWait }

func (d *Dispatcher) stillWaiting() ([]dkron.Waiting, error) {
	list := make([]dkron.Waiting, 0, len(d.waiting))
	err := d.state.View(func(tx *state.Tx) error {
		for n, since := range d.waiting {
			l, err := tx.Launch(n)
			if errors.Is(err, dkron.ErrNotFound) || err == nil && l.State != dkron.LaunchWaiting {
				delete(d.waiting, n)
				continue
			}
			if err != nil {
				return err
			}
			list = append(list, dkron.Waiting{Launch: n, Job: l.Job, GiveUp: d.overdue(since)})
		}
		return nil
	})
	return list, err
}

// stillUnplaced returns the retries without a node. One that gets a node appears as a change of the state and is then
// dropped from the list.
func (d *Dispatcher) stillUnplaced() []dkron.Unplaced {
	list := make([]dkron.Unplaced, 0, len(d.retries))
	for _, u := range d.retries {
		u.GiveUp = d.overdue(u.since)
		list = append(list, u.Unplaced)
	}
	return list
}
