package httpapi

import (
	"net/http"
	"time"

	"dkron/internal/history"
	"dkron/internal/respond"
	"dkron/internal/state"
)

// jobStatsJSON is statistics of a job's history. Every attempt counts.
type jobStatsJSON struct {
	Executions  int         `json:"executions"`
	Stopped     int         `json:"stopped"`      // of these: neither success nor failure
	SuccessRate *float64    `json:"success_rate"` // 0 to 1, of those that were not stopped; null without any
	DurationMS  percentiles `json:"duration_ms"`
	LatenessMS  percentiles `json:"lateness_ms"`
	Since       *time.Time  `json:"since"` // start of the oldest execution that counts
}

// percentiles are values that occurred: the smallest that this percentage of all do not exceed. They are null if there
// are no values.
type percentiles struct {
	P50 *int64 `json:"p50"`
	P95 *int64 `json:"p95"`
	Max *int64 `json:"max"`
}

func newPercentiles(p *history.Percentiles) percentiles {
	if p == nil {
		return percentiles{}
	}
	return percentiles{&p.P50, &p.P95, &p.Max}
}

func (a *api) getJobStats(w http.ResponseWriter, r *http.Request) error {
	var found *history.Stats
	err := a.Store.View(func(tx *state.Tx) error {
		_, p, err := tx.Record(r.PathValue("job"))
		if err == nil {
			found, err = history.StatsOf(tx, p)
		}
		return err
	})
	if err != nil {
		return err
	}
	out := jobStatsJSON{
		Executions: found.Executions, Stopped: found.Stopped, DurationMS: newPercentiles(found.Duration), LatenessMS: newPercentiles(found.Lateness),
		Since: respond.Nullable(found.Since),
	}
	if judged := found.Executions - found.Stopped; judged > 0 {
		rate := float64(found.Succeeded) / float64(judged)
		out.SuccessRate = &rate
	}
	return respond.JSON(w, r, http.StatusOK, out)
}
