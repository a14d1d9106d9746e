package forecast

import (
	"math/rand/v2"
	"slices"
	"time"

	"dkron"
	"dkron/cron"
)

// previewTime is how long it may take to look for the instants of a job. A schedule that hardly ever fires costs the most.
const previewTime = 2 * time.Second

// Instant is a due time of a job, in UTC and as the clock of its zone shows it.
type Instant struct {
	At    time.Time
	Local time.Time
	DST   string // what the clock does at that moment; see dstMark
}

// Preview is what is to come of a job.
type Preview struct {
	Zone      *time.Location // in which the schedule is read
	Instants  []Instant
	Truncated bool // there may be more: looking for them took too long
}

// Upcoming returns n due times of a job after an instant; fewer if there are no more. first are due times that count among
// them.
func Upcoming(job *dkron.Job, first []time.Time, after time.Time, n int) (*Preview, error) {
	s, err := job.Parse()
	if err != nil {
		return nil, err
	}
	skipping := *job
	skipping.DST.Gap = "skip"
	withoutGaps, err := skipping.Parse()
	if err != nil {
		return nil, err
	}
	due, tooLong := instants(job, s, first, after, n, previewTime)
	out := &Preview{Zone: s.Location(), Truncated: tooLong}
	for _, at := range due {
		local := at.In(s.Location())
		out.Instants = append(out.Instants, Instant{at, local, dstMark(local, withoutGaps)})
	}
	return out, nil
}

// AtOnce reports whether a job that is written now is due now: one with @after that is written within its grace period.
func AtOnce(job *dkron.Job, now time.Time) bool {
	s, err := job.Parse()
	return err == nil && s.First(now).Equal(now) && !now.Before(job.StartsAt) && (job.ExpiresAt.IsZero() || !now.After(job.ExpiresAt))
}

// instants returns n due instants of a job, those that are given among them; fewer if there are no more, or if looking
// for them takes longer than the limit.
func instants(job *dkron.Job, s *cron.Schedule, due []time.Time, after time.Time, n int, limit time.Duration) (_ []time.Time, tooLong bool) {
	began := time.Now()
	for len(due) < n {
		next := job.After(s, after)
		if next.IsZero() || next.In(s.Location()).Year() > 9999 { // RFC 3339 ends there
			return due, false
		}
		due, after = append(due, next), next
		if time.Since(began) > limit {
			return due, len(due) < n
		}
	}
	return due, false
}

// dstMark says what a clock change has to do with an instant: "gap" if it stands for a local time that the clock skips,
// "overlap-first" and "overlap-second" if the clock shows its local time twice. withoutGaps is the schedule as it would
// be without the runs for skipped times.
func dstMark(local time.Time, withoutGaps *cron.Schedule) string {
	start, end := local.ZoneBounds()
	if back := offset(local) - offset(end); !end.IsZero() && back > 0 && end.Sub(local) <= back {
		return "overlap-first"
	}
	if start.IsZero() {
		return ""
	}
	shift := offset(start) - offset(start.Add(-time.Second))
	switch since := local.Sub(start); {
	case shift < 0 && since < -shift:
		return "overlap-second"
	case shift > 0 && since == 0 && !withoutGaps.Next(local.Add(-1)).Equal(local):
		return "gap"
	}
	return ""
}

func offset(t time.Time) time.Duration {
	_, seconds := t.Zone()
	return time.Duration(seconds) * time.Second
}

// Targets is the nodes that a launch would run on.
type Targets struct {
	Nodes    []string // sure to be chosen: none if count leaves a choice
	Count    int      // how many are chosen
	Matching []string // among these, in order of name
}

// TargetsOf applies the rule of dkron.Targets to nodes and the tags of a job.
func TargetsOf(nodes []dkron.Node, tags map[string]string) (t Targets) {
	rnd := rand.New(rand.NewPCG(0, 0)) // only the number of nodes is used, not which are chosen
	chosen := dkron.Targets(nodes, tags, rnd)
	if t.Count = len(chosen); t.Count == 0 { // a count of 0 is no node
		return t
	}
	t.Matching = slices.Clone(dkron.Matching(nodes, tags))
	slices.Sort(t.Matching)
	if t.Count == len(t.Matching) {
		t.Nodes = chosen
	}
	return t
}
