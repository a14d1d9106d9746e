package history

import (
	"errors"
	"slices"
	"time"

	"dkron"
	"dkron/internal/state"
)

// ExecutionStates are the states of an execution: the first has not ended, the others have.
var ExecutionStates = []string{
	Running, string(dkron.Success), string(dkron.Failed), string(dkron.TimedOut), string(dkron.Stopped), string(dkron.Lost),
}

// ExecutionQuery selects the executions of a page.
type ExecutionQuery struct {
	Query
	Nodes []string // nil selects all
}

func (q *ExecutionQuery) match(e *dkron.Execution) bool {
	return q.Query.match(e.JobName, StateOf(e)) && (len(q.Nodes) == 0 || slices.Contains(q.Nodes, e.NodeName))
}

// Page returns the page's open executions, and calls take for the ended ones, which returns the bytes of output that it
// added to the answer. next is the start of the next page, nil after the last.
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

// open returns the page's executions that have not ended.
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

// eachOpen calls fn for the open launches of the named job, and of deleted jobs of that name.
func eachOpen(tx *state.Tx, job string, fn func(*dkron.Launch) error) error {
	open, err := openNamed(tx, job)
	for i := 0; err == nil && i < len(open); i++ {
		err = fn(open[i])
	}
	return err
}

// ended calls fn for ended executions, with the number of the next older record, until it returns false.
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
