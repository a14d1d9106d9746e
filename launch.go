package dkron

import (
	"strconv"
	"strings"
	"time"

	"dkron/internal/codec"
)

// Cause says why a launch was made.
type Cause string

// The causes.
const (
	CauseSchedule Cause = "schedule"
	CauseManual   Cause = "manual"
	CauseParent   Cause = "parent"
	CauseRetry    Cause = "retry" // of an execution: a further attempt of its launch
	CauseCatchup  Cause = "catchup"
	CauseCreate   Cause = "create"
	CauseCheckIn  Cause = "checkin" // it was run by others, who have reported how it ended
)

// LaunchState is the state of a launch. Every launch ends in one of the states after LaunchRunning.
type LaunchState string

// The states of a launch.
const (
	LaunchQueued   LaunchState = "queued"  // until the job's launches before it have ended
	LaunchWaiting  LaunchState = "waiting" // for a node to run on
	LaunchRunning  LaunchState = "running" // sent to its nodes, or about to be
	LaunchSuccess  LaunchState = "success"
	LaunchFailed   LaunchState = "failed"
	LaunchTimedOut LaunchState = "timed_out"
	LaunchStopped  LaunchState = "stopped"
	LaunchLost     LaunchState = "lost"
	LaunchSkipped  LaunchState = "skipped"
	LaunchMissed   LaunchState = "missed"
	LaunchNoTarget LaunchState = "no_target"
)

// Open reports whether a launch in this state has not ended.
func (s LaunchState) Open() bool {
	return s == LaunchQueued || s == LaunchWaiting || s == LaunchRunning
}

// Launch is one firing of a job. Job, nominal time and cause are its identity. Group is the form of that identity in
// the public API, unique within the job.
type Launch struct {
	Number    uint64 // order of commit in the cluster
	Job       string
	JobNumber uint64
	Group     int64     // nominal time in Unix nanoseconds, plus whole milliseconds if that is taken
	Nominal   time.Time // when it was due
	Cause     Cause
	ParentID  string // the launch whose end caused this one
	By        string // who requested it; "" for schedules and parents

	State     LaunchState
	Reason    string    // why it ended that way, for people
	CreatedAt time.Time // when the leader proposed it
	ReadyAt   time.Time // when only a node was missing
	EndedAt   time.Time
	StoppedBy string // who requested its stop

	Nodes     uint64 // executions that must end: one per target
	Succeeded uint64
	Failed    uint64
	// Fault is of the first target that failed or timed out; if none did, of the first that was lost, else stopped. As long
	// as a server of a release before 0.2.0 may be there, it is of the first target that did not succeed.
	Fault Outcome

	// Unreached is how many more nodes the launch was meant for that the leader could not reach when its nodes were
	// chosen; Missing names the first of them.
	Unreached uint64
	Missing   []string
	First     uint64 // ordinal of the first of its executions in the history, 0 if there is none yet

	FaultReason string // of the same target: why it did not succeed, for people

	Change   *Change   // how it differs from the job's definition; nil if it does not
	RerunOf  string    // id of the launch that this one runs again
	RerunDue time.Time // when that one was due; of a launch that is run again several times, the first
	RerunAs  string    // id of the latest launch that runs this one again
	Alone    bool      // its end launches no children
	Rerun    uint64    // number of the rerun that made it, 0 if none did

	Count uint64    // instants that this record covers; 0 means 1. More only for missed ones
	Until time.Time // nominal time of the last of them

	// Late and Long name the rules that have noticed that it did not start, or did not end, in time. Only an open launch has them.
	Late, Long []string

	Ordinal    uint64    // how many launches the job had when this one ended
	Prev       uint64    // the job's record before this one in the history
	RecordedAt time.Time // when its end was recorded; never before that of an older record
}

// Varied reports whether the launch's orders differ from the job: it runs another launch again, or has an environment or
// a payload of its own.
func (l *Launch) Varied() bool { return l.RerunOf != "" || !l.Change.Empty() }

// ID names the launch in the cluster: the job, a dot (which no job's name has), and the group.
func (l *Launch) ID() string { return LaunchID(l.Job, l.Group) }

