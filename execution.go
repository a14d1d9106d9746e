package dkron

import (
	"strconv"
	"time"

	"dkron/internal/codec"
)

// MaxOutput is how many bytes of an execution's output are kept.
const MaxOutput = 256_000

// Outcome is how an execution ended.
type Outcome string

// The outcomes; an execution that has not ended has the empty one.
const (
	Success  Outcome = "success"
	Failed   Outcome = "failed"
	TimedOut Outcome = "timed_out"
	Stopped  Outcome = "stopped"
	Lost     Outcome = "lost" // the outcome can't be known: its node is gone
)

// ExecutionKey identifies an execution that has not ended: its launch, and which of the launch's targets.
type ExecutionKey struct {
	Launch uint64
	Slot   uint64
}

// Fields describes the wire form.
func (k *ExecutionKey) Fields(w *codec.Wire) {
	w.Uint(1, &k.Launch)
	w.Uint(2, &k.Slot)
}

// Execution is one attempt of a launch on one node.
type Execution struct {
	JobName    string
	Output     []byte // head and tail if there was more than MaxOutput; see OutputSize
	NodeName   string
	Group      int64
	Attempt    uint64 // 1 for the first
	StartedAt  time.Time
	FinishedAt time.Time // zero while it runs

	Key       ExecutionKey
	JobNumber uint64
	Nominal   time.Time
	Due       time.Time // when it may start: at once, or after a retry's pause
	Unplaced  bool      // a retry without a node yet; NodeName is that of the attempt before
	Stop      *Stop     // a request to end it; nil if there is none
	Outcome   Outcome
	Error     string // one line, kept apart from the output
	ExitCode  *ExitCode
	// OutputSize is how many bytes were written, including those that were not kept.
	OutputSize uint64
	// LeftRunning names the processes that its command left running when it exited, such as "pid 4711 (sleep)".
	LeftRunning []string
	// Apart is how many bytes of the output the history stores outside the record: on disk they are there and not in
	// Output. It is 0 in everything that is read from the history.
	Apart uint64
	// Usage is what it took of its node; nil if that is not known.
	Usage *Usage
	// Varied is that its launch runs another one again, or has an environment or a payload of its own, so that its order
	// differs from the job. Then whoever sends the order reads the launch.
	Varied bool
	// Replaced is set if the job's processors have replaced the output, which OutputSize then counts too.
	Replaced *Replaced

	Number  uint64 // record in the history
	Ordinal uint64 // how many executions the job had when this one ended
	Prev    uint64 // the job's record before this one in the history
	// Written and WrittenAll are how many bytes of output the job and the cluster had recorded with this one.
	Written    uint64
	WrittenAll uint64
	RecordedAt time.Time // when its end was recorded; never before that of an older record
}

// Stop is a request to end an execution or a launch.
type Stop struct {
	At     time.Time
	By     string
	Reason string
}

// Fields describes the wire form.
func (s *Stop) Fields(w *codec.Wire) {
	w.Time(1, &s.At)
	w.String(2, &s.By)
	w.String(3, &s.Reason)
}

// ExitCode is the exit code of a process, where there was one.
type ExitCode struct{ Code int64 }

// Fields describes the wire form.
func (c *ExitCode) Fields(w *codec.Wire) { w.Int(1, &c.Code) }

// Usage is what an execution took of its node, as its executor measured it.
type Usage struct {
	CPU         time.Duration // user and system time of all its processes that were waited for
	MaxRSS      uint64        // most resident memory at once, in bytes; 0 if that is not known
	MemoryLimit uint64        // in bytes; 0 is none
}

// Fields describes the wire form.
func (u *Usage) Fields(w *codec.Wire) {
	w.Duration(1, &u.CPU)
	w.Uint(2, &u.MaxRSS)
	w.Uint(3, &u.MemoryLimit)
}

// ID names the execution within its job: the group, plus one nanosecond per retry, and the node. It is known before
// anything runs.
func (e *Execution) ID() string {
	return strconv.FormatInt(e.Group+int64(e.Attempt)-1, 10) + "-" + e.NodeName
}

// LaunchID returns the id of the execution's launch.
func (e *Execution) LaunchID() string { return LaunchID(e.JobName, e.Group) }

