package objective

import (
	"time"

	"dkron"
	"dkron/cron"
)

// Deadlines that are a time of day are looked for within a week, since their days are days of the week.
const week = 8 * 24 * time.Hour

// day is how long before a deadline a success may be that meets it: else one of Saturday would do for Monday's.
const day = 24 * time.Hour

// deadline judges whether the job has succeeded before a time of day. A success within 24 hours before it counts, if it is
// after the deadline before. One after it is late, but better than none: the objective is met again.
func (f *facts) deadline(s *cron.Schedule) Finding {
	var before, last time.Time // the last deadline that has passed, and the one before
	next := s.Next(f.now.Add(-week))
	for ; !next.IsZero() && !next.After(f.now); next = s.Next(next) {
		before, last = last, next
	}
	good := f.succeeded()
	if last.After(f.begin()) {
		if from := latest(before, last.Add(-day)); !good.After(from) {
			return Finding{State: Broken, At: last, Reason: "it did not succeed between " + f.text(latest(from, f.begin())) + " and " + f.text(last) + "; " + f.lastSuccess()}
		}
	}
	if next.IsZero() {
		return Finding{State: Met}
	}
	from := latest(last, next.Add(-day))
	switch ends := f.ends(); {
	case good.After(from):
		return Finding{State: Met}
	case ends.After(next):
		return Finding{State: AtRisk, At: next, Reason: "its next run will end about " + f.text(ends) + ", after " + f.text(next)}
	case ends.IsZero() && !f.job.Child() && !f.job.ChecksIn(): // when it will run next is known elsewhere
		return Finding{State: AtRisk, At: next, Reason: "nothing is due before " + f.text(next)}
	case good.IsZero():
		return Finding{State: Unknown, At: next, Reason: "it has not succeeded yet"}
	}
	return Finding{State: Met, At: next}
}

// ended judges whether the job has succeeded within a time after each due time.
func (f *facts) ended(limit time.Duration) Finding {
	good := f.succeeded()
	var oldest time.Time // due time that has not led to a success
	note := func(nominal time.Time) {
		if !nominal.IsZero() && (oldest.IsZero() || nominal.Before(oldest)) {
			oldest = nominal
		}
	}
	note(f.pending())
	for _, l := range f.open {
		note(l.Nominal)
	}
	last := f.p.Last
	if last != nil && last.State != dkron.LaunchSuccess && last.State != dkron.LaunchSkipped && last.Nominal.After(good) {
		note(last.Nominal)
	}
	if !oldest.IsZero() {
		at := oldest.Add(limit)
		reason := "it was due at " + f.text(oldest) + "; " + f.lastSuccess()
		switch ends := f.ends(); {
		case !f.now.Before(at):
			return Finding{State: Broken, At: at, Reason: reason}
		case ends.After(at):
			return Finding{State: AtRisk, At: at, Reason: reason + "; its next run will end about " + f.text(ends)}
		}
		return Finding{State: Met, At: at}
	}
	switch {
	case last == nil:
		return f.untilDue(Finding{State: Unknown, Reason: "it has not run yet"}, limit)
	case last.State == dkron.LaunchSuccess && last.EndedAt.Sub(last.Nominal) > limit:
		return Finding{State: Broken, At: last.Nominal.Add(limit), Reason: "its last run ended " + short(last.EndedAt.Sub(last.Nominal)) + " after it was due"}
	case f.p.Usual() > limit:
		return f.untilDue(Finding{State: AtRisk, Reason: "it usually takes " + short(f.p.Usual())}, limit)
	}
	return f.untilDue(Finding{State: Met}, limit)
}
