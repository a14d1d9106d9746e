package history

import (
	"errors"
	"time"

	"dkron"
	"dkron/internal/state"
)

// LaunchStates are the states of a launch: the first three have not ended, the others have.
var LaunchStates = []string{
	string(dkron.LaunchQueued), string(dkron.LaunchWaiting), string(dkron.LaunchRunning), string(dkron.LaunchSuccess),
	string(dkron.LaunchFailed), string(dkron.LaunchTimedOut), string(dkron.LaunchStopped), string(dkron.LaunchLost),
	string(dkron.LaunchSkipped), string(dkron.LaunchMissed), string(dkron.LaunchNoTarget),
}

// Causes are the causes of launches.
var Causes = []string{
	string(dkron.CauseSchedule), string(dkron.CauseCatchup), string(dkron.CauseManual), string(dkron.CauseCreate), string(dkron.CauseParent),
	string(dkron.CauseCheckIn),
}

// LaunchQuery selects the launches of a page.
type LaunchQuery struct {
	Query
	Causes map[string]bool // nil selects all
	Rerun  uint64          // number of the rerun that made them; 0 selects all
}

func (q *LaunchQuery) match(l *dkron.Launch) bool {
	return q.Query.match(l.Job, string(l.State)) && (q.Causes == nil || q.Causes[string(l.Cause)]) && (q.Rerun == 0 || q.Rerun == l.Rerun)
}

// Page returns the launches of the page. next is the start of the next one, nil after the last.
func (q *LaunchQuery) Page(tx *state.Tx, now time.Time) (list []*dkron.Launch, next *Cursor, err error) {
	p := &pager{query: &q.Query}
	if list, err = q.open(tx, p, now); err != nil || p.next != nil || !q.wantsAny(LaunchStates[3:]...) {
		return list, p.next, err
	}
	err = q.ended(tx, func(number uint64, l *dkron.Launch, older uint64) bool {
		return !q.tooOld(l.RecordedAt) && p.visit(number, older, q.match(l) && q.matchEnd(l.EndedAt), func() int {
			list = append(list, l)
			return 0
		})
	})
	return list, p.next, err
}

// open returns the page's launches that have not ended.
func (q *LaunchQuery) open(tx *state.Tx, p *pager, now time.Time) (found []*dkron.Launch, err error) {
	if q.After.record != 0 || !q.wantsAny(LaunchStates[:3]...) || !q.matchEnd(now) {
		return nil, nil
	}
	add := func(l *dkron.Launch) bool {
		if q.match(l) {
			found = append(found, l)
		}
		return true
	}
	if job := q.only(); job == "" {
		err = tx.OpenLaunches(0, add)
	} else {
		err = eachOpen(tx, job, func(l *dkron.Launch) error { add(l); return nil })
	}
	return openPage(p, found, func(l *dkron.Launch) Cursor { return Cursor{launch: l.Number} }), err
}

// ended calls fn for ended launches, with their number and that of the next older record, until it returns false.
func (q *LaunchQuery) ended(tx *state.Tx, fn func(number uint64, l *dkron.Launch, older uint64) bool) error {
	job := q.only()
	if job == "" {
		return tx.Launched(before(q.record()), q.Until, func(n uint64, l *dkron.Launch) bool { return fn(n, l, n-1) })
	}
	j, p, err := tx.Record(job)
	if errors.Is(err, dkron.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	each := func(n uint64, l *dkron.Launch) bool { return fn(n, l, l.Prev) }
	return tx.LaunchHistoryFrom(p, j.Number, q.record(), each)
}
