package gossip

import (
	"slices"
	"sync"
	"time"

	"github.com/hashicorp/serf/serf"
)

// queueLimit is the number of waiting events above which only the newest of each member is kept.
const queueLimit = 4096

// queue decouples serf, which must never wait, from the receivers of events, who may take their time.
type queue struct {
	limit int

	mu      sync.Mutex // guards what follows
	waiting []Event
	wake    chan struct{} // capacity 1
}

func newQueue(limit int) *queue { return &queue{limit: limit, wake: make(chan struct{}, 1)} }

func (q *queue) put(events ...Event) {
	q.mu.Lock()
	q.waiting = append(q.waiting, events...)
	if len(q.waiting) > q.limit {
		q.waiting = newest(q.waiting)
		q.limit = max(q.limit, 2*len(q.waiting)) // more members than the limit: do not do this every time
	}
	q.mu.Unlock()
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

func (q *queue) take() []Event {
	q.mu.Lock()
	defer q.mu.Unlock()
	events := q.waiting
	q.waiting = nil
	return events
}

// newest keeps the last event of each member, in order.
func newest(events []Event) []Event {
	seen := map[string]bool{}
	var kept []Event
	for _, e := range slices.Backward(events) {
		if !seen[e.Member.Name] {
			seen[e.Member.Name] = true
			kept = append(kept, e)
		}
	}
	slices.Reverse(kept)
	return kept
}

// collect takes serf's events until it stops, and passes each to note at once; events that are not about members are
// dropped.
func (q *queue) collect(from <-chan serf.Event, note func(Event), stop <-chan struct{}) {
	for {
		select {
		case e := <-from:
			me, ok := e.(serf.MemberEvent)
			if !ok {
				continue
			}
			var events []Event
			for _, m := range me.Members {
				e := eventOf(me.Type, m)
				note(e)
				events = append(events, e)
			}
			q.put(events...)
		case <-stop:
			return
		}
	}
}

// source is where deliver reads the members.
type source interface {
	Members() []Member
	// refresh reports whether members have changed without an event.
	refresh() bool
}

// deliver hands each event to onEvent, and the members to h once for all events that are waiting, and when they have
// changed without one. onEvent and h may be nil.
func (q *queue) deliver(onEvent func(Event), h Handler, from source, stop <-chan struct{}) {
	tick := time.NewTicker(refreshEvery)
	defer tick.Stop()
	for {
		changed := true
		select {
		case <-q.wake:
		case <-tick.C:
			changed = from.refresh()
		case <-stop:
			return
		}
		for _, e := range q.take() {
			if onEvent != nil {
				onEvent(e)
			}
			select {
			case <-stop:
				return
			default:
			}
		}
		if h != nil && changed {
			h.Set(from.Members())
		}
	}
}
