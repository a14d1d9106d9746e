package dkron

import (
	"path"
	"slices"
	"time"

	"dkron/internal/codec"
)

// AlertEvent is something that rules can notice.
type AlertEvent string

// The events. Those of a launch are decided when it has ended, after its last attempt, but for late and long_running.
const (
	AlertFailed       AlertEvent = "failed"        // it failed or took longer than its limit
	AlertFirstFailure AlertEvent = "first_failure" // … and the one before did not
	AlertNthFailure   AlertEvent = "nth_failure"   // … for the n-th time in a row
	AlertRecovered    AlertEvent = "recovered"     // it succeeded after one that did not
	AlertLost         AlertEvent = "lost"
	AlertNoTarget     AlertEvent = "no_target"
	AlertMissed       AlertEvent = "missed"
	AlertSkipped      AlertEvent = "skipped"
	AlertRanLong      AlertEvent = "ran_long"
	AlertRanShort     AlertEvent = "ran_short"
	AlertLate         AlertEvent = "late"         // it did not start in time
	AlertLongRunning  AlertEvent = "long_running" // it still runs, for longer than its limit
	AlertOutput       AlertEvent = "output"       // what an execution printed matches an expression
	AlertChanged      AlertEvent = "changed"      // a job was created, changed or deleted
	AlertObjective    AlertEvent = "objective"    // an objective of the job is not met

	AlertReminder AlertEvent = "reminder" // nobody has acknowledged an open alert; rules can't name it
	AlertTest     AlertEvent = "test"     // somebody tries a channel; rules can't name it

	// What becomes of an open alert with its job; rules can't name them.
	AlertDisabled AlertEvent = "disabled" // there are no reminders until the job is enabled
	AlertDeleted  AlertEvent = "deleted"  // the alert is over with its job

	// What a dead letter of the settings can be about besides a failure; rules can't name them.
	AlertStarted   AlertEvent = "started"
	AlertSucceeded AlertEvent = "succeeded"
)

// alertEvents is what a rule can name, in the order of the guide.
var alertEvents = []AlertEvent{
	AlertFailed, AlertFirstFailure, AlertNthFailure, AlertRecovered, AlertLost, AlertNoTarget, AlertMissed, AlertSkipped,
	AlertRanLong, AlertRanShort, AlertOutput, AlertChanged, AlertLate, AlertLongRunning,
	AlertObjective,
}

// Problem reports whether the event opens an alert, which the job's next success closes.
func (e AlertEvent) Problem() bool {
	switch e {
	case AlertFailed, AlertFirstFailure, AlertNthFailure, AlertLost, AlertNoTarget, AlertMissed, AlertLate, AlertLongRunning,
		AlertObjective:
		return true
	}
	return false
}

// Over reports whether the event is the end of an alert.
func (e AlertEvent) Over() bool { return e == AlertRecovered || e == AlertDeleted }

// AlertSeverity is how urgent what a rule notices is.
type AlertSeverity string

// The severities; the empty one means warning.
const (
	SeverityInfo     AlertSeverity = "info"
	SeverityWarning  AlertSeverity = "warning"
	SeverityCritical AlertSeverity = "critical"
)

// Rank orders severities: the worst has the highest.
func (s AlertSeverity) Rank() int {
	switch s {
	case SeverityCritical:
		return 2
	case SeverityInfo:
		return 0
	}
	return 1
}

// Match selects jobs. All of its parts must hold; an empty one always does.
type Match struct {
	Jobs     []string // patterns of names, such as backup-*; one of them must match
	Owner    string
	Tags     map[string]string // those of the job must have these
	Metadata map[string]string
}

// Fields describes the wire form.
func (m *Match) Fields(w *codec.Wire) {
	w.Since(2)
	w.Strings(1, &m.Jobs)
	w.String(2, &m.Owner)
	w.Map(3, &m.Tags)
	w.Map(4, &m.Metadata)
}

// Named reports whether the patterns fit a name.
func (m *Match) Named(name string) bool {
	return len(m.Jobs) == 0 || slices.ContainsFunc(m.Jobs, func(pattern string) bool {
		ok, err := path.Match(pattern, name)
		return err == nil && ok
	})
}

// Plain reports whether the name alone decides.
func (m *Match) Plain() bool { return m.Owner == "" && len(m.Tags) == 0 && len(m.Metadata) == 0 }

// Has reports whether a job with a name that fits has everything else.
func (m *Match) Has(j *Job) bool {
	holds := func(want, have map[string]string) bool {
		for k, v := range want {
			if is, ok := have[k]; !ok || is != v {
				return false
			}
		}
		return true
	}
	return (m.Owner == "" || m.Owner == j.Owner) && holds(m.Tags, j.Tags) && holds(m.Metadata, j.Metadata)
}

