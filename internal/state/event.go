package state

import (
	"sync"

	"dkron"
)

// EventType is the kind of an event.
type EventType string

// The events. Each reports a change made by the log.
const (
	JobCreated       EventType = "job.created"
	JobUpdated       EventType = "job.updated" // its definition
	JobDeleted       EventType = "job.deleted"
	LaunchCreated    EventType = "launch.created"
	LaunchStarted    EventType = "launch.started" // it has its nodes
	LaunchEnded      EventType = "launch.ended"
	ExecutionStarted EventType = "execution.started" // it has its node; a retry starts after its pause
	ExecutionEnded   EventType = "execution.ended"
	CheckInStarted   EventType = "checkin.started" // whoever runs the job has reported a start
)

// Position identifies an event: a log entry, and the number of the event within it. It is the same on every server.
type Position struct {
	Index uint64
	Seq   uint32
}

// Before reports whether p comes before other.
func (p Position) Before(other Position) bool {
	return p.Index < other.Index || p.Index == other.Index && p.Seq < other.Seq
}

// Event is a summary of a change made by the log; a reader who needs more reads the state.
type Event struct {
	At   Position
	Type EventType

	Job         string
	Revision    uint64 // of a job
	Group       int64  // of a launch and its executions
	State       dkron.LaunchState
	Cause       dkron.Cause
	Reason      string
	NodeName    string // of an execution, like all fields below; of a check-in, where it runs
	ExecutionID string
	Attempt     uint64
	Outcome     dkron.Outcome
}

// keepEvents is how many events a reader may fall behind.
const keepEvents = 16384

// Events holds the latest events for any number of readers. It never waits for them.
type Events struct {
	mu    sync.Mutex // guards the fields below
	ring  []Event    // the oldest at next once it is full
	next  int
	lost  Position      // the newest event that was dropped
	fresh chan struct{} // closed when there are new events
}

func newEvents() *Events { return &Events{fresh: make(chan struct{})} }

// since restarts the events after a log entry: earlier ones are unknown here.
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

// Last returns the position after which everything is new.
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

// After returns up to limit events after a position, and a channel that is closed when there are more. ok is false if
// some of them were dropped: the reader has to read the state as it is, and continue from Last.
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

// Begin sets the log entry that the following changes belong to.
func (tx *Tx) Begin(index uint64) { tx.at, tx.channels, tx.audit = Position{Index: index}, nil, nil }

func (tx *Tx) note(e Event) {
	tx.at.Seq++
	e.At = tx.at
	tx.events = append(tx.events, e)
}

// NoteJob adds an event for a change of a definition.
func (tx *Tx) NoteJob(t EventType, j *dkron.Job) {
	tx.note(Event{Type: t, Job: j.Name, Revision: j.Revision})
}

// NoteLaunch adds an event for a launch that was made or has started to run.
func (tx *Tx) NoteLaunch(t EventType, l *dkron.Launch) {
	tx.note(Event{Type: t, Job: l.Job, Group: l.Group, State: l.State, Cause: l.Cause, Reason: l.Reason})
}

// NoteExecution adds an event for an execution that has its node.
func (tx *Tx) NoteExecution(t EventType, e *dkron.Execution) {
	tx.note(Event{
		Type: t, Job: e.JobName, Group: e.Group, NodeName: e.NodeName, ExecutionID: e.ID(), Attempt: e.Attempt, Outcome: e.Outcome,
	})
}

// NoteCheckIn adds an event for a reported start of a job that dkron does not run.
func (tx *Tx) NoteCheckIn(j *dkron.Job, from string) {
	tx.note(Event{Type: CheckInStarted, Job: j.Name, NodeName: from})
}
