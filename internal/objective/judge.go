// Package objective judges whether jobs meet the objectives that people have written into them. It reads replicated state and
// the time alone, so every server finds the same, with or without a leader.
package objective

import (
	"strings"
	"time"

	"dkron"
	"dkron/cron"
	"dkron/plugin"
)

// State is how an objective stands.
type State string

// The states, worst first.
const (
	Broken  State = "broken"  // it is not met
	AtRisk  State = "at_risk" // at this pace it will not be met
	Met     State = "met"
	Unknown State = "unknown" // there is nothing yet that it could be judged by
)

// States are all states, worst first.
var States = []State{Broken, AtRisk, Met, Unknown}

// Finding is how one objective of a job stands.
type Finding struct {
	Objective dkron.Objective
	Expected  string // as it was written
	State     State
	At        time.Time // broken: since when; else: when it will be, if nothing happens; zero if that is open
	Reason    string    // for people
}

// titles name the objectives to people, with the labels of the page's form.
var titles = map[dkron.Objective]string{
	dkron.ObjectiveDeadline: "Deadline", dkron.ObjectiveLateness: "Latest start", dkron.ObjectiveDuration: "Longest run", dkron.ObjectiveSilence: "Longest silence",
}

// breach names the objective with what is expected, and says why it is not met.
func (f *Finding) breach() string {
	expected := f.Expected
	after, isAfter := strings.CutPrefix(expected, "+")
	if d, err := time.ParseDuration(after); err == nil { // a deadline may also be a time of the week
		expected = plugin.InWords(d)
		if isAfter {
			expected = "+" + expected
		}
	}
	return titles[f.Objective] + " " + expected + ": " + f.Reason
}

// facts are what is known of a job.
type facts struct {
	job  *dkron.Job
	p    *dkron.Progress
	open []*dkron.Launch // that have not ended
	now  time.Time
	zone *time.Location
}

// Judge returns how each objective of a job stands. Nothing is expected of a job that is disabled, or that has expired.
func Judge(j *dkron.Job, p *dkron.Progress, open []*dkron.Launch, now time.Time) (found []Finding) {
	o := j.Objectives
	if o == nil || j.Disabled || !j.ExpiresAt.IsZero() && now.After(j.ExpiresAt) {
		return nil
	}
	zone, err := cron.ParseZone(j.Timezone)
	if err != nil {
		zone = time.UTC
	}
	f := facts{job: j, p: p, open: open, now: now, zone: zone}
	add := func(name dkron.Objective, expected string, one Finding) {
		one.Objective, one.Expected = name, expected
		found = append(found, one)
	}
	if o.Deadline != "" {
		if s, after, err := j.ParseDeadline(); err == nil && s != nil {
			add(dkron.ObjectiveDeadline, o.Deadline, f.deadline(s))
		} else if err == nil {
			add(dkron.ObjectiveDeadline, o.Deadline, f.ended(after))
		}
	}
	if o.MaxLateness > 0 {
		add(dkron.ObjectiveLateness, o.MaxLateness.String(), f.lateness(o.MaxLateness))
	}
	if o.ExpectedDuration > 0 {
		add(dkron.ObjectiveDuration, o.ExpectedDuration.String(), f.duration(o.ExpectedDuration))
	}
	if o.MaxSilence > 0 {
		add(dkron.ObjectiveSilence, o.MaxSilence.String(), f.silence(o.MaxSilence))
	}
	return found
}

// begin is when the job could first be launched.
func (f *facts) begin() time.Time { return latest(f.job.CreatedAt, f.job.StartsAt) }

// succeeded returns when the job last succeeded, the zero time if it never has. While launches fail that is not after the first
// failure, although one of a launch's nodes may have succeeded since.
func (f *facts) succeeded() time.Time {
	if streak, since := f.p.Failing(); streak > 0 && f.p.LastSuccess.After(since) {
		return since
	}
	return f.p.LastSuccess
}

func (f *facts) lastSuccess() string {
	if at := f.succeeded(); !at.IsZero() {
		return "its last success was at " + f.text(at)
	}
	return "it has never succeeded"
}

// due returns the next due time that nobody has decided yet, the zero time if there is none.
func (f *facts) due() time.Time {
	if f.job.Child() {
		return time.Time{}
	}
	return f.p.Next
}

// running returns when the oldest launch that runs began, or the run that has checked in; the zero time if none does.
func (f *facts) running() (began time.Time) {
	began = f.p.CheckedInAt(f.job)
	for _, l := range f.open {
		if at := l.Began(); l.State == dkron.LaunchRunning && (began.IsZero() || at.Before(began)) {
			began = at
		}
	}
	return began
}

// pending returns the oldest due time that has not led to a start, the zero time if there is none.
func (f *facts) pending() (nominal time.Time) {
	for _, l := range f.open {
		if l.State != dkron.LaunchRunning && (nominal.IsZero() || l.Nominal.Before(nominal)) {
			nominal = l.Nominal
		}
	}
	if due := f.due(); nominal.IsZero() && !due.After(f.now) {
		return due
	}
	return nominal
}

