package dkron

import (
	"slices"
	"time"

	"dkron/internal/codec"
)

// LaunchEnd is what a job's progress keeps of the launch that ended last.
type LaunchEnd struct {
	Group   int64
	Nominal time.Time
	Cause   Cause
	State   LaunchState
	Reason  string
	EndedAt time.Time
}

// Fields describes the wire form.
func (e *LaunchEnd) Fields(w *codec.Wire) {
	w.Since(2)
	w.Int(1, &e.Group)
	w.Time(2, &e.Nominal)
	codec.Text(w, 3, &e.Cause)
	codec.Text(w, 4, &e.State)
	w.String(5, &e.Reason)
	w.Time(6, &e.EndedAt)
}

// End returns what a job's progress keeps of the launch.
func (l *Launch) End() *LaunchEnd {
	return &LaunchEnd{Group: l.Group, Nominal: l.Nominal, Cause: l.Cause, State: l.State, Reason: l.Reason, EndedAt: l.EndedAt}
}

// Began returns when the launch could start on its nodes, the zero time if it never ran.
func (l *Launch) Began() time.Time {
	switch {
	case l.Nodes == 0 || l.State == LaunchQueued || l.State == LaunchWaiting:
		return time.Time{}
	case l.ReadyAt.IsZero(): // recorded by an early version
		return l.CreatedAt
	}
	return l.ReadyAt
}

// keptDurations is how many successes the usual duration of a launch is taken from.
const keptDurations = 20

// Note keeps of a launch that has ended what the job's health depends on. A stopped launch ended as somebody or the job's
// concurrency wanted: it neither begins, extends nor ends a row of failures. Nor does one that did not run.
func (p *Progress) Note(l *Launch) {
	first := p.Last == nil
	p.Last = l.End()
	switch l.State {
	case LaunchSuccess:
		p.Streak, p.FailingSince = 0, time.Time{}
		took := max(l.EndedAt.Sub(l.Began()).Milliseconds(), 0)
		kept := p.Durations[max(0, len(p.Durations)-keptDurations+1):]
		p.Durations = append(append(make([]uint64, 0, len(kept)+1), kept...), uint64(took)) // copies of p have the old ones
	case LaunchFailed, LaunchTimedOut:
		if p.Streak == 0 {
			p.FailingSince = l.EndedAt
		}
		p.Streak++
	case LaunchSkipped, LaunchMissed, LaunchNoTarget:
		if first { // what ran before is only known by its status
			p.Streak, p.FailingSince = p.failing()
		}
	}
	p.noteDue(l)
}

// noteDue keeps whether the newest due time did not lead to a run. Launches may end in another order than they were due.
func (p *Progress) noteDue(l *Launch) {
	if l.State == LaunchSkipped {
		return
	}
	due := l.Nominal
	if l.Until.After(due) {
		due = l.Until
	}
	if due.Before(p.Due) && !p.Due.After(l.EndedAt) { // unless a clock was ahead when that was due
		return
	}
	p.Due = due
	p.NotRun = l.State == LaunchNoTarget || l.State == LaunchMissed || l.State == LaunchLost
}

// failing returns how many failures in a row the job's status implies, and since when. It is for a job whose failures have
// not been counted yet.
func (p *Progress) failing() (streak uint64, since time.Time) {
	if p.Status == StatusFailed || p.Status == StatusPartiallyFailed {
		return 1, p.LastError
	}
	return 0, time.Time{}
}

// Failing returns how many launches in a row have failed, and when the first of them ended.
func (p *Progress) Failing() (streak uint64, since time.Time) {
	if p.Last == nil { // stored before protocol 2
		return p.failing()
	}
	return p.Streak, p.FailingSince
}

// Usual returns the duration that 95 of 100 of the last successes do not exceed, 0 if there is none.
func (p *Progress) Usual() time.Duration {
	n := len(p.Durations)
	if n == 0 {
		return 0
	}
	sorted := append(make([]uint64, 0, keptDurations), p.Durations...) // on the stack: this is done after each success
	slices.Sort(sorted)
	return time.Duration(sorted[(n*95+99)/100-1]) * time.Millisecond
}

// Forget drops what the health depends on, as a cleared history does. The last launch stays: its record is still there.
func (p *Progress) Forget() {
	p.Streak, p.FailingSince, p.Due, p.NotRun, p.Durations, p.StoppedCount = 0, time.Time{}, time.Time{}, false, nil, 0
}
