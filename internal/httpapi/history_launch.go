package httpapi

import (
	"errors"
	"net/http"
	"net/url"
	"time"

	"dkron"
	"dkron/internal/respond"
	"dkron/internal/state"
)

// launchWords are the states of a launch, those that have ended behind the first three.
var launchWords = []string{
	string(dkron.LaunchQueued), string(dkron.LaunchWaiting), string(dkron.LaunchRunning), string(dkron.LaunchSuccess),
	string(dkron.LaunchFailed), string(dkron.LaunchTimedOut), string(dkron.LaunchStopped), string(dkron.LaunchLost),
	string(dkron.LaunchSkipped), string(dkron.LaunchMissed), string(dkron.LaunchNoTarget),
}

var causeWords = []string{
	string(dkron.CauseSchedule), string(dkron.CauseCatchup), string(dkron.CauseManual), string(dkron.CauseCreate), string(dkron.CauseParent),
}

// launchQuery is which launches a client wants.
type launchQuery struct {
	*historyQuery
	causes map[string]bool // nil is all
}

func parseLaunchQuery(v url.Values) (q *launchQuery, err error) {
	q = new(launchQuery)
	if q.historyQuery, err = parseHistoryQuery(v, "state", launchWords); err != nil {
		return nil, err
	}
	q.causes, err = parseWords(v, "cause", causeWords)
	return q, err
}

func (q *launchQuery) match(l *dkron.Launch) bool {
	return q.historyQuery.match(l.Job, string(l.State)) && (q.causes == nil || q.causes[string(l.Cause)])
}

// listAllLaunches answers the launches of all jobs, a page at a time.
func (a *api) listAllLaunches(w http.ResponseWriter, r *http.Request) error {
	q, err := parseLaunchQuery(r.URL.Query())
	if err != nil {
		return err
	}
	p := &pager{query: q.historyQuery}
	list := []*launchJSON{}
	err = a.Store.View(func(tx *state.Tx) error {
		open, err := q.open(tx, p, a.now())
		for _, l := range open {
			list = append(list, newLaunchJSON(l))
		}
		if err != nil || p.next != nil || !q.wantsAny(launchWords[3:]...) {
			return err
		}
		return q.ended(tx, func(number uint64, l *dkron.Launch, older uint64) bool {
			return !q.tooOld(l.RecordedAt) && p.visit(number, older, q.match(l) && q.matchEnd(l.EndedAt), func() int {
				list = append(list, newLaunchJSON(l))
				return 0
			})
		})
	})
	if err != nil {
		return err
	}
	p.tell(w, r)
	return respond.JSON(w, r, http.StatusOK, list)
}

// open returns the launches in the page that have not ended.
func (q *launchQuery) open(tx *state.Tx, p *pager, now time.Time) (found []*dkron.Launch, err error) {
	if q.after.record != 0 || !q.wantsAny(launchWords[:3]...) || !q.matchEnd(now) {
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
	return openPage(p, found, func(l *dkron.Launch) cursor { return cursor{launch: l.Number} }), err
}

// ended calls fn for launches that have ended, with their number and that of the next older record, until it returns
// false.
func (q *launchQuery) ended(tx *state.Tx, fn func(number uint64, l *dkron.Launch, older uint64) bool) error {
	job := q.only()
	if job == "" {
		return tx.Launched(before(q.record()), q.until, func(n uint64, l *dkron.Launch) bool { return fn(n, l, n-1) })
	}
	record, err := readRecord(tx, job)
	if errors.Is(err, dkron.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	each := func(n uint64, l *dkron.Launch) bool { return fn(n, l, l.Prev) }
	return tx.LaunchHistoryFrom(&record.Progress, record.Job.Number, q.record(), each)
}
