package forecast

import (
	"math/rand/v2"
	"slices"
	"time"

	"dkron"
	"dkron/cron"
)

// previewTime limits the search for one job's due times. A schedule that hardly ever fires takes longest.
const previewTime = 2 * time.Second

// Instant is a due time of a job, in UTC and in local time.
type Instant struct {
	At    time.Time
	Local time.Time
	DST   string // how it relates to a clock change; see dstMark
}

// Preview is a job's next due times.
type Preview struct {
	Zone      *time.Location // of the schedule
	Instants  []Instant
	Truncated bool // the search took too long: there may be more
}

// Upcoming returns n due times of a job after an instant, fewer if there are no more. first are due times that are
// included.
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

// AtOnce reports whether a job written now is due now: one with @after within its grace period.
func AtOnce(job *dkron.Job, now time.Time) bool {
	s, err := job.Parse()
	return err == nil && s.First(now).Equal(now) && !now.Before(job.StartsAt) && (job.ExpiresAt.IsZero() || !now.After(job.ExpiresAt))
}

// instants returns n due times of a job, including the given ones; fewer if there are no more, or if the search takes
// longer than limit.
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

// dstMark says how a local time relates to a clock change: "gap" if the run replaces a skipped local time,
// "overlap-first" and "overlap-second" if that local time occurs twice. withoutGaps is the schedule without the runs
// for skipped times.
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
	Nodes    []string // certain to be chosen: none if count leaves a choice
	Count    int      // how many are chosen
	Matching []string // the choice is among these, in order of names
}

// TargetsOf applies the rule of dkron.Targets to nodes and the tags of a job.
func TargetsOf(nodes []dkron.Node, tags map[string]string) (t Targets) {
	rnd := rand.New(rand.NewPCG(0, 0)) // only the number of nodes is used, not the choice
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