// ends returns when the job will next have succeeded if all goes as usual, the zero time if that is open.
func (f *facts) ends() time.Time {
	if began := f.running(); !began.IsZero() {
		return latest(began.Add(f.p.Usual()), f.now)
	}
	if !f.pending().IsZero() {
		return f.now.Add(f.p.Usual())
	}
	if due := f.due(); !due.IsZero() {
		return due.Add(f.p.Usual())
	}
	return time.Time{}
}

// silence judges the age of the last success.
func (f *facts) silence(limit time.Duration) Finding {
	at := latest(f.succeeded(), f.begin()).Add(limit)
	if !f.now.Before(at) {
		return Finding{State: Broken, At: at, Reason: f.lastSuccess()}
	}
	switch ends := f.ends(); {
	case ends.After(at):
		return Finding{State: AtRisk, At: at, Reason: "its next run will end about " + f.text(ends)}
	case ends.IsZero() && !f.job.ChecksIn() && at.Sub(f.now) < limit/5:
		return Finding{State: AtRisk, At: at, Reason: "nothing is due before " + f.text(at) + ", and " + f.lastSuccess()}
	case f.succeeded().IsZero():
		return Finding{State: Unknown, At: at, Reason: "it has not succeeded yet"}
	}
	return Finding{State: Met, At: at}
}

// lateness judges how long after it was due the job started.
func (f *facts) lateness(limit time.Duration) Finding {
	nominal, before := f.pending(), f.lastStart(limit)
	if nominal.IsZero() || before.State == Broken && f.now.Before(nominal.Add(limit)) {
		return before // until the job starts in time
	}
	at := nominal.Add(limit)
	reason := "it has not started, and was due at " + f.text(nominal)
	switch {
	case !f.now.Before(at):
		return Finding{State: Broken, At: at, Reason: reason}
	case at.Sub(f.now) < limit/2:
		return Finding{State: AtRisk, At: at, Reason: reason}
	}
	return Finding{State: Met, At: at}
}

// lastStart judges the last due time that was decided.
func (f *facts) lastStart(limit time.Duration) Finding {
	for _, l := range f.open {
		if began := l.Began(); l.State == dkron.LaunchRunning && began.Sub(l.Nominal) > limit {
			return Finding{State: Broken, At: l.Nominal.Add(limit), Reason: "it started " + short(began.Sub(l.Nominal)) + " after it was due"}
		}
	}
	last := f.p.Last
	switch {
	case last == nil:
		return Finding{State: Unknown, Reason: "it has not run yet"}
	case f.p.NotRun:
		return Finding{State: Broken, At: f.p.Due.Add(limit), Reason: "its last due time did not lead to a run"}
	case last.State == dkron.LaunchSuccess && len(f.p.Durations) > 0:
		took := time.Duration(f.p.Durations[len(f.p.Durations)-1]) * time.Millisecond
		if late := last.EndedAt.Add(-took).Sub(last.Nominal); late > limit {
			return Finding{State: Broken, At: last.Nominal.Add(limit), Reason: "its last run started " + short(late) + " after it was due"}
		}
	}
	return f.untilDue(Finding{State: Met}, limit)
}

// untilDue adds when the objective will be broken if the next due time leads to nothing.
func (f *facts) untilDue(one Finding, limit time.Duration) Finding {
	if due := f.due(); !due.IsZero() {
		one.At = due.Add(limit)
	}
	return one
}

// duration judges how long the job runs.
func (f *facts) duration(limit time.Duration) Finding {
	usual := f.p.Usual()
	if began := f.running(); !began.IsZero() {
		at, so := began.Add(limit), "it has been running for "+short(f.now.Sub(began))
		switch {
		case !f.now.Before(at):
			return Finding{State: Broken, At: at, Reason: so}
		case usual > limit:
			return Finding{State: AtRisk, At: at, Reason: so + ", and usually takes " + short(usual)}
		case at.Sub(f.now) < limit/5:
			return Finding{State: AtRisk, At: at, Reason: so}
		}
		return Finding{State: Met, At: at}
	}
	if len(f.p.Durations) == 0 {
		return Finding{State: Unknown, Reason: "it has not succeeded yet"}
	}
	took := time.Duration(f.p.Durations[len(f.p.Durations)-1]) * time.Millisecond
	if last := f.p.Last; took > limit && last != nil && last.State == dkron.LaunchSuccess {
		return Finding{State: Broken, At: last.EndedAt.Add(limit - took), Reason: "its last run took " + short(took)}
	}
	if usual > limit {
		return Finding{State: AtRisk, Reason: "it usually takes " + short(usual)}
	}
	return Finding{State: Met}
}

// text writes an instant in the job's zone.
func (f *facts) text(at time.Time) string { return at.In(f.zone).Format("2006-01-02 15:04:05 MST") }

func short(d time.Duration) string {
	if d < time.Minute {
		return plugin.InWords(d.Round(100 * time.Millisecond))
	}
	return plugin.InWords(d.Round(time.Second))
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