// Lateness is how long after its due time, or for a retry after its pause, the execution started. It is 0 if one of the
// two is unknown, and negative if its node's clock is slow.
func (e *Execution) Lateness() time.Duration {
	due := e.Nominal
	if e.Attempt > 1 {
		due = e.Due
	}
	if due.IsZero() || e.StartedAt.IsZero() {
		return 0
	}
	return e.StartedAt.Sub(due)
}

// Began reports whether an ended execution is known to have started. If that is unknown, or it ended before it began,
// StartedAt is only when that was recorded.
func (e *Execution) Began() bool {
	never := e.Unplaced || e.Outcome == Stopped && e.StartedAt.Equal(e.FinishedAt)
	return !never && e.Outcome != Lost && !e.StartedAt.IsZero()
}

// Text returns the output as the public API shows it: the error line, then the output. What has replaced an output is
// alone, so that clients can use it, as the path of a file.
func (e *Execution) Text() []byte {
	if e.Error == "" || e.Replaced != nil {
		return e.Output
	}
	text := make([]byte, 0, len(e.Error)+1+len(e.Output))
	return append(append(append(text, e.Error...), '\n'), e.Output...)
}

// Ref returns the identity of the execution for its node.
func (e *Execution) Ref() ExecutionRef {
	return ExecutionRef{e.JobName, e.Group, e.Attempt, e.Key.Slot}
}

// Fields describes the wire form. Numbers up to 8 are those of the v4 protocol.
func (e *Execution) Fields(w *codec.Wire) {
	w.String(1, &e.JobName)
	success := e.Outcome == Success
	w.Bool(2, &success)
	w.Bytes(3, &e.Output)
	w.String(4, &e.NodeName)
	w.Int(5, &e.Group)
	w.Uint(6, &e.Attempt)
	w.Time(7, &e.StartedAt)
	w.Time(8, &e.FinishedAt)
	codec.Nested(w, 64, &e.Key)
	w.Uint(65, &e.JobNumber)
	w.Time(66, &e.Nominal)
	w.Time(67, &e.Due)
	codec.Text(w, 68, &e.Outcome)
	w.String(69, &e.Error)
	codec.Optional(w, 70, &e.ExitCode)
	w.Uint(71, &e.OutputSize)
	w.Uint(72, &e.Number)
	w.Uint(73, &e.Ordinal)
	w.Uint(74, &e.Prev)
	w.Bool(75, &e.Unplaced)
	codec.Optional(w, 76, &e.Stop)
	w.Uint(77, &e.Written)
	w.Uint(78, &e.WrittenAll)
	w.Time(79, &e.RecordedAt)
	w.Uint(80, &e.Apart)
	w.Strings(81, &e.LeftRunning)
	w.Since(2)
	codec.Optional(w, 82, &e.Usage)
	w.Bool(83, &e.Varied)
	codec.Optional(w, 84, &e.Replaced)
}

// Result is what a node reports of an execution that ended.
type Result struct {
	Key        ExecutionKey
	Group      int64
	Attempt    uint64
	NodeName   string
	StartedAt  time.Time
	FinishedAt time.Time
	Outcome    Outcome
	Error      string
	ExitCode   *ExitCode
	Output     []byte
	OutputSize uint64
	JobName    string
	// LeftRunning is as in Execution.
	LeftRunning []string
	// Usage is as in Execution.
	Usage *Usage
	// Reason is why it failed, for people. A node reports what its executor knows. In the log it is complete; see Explain.
	Reason string
}

// Ref returns the identity of the execution.
func (r *Result) Ref() ExecutionRef { return ExecutionRef{r.JobName, r.Group, r.Attempt, r.Key.Slot} }

// Fields describes the wire form.
func (r *Result) Fields(w *codec.Wire) {
	codec.Nested(w, 1, &r.Key)
	w.Uint(2, &r.Attempt)
	w.String(3, &r.NodeName)
	w.Time(4, &r.StartedAt)
	w.Time(5, &r.FinishedAt)
	codec.Text(w, 6, &r.Outcome)
	w.String(7, &r.Error)
	codec.Optional(w, 8, &r.ExitCode)
	w.Bytes(9, &r.Output)
	w.Uint(10, &r.OutputSize)
	w.Int(11, &r.Group)
	w.String(12, &r.JobName)
	w.Strings(13, &r.LeftRunning)
	w.Since(2)
	w.String(14, &r.Reason)
	codec.Optional(w, 15, &r.Usage)
}
