package dkron

import (
	"strings"
	"time"

	"dkron/cron"
	"dkron/internal/codec"
)

const (
	// OnTime is how late an instant may be launched and still count as on schedule; a later one is a catch-up.
	OnTime = 5 * time.Second
	// maxMissed bounds how many missed instants one record covers.
	maxMissed = 1_000_000
)

// Due is an instant of a job that has come, with the leader's decisions about it.
type Due struct {
	Job      uint64 // number
	Revision uint64 // of the definition whose instant this is; ignored if the job has changed since
	Nominal  time.Time
	Cause    Cause
	Targets  []string
	Next     time.Time // the job's due instant after this one

	// Missed, if not 0, is the number of instants from Nominal to Until that did not fire in time. They are recorded as
	// missed, or as skipped, and nothing is launched. Reason says why.
	Missed  uint64
	Until   time.Time
	Reason  string
	Skipped bool

	Unreached uint64 // see Launch
	Missing   []string

	// Tags are the job's tags, from which Targets are chosen. They are not written.
	Tags map[string]string
}

// Fields describes the wire form.
func (d *Due) Fields(w *codec.Wire) {
	w.Uint(1, &d.Job)
	w.Uint(2, &d.Revision)
	w.Time(3, &d.Nominal)
	codec.Text(w, 4, &d.Cause)
	w.Strings(5, &d.Targets)
	w.Time(6, &d.Next)
	w.Uint(7, &d.Missed)
	w.Time(8, &d.Until)
	w.String(9, &d.Reason)
	w.Uint(10, &d.Unreached)
	w.Strings(11, &d.Missing)
	w.Bool(12, &d.Skipped)
}

// Decide says what happens to the job's instant nominal, which has come: a launch, or one record of it and the
// following ones as missed because they are older than the job's catch-up allows. Instants that were already launched
// are passed over.
func Decide(j *Job, p *Progress, nominal, now time.Time) (Due, error) {
	d := Due{Job: j.Number, Revision: j.Revision, Nominal: nominal, Cause: CauseSchedule, Tags: j.Tags}
	s, err := j.Parse()
	if err != nil {
		return d, err
	}
	if p.Decided(nominal) { // only the instant after it is needed
		d.Next = p.NextDue(j, s, later(nominal, p.Cursor))
		return d, nil
	}
	d.Next = p.NextDue(j, s, nominal)
	if now.Sub(nominal) <= OnTime {
		return d, nil
	}
	d.Cause = CauseCatchup
	horizon, reason := horizon(j, p, s, nominal, now)
	if !nominal.Before(horizon) {
		return d, nil
	}
	d.Missed, d.Until, d.Reason = 1, nominal, reason
	for d.Next.Before(horizon) && !d.Next.IsZero() && d.Missed < maxMissed {
		d.Until = d.Next
		d.Missed++
		d.Next = p.NextDue(j, s, d.Next)
	}
	return d, nil
}

// horizon returns the instant before which missed instants are not caught up with, and why.
func horizon(j *Job, p *Progress, s *cron.Schedule, from, now time.Time) (time.Time, string) {
	window := j.Window(s)
	switch j.Catchup.Policy {
	case CatchupSkip:
		return now.Add(-OnTime), "the catch-up policy is skip"
	case CatchupLast:
		last := from
		for range maxMissed {
			next := p.NextDue(j, s, last)
			if next.IsZero() || next.After(now) {
				break
			}
			last = next
		}
		if last.After(from) {
			return last, "the catch-up policy is last"
		}
	}
	return now.Add(-window), "older than the catch-up window of " + window.String()
}

// Undecided says what happens, when j replaces old at now, to the instants of old that were due by now but undecided.
// Those that j has too are launched, at most the newest limit of them, within j's catch-up window. The others are
// recorded as missed or, if j is disabled, as skipped. p is the job's progress.
func Undecided(old, j *Job, p *Progress, now time.Time, limit int) ([]Due, error) {
	after, err := anchored(j, old).Parse()
	if err != nil && !j.Child() {
		return nil, err
	}
	var ahead []Due
	if !j.Disabled && !j.Child() && (old.Disabled || !old.SameTiming(j)) {
		ahead = passedOver(old, j, p, after, now)
	}
	if old.Disabled || old.Child() || p.Next.IsZero() || p.Next.After(now) || old.SameTiming(j) && !j.Disabled {
		return ahead, nil
	}
	before, err := old.Parse()
	if err != nil {
		return ahead, nil // it was never due
	}
	var list []Due
	gone := Due{Job: old.Number, Reason: "the job was changed", Cause: CauseSchedule}
	if j.Disabled {
		gone.Reason, gone.Skipped = "the job was disabled", true
	}
	for t, n := p.Next, 0; !t.IsZero() && !t.After(now) && n < maxMissed; t, n = p.NextDue(old, before, t), n+1 {
		if j.Disabled || j.Child() || !j.After(after, t.Add(-1)).Equal(t) {
			gone.add(t)
		} else {
			list = append(list, Due{Job: old.Number, Nominal: t, Cause: CauseSchedule, Tags: j.Tags})
		}
	}
	if len(list) > 0 {
		horizon, reason := horizon(j, p, after, list[0].Nominal, now)
		if last := list[len(list)-1].Nominal; j.Catchup.Policy == CatchupLast && last.Before(horizon) {
			horizon = last // the new schedule may have later instants, but they are not the old one's
		}
		list = withinWindow(list, now, horizon, reason, limit)
	}
	if gone.Missed > 0 {
		list = append(list, gone)
	}
	return append(list, ahead...), nil
}

