package history

import (
	"slices"
	"time"

	"dkron"
	"dkron/internal/state"
)

// Stats is statistics of a job's history. Every attempt counts.
type Stats struct {
	Executions, Succeeded int
	Stopped               int          // by a person's wish or because a newer launch replaced them
	Duration, Lateness    *Percentiles // nil if no run time is known
	Since                 time.Time    // start of the oldest execution that counts; zero if none
}

// Percentiles are values in milliseconds that occurred: the smallest that this percentage of all do not exceed.
type Percentiles struct{ P50, P95, Max int64 }

func percentiles(values []int64) *Percentiles {
	if len(values) == 0 {
		return nil
	}
	slices.Sort(values)
	at := func(percent int) int64 { return values[(len(values)*percent+99)/100-1] }
	return &Percentiles{at(50), at(95), at(100)}
}

// StatsOf computes the statistics of a job, given its progress.
func StatsOf(tx *state.Tx, p *dkron.Progress) (*Stats, error) {
	out := new(Stats)
	var durations, latenesses []int64
	err := tx.History(p, func(e *dkron.Execution) bool {
		out.Executions++
		switch e.Outcome {
		case dkron.Success:
			out.Succeeded++
		case dkron.Stopped:
			out.Stopped++
		}
		if e.StartedAt.IsZero() || e.FinishedAt.IsZero() {
			return true // unknown when it ran
		}
		durations = append(durations, e.FinishedAt.Sub(e.StartedAt).Milliseconds())
		latenesses = append(latenesses, e.Lateness().Milliseconds())
		if out.Since.IsZero() || e.StartedAt.Before(out.Since) {
			out.Since = e.StartedAt
		}
		return true
	})
	out.Duration, out.Lateness = percentiles(durations), percentiles(latenesses)
	return out, err
}

// Minutes returns the figures of [from, end) in steps of a length that divides it.
func Minutes(tx *state.Tx, from, end time.Time, step time.Duration) ([]state.Minute, error) {
	figures := make([]state.Minute, max(0, int(end.Sub(from)/step)))
	err := tx.Minutes(from, end, func(at time.Time, m *state.Minute) { figures[at.Sub(from)/step].Merge(m) })
	return figures, err
}
