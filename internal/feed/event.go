package feed

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"dkron"
	"dkron/internal/respond"
	"dkron/internal/state"
)

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
	NodeName    string            `json:"node_name,omitempty"` // of an execution or a check-in, or of the new leader
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
