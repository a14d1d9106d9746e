package state

import (
	"sync"

	"dkron"
)

// EventType says what an event is about.
type EventType string

// The events. Each names a change that the log has made.
const (
	JobCreated       EventType = "job.created"
	JobUpdated       EventType = "job.updated" // its definition
	JobDeleted       EventType = "job.deleted"
	LaunchCreated    EventType = "launch.created"
	LaunchStarted    EventType = "launch.started" // it has its nodes
	LaunchEnded      EventType = "launch.ended"
	ExecutionStarted EventType = "execution.started" // it has its node; a retry begins behind its pause
	ExecutionEnded   EventType = "execution.ended"
)

// Position is the place of an event: a log entry, and which of the entry's events. It is the same on every server.
type Position struct {
	Index uint64
	Seq   uint32
}

// Before reports whether p comes before other.
func (p Position) Before(other Position) bool {
	return p.Index < other.Index || p.Index == other.Index && p.Seq < other.Seq
}

// Event is a change that the log has made, in short; a reader who wants more reads the state.
type Event struct {
	At   Position
	Type EventType

	Job         string
	Revision    uint64 // of a job
	Group       int64  // of a launch and its executions
	State       dkron.LaunchState
	Cause       dkron.Cause
	Reason      string
	NodeName    string // of an execution, as all below
	ExecutionID string
	Attempt     uint64
	Outcome     dkron.Outcome
}

// keepEvents is how many events a reader may be behind.
const keepEvents = 16384

// Events are the latest events, for any number of readers who are never waited for.
type Events struct {
	mu    sync.Mutex // guards the fields below
	ring  []Event    // the oldest at next once it is full
	next  int
	lost  Position      // the newest event that is no longer held
	fresh chan struct{} // closed when there are new ones
}

func newEvents() *Events { return &Events{fresh: make(chan struct{})} }

// since makes the events begin anew behind a log entry: what came before is not known here.
func (x *Events) since(index uint64) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.ring, x.next, x.lost = nil, 0, Position{}
	if index > 0 {
		x.lost = Position{Index: index, Seq: 1<<32 - 1}
	}
	close(x.fresh)
	x.fresh = make(chan struct{})
}

func (x *Events) add(list []Event) {
	if len(list) == 0 {
		return
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, e := range list {
		if len(x.ring) < keepEvents {
			x.ring = append(x.ring, e)
			continue
		}
		x.lost = x.ring[x.next].At
		x.ring[x.next] = e
		x.next = (x.next + 1) % keepEvents
	}
	close(x.fresh)
	x.fresh = make(chan struct{})
}

// Last returns the position behind which everything is new.
func (x *Events) Last() Position {
	x.mu.Lock()
	defer x.mu.Unlock()
	if len(x.ring) == 0 {
		return x.lost
	}
	return x.at(len(x.ring) - 1).At
}

// at returns the i-th oldest event. The caller holds mu.
func (x *Events) at(i int) *Event { return &x.ring[(x.next+i)%len(x.ring)] }

// After returns up to limit events behind a position, and a channel that is closed when there are more. ok is false if
// some of them are no longer held: the reader has to look at the state as it is, and go on from Last.
func (x *Events) After(p Position, limit int) (list []Event, more <-chan struct{}, ok bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if p.Before(x.lost) {
		return nil, x.fresh, false
	}
	low, high := 0, len(x.ring)
	for low < high {
		mid := (low + high) / 2
		if p.Before(x.at(mid).At) {
			high = mid
		} else {
			low = mid + 1
		}
	}
	for i := low; i < len(x.ring) && len(list) < limit; i++ {
		list = append(list, *x.at(i))
	}
	return list, x.fresh, true
}

// Begin says which log entry the changes that follow belong to.
func (tx *Tx) Begin(index uint64) { tx.at = Position{Index: index} }

func (tx *Tx) note(e Event) {
	tx.at.Seq++
	e.At = tx.at
	tx.events = append(tx.events, e)
}

// NoteJob tells readers of events of a change of a definition.
func (tx *Tx) NoteJob(t EventType, j *dkron.Job) {
	tx.note(Event{Type: t, Job: j.Name, Revision: j.Revision})
}

// NoteLaunch tells readers of events that a launch has come to be, or to run.
func (tx *Tx) NoteLaunch(t EventType, l *dkron.Launch) {
	tx.note(Event{Type: t, Job: l.Job, Group: l.Group, State: l.State, Cause: l.Cause, Reason: l.Reason})
}

// NoteExecution tells readers of events that an execution has its node.
func (tx *Tx) NoteExecution(t EventType, e *dkron.Execution) {
	tx.note(Event{
		Type: t, Job: e.JobName, Group: e.Group, NodeName: e.NodeName, ExecutionID: e.ID(), Attempt: e.Attempt, Outcome: e.Outcome,
	})
}
