// Package launchform is how clients read launches and executions, and the requests for many launches.
package launchform

import (
	"time"

	"dkron"
	"dkron/internal/respond"
)

// Launch is a launch as clients read it.
type Launch struct {
	ID          string            `json:"id"`
	Job         string            `json:"job"`
	DisplayName string            `json:"displayname,omitempty"` // of its job; only in the list of all
	Group       int64             `json:"group"`
	ScheduledAt time.Time         `json:"scheduled_at"`
	Cause       dkron.Cause       `json:"cause"`
	State       dkron.LaunchState `json:"state"`
	Reason      string            `json:"reason"`
	CreatedAt   time.Time         `json:"created_at"`
	EndedAt     *time.Time        `json:"ended_at"`
	Nodes       uint64            `json:"nodes"`
	Succeeded   uint64            `json:"succeeded"`
	Failed      uint64            `json:"failed"`
	Unreached   uint64            `json:"unreached,omitempty"` // number of further nodes that it should have run on
	Missing     []string          `json:"missing,omitempty"`   // the first of those
	Count       uint64            `json:"count"`               // due times that the record covers
	Until       *time.Time        `json:"until"`               // the last of them, if there are several
	Parent      string            `json:"parent"`
	RequestedBy string            `json:"requested_by,omitempty"`
	StoppedBy   string            `json:"stopped_by,omitempty"`

	RerunOf      string     `json:"rerun_of,omitempty"`           // launch that it runs again
	RerunDue     *time.Time `json:"rerun_scheduled_at,omitempty"` // when that was due
	RerunAs      string     `json:"rerun_as,omitempty"`           // launch that runs it again
	Rerun        uint64     `json:"rerun,omitempty"`              // bulk request that made it
	WithChildren *bool      `json:"with_children,omitempty"`      // false: jobs that depend on it do not follow
	Changed      []string   `json:"changed,omitempty"`            // env, payload

	// Only of a single launch:
	Env        map[string]string `json:"env,omitempty"`
	Payload    *string           `json:"payload,omitempty"`
	Executions any               `json:"executions,omitempty"`
	TraceURL   string            `json:"trace_url,omitempty"`
	*Usage
}

// Usage is what the ended executions of a launch took, as far as it was measured.
type Usage struct {
	CPUSeconds *float64 `json:"cpu_seconds"` // of all
	MaxRSS     *uint64  `json:"max_rss"`     // of the largest, in bytes
}

// Add adds an execution's, as far as they are known.
func (u *Usage) Add(cpu *float64, rss *uint64) {
	if cpu != nil {
		sum := *cpu
		if u.CPUSeconds != nil {
			sum += *u.CPUSeconds
		}
		u.CPUSeconds = &sum
	}
	if rss != nil && (u.MaxRSS == nil || *u.MaxRSS < *rss) {
		u.MaxRSS = rss
	}
}

// New returns a launch as lists have it.
func New(l *dkron.Launch) *Launch {
	out := &Launch{
		ID: l.ID(), Job: l.Job, Group: l.Group, ScheduledAt: respond.UTC(l.Nominal), Cause: l.Cause, State: l.State,
		Reason: l.Reason, CreatedAt: respond.UTC(l.CreatedAt), EndedAt: respond.Nullable(l.EndedAt), Nodes: l.Nodes,
		Succeeded: l.Succeeded, Failed: l.Failed, Unreached: l.Unreached, Missing: l.Missing, Count: max(l.Count, 1), Until: respond.Nullable(l.Until), Parent: l.ParentID,
		RequestedBy: l.By, StoppedBy: l.StoppedBy, RerunOf: l.RerunOf, RerunDue: respond.Nullable(l.RerunDue), RerunAs: l.RerunAs,
		Rerun: l.Rerun,
	}
	if l.Alone {
		out.WithChildren = new(bool)
	}
	if l.Change != nil && len(l.Change.Env) > 0 {
		out.Changed = append(out.Changed, "env")
	}
	if l.Change != nil && l.Change.Payload != nil {
		out.Changed = append(out.Changed, "payload")
	}
	return out
}

// Whole adds what only a single launch has, as it may be long.
func (l *Launch) Whole(c *dkron.Change) *Launch {
	if c != nil {
		l.Env = c.Env
	}
	if c != nil && c.Payload != nil {
		l.Payload = &c.Payload.Text
	}
	return l
}
