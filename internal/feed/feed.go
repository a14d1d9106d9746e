package feed

import (
	"net/http"
	"time"

	"dkron/internal/respond"
	"dkron/internal/state"
)

const (
	batch = 256 // events that are read at once
	// markEvery is the number of filtered-out events after which the client gets a position mark, so that it can resume
	// from there.
	markEvery = 4096
	// aheadTime limits the wait for this server when a client has seen more on another one.
	aheadTime = 5 * time.Second
)

// Feed sends events to any number of clients.
type Feed struct {
	Log     *state.Events
	Streams *respond.Streams
	Watcher Watcher       // nil: no events of members and leaders
	Leader  func() string // its name; "" if there is none
	// May reports whether the client may see events of a job. nil: of all.
	May func(job string) bool
}

// Watcher reports changes that are not in the log. Each method returns a channel that is closed at the next change.
type Watcher interface {
	MembersChanged() <-chan struct{}
	LeaderChanged() <-chan struct{}
}

// Events that are not in the log.
const (
	memberChanged state.EventType = "member.changed"
	leaderChanged state.EventType = "leader.changed"
	reset         state.EventType = "reset" // what the client shows may be wrong: it must read it again
)

// Follow answers with events until the client disconnects: those in the log with their position, the same on every
// server, and changes in the cluster that this server sees. An error means that nothing has been written.
func (f *Feed) Follow(w http.ResponseWriter, r *http.Request) error {
	q, err := parseQuery(r.URL.Query())
	if err != nil {
		return err
	}
	q.may = f.May
	t := &teller{events: f.Log, query: q}
	t.at = t.events.Last()
	after := respond.ResumeFrom(r, "after")
	if after != "" {
		if t.at, err = parsePosition(after); err != nil {
			return err
		}
	}
	if t.stream, err = f.Streams.Begin(w, r); err != nil {
		return err
	}
	defer t.stream.Close()
	if t.catchUp() != nil {
		return nil
	}
	var members, leader <-chan struct{}
	if f.Watcher != nil {
		members, leader = f.Watcher.MembersChanged(), f.Watcher.LeaderChanged()
	}
	for {
		more, err := t.tell()
		if err != nil || !t.stream.Wait(more, members, leader) {
			return nil
		}
		var local []respond.Event
		if f.Watcher != nil && closed(members) {
			members = f.Watcher.MembersChanged()
			local = t.add(local, &eventJSON{Type: memberChanged})
		}
		if f.Watcher != nil && closed(leader) {
			leader = f.Watcher.LeaderChanged()
			local = t.add(local, &eventJSON{Type: leaderChanged, NodeName: f.Leader()})
		}
		if t.stream.Send(local...) != nil {
			return nil
		}
	}
}

func closed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// teller sends the log's events to one client.
type teller struct {
	events *state.Events
	query  *query
	stream *respond.Stream
	at     state.Position // of the latest event that was sent or skipped
	passed int            // events skipped since the client got a position
}

func (t *teller) add(list []respond.Event, e *eventJSON) []respond.Event {
	if t.query.types[e.Type] {
		list = append(list, e.event())
	}
	return list
}

// catchUp waits up to aheadTime for this server to reach the client's position. If it does not, this is not the log
// that the client knows.
func (t *teller) catchUp() error {
	over := time.NewTimer(aheadTime)
	defer over.Stop()
	for t.events.Last().Before(t.at) {
		_, more, _ := t.events.After(t.at, 0)
		if !t.events.Last().Before(t.at) {
			break
		}
		select {
		case <-more:
		case <-over.C:
			return t.reset()
		case <-t.stream.Context().Done():
			return t.stream.Context().Err()
		}
	}
	return nil
}

func (t *teller) reset() error {
	t.at, t.passed = t.events.Last(), 0
	return t.stream.Send((&eventJSON{Type: reset, At: formatPosition(t.at)}).event())
}

// tell sends the new events, and returns a channel that is closed when there are more.
func (t *teller) tell() (<-chan struct{}, error) {
	for {
		list, more, ok := t.events.After(t.at, batch)
		if !ok {
			if err := t.reset(); err != nil {
				return nil, err
			}
			continue
		}
		var out []respond.Event
		for i := range list {
			t.at = list[i].At
			t.passed++
			if t.query.match(&list[i]) {
				out = append(out, newEventJSON(&list[i]).event())
				t.passed = 0
			}
		}
		if err := t.stream.Send(out...); err != nil {
			return nil, err
		}
		if t.passed >= markEvery {
			t.passed = 0
			if err := t.stream.Mark(formatPosition(t.at)); err != nil {
				return nil, err
			}
		}
		if len(list) < batch {
			return more, nil
		}
	}
}
