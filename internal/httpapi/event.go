package httpapi

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"dkron"
	"dkron/internal/respond"
	"dkron/internal/state"
)

const (
	eventsPath = "/v1/events"

	eventBatch = 256
	// markEvery is the number of filtered-out events after which the client gets a position mark, so that it can resume
	// from there.
	markEvery = 4096
	// aheadTime limits the wait for this server when a client has seen more on another one.
	aheadTime = 5 * time.Second
)

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

// eventTypes is every type that clients can select.
var eventTypes = []state.EventType{
	state.JobCreated, state.JobUpdated, state.JobDeleted, state.LaunchCreated, state.LaunchStarted, state.LaunchEnded,
	state.ExecutionStarted, state.ExecutionEnded, memberChanged, leaderChanged,
}

// eventJSON is an event as clients read it, with its type's fields.
type eventJSON struct {
	Type        state.EventType   `json:"type"`
	At          string            `json:"at,omitempty"`
	Job         string            `json:"job,omitempty"`
	Revision    uint64            `json:"revision,omitempty"`
	LaunchID    string            `json:"launch_id,omitempty"`
	State       dkron.LaunchState `json:"state,omitempty"`
	Cause       dkron.Cause       `json:"cause,omitempty"`
	Reason      string            `json:"reason,omitempty"`
	ExecutionID string            `json:"execution_id,omitempty"`
	NodeName    string            `json:"node_name,omitempty"` // of an execution, or of the new leader
	Attempt     uint64            `json:"attempt,omitempty"`
	Outcome     dkron.Outcome     `json:"outcome,omitempty"`
}

func newEventJSON(e *state.Event) *eventJSON {
	out := &eventJSON{
		Type: e.Type, At: formatPosition(e.At), Job: e.Job, Revision: e.Revision, State: e.State, Cause: e.Cause, Reason: e.Reason,
		ExecutionID: e.ExecutionID, NodeName: e.NodeName, Attempt: e.Attempt, Outcome: e.Outcome,
	}
	if e.Group != 0 {
		out.LaunchID = dkron.LaunchID(e.Job, e.Group)
	}
	return out
}

// event returns the form that is sent. Events that are not in the log have no id.
func (e *eventJSON) event() respond.Event {
	data, err := json.Marshal(e)
	if err != nil {
		panic(err) // strings and numbers only
	}
	return respond.Event{ID: e.At, Name: string(e.Type), Data: data}
}

func formatPosition(p state.Position) string {
	return strconv.FormatUint(p.Index, 10) + "." + strconv.FormatUint(uint64(p.Seq), 10)
}

func parsePosition(s string) (p state.Position, err error) {
	index, seq, ok := strings.Cut(s, ".")
	if p.Index, err = strconv.ParseUint(index, 10, 64); err == nil {
		var n uint64
		n, err = strconv.ParseUint(seq, 10, 32)
		p.Seq = uint32(n)
	}
	if !ok || err != nil {
		return p, respond.Refuse(http.StatusBadRequest, "after must be the id of an event such as 1024.3, not %q", respond.Shorten(s))
	}
	return p, nil
}

// eventQuery selects the events that a client wants.
type eventQuery struct {
	types map[state.EventType]bool
	jobs  []string // nil selects all
}

func parseEventQuery(v url.Values) (*eventQuery, error) {
	q := &eventQuery{types: make(map[state.EventType]bool), jobs: v["job"]}
	asked := strings.FieldsFunc(strings.Join(v["types"], ","), func(c rune) bool { return c == ',' })
	for _, word := range asked {
		known := false
		for _, t := range eventTypes {
			if prefix, _, _ := strings.Cut(string(t), "."); word == string(t) || word == prefix {
				q.types[t], known = true, true
			}
		}
		if !known {
			return nil, respond.Refuse(http.StatusBadRequest,
				"types has %q, use job, launch, execution, member, leader or one of %s", respond.Shorten(word), fmt.Sprint(eventTypes))
		}
	}
	if len(asked) == 0 {
		for _, t := range eventTypes {
			q.types[t] = len(q.jobs) == 0 || t != memberChanged && t != leaderChanged
		}
	}
	return q, nil
}

func (q *eventQuery) match(e *state.Event) bool {
	return q.types[e.Type] && (len(q.jobs) == 0 || slices.Contains(q.jobs, e.Job))
}

// getEvents sends events until the client disconnects: those in the log with their position, the same on every server,
// and changes in the cluster that this server sees.
func (a *api) getEvents(w http.ResponseWriter, r *http.Request) error {
	q, err := parseEventQuery(r.URL.Query())
	if err != nil {
		return err
	}
	t := &teller{events: a.Store.Events(), query: q}
	t.at = t.events.Last()
	after := respond.ResumeFrom(r, "after")
	if after != "" {
		if t.at, err = parsePosition(after); err != nil {
			return err
		}
	}
	if t.stream, err = a.streams.Begin(w, r); err != nil {
		return err
	}
	defer t.stream.Close()
	if t.catchUp() != nil {
		return nil
	}
	var members, leader <-chan struct{}
	if a.Watcher != nil {
		members, leader = a.Watcher.MembersChanged(), a.Watcher.LeaderChanged()
	}
	for {
		more, err := t.tell()
		if err != nil || !t.stream.Wait(more, members, leader) {
			return nil
		}
		var local []respond.Event
		if a.Watcher != nil && closed(members) {
			members = a.Watcher.MembersChanged()
			local = t.add(local, &eventJSON{Type: memberChanged})
		}
		if a.Watcher != nil && closed(leader) {
			leader = a.Watcher.LeaderChanged()
			e := &eventJSON{Type: leaderChanged}
			if m, ok := a.Cluster.Leader(); ok {
				e.NodeName = m.Name
			}
			local = t.add(local, e)
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
	query  *eventQuery
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
		list, more, ok := t.events.After(t.at, eventBatch)
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
		if len(list) < eventBatch {
			return more, nil
		}
	}
}
