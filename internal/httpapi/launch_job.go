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

// summaryTime is for the search; what was found by then is returned.
const summaryTime = 2 * time.Second

// getLaunchJobs answers with the launches of each job, joined to bands as far as necessary.
func (a *api) getLaunchJobs(w http.ResponseWriter, r *http.Request) error {
	q, err := a.parseSummaryQuery(r.URL.Query())
	if err != nil {
		return err
	}
	found, err := read(a, func(tx *state.Tx) (*history.Summary, error) {
		return q.Summarize(r.Context(), tx, a.Store.Index(), a.now(), time.Now().Add(summaryTime))
	})
	if err != nil {
		return err
	}
	return respond.JSON(w, r, http.StatusOK, found)
}

// getExecutionNodes answers with the executions on each node, joined to bands as far as necessary.
func (a *api) getExecutionNodes(w http.ResponseWriter, r *http.Request) error {
	v := r.URL.Query()
	part, err := a.parseSummaryQuery(v)
	if err != nil {
		return err
	}
	q := &history.NodeQuery{SummaryQuery: *part, Nodes: given(v, "node"), DisplayName: a.displayName}
	if q.Words, err = parseWords(v, "state", history.ExecutionStates); err != nil {
		return err
	}
	found, err := read(a, func(tx *state.Tx) (*history.NodeSummary, error) {
		return q.Summarize(r.Context(), tx, a.now(), time.Now().Add(summaryTime))
	})
	if err != nil {
		return err
	}
	return respond.JSON(w, r, http.StatusOK, found)
}

func (a *api) parseSummaryQuery(v url.Values) (*history.SummaryQuery, error) {
	now := a.now()
	jobs, err := parseSelection(v, now)
	if err != nil {
		return nil, err
	}
	q := &history.SummaryQuery{Every: jobs.All(), Sums: asks(v, "sums")}
	if !q.Every {
		q.Only = slices.Collect(jobs.Each(a.Store.Index()))
	}
	if err := parseLaunchWords(v, history.LaunchStates, &q.LaunchQuery); err != nil {
		return nil, err
	}
	if q.Until, err = parseInstant(v, "until", now.Add(time.Second)); err != nil { // includes what has not ended
		return nil, err
	}
	if q.Since, err = parseInstant(v, "from", q.Until.Add(-dueSpan)); err != nil {
		return nil, err
	}
	if q.Until.Before(q.Since) {
		return nil, respond.Refuse(http.StatusBadRequest, "until must not be before from, which is %s", q.Since.Format(time.RFC3339))
	}
	q.Most, err = parseLimit(v, defaultBands, maxBands)
	return q, err
}