// LaunchID returns the id of the launch of job with the given group.
func LaunchID(job string, group int64) string { return job + "." + strconv.FormatInt(group, 10) }

// ParseLaunchID splits an id into job and group.
func ParseLaunchID(id string) (job string, group int64, err error) {
	job, number, ok := strings.Cut(id, ".")
	if ok {
		group, err = strconv.ParseInt(number, 10, 64)
	}
	if !ok || err != nil {
		return "", 0, Invalid("launch id %q is not of the form <job>.<group>", id)
	}
	return job, group, nil
}

// Fields describes the wire form.
func (l *Launch) Fields(w *codec.Wire) {
	w.Uint(1, &l.Number)
	w.String(2, &l.Job)
	w.Uint(3, &l.JobNumber)
	w.Int(4, &l.Group)
	w.Time(5, &l.Nominal)
	codec.Text(w, 6, &l.Cause)
	w.String(7, &l.ParentID)
	codec.Text(w, 8, &l.State)
	w.String(9, &l.Reason)
	w.Time(10, &l.CreatedAt)
	w.Time(11, &l.EndedAt)
	w.Uint(12, &l.Nodes)
	w.Uint(13, &l.Succeeded)
	w.Uint(14, &l.Failed)
	w.Uint(15, &l.Count)
	w.Time(16, &l.Until)
	w.Uint(17, &l.Ordinal)
	w.Uint(18, &l.Prev)
	codec.Text(w, 19, &l.Fault)
	w.String(20, &l.By)
	w.String(21, &l.StoppedBy)
	w.Time(22, &l.ReadyAt)
	w.Time(23, &l.RecordedAt)
	w.Uint(24, &l.First)
	w.Uint(25, &l.Unreached)
	w.Strings(26, &l.Missing)
	w.Since(2)
	w.String(27, &l.FaultReason)
	codec.Optional(w, 30, &l.Change)
	w.String(31, &l.RerunOf)
	w.Time(32, &l.RerunDue)
	w.String(33, &l.RerunAs)
	w.Bool(34, &l.Alone)
	w.Uint(35, &l.Rerun)
	w.Strings(36, &l.Late)
	w.Strings(37, &l.Long)
}

// Launched is the result of a requested run: the launch, and the job as it was before.
type Launched struct {
	Launch Launch
	Before Record
}

// Fields describes the wire form.
func (l *Launched) Fields(w *codec.Wire) {
	codec.Nested(w, 1, &l.Launch)
	codec.Nested(w, 2, &l.Before)
}

// Placement is the node chosen for a retry that may run elsewhere.
type Placement struct {
	Key     ExecutionKey
	Attempt uint64
	Node    string
}

// Fields describes the wire form.
func (p *Placement) Fields(w *codec.Wire) {
	codec.Nested(w, 1, &p.Key)
	w.Uint(2, &p.Attempt)
	w.String(3, &p.Node)
}

// Assignment is the targets of a launch that waited for nodes; without nodes the launch ends without having run.
type Assignment struct {
	Launch    uint64
	Nodes     []string
	Unreached uint64 // see Launch
	Missing   []string
}

// Fields describes the wire form.
func (a *Assignment) Fields(w *codec.Wire) {
	w.Uint(1, &a.Launch)
	w.Strings(2, &a.Nodes)
	w.Uint(3, &a.Unreached)
	w.Strings(4, &a.Missing)
}

// Waiting is a launch that waits for a node to run on.
type Waiting struct {
	Launch uint64 // number
	Job    string
	GiveUp bool // it has waited long enough
}

// Unplaced is a retry that waits for a node.
type Unplaced struct {
	Key     ExecutionKey
	Attempt uint64
	Group   int64
	Job     string
	Last    string // the node of the attempt before
	GiveUp  bool   // it has waited long enough for another
}

// Failed returns the result of a retry for which there was no node.
func (u *Unplaced) Failed(now time.Time) Result {
	return Result{
		JobName: u.Job, Key: u.Key, Group: u.Group, Attempt: u.Attempt, NodeName: u.Last,
		StartedAt: now, FinishedAt: now, Outcome: Failed, Error: "no node was left for another attempt: " + ErrNoTarget.Error(),
	}
}
