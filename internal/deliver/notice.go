package deliver

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"dkron"
	"dkron/internal/clock"
	"dkron/internal/state"
)

const (
	// noticeTimeout is how long an attempt to send a notice may take.
	noticeTimeout = 10 * time.Second
	// maxRefusals is after how many failures in a row a refusal that looks final is final. A receiver that is being replaced
	// can refuse for some seconds what it takes afterwards; these are half a minute.
	maxRefusals = 6
	// unknownAfter is how long a notice waits for a leader that has its channel: settings are changed on one server after the
	// other.
	unknownAfter = 10 * time.Minute
	// processedWithin is how long a notice waits for the processors of its job, so that it has the output that they leave.
	processedWithin = 30 * time.Second
	// longestLaunch is how many records of the history are read to find the executions of a launch.
	longestLaunch = 1000
)

// Notifier sends notices through channels. Notify returns within ctx; the same notice may be given to it more than once.
// An error with a method Permanent that returns true means that another attempt will hardly do better.
type Notifier interface {
	Has(channel string) bool
	Notify(ctx context.Context, channel string, n *dkron.Notice) error
}

// notify reads a notice, as it is now, and sends it. It has the form of serve.
func (c *call) notify(ctx context.Context, _ chan struct{}) (o outcome) {
	channel := c.lane.name
	o.call = c
	o.delivered = dkron.Delivered{Number: c.number, Target: channel}
	d, n, err := c.notice()
	switch {
	case err != nil:
		o.fail(err)
		return o
	case d == nil:
		o.void = true
		return o
	}
	o.job, o.execution = d.Job, n.Execution.ID()
	age := clock.Now().Sub(d.At)
	if c.Notifier == nil || !c.Notifier.Has(channel) {
		o.fail(fmt.Errorf("the settings of %s, which leads, have no %s, or lack what belongs to it", c.Node, dkron.Setting(channel)))
		if age >= unknownAfter {
			o.delivered.State = dkron.DeliveryDropped
		}
		return o
	}
	switch c.standing(d, n, age) {
	case premature:
		o.wait = time.Second
		return o
	case pointless:
		o.delivered.State = dkron.DeliveryDropped
		return o
	case ready:
	}
	if err := c.send(ctx, channel, n); err != nil {
		o.fail(err)
		if age >= giveUpAfter || permanent(err) && c.failures+1 >= maxRefusals {
			o.delivered.State = dkron.DeliveryFailed
		}
		return o
	}
	o.delivered.State = dkron.DeliveryDone
	return o
}

// send makes the attempt. A template is a user's program: its panic is an error.
func (c *call) send(ctx context.Context, channel string, n *dkron.Notice) (err error) {
	ctx, cancel := context.WithTimeout(ctx, noticeTimeout)
	defer cancel()
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("it panicked: %v", v)
		}
	}()
	return c.Notifier.Notify(ctx, channel, n)
}

func permanent(err error) bool {
	var p interface{ Permanent() bool }
	return errors.As(err, &p) && p.Permanent()
}

type standing int

const (
	ready standing = iota
	premature
	pointless
)

// standing returns whether a notice is to be sent now.
func (c *call) standing(d *dkron.Delivery, n *dkron.Notice, age time.Duration) (s standing) {
	if c.lane.name == dkron.ChannelMail && strings.TrimSpace(n.To) == "" {
		return pointless
	}
	_ = c.State.View(func(tx *state.Tx) error {
		switch {
		case d.Kind == dkron.DeliverStart && d.Copy.Attempt > 1 && !beginning(tx, d.Copy):
			s = pointless // it was stopped while it waited for its time
		case d.Kind == dkron.DeliverEnd && age < processedWithin && processed(tx, d):
			s = premature
		}
		return nil
	})
	return s
}

// processed reports whether the output of the execution is still to be given to processors. The entry that ended the
// execution has written that delivery just before this one.
func processed(tx *state.Tx, d *dkron.Delivery) bool {
	before, err := tx.Delivery(d.Number - 1)
	return err == nil && before.Kind == dkron.DeliverOutput && d.Execution != 0 && before.Execution == d.Execution &&
		slices.ContainsFunc(before.Targets, func(t dkron.DeliveryTarget) bool { return t.State == dkron.Undelivered })
}

