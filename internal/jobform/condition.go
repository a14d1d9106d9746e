package jobform

import (
	"time"

	"dkron"
	"dkron/internal/respond"
)

// Condition is how a job is doing. A file of jobs does not have it.
type Condition struct {
	Health        string        `json:"health"`
	HealthSince   *time.Time    `json:"health_since"`
	FailureStreak uint64        `json:"failure_streak"`
	StoppedCount  uint64        `json:"stopped_count"` // part of error_count
	LastLaunch    *LastLaunch   `json:"last_launch"`
	Recent        *[]PastLaunch `json:"recent_launches,omitempty"` // only if asked for
	CheckIn       *CheckIn      `json:"checkin,omitempty"`         // only while a run has checked in and not ended
}

// CheckIn is a run of a job that dkron does not run.
type CheckIn struct {
	StartedAt time.Time `json:"started_at"`
	From      string    `json:"from"`
	By        string    `json:"by"`
}

// NewCheckIn returns the form of a run that has checked in and not ended, nil if there is none.
func NewCheckIn(r *dkron.Record) *CheckIn {
	at := r.Progress.CheckedInAt(&r.Job)
	if at.IsZero() {
		return nil
	}
	return &CheckIn{StartedAt: respond.UTC(at), From: r.Progress.CheckIn.From, By: r.Progress.CheckIn.By}
}

// LastLaunch is the launch of a job that ended last.
type LastLaunch struct {
	ID          string            `json:"id"`
	Group       int64             `json:"group"`
	State       dkron.LaunchState `json:"state"`
	Cause       dkron.Cause       `json:"cause"`
	Reason      string            `json:"reason"`
	ScheduledAt time.Time         `json:"scheduled_at"`
	EndedAt     *time.Time        `json:"ended_at"`
}

// PastLaunch is one of a job's newest launches, in short.
type PastLaunch struct {
	ID          string            `json:"id"`
	State       dkron.LaunchState `json:"state"`
	Cause       dkron.Cause       `json:"cause"`
	Reason      string            `json:"reason"`
	ScheduledAt time.Time         `json:"scheduled_at"`
	StartedAt   *time.Time        `json:"started_at"` // null if it never ran
	EndedAt     *time.Time        `json:"ended_at"`
}

// NewCondition returns the form of what is known of a job, given its health.
func NewCondition(r *dkron.Record, health string, since time.Time) *Condition {
	p := &r.Progress
	streak, _ := p.Failing()
	return &Condition{
		Health: health, HealthSince: respond.Nullable(since), FailureStreak: streak, StoppedCount: p.StoppedCount,
		LastLaunch: newLastLaunch(r.Job.Name, p.Last), CheckIn: NewCheckIn(r),
	}
}

func newLastLaunch(job string, l *dkron.LaunchEnd) *LastLaunch {
	if l == nil {
		return nil
	}
	return &LastLaunch{
		ID: dkron.LaunchID(job, l.Group), Group: l.Group, State: l.State, Cause: l.Cause, Reason: l.Reason,
		ScheduledAt: respond.UTC(l.Nominal), EndedAt: respond.Nullable(l.EndedAt),
	}
}

// SetRecent adds the newest launches.
func (c *Condition) SetRecent(launches []*dkron.Launch) {
	list := make([]PastLaunch, 0, len(launches))
	for _, l := range launches {
		list = append(list, PastLaunch{
			ID: l.ID(), State: l.State, Cause: l.Cause, Reason: l.Reason, ScheduledAt: respond.UTC(l.Nominal),
			StartedAt: respond.Nullable(l.Began()), EndedAt: respond.Nullable(l.EndedAt),
		})
	}
	c.Recent = &list
}
