package httpapi

import (
	"errors"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"dkron"
	"dkron/internal/respond"
	"dkron/internal/state"
)

// executionWords are the statuses of an execution, those that have ended behind the first.
var executionWords = []string{
	stateRunning, string(dkron.Success), string(dkron.Failed), string(dkron.TimedOut), string(dkron.Stopped), string(dkron.Lost),
}

// executionQuery is which executions a client wants.
type executionQuery struct {
	*historyQuery
	nodes []string // nil is all
	text  int      // how many bytes of each output
}

func parseExecutionQuery(v url.Values) (*executionQuery, error) {
	q := &executionQuery{nodes: given(v, "node")}
	var err error
	if q.historyQuery, err = parseHistoryQuery(v, "status", executionWords); err != nil {
		return nil, err
	}
	if s := v.Get("output_size_limit"); s != "" {
		if q.text, err = strconv.Atoi(s); err != nil || q.text < 0 {
			return nil, respond.Refuse(http.StatusBadRequest, "output_size_limit must be a number of bytes, 0 or more, not %q", respond.Shorten(s))
		}
	}
	return q, nil
}

func (q *executionQuery) match(e *dkron.Execution) bool {
	return q.historyQuery.match(e.JobName, executionState(e)) && (len(q.nodes) == 0 || slices.Contains(q.nodes, e.NodeName))
}

// listAllExecutions answers the executions of all jobs, a page at a time.
func (a *api) listAllExecutions(w http.ResponseWriter, r *http.Request) error {
	q, err := parseExecutionQuery(r.URL.Query())
	if err != nil {
		return err
	}
	p := &pager{query: q.historyQuery}
	var open []*dkron.Execution
	var ended []*executionJSON
	now := a.now()
	err = a.Store.View(func(tx *state.Tx) (err error) {
		if open, err = q.open(tx, p, now); err != nil || p.next != nil || !q.wantsAny(executionWords[1:]...) {
			return err
		}
		return q.ended(tx, func(e *dkron.Execution, older uint64) bool {
			return !q.tooOld(e.RecordedAt) && p.visit(e.Number, older, q.match(e) && q.matchEnd(e.FinishedAt), func() int {
				one := q.listed(e)
				ended = append(ended, one)
				return len(one.Output)
			})
		})
	})
	if err != nil {
		return err
	}
	if q.text > 0 {
		a.addLive(r.Context(), open[:min(len(open), maxLive)])
	}
	list := make([]*executionJSON, 0, len(open)+len(ended))
	for _, e := range open {
		list = append(list, q.listed(e))
	}
	p.tell(w, r)
	return respond.JSON(w, r, http.StatusOK, append(list, ended...))
}

// open returns the executions in the page that have not ended.
func (q *executionQuery) open(tx *state.Tx, p *pager, now time.Time) (found []*dkron.Execution, err error) {
	if q.after.record != 0 || !q.wantsAny(stateRunning) || !q.matchEnd(now) {
		return nil, nil
	}
	add := func(e *dkron.Execution) bool {
		if begun(e, now) && q.match(e) {
			found = append(found, e)
		}
		return true
	}
	if job := q.only(); job == "" {
		err = tx.OpenExecutions(add)
	} else {
		err = eachOpen(tx, job, func(l *dkron.Launch) error { return tx.LaunchExecutions(l.Number, add) })
	}
	return openPage(p, found, func(e *dkron.Execution) cursor { return cursor{launch: e.Key.Launch, slot: e.Key.Slot} }), err
}

// eachOpen calls fn for the launches that have not ended of the job with a name, and of deleted ones that had it.
func eachOpen(tx *state.Tx, job string, fn func(*dkron.Launch) error) error {
	open, err := openNamed(tx, job)
	for i := 0; err == nil && i < len(open); i++ {
		err = fn(open[i])
	}
	return err
}

// ended calls fn for executions that have ended, with the number of the next older record, until it returns false.
func (q *executionQuery) ended(tx *state.Tx, fn func(e *dkron.Execution, older uint64) bool) error {
	job := q.only()
	if job == "" {
		return tx.Executed(before(q.record()), q.until, func(e *dkron.Execution) bool { return fn(e, e.Number-1) })
	}
	record, err := readRecord(tx, job)
	if errors.Is(err, dkron.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return tx.HistoryFrom(&record.Progress, record.Job.Number, q.record(), func(e *dkron.Execution) bool { return fn(e, e.Prev) })
}

// before returns the number that a list begins before if it begins at a record, 0 if that is the newest.
func before(record uint64) uint64 {
	if record == math.MaxUint64 {
		return 0
	}
	return record + 1
}

// listed returns an execution with as much of its output as is asked for.
func (q *executionQuery) listed(e *dkron.Execution) *executionJSON {
	long := len(e.Output) > q.text
	if long { // most of it is not even copied
		short := *e
		short.Output = tail(e.Output, q.text)
		e = &short
	}
	out := newExecutionJSON(e)
	long = long || len(out.Output) > q.text
	out.Output, out.OutputTruncated = string(tail([]byte(out.Output), q.text)), &long
	return out
}