// beginning reports whether an attempt goes on, or is not known to have ended before it began.
func beginning(tx *state.Tx, e *dkron.Execution) bool {
	if _, err := tx.Execution(e.Key); err == nil {
		return true
	}
	began := true
	for _, x := range launchOf(tx, e) {
		if x.Key == e.Key && x.Attempt == e.Attempt {
			began = x.Began()
		}
	}
	return began
}

// notice reads a notice. It returns nothing if that has ended, or was dropped because too many waited.
func (c *call) notice() (d *dkron.Delivery, n *dkron.Notice, err error) {
	err = c.State.View(func(tx *state.Tx) error {
		found, err := tx.Delivery(c.number)
		if errors.Is(err, dkron.ErrNotFound) && c.again(tx) {
			return nil
		}
		if errors.Is(err, dkron.ErrNotFound) {
			c.Notified(c.lane.name, dkron.DeliveryDropped)
			c.Logger.Error("a notice was dropped: it waited for too long, or too many did; /v1/messages keeps it", "channel", c.lane.name)
			return nil
		}
		if err != nil {
			return err
		}
		if t := found.Target(c.lane.name); t == nil || t.State != dkron.Undelivered || found.Copy == nil {
			return nil
		}
		e := *found.Copy
		n = &dkron.Notice{ID: dkron.NoticeID(found.Kind, &e), Kind: found.Kind, To: found.Owner, Reporting: c.Node, Execution: &e}
		d = found
		if j, err := tx.Job(d.Job); err == nil && j.Number == d.JobNumber {
			n.To = j.OwnerEmail // as it is now: a mistake in it can be mended
		}
		if d.Kind != dkron.DeliverEnd {
			return nil
		}
		if kept, err := tx.ExecutedRecord(d.Execution); err == nil && d.Execution != 0 && e.Output == nil {
			n.Execution = kept
		}
		n.Launch = launchOf(tx, &e)
		return nil
	})
	return d, n, err
}

// again reports whether somebody has asked meanwhile for the same dead letter to be sent again: another delivery does that.
func (c *call) again(tx *state.Tx) bool {
	if c.letter == 0 {
		return false
	}
	m, err := tx.Message(c.letter)
	return err == nil && m.State == dkron.MessageWaiting
}

// launchOf returns all executions of the launch of one that are known, without outputs, by the time of their start.
func launchOf(tx *state.Tx, e *dkron.Execution) (all []*dkron.Execution) {
	seen := 0
	note := func(x *dkron.Execution) bool {
		if x.Key.Launch == e.Key.Launch {
			x.Output = nil
			all = append(all, x)
		}
		seen++
		return seen < longestLaunch && !x.RecordedAt.Before(e.Nominal) // older ones are of earlier launches
	}
	_ = tx.LaunchExecutions(e.Key.Launch, func(x *dkron.Execution) bool {
		x.RecordedAt = e.Nominal
		return note(x)
	})
	if p, err := tx.Progress(e.JobNumber); err == nil {
		_ = tx.History(p, note)
	}
	if !slices.ContainsFunc(all, func(x *dkron.Execution) bool { return x.Key == e.Key && x.Attempt == e.Attempt }) && e.Outcome != "" {
		own := *e // of a job that is gone
		own.Output = nil
		all = append(all, &own)
	}
	slices.SortStableFunc(all, func(a, b *dkron.Execution) int {
		if by := a.StartedAt.Compare(b.StartedAt); by != 0 {
			return by
		}
		return strings.Compare(a.ID(), b.ID())
	})
	return all
}

// reportNotice logs a failure.
func (r *Runner) reportNotice(o outcome) {
	d := &o.delivered
	about := []any{"job", o.job, "channel", d.Target, "execution", o.execution, "error", d.Error}
	switch d.State {
	case dkron.Undelivered:
		r.Logger.Warn("a notice could not be sent; it will be retried", append(about, "retry_in", pause(o.call.lane.failures))...)
	case dkron.DeliveryFailed:
		r.Logger.Error("a notice was not sent: this was the last attempt; /v1/messages keeps it", about...)
	case dkron.DeliveryDropped:
		if d.Error != "" {
			r.Logger.Error("a notice was not sent; /v1/messages keeps it", about...)
		}
	case dkron.DeliveryDone:
	}
}
