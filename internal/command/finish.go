package command

import (
	"errors"
	"fmt"
	"time"

	"dkron"
	"dkron/internal/codec"
	"dkron/internal/state"
)

// Finish records how executions ended and, in the same transaction, everything that follows: counters, retries, ends of
// launches, children. A result that was already recorded changes nothing.
type Finish struct {
	Results []dkron.Result
	Now     time.Time
	Notifying
}

// Fields describes the wire form.
func (c *Finish) Fields(w *codec.Wire) {
	codec.List(w, 1, &c.Results)
	w.Time(2, &c.Now)
	w.Since(2)
	w.Strings(3, &c.Channels)
}

// Apply records the results.
func (c *Finish) Apply(tx *state.Tx) (any, error) {
	tx.Tick(c.Now)
	tx.SetChannels(c.Channels)
	for i := range c.Results {
		if err := c.finish(tx, &c.Results[i]); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

func (c *Finish) finish(tx *state.Tx, r *dkron.Result) error {
	e, err := tx.Execution(r.Key)
	if errors.Is(err, dkron.ErrNotFound) || err == nil && (e.Group != r.Group || e.Attempt != r.Attempt || e.NodeName != r.NodeName) {
		return nil // recorded before
	}
	if err != nil {
		return err
	}
	l, err := tx.Launch(r.Key.Launch)
	if err != nil {
		return err
	}
	p, err := tx.Progress(e.JobNumber)
	if errors.Is(err, dkron.ErrNotFound) { // deleted while it ran
		return c.closeOrphan(tx, e, r, l)
	}
	if err != nil {
		return err
	}
	retry, err := c.retry(tx, e, r)
	if err != nil {
		return err
	}
	if err := c.record(tx, e, r, p, retry == nil); err != nil {
		return err
	}
	if l.First == 0 {
		l.First = p.Executions
		if p.Whole == 0 { // the first launch that is known to be kept whole
			p.Whole = l.First
		}
		tx.PutLaunch(l)
	}
	if retry == nil {
		count(tx, l, r)
		p.Status = status(l.Succeeded, l.Failed)
	} else {
		p.Status = status(l.Succeeded, l.Failed+1)
	}
	tx.PutProgress(e.JobNumber, p)
	if retry != nil {
		if err := tx.PutExecution(retry); err != nil || retry.Unplaced {
			return err
		}
		tx.NoteExecution(state.ExecutionStarted, retry)
		return notifyStart(tx, retry)
	}
	if err := tx.RemoveExecution(e.Key); err != nil {
		return err
	}
	if l.Succeeded+l.Failed < l.Nodes {
		tx.PutLaunch(l)
		return nil
	}
	l.State, l.Reason = verdict(l)
	if l.State == dkron.LaunchStopped && e.Stop != nil {
		l.Reason = reason(*e.Stop)
	}
	return end(tx, l, p, c.Now)
}

// ended returns an execution as it is recorded.
func ended(e *dkron.Execution, r *dkron.Result) dkron.Execution {
	done := *e
	done.StartedAt, done.FinishedAt, done.Outcome = r.StartedAt, r.FinishedAt, r.Outcome
	done.Error, done.ExitCode, done.Output, done.OutputSize = r.Error, r.ExitCode, r.Output, r.OutputSize
	done.LeftRunning, done.Usage = r.LeftRunning, r.Usage
	return done
}

// record puts the execution into the history and the counters, and writes the notice of its last attempt.
func (c *Finish) record(tx *state.Tx, e *dkron.Execution, r *dkron.Result, p *dkron.Progress, last bool) error {
	done := ended(e, r)
	if r.Outcome == dkron.Success {
		p.SuccessCount++
		p.LastSuccess = r.FinishedAt
	} else {
		p.ErrorCount++
		p.LastError = r.FinishedAt
		if r.Outcome == dkron.Stopped && tx.NotesHealth() {
			p.StoppedCount++
		}
	}
	if err := tx.Count(&done, c.Now); err != nil {
		return err
	}
	if err := tx.RecordExecution(&done, p); err != nil {
		return err
	}
	if err := raiseOutput(tx, &done); err != nil {
		return err
	}
	if err := c.deliver(tx, &done); err != nil || !last {
		return err
	}
	return notifyEnd(tx, &done)
}

// retry returns the next attempt of an execution that failed, nil if there is none.
func (c *Finish) retry(tx *state.Tx, e *dkron.Execution, r *dkron.Result) (*dkron.Execution, error) {
	if r.Outcome == dkron.Success || r.Outcome == dkron.Stopped || e.Stop != nil {
		return nil, nil
	}
	j, err := tx.Job(e.JobName)
	if err != nil {
		return nil, err
	}
	if e.Attempt > uint64(j.Retries) || r.Outcome == dkron.Lost && !j.RetryLost {
		return nil, nil
	}
	next := *e
	next.Attempt++
	next.Due = c.Now.Add(j.Backoff.Pause(e))
	next.StartedAt = next.Due
	next.Unplaced = j.RetryOn == dkron.OtherNode || j.RetryOn == dkron.AnyNode
	return &next, nil
}

// count adds the end of an execution to its launch. The launch's fault is the first of the most telling kind.
func count(tx *state.Tx, l *dkron.Launch, r *dkron.Result) {
	if r.Outcome == dkron.Success {
		l.Succeeded++
		return
	}
	l.Failed++
	if l.Fault == "" || tx.NotesHealth() && telling(r.Outcome) > telling(l.Fault) {
		l.Fault, l.FaultReason = r.Outcome, r.Reason
	}
}

// telling ranks what did not succeed by how much it says about the job: a failure was caused by the job itself, a lost
// execution by its node, and a stop was somebody's wish, often because of the others.
func telling(o dkron.Outcome) int {
	switch o {
	case dkron.Stopped:
		return 0
	case dkron.Lost:
		return 1
	}
	return 2
}

// closeOrphan ends an execution of a deleted job. Nothing of it is kept, but it makes an event and a notice.
func (c *Finish) closeOrphan(tx *state.Tx, e *dkron.Execution, r *dkron.Result, l *dkron.Launch) error {
	if err := tx.RemoveExecution(e.Key); err != nil {
		return err
	}
	e.Outcome = r.Outcome
	tx.NoteExecution(state.ExecutionEnded, e)
	done := ended(e, r)
	if err := notifyEnd(tx, &done); err != nil {
		return err
	}
	count(tx, l, r)
	if l.Succeeded+l.Failed < l.Nodes {
		tx.PutLaunch(l)
		return nil
	}
	l.State, l.Reason = verdict(l)
	return end(tx, l, nil, c.Now)
}

func status(succeeded, failed uint64) dkron.Status {
	switch {
	case failed == 0:
		return dkron.StatusSuccess
	case succeeded == 0:
		return dkron.StatusFailed
	}
	return dkron.StatusPartiallyFailed
}

// verdict returns how a launch ended, all of whose executions have ended. Results of releases before 0.2.0 have no reason.
func verdict(l *dkron.Launch) (dkron.LaunchState, string) {
	switch {
	case l.Failed == 0:
		return dkron.LaunchSuccess, ""
	case l.FaultReason != "" && l.Failed == 2:
		return dkron.LaunchState(l.Fault), l.FaultReason + " (and 1 more node)"
	case l.FaultReason != "" && l.Failed > 2:
		return dkron.LaunchState(l.Fault), fmt.Sprintf("%s (and %d more nodes)", l.FaultReason, l.Failed-1)
	case l.FaultReason != "":
		return dkron.LaunchState(l.Fault), l.FaultReason
	}
	return dkron.LaunchState(l.Fault), fmt.Sprintf("%d of %d nodes did not succeed", l.Failed, l.Nodes)
}
