package command

import (
	"cmp"
	"errors"
	"time"

	"dkron"
	"dkron/internal/state"
)

// Notifying is part of each command by which executions may start or end: the channels through which the leader's settings
// notify people of it. They are in the entry because servers could differ in their settings, and must not in what they write.
type Notifying struct{ Channels []string }

// SetChannels sets the channels.
func (n *Notifying) SetChannels(channels []string) { n.Channels = channels }

// notifyStart records a notice of an execution that starts when it is due.
func notifyStart(tx *state.Tx, e *dkron.Execution) error {
	d := notice(tx, dkron.DeliverStart, e, tx.Channels(dkron.DeliverStart))
	if d == nil {
		return nil
	}
	for i := range d.Targets {
		d.Targets[i].Next = e.Due
	}
	return tx.AddDelivery(d)
}

// notifyEnd records a notice of an execution that has ended and is not tried again.
func notifyEnd(tx *state.Tx, e *dkron.Execution) error {
	return notifyThrough(tx, e, tx.Channels(dkron.DeliverEnd))
}

func notifyThrough(tx *state.Tx, e *dkron.Execution, channels []string) error {
	if len(channels) == 0 {
		return nil
	}
	j, err := tx.Job(e.JobName)
	if err != nil && !errors.Is(err, dkron.ErrNotFound) {
		return err
	}
	owner, keeps := "", false // whether the history keeps the output
	if err == nil && j.Number == e.JobNumber {
		owner, keeps = j.OwnerEmail, !j.Ephemeral
	}
	if owner == "" {
		channels = without(channels, dkron.ChannelMail)
	}
	d := notice(tx, dkron.DeliverEnd, e, channels)
	if d == nil {
		return nil
	}
	d.Execution, d.Owner = e.Number, owner
	if keeps {
		d.Copy.Output = nil
	}
	return tx.AddDelivery(d)
}

// notifyNoTarget records a notice of a launch that ended because it had no node. The launch has no execution, so the notice has one
// that says so.
func notifyNoTarget(tx *state.Tx, l *dkron.Launch, now time.Time) error {
	if len(tx.Channels(dkron.DeliverEnd)) == 0 {
		return nil
	}
	e := &dkron.Execution{
		JobName: l.Job, JobNumber: l.JobNumber, Key: dkron.ExecutionKey{Launch: l.Number}, Group: l.Group, Attempt: 1, Nominal: l.Nominal,
		StartedAt: now, FinishedAt: now, Outcome: dkron.Failed, Error: l.Reason,
	}
	return notifyThrough(tx, e, without(tx.Channels(dkron.DeliverEnd), dkron.ChannelCronitor)) // which had no notice of a start
}

// noticeCame records in a dead letter what came of an attempt to send it again, or keeps a notice as one that is given up. One that was
// dropped without an error has nobody to go to, such as a mail of a job without an address.
func noticeCame(tx *state.Tx, d *dkron.Delivery, t *dkron.DeliveryTarget, r *dkron.Delivered) error {
	switch r.State {
	case dkron.DeliveryFailed:
		t.Attempts++
		return errors.Join(tx.AddLetter(d, t.Name, r.Error), tx.UpdateLetter(d.Message, func(m *dkron.Message) { m.Attempts++ }))
	case dkron.DeliveryDropped:
		if r.Error == "" && d.Message == 0 {
			return nil
		}
		return tx.AddLetter(d, t.Name, cmp.Or(r.Error, "there is nobody to send it to any more"))
	case dkron.DeliveryDone:
		return tx.UpdateLetter(d.Message, func(m *dkron.Message) {
			m.State, m.Error, m.Next, m.EndedAt = dkron.MessageSent, "", time.Time{}, tx.Clock()
		})
	case dkron.Undelivered:
		return tx.UpdateLetter(d.Message, func(m *dkron.Message) {
			m.Attempts++
			m.Error, m.Next = r.Error, r.Next
		})
	}
	return nil
}

// notice returns a delivery to channels, nil if there are none.
func notice(tx *state.Tx, kind dkron.DeliveryKind, e *dkron.Execution, channels []string) *dkron.Delivery {
	if len(channels) == 0 {
		return nil
	}
	c := *e
	d := &dkron.Delivery{Kind: kind, Job: e.JobName, JobNumber: e.JobNumber, At: tx.Clock(), Copy: &c}
	for _, name := range channels {
		d.Targets = append(d.Targets, dkron.DeliveryTarget{Name: name})
	}
	return d
}

func without(channels []string, name string) (rest []string) {
	for _, c := range channels {
		if c != name {
			rest = append(rest, c)
		}
	}
	return rest
}
