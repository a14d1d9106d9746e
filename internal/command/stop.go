package command

import (
	"errors"
	"slices"
	"time"

	"dkron"
	"dkron/internal/codec"
	"dkron/internal/state"
)

// Stop records that executions or whole launches must end. Those that have not begun end at once; for running ones the
// leader informs the node until the result is there, also after a change of leader.
type Stop struct {
	Launches   []uint64
	Executions []dkron.ExecutionKey
	Wish       dkron.Stop
	Notifying
}

// Fields describes the wire form.
func (c *Stop) Fields(w *codec.Wire) {
	w.Uints(1, &c.Launches)
	codec.List(w, 2, &c.Executions)
	codec.Nested(w, 3, &c.Wish)
	w.Since(2)
	w.Strings(4, &c.Channels)
}

// Stopped is how many launches or executions there were to stop.
type Stopped struct{ Count uint64 }

// Apply records the request. What has already ended is not counted.
func (c *Stop) Apply(tx *state.Tx) (any, error) {
	tx.Tick(c.Wish.At)
	tx.SetChannels(c.Channels)
	done := new(Stopped)
	for _, n := range c.Launches {
		l, err := tx.Launch(n)
		if errors.Is(err, dkron.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if l.StoppedBy == "" {
			c.note(tx, dkron.AuditLaunch, l.ID())
		}
		if err := stopLaunch(tx, l, c.Wish); err != nil {
			return nil, err
		}
		done.Count++
	}
	for _, k := range c.Executions {
		e, err := tx.Execution(k)
		if errors.Is(err, dkron.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if e.Stop == nil {
			c.note(tx, dkron.AuditExecution, e.JobName+"/"+e.ID())
		}
		if err := stopExecution(tx, e, c.Wish); err != nil {
			return nil, err
		}
		done.Count++
	}
	return done, nil
}

// note notes that something is to end, and why.
func (c *Stop) note(tx *state.Tx, kind dkron.AuditKind, id string) {
	if !tx.Audited() {
		return
	}
	detail := "stop"
	if c.Wish.Reason != "" {
		detail += ": " + c.Wish.Reason
	}
	note(tx, kind, id, shortened(detail))
}

// stopLaunch ends a launch that has not begun; if it has begun, it marks its executions to be stopped.
func stopLaunch(tx *state.Tx, l *dkron.Launch, wish dkron.Stop) error {
	if l.StoppedBy == "" {
		l.StoppedBy = wish.By
	}
	if l.State == dkron.LaunchRunning {
		tx.PutLaunch(l)
		var open []*dkron.Execution
		err := tx.LaunchExecutions(l.Number, func(e *dkron.Execution) bool {
			open = append(open, e)
			return true
		})
		for _, e := range open {
			if err == nil {
				err = stopExecution(tx, e, wish)
			}
		}
		return err
	}
	p, err := tx.Progress(l.JobNumber)
	if errors.Is(err, dkron.ErrNotFound) {
		return tx.CloseLaunch(l, nil)
	}
	if err != nil {
		return err
	}
	queued := l.State == dkron.LaunchQueued
	l.State, l.Reason = dkron.LaunchStopped, reason(wish)
	if !queued {
		return end(tx, l, p, wish.At)
	}
	p.Queued = slices.DeleteFunc(slices.Clone(p.Queued), func(n uint64) bool { return n == l.Number })
	tx.PutProgress(l.JobNumber, p)
	l.EndedAt = wish.At
	if err := closeLaunch(tx, l, p); err != nil {
		return err
	}
	return follow(tx, l, p, wish.At)
}

// dueSoon is how close to its time a retry counts as begun: committing the stop takes time, and leaders' clocks differ.
// Its node knows for sure.
const dueSoon = 10 * time.Second

// stopExecution marks an execution to be stopped, or ends one that waits for its retry.
func stopExecution(tx *state.Tx, e *dkron.Execution, wish dkron.Stop) error {
	if e.Stop != nil {
		return nil
	}
	e.Stop = &wish
	if err := tx.PutExecution(e); err != nil {
		return err
	}
	if !e.Unplaced && (e.Attempt == 1 || e.Due.Before(wish.At.Add(dueSoon))) {
		return nil
	}
	c := Finish{Now: wish.At}
	return c.finish(tx, neverBegan(e, wish.At, reason(wish)+", before this attempt began"))
}

// reason returns the reason of an end by this stop.
func reason(s dkron.Stop) string {
	text := "stopped on request"
	if s.By != "" {
		text += " of " + s.By
	}
	if s.Reason != "" {
		text += ": " + s.Reason
	}
	return text
}
