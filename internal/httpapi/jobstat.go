package httpapi

import (
	"net/http"
	"slices"
	"time"

	"dkron"
	"dkron/internal/respond"
	"dkron/internal/state"
)

// jobStatsJSON is what the history of a job comes to. Every attempt counts.
type jobStatsJSON struct {
	Executions  int         `json:"executions"`
	SuccessRate *float64    `json:"success_rate"` // 0 to 1; none without executions
	DurationMS  percentiles `json:"duration_ms"`
	LatenessMS  percentiles `json:"lateness_ms"`
	Since       *time.Time  `json:"since"` // start of the oldest execution that counts
}

// percentiles are values that occurred: the smallest that is not exceeded by so many percent of all. They are null
// without any.
type percentiles struct {
	P50 *int64 `json:"p50"`
	P95 *int64 `json:"p95"`
	Max *int64 `json:"max"`
}

func newPercentiles(values []int64) percentiles {
	if len(values) == 0 {
		return percentiles{}
	}
	slices.Sort(values)
	at := func(percent int) *int64 { return &values[(len(values)*percent+99)/100-1] }
	return percentiles{at(50), at(95), at(100)}
}

func (a *api) getJobStats(w http.ResponseWriter, r *http.Request) error {
	var out jobStatsJSON
	var durations, latenesses []int64
	var since time.Time
	succeeded := 0
	err := a.Store.View(func(tx *state.Tx) error {
		record, err := readRecord(tx, r.PathValue("job"))
		if err != nil {
			return err
		}
		return tx.History(&record.Progress, func(e *dkron.Execution) bool {
			out.Executions++
			if e.Outcome == dkron.Success {
				succeeded++
			}
			if e.StartedAt.IsZero() || e.FinishedAt.IsZero() {
				return true // nobody knows when it ran
			}
			durations = append(durations, e.FinishedAt.Sub(e.StartedAt).Milliseconds())
			latenesses = append(latenesses, e.Lateness().Milliseconds())
			if since.IsZero() || e.StartedAt.Before(since) {
				since = e.StartedAt
			}
			return true
		})
	})
	if err != nil {
		return err
	}
	if out.Executions > 0 {
		rate := float64(succeeded) / float64(out.Executions)
		out.SuccessRate = &rate
	}
	out.DurationMS, out.LatenessMS, out.Since = newPercentiles(durations), newPercentiles(latenesses), nullable(since)
	return respond.JSON(w, r, http.StatusOK, out)
}
