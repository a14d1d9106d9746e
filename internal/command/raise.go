package command

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"dkron"
	"dkron/internal/state"
	"dkron/plugin"
)

// What rules notice is part of the entry that causes it, so that nothing in the log can go unreported. Without rules
// this is one comparison for each launch.

// closeLaunch moves a launch that has ended into the job's history, and has the rules look at it. p is nil if the job was
// deleted.
func closeLaunch(tx *state.Tx, l *dkron.Launch, p *dkron.Progress) error {
	if p == nil || !tx.HasRules() {
		return tx.CloseLaunch(l, p)
	}
	l.Late, l.Long = nil, nil
	e := dkron.Ended{Before: p.Streak, State: l.State}
	if err := tx.CloseLaunch(l, p); err != nil {
		return err
	}
	e.Streak = p.Streak
	if began := l.Began(); !began.IsZero() && l.State != dkron.LaunchStopped && l.State != dkron.LaunchLost {
		e.Took = max(l.EndedAt.Sub(began), 1)
	}
	o := dkron.Occurrence{
		Job: l.Job, JobNumber: l.JobNumber, Count: 1, First: l.EndedAt, Last: l.EndedAt, Group: l.Group, Reason: l.Reason,
	}
	if l.Nodes > 0 {
		o.Execution = p.LastRun
	}
	if e.Took > 0 && o.Reason == "" {
		o.Reason = "it took " + plugin.InWords(e.Took)
	}
	if l.State == dkron.LaunchSuccess {
		if err := over(tx, &o); err != nil {
			return err
		}
	}
	return raise(tx, &o, nil, func(w *state.ReadyRule) dkron.AlertEvent { return w.Notices(e) })
}

// raiseOutput has the rules look at what an execution printed.
func raiseOutput(tx *state.Tx, e *dkron.Execution) error {
	if !tx.HasRules() || len(e.Output) == 0 {
		return nil
	}
	o := dkron.Occurrence{
		Job: e.JobName, JobNumber: e.JobNumber, Count: 1, First: e.FinishedAt, Last: e.FinishedAt, Group: e.Group, Execution: e.Number,
		Reason: "execution " + e.ID() + " printed it",
	}
	return raise(tx, &o, nil, func(w *state.ReadyRule) dkron.AlertEvent {
		if w.Prints(e.Output) {
			return dkron.AlertOutput
		}
		return ""
	})
}

// raiseChanged has the rules look at a change of a job's definition.
func raiseChanged(tx *state.Tx, j *dkron.Job, change state.EventType, by string) error {
	if !tx.HasRules() {
		return nil
	}
	o := dkron.Occurrence{Job: j.Name, JobNumber: j.Number, Count: 1, First: tx.Clock(), Last: tx.Clock()}
	o.Reason = map[state.EventType]string{
		state.JobCreated: "created", state.JobUpdated: fmt.Sprintf("changed: revision %d", j.Revision), state.JobDeleted: "deleted",
	}[change]
	if by != "" {
		o.Reason += ", by " + by
	}
	return raise(tx, &o, j, func(w *state.ReadyRule) dkron.AlertEvent {
		if slices.Contains(w.On, dkron.AlertChanged) {
			return dkron.AlertChanged
		}
		return ""
	})
}

// raise records what rules notice. j is the job, nil to read it if a rule needs it.
func raise(tx *state.Tx, o *dkron.Occurrence, j *dkron.Job, notices func(*state.ReadyRule) dkron.AlertEvent) error {
	_, err := raiseNoting(tx, o, j, notices)
	return err
}

// raiseNoting is raise, and returns the rules that noticed something, or would have without a silence.
func raiseNoting(tx *state.Tx, o *dkron.Occurrence, j *dkron.Job, notices func(*state.ReadyRule) dkron.AlertEvent) (noticed []string, err error) {
	watches, silences, err := tx.Watches()
	if err != nil {
		return nil, err
	}
	fits := fitting(tx, o.Job, &j)
	silent, looked := false, false
	for i := range watches {
		w := &watches[i]
		event := notices(w)
		if event == "" {
			continue
		}
		if ok, err := fits(&w.Match); err != nil || !ok {
			if err != nil {
				return nil, err
			}
			continue
		}
		if !looked {
			if silent, err = held(silences, o.Last, fits); err != nil {
				return nil, err
			}
			looked = true
		}
		noticed = append(noticed, w.Name)
		if silent {
			continue
		}
		own := *o
		own.Rule, own.Severity, own.Event = w.Name, w.Severity, event
		if err := open(tx, w.Rule, &own); err != nil {
			return nil, err
		}
		if err := report(tx, w.Rule, &own, j); err != nil {
			return nil, err
		}
	}
	return noticed, nil
}