// Quiet is the time of day at which a rule notifies nobody. What it notices then is reported afterwards.
type Quiet struct {
	From, To string // such as 22:00 and 07:00; both empty: there is none
	Zone     string // IANA name; "" is UTC
}

// Fields describes the wire form.
func (q *Quiet) Fields(w *codec.Wire) {
	w.Since(2)
	w.String(1, &q.From)
	w.String(2, &q.To)
	w.String(3, &q.Zone)
}

// clockLayout is how a time of day is written.
const clockLayout = "15:04"

// Holds reports whether it is quiet at an instant. A zone that this server does not know counts as UTC.
func (q *Quiet) Holds(now time.Time) bool {
	from, err1 := time.Parse(clockLayout, q.From)
	to, err2 := time.Parse(clockLayout, q.To)
	if err1 != nil || err2 != nil {
		return false
	}
	zone, err := time.LoadLocation(q.Zone)
	if err != nil {
		zone = time.UTC
	}
	minute := func(t time.Time) int { return t.Hour()*60 + t.Minute() }
	at, a, b := minute(now.In(zone)), minute(from), minute(to)
	if a <= b {
		return a <= at && at < b
	}
	return at >= a || at < b // over midnight
}

// Rule says what people are notified of, for which jobs, and through which channels.
type Rule struct {
	Name     string
	Disabled bool
	On       []AlertEvent
	Match    Match
	Channels []string // in addition to those that the job names
	Severity AlertSeverity

	InARow uint64        // for nth_failure
	Longer time.Duration // for ran_long and long_running; 0 for the latter: much longer than the job usually runs
	Short  time.Duration // for ran_short
	Output string        // for output: a regular expression (RE2)
	Quiet  Quiet
	Remind time.Duration // pause between reminders of an open alert; 0: there are none

	Revision  uint64
	UpdatedAt time.Time
	UpdatedBy string
}

// Fields describes the wire form.
func (r *Rule) Fields(w *codec.Wire) {
	w.Since(2)
	w.String(1, &r.Name)
	w.Bool(2, &r.Disabled)
	names := make([]string, len(r.On))
	for i, e := range r.On {
		names[i] = string(e)
	}
	w.Strings(3, &names)
	if w.Reading() {
		r.On = nil
		for _, name := range names {
			r.On = append(r.On, AlertEvent(name))
		}
	}
	codec.Nested(w, 4, &r.Match)
	w.Strings(5, &r.Channels)
	codec.Text(w, 6, &r.Severity)
	w.Uint(7, &r.InARow)
	w.Duration(8, &r.Longer)
	w.Duration(9, &r.Short)
	w.String(10, &r.Output)
	codec.Nested(w, 11, &r.Quiet)
	w.Duration(12, &r.Remind)
	w.Uint(13, &r.Revision)
	w.Time(14, &r.UpdatedAt)
	w.String(15, &r.UpdatedBy)
}

// Tracks reports whether the rule keeps an alert open until the job succeeds: for reminders, or to report that it is over.
func (r *Rule) Tracks() bool { return r.Remind > 0 || slices.Contains(r.On, AlertRecovered) }

// Ended is what happened when a launch ended, for rules.
type Ended struct {
	State  LaunchState
	Before uint64        // failures in a row before it
	Streak uint64        // … with it
	Took   time.Duration // 0: it did not run
}

// Notices returns what the rule notices in the end of a launch, "" if nothing: the most telling one. A recovery is not
// among it, unless the rule names no problem: otherwise the end of the open alert reports it.
func (r *Rule) Notices(e Ended) AlertEvent {
	for _, on := range r.On {
		if r.holds(on, e) {
			return on
		}
	}
	return ""
}

func (r *Rule) holds(on AlertEvent, e Ended) bool {
	failed := e.State == LaunchFailed || e.State == LaunchTimedOut
	switch on {
	case AlertFailed:
		return failed
	case AlertFirstFailure:
		return failed && e.Streak == 1
	case AlertNthFailure:
		return failed && e.Streak == max(r.InARow, 1)
	case AlertRecovered:
		return e.State == LaunchSuccess && e.Before > 0 && !slices.ContainsFunc(r.On, AlertEvent.Problem)
	case AlertLost, AlertNoTarget, AlertMissed, AlertSkipped:
		return string(e.State) == string(on)
	case AlertRanLong:
		return r.Longer > 0 && e.Took > r.Longer
	case AlertRanShort:
		return e.Took > 0 && e.Took < r.Short && e.State == LaunchSuccess
	}
	return false
}
