package deliver

import (
	"time"

	"dkron"
	"dkron/internal/clock"
)

// queue is what is to be delivered of one job. Its calls are made one after the other.
type queue struct {
	job     uint64
	lanes   map[string]*lane
	updated int64 // when the job was written, as far as is known here
	running bool  // a call goes on, for which the others wait
	held    bool
}

// lane is what is to be delivered of one job to one processor, in order. A failure stops it for a while, and no other.
type lane struct {
	name     string
	waiting  []entry
	failures uint64 // in a row
	blocked  time.Time
	busy     bool // a call goes on, perhaps one that hangs
	parked   bool
}

// entry is a delivery, and the processor's place among its targets.
type entry struct {
	number uint64
	place  int
}

func (q *queue) add(t *dkron.DeliveryTarget, number uint64, place int) {
	l := q.lanes[t.Name]
	if l == nil {
		l = &lane{name: t.Name}
		q.lanes[t.Name] = l
	}
	if len(l.waiting) == 0 && t.Attempts > l.failures { // another leader has tried it
		l.failures, l.blocked = t.Attempts, time.Now().Add(min(clock.Until(t.Next), longestPause))
	}
	l.waiting = append(l.waiting, entry{number, place})
}

// next returns the lane whose turn it is: that of the oldest delivery, and of its first target, among those that may be
// called now. If there is none, it returns when one may be, the zero time if that is not known.
func (q *queue) next(now time.Time, free func(*lane) bool) (first *lane, later time.Time) {
	for _, l := range q.lanes {
		switch {
		case len(l.waiting) == 0 || l.busy:
		case l.blocked.After(now):
			if later.IsZero() || l.blocked.Before(later) {
				later = l.blocked
			}
		case first != nil && !l.before(first):
		case free(l):
			first = l
		}
	}
	return first, later
}

func (l *lane) before(other *lane) bool {
	a, b := l.waiting[0], other.waiting[0]
	return a.number < b.number || a.number == b.number && a.place < b.place
}

// unblock lets all lanes try again at once.
func (q *queue) unblock() {
	for _, l := range q.lanes {
		l.blocked, l.failures = time.Time{}, 0
	}
}

// idle reports whether nothing is left to do for the job, and nothing of it goes on.
func (q *queue) idle() bool {
	if q.running || q.held {
		return false
	}
	for _, l := range q.lanes {
		if len(l.waiting) > 0 || l.busy || l.parked {
			return false
		}
	}
	return true
}
