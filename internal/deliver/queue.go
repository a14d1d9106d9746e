package deliver

import (
	"slices"
	"time"

	"dkron"
	"dkron/internal/clock"
)

// line names a queue: a job's processors, or one of its channels. Channels have a queue each, since they don't wait for each
// other.
type line struct {
	job     uint64
	channel string // empty for processors
}

// target is what calls are counted by: a processor or a channel.
type target struct {
	channel bool
	name    string
}

// queue is what is to be delivered of one job to its processors, or through one channel. Its calls are made one after the
// other.
type queue struct {
	line
	lanes   map[string]*lane
	updated int64 // when the job was written, as far as is known here
	running bool  // a call goes on, for which the others wait
	held    bool
}

func (q *queue) target(l *lane) target { return target{q.channel != "", l.name} }

// lane is what is to be delivered of one job to one processor or channel, in order. A failure stops it for a while, and no other.
type lane struct {
	name     string
	waiting  []entry
	failures uint64 // in a row
	blocked  time.Time
	busy     bool // a call goes on, perhaps one that hangs
	parked   bool
}

// entry is a delivery, and the place of its target among all.
type entry struct {
	number uint64
	place  int
	letter uint64    // the dead letter that is sent again; 0 if it is none
	after  time.Time // when it may begin at the earliest
}

func (q *queue) add(t *dkron.DeliveryTarget, d *dkron.Delivery, place int) {
	l := q.lanes[t.Name]
	if l == nil {
		l = &lane{name: t.Name}
		q.lanes[t.Name] = l
	}
	if len(l.waiting) == 0 && t.Attempts > l.failures { // another leader has tried it
		l.failures, l.blocked = t.Attempts, time.Now().Add(min(clock.Until(t.Next), longestPause))
	}
	e := entry{number: d.Number, place: place, letter: d.Message}
	if t.Attempts == 0 && !t.Next.IsZero() { // the attempt starts later
		e.after = time.Now().Add(clock.Until(t.Next))
	}
	l.waiting = append(l.waiting, e)
	if e.letter != 0 && t.Attempts == 0 { // somebody asks for it now
		l.failures, l.blocked = 0, time.Time{}
	}
}

// next returns the lane whose turn it is: that of the oldest delivery, and of its first target, among those that may be
// called now. If there is none, it returns when one may be, the zero time if that is not known.
func (q *queue) next(now time.Time, free func(*lane) bool) (first *lane, later time.Time) {
	for _, l := range q.lanes {
		if len(l.waiting) == 0 || l.busy {
			continue
		}
		switch at := l.ready(now); {
		case at.After(now):
			if later.IsZero() || at.Before(later) {
				later = at
			}
		case first != nil && !l.before(first):
		case free(l):
			first = l
		}
	}
	return first, later
}

// ready puts the first entry that may begin now at the front, and returns when it, or else the next one, may begin.
func (l *lane) ready(now time.Time) time.Time {
	first := 0
	for i, e := range l.waiting {
		if !e.after.After(now) {
			first = i
			break
		}
		if e.after.Before(l.waiting[first].after) {
			first = i
		}
	}
	if first > 0 {
		e := l.waiting[first]
		l.waiting = slices.Insert(slices.Delete(l.waiting, first, first+1), 0, e)
	}
	if at := l.waiting[0].after; at.After(l.blocked) {
		return at
	}
	return l.blocked
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
