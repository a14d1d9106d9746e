package httpapi

import (
	"net/http"
	"net/url"
	"slices"
	"time"

	"dkron/internal/history"
	"dkron/internal/respond"
	"dkron/internal/state"
)

// day is how far back figures by the minute exist.
const day = 24 * time.Hour

// steps are the possible lengths of a sum. Each divides a day.
var steps = []time.Duration{time.Minute, defaultStep, 15 * time.Minute, time.Hour}

const defaultStep = 5 * time.Minute

type minuteJSON struct {
	At           time.Time    `json:"at"`
	SuccessCount uint64       `json:"success_count"`
	FailedCount  uint64       `json:"failed_count"`
	StoppedCount uint64       `json:"stopped_count"` // part of failed_count
	NotRunCount  uint64       `json:"not_run_count"`
	LatenessMS   *percentiles `json:"lateness_ms"` // null if nothing started
}

type minutesJSON struct {
	Step    string       `json:"step"`
	Minutes []minuteJSON `json:"minutes"`
}

func (a *api) getMinutes(w http.ResponseWriter, r *http.Request) error {
	v := r.URL.Query()
	step, err := parseStep(v)
	if err != nil {
		return err
	}
	since, err := parseTime(v, "since")
	if err != nil {
		return err
	}
	end := a.now().UTC().Truncate(step).Add(step) // including the current one
	from := end.Add(-day)
	if since = since.UTC().Truncate(step); since.After(from) {
		from = since
	}
	figures, err := read(a, func(tx *state.Tx) ([]state.Minute, error) { return history.Minutes(tx, from, end, step) })
	if err != nil {
		return err
	}
	out := minutesJSON{Step: step.String(), Minutes: make([]minuteJSON, 0, len(figures))}
	for i := range figures {
		out.Minutes = append(out.Minutes, newMinuteJSON(from.Add(time.Duration(i)*step), &figures[i]))
	}
	return respond.JSON(w, r, http.StatusOK, out)
}

func newMinuteJSON(at time.Time, m *state.Minute) minuteJSON {
	out := minuteJSON{At: at, SuccessCount: m.Successes, FailedCount: m.Failures, StoppedCount: m.Stopped, NotRunCount: m.NotRun}
	if m.Lateness.Count() > 0 {
		p50, p95, most := int64(m.Lateness.Percentile(50)), int64(m.Lateness.Percentile(95)), int64(m.Lateness.Max)
		out.LatenessMS = &percentiles{&p50, &p95, &most}
	}
	return out
}

func parseStep(v url.Values) (time.Duration, error) {
	s := v.Get("step")
	if s == "" {
		return defaultStep, nil
	}
	step, err := time.ParseDuration(s)
	if err != nil || !slices.Contains(steps, step) {
		return 0, respond.Refuse(http.StatusBadRequest, "step must be one of 1m, 5m, 15m, 1h, not %q", respond.Shorten(s))
	}
	return step, nil
}
