package dkron

import (
	"slices"

	"dkron/internal/codec"
)

// MaxParents is how many parents a job may have.
const MaxParents = 32

// Condition says which end of a parent's launch counts for a child.
type Condition string

// The conditions; the empty one means OnSuccess.
const (
	OnSuccess Condition = "success"
	OnFailure Condition = "failure" // failed, timed out, lost, or without a node to run on
	OnAlways  Condition = "always"  // either of these, or stopped
)

// Holds reports whether a launch that ended in state s counts. A skipped or missed launch never counts.
func (c Condition) Holds(s LaunchState) bool {
	switch s {
	case LaunchSuccess:
		return c != OnFailure
	case LaunchFailed, LaunchTimedOut, LaunchLost, LaunchNoTarget:
		return c == OnFailure || c == OnAlways
	case LaunchStopped:
		return c == OnAlways
	}
	return false
}

// Parent is a job whose launches cause launches of another.
type Parent struct {
	Job string
	On  Condition
}

// Fields describes the wire form.
func (p *Parent) Fields(w *codec.Wire) {
	w.String(1, &p.Job)
	codec.Text(w, 2, &p.On)
}

// Join says for how many of its parents a job waits.
type Join string

// The joins; the empty one means JoinAll.
const (
	JoinAll Join = "all" // every parent's last launch must have ended as required since the parents last launched the job
	JoinAny Join = "any" // each matching end of a parent's launch launches the job
)

// Child reports whether the job is launched by parents instead of a schedule.
func (j *Job) Child() bool { return j.ParentJob != "" || len(j.Parents) > 0 }

// WaitsForAll reports whether the job has several parents and waits until all of them have ended as required.
func (j *Job) WaitsForAll() bool { return len(j.AllParents()) > 1 && j.Join != JoinAny }

// AllParents returns ParentJob, if there is one, and Parents.
func (j *Job) AllParents() []Parent {
	if j.ParentJob == "" {
		return j.Parents
	}
	return append([]Parent{{Job: j.ParentJob, On: OnSuccess}}, j.Parents...)
}

// HasParent reports whether name is one of the job's parents, and under which condition.
func (j *Job) HasParent(name string) (Condition, bool) {
	parents := j.AllParents()
	i := slices.IndexFunc(parents, func(p Parent) bool { return p.Job == name })
	if i < 0 {
		return "", false
	}
	return parents[i].On, true
}

func (j *Job) validateParents() error {
	if j.ParentJob != "" && j.ParentJob == j.Name {
		return Invalid("the job can not have itself as parent")
	}
	if len(j.Parents) > MaxParents {
		return Invalid("parents has %d entries, use at most %d", len(j.Parents), MaxParents)
	}
	seen := map[string]bool{j.ParentJob: j.ParentJob != ""}
	for i, p := range j.Parents {
		switch p.On {
		case "", OnSuccess, OnFailure, OnAlways:
		default:
			return Invalid(`invalid parents[%d].on %q, use "success", "failure" or "always"`, i, p.On)
		}
		switch {
		case p.Job == "":
			return Invalid("parents[%d].job must name a job", i)
		case p.Job == j.Name:
			return Invalid("the job can not have itself as parent")
		case seen[p.Job]:
			return Invalid("parents[%d].job %q is a parent already, name each one once", i, p.Job)
		}
		seen[p.Job] = true
	}
	return nil
}

func (j *Job) validateJoin() error {
	switch j.Join {
	case "", JoinAll, JoinAny:
		return nil
	}
	return Invalid(`invalid parents_join %q, use "all" or "any"`, j.Join)
}
