package command

import (
	"math"
	"time"

	"dkron"
	"dkron/internal/codec"
	"dkron/internal/state"
)

// CheckIn records what whoever runs a job reports of it. A start is only noted. An end is a launch that is made and ends in the
// same transaction: nobody but its reporter could ever end it, so it is never open.
type CheckIn struct {
	Name   string
	Report dkron.CheckIn
	Reason string // why it failed, for people
	Now    time.Time
	By     string
	Notifying
}

// Fields describes the wire form.
func (c *CheckIn) Fields(w *codec.Wire) {
	w.Since(2)
	w.String(1, &c.Name)
	codec.Nested(w, 2, &c.Report)
	w.String(3, &c.Reason)
	w.Time(4, &c.Now)
	w.String(5, &c.By)
	w.Strings(6, &c.Channels)
}

// Apply records the report. The result is the launch, which is empty for a start, and the job: before an end, after a start. An
// end whose id is that of the job's last one changes nothing, and the result is the launch of that time.
func (c *CheckIn) Apply(tx *state.Tx) (any, error) {
	j, p, err := tx.Record(c.Name)
	if err != nil {
		return nil, err
	}
	if !j.ChecksIn() || j.Retries > 0 { // it was changed meanwhile, or written by a version that allows both
		return nil, dkron.Conflict("job %s does not check in", c.Name)
	}
	was := dkron.Record{Job: *j, Progress: *p}
	if c.repeats(p) {
		l, err := recorded(tx, j, p)
		if err != nil {
			return nil, err
		}
		return &dkron.Launched{Launch: *l, Before: was}, nil
	}
	tx.Tick(c.Now)
	tx.SetChannels(c.Channels)
	began := c.began(p)
	if c.Report.State == dkron.CheckInStart {
		fresh := dkron.CheckedIn{At: began, From: c.Report.From, By: c.By}
		if p.CheckIn != nil {
			fresh.ID, fresh.Group = p.CheckIn.ID, p.CheckIn.Group
		}
		p.CheckIn = &fresh
		tx.PutProgress(j.Number, p)
		tx.NoteCheckIn(j, c.Report.From)
		return &dkron.Launched{Before: dkron.Record{Job: *j, Progress: *p}}, nil
	}
	l := &dkron.Launch{
		Job: j.Name, JobNumber: j.Number, Nominal: began, Cause: dkron.CauseCheckIn, CreatedAt: began, By: c.By, Group: newGroup(p, c.Now),
	}
	p.CheckIn = nil
	if c.Report.ID != "" {
		p.CheckIn = &dkron.CheckedIn{ID: c.Report.ID, Group: l.Group}
	}
	if err := start(tx, p, l, []string{c.Report.From}); err != nil {
		return nil, err
	}
	if err := (&Finish{Now: c.Now}).finish(tx, c.result(l)); err != nil {
		return nil, err
	}
	return &dkron.Launched{Launch: *l, Before: was}, nil
}

// repeats reports whether the same end was recorded before. Starts need no such care: one replaces the other.
func (c *CheckIn) repeats(p *dkron.Progress) bool {
	return c.Report.State != dkron.CheckInStart && c.Report.ID != "" && p.CheckIn != nil && p.CheckIn.ID == c.Report.ID
}

// recorded returns the launch of the job's last end.
func recorded(tx *state.Tx, j *dkron.Job, p *dkron.Progress) (found *dkron.Launch, err error) {
	err = tx.LaunchHistoryFrom(p, j.Number, math.MaxUint64, func(_ uint64, l *dkron.Launch) bool {
		if l.Group == p.CheckIn.Group {
			found = l
		}
		return found == nil
	})
	if err == nil && found == nil {
		err = dkron.Conflict("a check-in with the id %q has been recorded before, and is not kept any more", p.CheckIn.ID)
	}
	return found, err
}

// began returns when the run began. The clock of its host may be ahead of the leader's.
func (c *CheckIn) began(p *dkron.Progress) time.Time {
	at := c.Report.StartedAt
	if at.IsZero() && p.CheckIn != nil && c.Report.State != dkron.CheckInStart {
		at = p.CheckIn.At
	}
	if at.IsZero() || at.After(c.Now) {
		return c.Now
	}
	return at
}

// result is what a node would report of the launch's execution.
func (c *CheckIn) result(l *dkron.Launch) *dkron.Result {
	r := &dkron.Result{
		JobName: l.Job, Key: dkron.ExecutionKey{Launch: l.Number}, Group: l.Group, Attempt: 1, NodeName: c.Report.From,
		StartedAt: l.CreatedAt, FinishedAt: c.Now, Outcome: dkron.Success, Error: c.Report.Error, ExitCode: c.Report.ExitCode,
		Output: c.Report.Output, OutputSize: max(c.Report.Size, uint64(len(c.Report.Output))), Reason: c.Reason,
	}
	if c.Report.State == dkron.CheckInFail {
		r.Outcome = dkron.Failed
	}
	return r
}
