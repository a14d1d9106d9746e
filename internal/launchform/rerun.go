package launchform

import (
	"time"

	"dkron"
	"dkron/internal/respond"
)

// Selection is the answer of a dry run.
type Selection struct {
	Count    int        `json:"count"`
	Jobs     int        `json:"jobs"`
	Confirm  Confirm    `json:"confirm"`
	Since    *time.Time `json:"since"`
	Until    time.Time  `json:"until"`
	Launches []*Launch  `json:"launches"` // the newest of them
}

// Confirm is the jobs of a selection that ask before they are started or stopped.
type Confirm struct {
	Count int      `json:"count"`
	Jobs  []string `json:"jobs"` // the first of them
}

// Set sets how many there are, and the first of them.
func (c *Confirm) Set(count int, first []string) {
	c.Count, c.Jobs = count, append([]string{}, first...)
}

// NewSelection returns what a query has selected: so many launches of so many jobs, and the first of them.
func NewSelection(count, jobs int, first []*dkron.Launch, since, until time.Time) *Selection {
	out := &Selection{Count: count, Jobs: jobs, Since: respond.Nullable(since), Until: until, Launches: []*Launch{}}
	for _, l := range first {
		out.Launches = append(out.Launches, New(l))
	}
	return out
}

// Rerun is a rerun as clients read it.
type Rerun struct {
	ID           uint64           `json:"id"`
	State        dkron.RerunState `json:"state"`
	Filter       string           `json:"filter"`
	WithChildren bool             `json:"with_children"`
	RequestedBy  string           `json:"requested_by"`
	RequestedAt  time.Time        `json:"requested_at"`
	Total        uint64           `json:"total"`
	Launched     uint64           `json:"launched"`
	Gone         uint64           `json:"gone"`
	Left         uint64           `json:"left"`
	EndedAt      *time.Time       `json:"ended_at"`
	StoppedBy    string           `json:"stopped_by,omitempty"`
	Reason       string           `json:"reason,omitempty"`
}

// NewRerun returns a rerun as clients read it.
func NewRerun(r *dkron.Rerun) *Rerun {
	return &Rerun{
		ID: r.Number, State: r.State(), Filter: r.Filter, WithChildren: !r.Alone, RequestedBy: r.By, RequestedAt: respond.UTC(r.At),
		Total: r.Total, Launched: r.Launched, Gone: r.Gone, Left: r.Total - r.Launched - r.Gone, EndedAt: respond.Nullable(r.EndedAt),
		StoppedBy: r.StoppedBy, Reason: r.Reason,
	}
}
