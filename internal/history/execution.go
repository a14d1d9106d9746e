package history

import (
	"errors"
	"slices"
	"time"

	"dkron"
	"dkron/internal/state"
)

// ExecutionStates are the statuses of an execution, those that have ended after the first.
var ExecutionStates = []string{
	Running, string(dkron.Success), string(dkron.Failed), string(dkron.TimedOut), string(dkron.Stopped), string(dkron.Lost),
}

// ExecutionQuery is which executions a page shows.
type ExecutionQuery struct {
	Query
	Nodes []string // nil is all
}

func (q *ExecutionQuery) match(e *dkron.Execution) bool {
	return q.Query.match(e.JobName, StateOf(e)) && (len(q.Nodes) == 0 || slices.Contains(q.Nodes, e.NodeName))
}

// Page returns the executions in the page that have not ended, and calls take for those that have, which returns how many
// bytes of output it has put into the answer. next is where the next page begins, nil if this is the last.
func (q *ExecutionQuery) Page(tx *state.Tx, now time.Time, take func(*dkron.Execution) int) (open []*dkron.Execution, next *Cursor, err error) {
	p := &pager{query: &q.Query}
	if open, err = q.open(tx, p, now); err != nil || p.next != nil || !q.wantsAny(ExecutionStates[1:]...) {
		return open, p.next, err
	}
	err = q.ended(tx, func(e *dkron.Execution, older uint64) bool {
		return !q.tooOld(e.RecordedAt) && p.visit(e.Number, older, q.match(e) && q.matchEnd(e.FinishedAt), func() int { return take(e) })
	})
	return open, p.next, err
}

// open returns the executions in the page that have not ended.
func (q *ExecutionQuery) open(tx *state.Tx, p *pager, now time.Time) (found []*dkron.Execution, err error) {
	if q.After.record != 0 || !q.wantsAny(Running) || !q.matchEnd(now) {
		return nil, nil
	}
	add := func(e *dkron.Execution) bool {
		if Begun(e, now) && q.match(e) {
			found = append(found, e)
		}
		return true
	}
	if job := q.only(); job == "" {
		err = tx.OpenExecutions(add)
	} else {
		err = eachOpen(tx, job, func(l *dkron.Launch) error { return tx.LaunchExecutions(l.Number, add) })
	}
	return openPage(p, found, func(e *dkron.Execution) Cursor { return Cursor{launch: e.Key.Launch, slot: e.Key.Slot} }), err
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
func (q *ExecutionQuery) ended(tx *state.Tx, fn func(e *dkron.Execution, older uint64) bool) error {
	job := q.only()
	if job == "" {
		return tx.Executed(before(q.record()), q.Until, func(e *dkron.Execution) bool { return fn(e, e.Number-1) })
	}
	j, p, err := tx.Record(job)
	if errors.Is(err, dkron.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return tx.HistoryFrom(p, j.Number, q.record(), func(e *dkron.Execution) bool { return fn(e, e.Prev) })
}
