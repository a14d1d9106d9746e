package httpapi

import (
	"net/http"
	"net/url"
	"strconv"

	"dkron"
	"dkron/internal/access"
	"dkron/internal/history"
	"dkron/internal/launchform"
	"dkron/internal/respond"
	"dkron/internal/state"
)

// executionQuery selects the executions that a client wants.
type executionQuery struct {
	history.ExecutionQuery
	text int // bytes of each output
}

func parseExecutionQuery(v url.Values) (*executionQuery, error) {
	part, err := parseHistoryQuery(v, "status", history.ExecutionStates)
	if err != nil {
		return nil, err
	}
	q := &executionQuery{ExecutionQuery: history.ExecutionQuery{Query: *part, Nodes: given(v, "node")}}
	if s := v.Get("output_size_limit"); s != "" {
		if q.text, err = strconv.Atoi(s); err != nil || q.text < 0 {
			return nil, respond.Refuse(http.StatusBadRequest, "output_size_limit must be a number of bytes, 0 or more, not %q", respond.Shorten(s))
		}
	}
	return q, nil
}

// listAllExecutions answers with executions of all jobs, one page at a time.
func (a *api) listAllExecutions(w http.ResponseWriter, r *http.Request) error {
	q, err := parseExecutionQuery(r.URL.Query())
	if err != nil {
		return err
	}
	q.May = access.SeesJob(r.Context())
	var open []*dkron.Execution
	var ended []*launchform.Execution
	var next *history.Cursor
	err = a.Store.View(func(tx *state.Tx) (err error) {
		open, next, err = q.Page(tx, a.now(), func(e *dkron.Execution) int {
			one := q.listed(e, a.displayName(e.JobNumber))
			ended = append(ended, one)
			return len(one.Output)
		})
		return err
	})
	if err != nil {
		return err
	}
	if q.text > 0 {
		a.addLive(r.Context(), open[:min(len(open), maxLive)])
	}
	list := make([]*launchform.Execution, 0, len(open)+len(ended))
	for _, e := range open {
		list = append(list, q.listed(e, a.displayName(e.JobNumber)))
	}
	tellNext(w, r, next)
	return respond.JSON(w, r, http.StatusOK, append(list, ended...))
}

// displayName returns a job's display name; "" if it has none or was deleted.
func (a *api) displayName(job uint64) string {
	if j := a.Store.Index().Job(job); j != nil {
		return j.DisplayName
	}
	return ""
}

// listed returns an execution with its job's display name and the part of its output that the client wants.
func (q *executionQuery) listed(e *dkron.Execution, name string) *launchform.Execution {
	long := len(e.Output) > q.text
	if long { // most of it is not even copied
		short := *e
		short.Output = launchform.Tail(e.Output, q.text)
		e = &short
	}
	out := launchform.NewExecution(e)
	out.DisplayName = name
	long = long || len(out.Output) > q.text
	out.Output, out.OutputTruncated = string(launchform.Tail([]byte(out.Output), q.text)), &long
	return out
}
