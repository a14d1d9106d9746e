package feed

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"dkron/internal/respond"
	"dkron/internal/state"
)

// eventTypes is every type that clients can select.
var eventTypes = []state.EventType{
	state.JobCreated, state.JobUpdated, state.JobDeleted, state.LaunchCreated, state.LaunchStarted, state.LaunchEnded,
	state.ExecutionStarted, state.ExecutionEnded, state.CheckInStarted, memberChanged, leaderChanged,
}

// query selects the events that a client wants.
type query struct {
	types map[state.EventType]bool
	jobs  []string              // nil selects all
	may   func(job string) bool // nil: the client may see all
}

func parseQuery(v url.Values) (*query, error) {
	q := &query{types: make(map[state.EventType]bool), jobs: v["job"]}
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
				"types has %q, use job, launch, execution, checkin, member, leader or one of %s", respond.Shorten(word), fmt.Sprint(eventTypes))
		}
	}
	if len(asked) == 0 {
		for _, t := range eventTypes {
			q.types[t] = len(q.jobs) == 0 || t != memberChanged && t != leaderChanged
		}
	}
	return q, nil
}

func (q *query) match(e *state.Event) bool {
	return q.types[e.Type] && (len(q.jobs) == 0 || slices.Contains(q.jobs, e.Job)) && (q.may == nil || q.may(e.Job))
}