// fitting returns a function that reports whether a selection has a job. j is the job, nil to read it once a selection needs it.
func fitting(tx *state.Tx, name string, j **dkron.Job) func(*dkron.Match) (bool, error) {
	return func(m *dkron.Match) (bool, error) {
		if !m.Named(name) || m.Plain() {
			return m.Named(name), nil
		}
		if *j == nil {
			var err error
			if *j, err = tx.Job(name); err != nil {
				return false, err
			}
		}
		return m.Has(*j), nil
	}
}

// held reports whether one of the silences applies at an instant.
func held(silences []*dkron.Silence, at time.Time, fits func(*dkron.Match) (bool, error)) (bool, error) {
	for _, s := range silences {
		if !s.Holds(at) {
			continue
		}
		if ok, err := fits(&s.Match); err != nil || ok {
			return ok, err
		}
	}
	return false, nil
}

// open opens an alert, or counts the repetition in the one that is open.
func open(tx *state.Tx, r *dkron.Rule, o *dkron.Occurrence) error {
	if !o.Event.Problem() || !r.Tracks() {
		return nil
	}
	alerts, err := tx.AlertsOf(o.JobNumber)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(alerts, func(a *dkron.Alert) bool { return a.Rule == r.Name })
	var a *dkron.Alert
	fresh := i < 0
	if !fresh {
		a = alerts[i]
	} else {
		a = &dkron.Alert{Rule: r.Name, Job: o.Job, JobNumber: o.JobNumber, Event: o.Event, Since: o.First, Reminded: o.First}
	}
	a.Severity, a.Last, a.Group, a.Reason, a.Execution = r.Severity, o.Last, o.Group, o.Reason, o.Execution
	a.Count++
	if fresh {
		err = tx.AddAlert(a)
	} else {
		err = tx.PutAlert(a)
	}
	o.Alert = a.Number
	return err
}

// over closes the open alerts of a job that has succeeded, and reports that through the channels that reported the problem.
func over(tx *state.Tx, o *dkron.Occurrence) error {
	return closeAlerts(tx, o.JobNumber, nil, func(a *dkron.Alert, r *dkron.Rule) *dkron.Occurrence {
		own := *o
		own.Rule, own.Severity, own.Event, own.Alert = r.Name, r.Severity, dkron.AlertRecovered, a.Number
		own.Reason = lasted(a)
		return &own
	})
}

// endAlerts closes the open alerts of a job that is deleted, and reports that where its recovery would have been: incidents that
// were opened elsewhere would stay open for ever.
func endAlerts(tx *state.Tx, j *dkron.Job) error {
	return closeAlerts(tx, j.Number, j, func(a *dkron.Alert, _ *dkron.Rule) *dkron.Occurrence {
		own := a.Occurrence(dkron.AlertDeleted, tx.Clock())
		own.Reason = "the alert is over with its job, " + lasted(a)
		return own
	})
}

// closeAlerts closes the open alerts of a job. It reports the end of those whose rule reports recoveries, as last composes it. j is
// the job, nil to read it.
func closeAlerts(tx *state.Tx, job uint64, j *dkron.Job, last func(*dkron.Alert, *dkron.Rule) *dkron.Occurrence) error {
	alerts, err := tx.AlertsOf(job)
	if err != nil {
		return err
	}
	for _, a := range alerts {
		if err := tx.RemoveAlert(a); err != nil {
			return err
		}
		r, err := tx.Rule(a.Rule)
		if err != nil {
			return err
		}
		if r.Disabled || !slices.Contains(r.On, dkron.AlertRecovered) {
			continue
		}
		if err := report(tx, r, last(a, r), j); err != nil {
			return err
		}
	}
	return nil
}

// lasted says how often an alert's rule noticed something, and since when.
func lasted(a *dkron.Alert) string {
	return fmt.Sprintf("after %d since %s", a.Count, a.Since.UTC().Format("2006-01-02 15:04:05 MST"))
}

// report adds an occurrence to what waits for the channels of its rule, and for those that its job names. j is the job, nil
// to read it.
func report(tx *state.Tx, r *dkron.Rule, o *dkron.Occurrence, j *dkron.Job) error {
	for _, name := range r.Channels {
		if err := tx.AddWaiting(name, o); err != nil {
			return err
		}
	}
	if j == nil {
		var err error
		if j, err = tx.Job(o.Job); errors.Is(err, dkron.ErrNotFound) {
			return nil // deleted; what it named went with it
		} else if err != nil {
			return err
		}
	}
	for _, name := range j.Channels {
		if slices.Contains(r.Channels, name) {
			continue
		}
		if _, err := tx.Channel(name); errors.Is(err, dkron.ErrNotFound) {
			continue // nobody has created it yet, and a job's owner was warned
		} else if err != nil {
			return err
		}
		if err := tx.AddWaiting(name, o); err != nil {
			return err
		}
	}
	return nil
}