// passedOver returns a record of the instants of j that will be passed over because a clock was ahead: the definition
// that j replaces was launched past them at that time. The result has at most one element.
func passedOver(old, j *Job, p *Progress, s *cron.Schedule, now time.Time) []Due {
	d := Due{Job: old.Number, Cause: CauseSchedule, Skipped: true, Reason: "a clock that was ahead had already launched the job past it"}
	end := p.Cursor
	for _, span := range p.Launched {
		end = later(end, span.Until)
	}
	was := *p
	was.Restart(now)
	for t, n := j.After(s, now), 0; !t.IsZero() && !t.After(end) && n < maxMissed; t, n = j.After(s, t), n+1 {
		if was.Decided(t) {
			d.add(t)
		}
	}
	if d.Missed == 0 {
		return nil
	}
	return []Due{d}
}

// Rewound is a job whose cursor is moved back.
type Rewound struct {
	Job      uint64 // number
	Revision uint64 // ignored if the job has changed since
	Cursor   time.Time
	Next     time.Time
	Anchored bool // the job was created by a clock that was ahead: correct its creation too, from which @every counts
}

// Fields describes the wire form.
func (r *Rewound) Fields(w *codec.Wire) {
	w.Uint(1, &r.Job)
	w.Uint(2, &r.Revision)
	w.Time(3, &r.Next)
	w.Bool(4, &r.Anchored)
	w.Time(5, &r.Cursor)
}

// BringBack moves back a cursor that is later than now and returns how the job continues; false if the cursor is not
// later. It changes p. Instants that came due in the last moments, while the clock was being checked, still count as on
// time if they were not launched.
func BringBack(j *Job, p *Progress, now time.Time) (Rewound, bool) {
	if !p.Cursor.After(now) {
		return Rewound{}, false
	}
	r := Rewound{Job: j.Number, Revision: j.Revision, Anchored: j.CreatedAt.After(now)}
	r.Cursor = earlier(now, later(now.Add(-OnTime), j.UpdatedAt)) // no instant was due before the job was written
	again := *j
	again.CreatedAt = earlier(j.CreatedAt, now)
	p.Restart(r.Cursor)
	if s, err := again.Parse(); err == nil {
		r.Next = p.NextDue(&again, s, r.Cursor)
	}
	return r, true
}

// add counts an instant that is not launched.
func (d *Due) add(t time.Time) {
	if d.Missed == 0 {
		d.Nominal = t
	}
	d.Missed, d.Until = d.Missed+1, t
}

// withinWindow replaces the instants of the list that are not caught up with by a record of them.
func withinWindow(list []Due, now, horizon time.Time, reason string, limit int) []Due {
	var missed, many Due
	missed.Job, missed.Reason, missed.Cause = list[0].Job, reason, CauseCatchup
	many.Job, many.Reason, many.Cause = list[0].Job, "the job was changed while more launches were due than a change makes up for", CauseCatchup
	var out []Due
	for i, d := range list {
		late := now.Sub(d.Nominal) > OnTime
		switch {
		case late && d.Nominal.Before(horizon):
			missed.add(d.Nominal)
			continue
		case len(list)-i > limit:
			many.add(d.Nominal)
			continue
		case late:
			d.Cause = CauseCatchup
		}
		out = append(out, d)
	}
	for _, d := range []Due{many, missed} {
		if d.Missed > 0 {
			out = append([]Due{d}, out...)
		}
	}
	return out
}

// anchored returns j as it will be once it has replaced old: it keeps old's creation, from which schedules such as
// @every count.
func anchored(j, old *Job) *Job {
	a := *j
	a.CreatedAt = old.CreatedAt
	return &a
}

// SameTiming reports whether other is due at the same instants: all fields that decide this are equal.
func (j *Job) SameTiming(other *Job) bool {
	return strings.TrimSpace(j.Schedule) == strings.TrimSpace(other.Schedule) && j.Timezone == other.Timezone && j.DST == other.DST &&
		j.StartsAt.Equal(other.StartsAt) && j.ExpiresAt.Equal(other.ExpiresAt) && j.Child() == other.Child()
}
