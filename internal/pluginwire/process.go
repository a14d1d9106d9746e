package pluginwire

import "time"

// What goes between an agent and a processor is written by encoding/gob, which matches fields by their names and leaves out
// zero values. Both sides skip names that they do not know, so v4 skips ours.

// ProcessArgs asks a processor to do something with a result.
type ProcessArgs struct {
	Execution *Execution
	Config    map[string]string // with reporting_node

	// Within is how long the call may take. v4 does not know it.
	Within time.Duration
}

// Execution is a result as a processor is given it, and as it returns it: perhaps with another output.
type Execution struct {
	JobName    string
	Success    bool
	Output     []byte
	NodeName   string
	Group      int64
	Attempt    uint32
	StartedAt  *Timestamp
	FinishedAt *Timestamp

	// More of the result. v4 does not know what follows.
	ExecutionID string
	LaunchID    string
	Outcome     string
	Error       string
	ScheduledAt *Timestamp

	// Of the answer alone.

	// Failure is why the processor failed; empty if it did not. v4 has no errors: its agent ends at one.
	Failure       string
	Undeliverable bool // with Failure: no later attempt can succeed
	Replaces      bool // Output replaces that of the execution, although it may be empty or the same
}

// Timestamp is an instant as protobuf has it.
type Timestamp struct {
	Seconds int64
	Nanos   int32
}

// NewTimestamp returns an instant. The zero time is in the year 1, as v4 has it: never nil.
func NewTimestamp(t time.Time) *Timestamp { return &Timestamp{t.Unix(), int32(t.Nanosecond())} }

// Time returns the instant, the zero time for nil.
func (t *Timestamp) Time() time.Time {
	if t == nil {
		return time.Time{}
	}
	return time.Unix(t.Seconds, int64(t.Nanos)).UTC()
}
