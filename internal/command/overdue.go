package command

import (
	"errors"
	"slices"
	"time"

	"dkron"
	"dkron/internal/codec"
	"dkron/internal/state"
	"dkron/plugin"
)

// Overdue has the rules look at launches that have not started or not ended in time. Each rule notices a launch once for
// either, which the launch keeps: so it does not matter how many leaders propose it.
type Overdue struct {
	Launches []uint64
	Now      time.Time
}

// Fields describes the wire form.
func (c *Overdue) Fields(w *codec.Wire) {
	w.Since(2)
	w.Uints(1, &c.Launches)
	w.Time(2, &c.Now)
}

// Apply looks at those that have not ended meanwhile, and whose jobs still exist.
func (c *Overdue) Apply(tx *state.Tx) (any, error) {
	if !tx.HasRules() {
		return nil, nil
	}
	tx.Tick(c.Now)
	for _, n := range c.Launches {
		l, err := tx.Launch(n)
		if errors.Is(err, dkron.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		marks := len(l.Late) + len(l.Long)
		if err := raiseOverdue(tx, l, c.Now); err != nil {
			return nil, err
		}
		if len(l.Late)+len(l.Long) > marks {
			tx.PutLaunch(l)
		}
	}
	return nil, nil
}

// raiseOverdue has the rules look at a launch that has not ended. The caller stores the launch, in which it notes them.
func raiseOverdue(tx *state.Tx, l *dkron.Launch, now time.Time) error {
	p, err := tx.Progress(l.JobNumber)
	if errors.Is(err, dkron.ErrNotFound) {
		return nil // deleted while it ran
	}
	if err != nil {
		return err
	}
	usual := p.LongAfter()
	o := dkron.Occurrence{Job: l.Job, JobNumber: l.JobNumber, Count: 1, First: now, Last: now, Group: l.Group, Reason: overdueReason(l, now)}
	noticed, err := raiseNoting(tx, &o, nil, func(w *state.ReadyRule) dkron.AlertEvent {
		event, at := w.Overdue(l, usual)
		if event == "" || at.After(now) {
			return ""
		}
		return event
	})
	if l.State == dkron.LaunchRunning {
		l.Long = slices.Concat(l.Long, noticed)
	} else {
		l.Late = slices.Concat(l.Late, noticed)
	}
	return err
}

// overdueReason says of a launch that is overdue what it waits for, or how long it has been running.
func overdueReason(l *dkron.Launch, now time.Time) string {
	short := func(d time.Duration) string { return plugin.InWords(d.Round(time.Second)) }
	switch late := short(now.Sub(l.Nominal)) + " after it was due"; {
	case l.State == dkron.LaunchRunning:
		return "it has been running for " + short(now.Sub(l.Began()))
	case l.State == dkron.LaunchQueued:
		return "it has not started " + late + ": launches before it have not ended"
	default:
		return "it has not started " + late + ": " + noTarget(l)
	}
}

// raiseLate has the rules look at a launch that starts now. So they notice one that was due while there was no leader, and
// was launched and started before anybody could look.
func raiseLate(tx *state.Tx, l *dkron.Launch, now time.Time) error {
	if !tx.HasRules() || now.Sub(l.Nominal) < dkron.LateAfter {
		return nil
	}
	waited := *l
	waited.State = dkron.LaunchWaiting
	if err := raiseOverdue(tx, &waited, now); err != nil {
		return err
	}
	l.Late = waited.Late
	return nil
}
