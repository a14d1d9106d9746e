package dkron

import (
	"strings"
	"time"

	"dkron/internal/codec"
)

// ExecutorCheckIn is the executor of jobs that dkron does not run: whoever runs them checks in.
const ExecutorCheckIn = "checkin"

// CheckInState is what a check-in reports.
type CheckInState string

// What can be reported.
const (
	CheckInStart   CheckInState = "start" // the job has begun; the other two end it
	CheckInSuccess CheckInState = "success"
	CheckInFail    CheckInState = "fail"
)

const (
	// MaxCheckInID is how many bytes the id of a check-in may have.
	MaxCheckInID    = 64
	maxCheckInError = 1000
	// maxFrom is how many bytes the name of a host may have, as in the domain name system.
	maxFrom = 253
	// maxCheckedRun is how long ago a run that checks in may have begun.
	maxCheckedRun = 31 * 24 * time.Hour
	// maxAhead is how far ahead the clock of a host may be that checks in.
	maxAhead = time.Minute
)

// CheckIn is what whoever runs a job reports of it.
type CheckIn struct {
	State     CheckInState
	StartedAt time.Time // zero: at the job's recorded start, or now
	From      string    // host that ran it
	ID        string    // the same one again is the same report; "" for one that is never repeated
	ExitCode  *ExitCode
	Error     string // why it failed, in one line
	Output    []byte
	Size      uint64 // of the whole output, if not all of it was kept
}

// Fields describes the wire form.
func (c *CheckIn) Fields(w *codec.Wire) {
	w.Since(2)
	codec.Text(w, 1, &c.State)
	w.Time(2, &c.StartedAt)
	w.String(3, &c.From)
	w.String(4, &c.ID)
	codec.Optional(w, 5, &c.ExitCode)
	w.String(6, &c.Error)
	w.Bytes(7, &c.Output)
	w.Uint(8, &c.Size)
}

// Validate returns what is wrong with a check-in that arrives at now, in the words of the API.
func (c *CheckIn) Validate(now time.Time) error {
	switch c.State {
	case CheckInStart, CheckInSuccess, CheckInFail:
	default:
		return Invalid(`state must be "start", "success" or "fail", not %.64q`, c.State)
	}
	odd := func(r rune) bool { return r <= ' ' || r == 0x7f || r == '/' }
	switch {
	case c.From == "":
		return Invalid("from must name the host that runs the job")
	case len(c.From) > maxFrom:
		return Invalid("from has %d bytes; at most %d are allowed", len(c.From), maxFrom)
	case strings.ContainsFunc(c.From, odd):
		return Invalid("from must be the name of a host, without spaces and slashes, not %.64q", c.From)
	case len(c.ID) > MaxCheckInID:
		return Invalid("id has %d bytes; at most %d are allowed", len(c.ID), MaxCheckInID)
	case len(c.Error) > maxCheckInError || strings.ContainsAny(c.Error, "\r\n"):
		return Invalid("error must be one line of at most %d bytes; what else there is to say belongs to the output", maxCheckInError)
	case c.StartedAt.IsZero():
		return nil
	case c.StartedAt.After(now.Add(maxAhead)):
		return Invalid("started_at %s is in the future; is the clock of %s right?", c.StartedAt.UTC().Format(time.RFC3339), c.From)
	case c.StartedAt.Before(now.Add(-maxCheckedRun)):
		return Invalid("started_at %s is more than 31 days ago", c.StartedAt.UTC().Format(time.RFC3339))
	}
	return nil
}

// CheckedIn is what a job's progress keeps of its check-ins.
type CheckedIn struct {
	At   time.Time // of the start that has no end yet; zero if there is none
	From string    // host that reported it
	By   string    // who asked for that

	ID    string // of the last end
	Group int64  // of the launch that recorded that
}

// Fields describes the wire form.
func (c *CheckedIn) Fields(w *codec.Wire) {
	w.Since(2)
	w.Time(1, &c.At)
	w.String(2, &c.From)
	w.String(3, &c.By)
	w.String(4, &c.ID)
	w.Int(5, &c.Group)
}

// ChecksIn reports whether dkron does not run the job: whoever runs it checks in.
func (j *Job) ChecksIn() bool { return j.Executor == ExecutorCheckIn }

// NotRun returns why the job can't be asked to run, nil if it can.
func (j *Job) NotRun() error {
	if !j.ChecksIn() {
		return nil
	}
	return Conflict("dkron does not run this job: it checks in at /v1/checkins/%s", j.Name)
}

// unsuited is what a job that checks in can't have: it is about when and where dkron runs a job.
var unsuited = []struct {
	field, why string
	has        func(*Job) bool
}{
	{"retries", "leave it out: whoever runs the job tries again", func(j *Job) bool { return j.Retries > 0 }},
	{"retry_lost", "leave it out: no run of it can be lost", func(j *Job) bool { return j.RetryLost }},
	{"tags", "leave it out: no node is chosen for it", func(j *Job) bool { return len(j.Tags) > 0 }},
	{"catchup", "leave it out: it has no due times", func(j *Job) bool { return j.Catchup != Catchup{} }},
	{"parents", "leave them out: nothing starts it; other jobs can have it as a parent", (*Job).Child},
	{
		"schedule", `use "@manually", and objectives.deadline or objectives.max_silence for when it is expected`,
		func(j *Job) bool { return strings.TrimSpace(j.Schedule) != "@manually" },
	},
	{
		"objectives.max_lateness", "use objectives.deadline with a time of day, or objectives.max_silence: it has no due times",
		func(j *Job) bool { return j.Objectives != nil && j.Objectives.MaxLateness > 0 },
	},
	{
		"objectives.deadline", `write a time of day, such as "mon-fri 06:00": it has no due times from which "+" could count`,
		func(j *Job) bool { return j.Objectives != nil && strings.HasPrefix(j.Objectives.Deadline, "+") },
	},
	{
		"processors", `set "on" to "leader": no node has its whole output`, (*Job).KeepsOutput,
	},
}

// suits returns what is wrong with a field of a job that dkron does not run.
func (j *Job) suits(field string) error {
	if !j.ChecksIn() {
		return nil
	}
	for _, u := range unsuited {
		if u.field == field && u.has(j) {
			return Invalid("%s does not go with executor checkin, whose jobs dkron does not run: %s", field, u.why)
		}
	}
	return nil
}
