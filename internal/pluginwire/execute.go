package pluginwire

import (
	"time"

	"dkron/internal/codec"
)

// ExecuteRequest asks for an execution. Fields from 16 on are unknown to v4.
type ExecuteRequest struct {
	JobName string
	Config  map[string]string
	// StatusServer is the broker's number of the StatusService that the plugin reports to.
	StatusServer uint32

	ExecutionID string
	LaunchID    string
	Group       int64
	Attempt     uint64
	NodeName    string
	ScheduledAt time.Time
	Cluster     string
	TraceParent string
}

// Fields describes the wire form.
func (r *ExecuteRequest) Fields(w *codec.Wire) {
	w.String(1, &r.JobName)
	w.Map(2, &r.Config)
	w.Uint32(3, &r.StatusServer)
	w.String(16, &r.ExecutionID)
	w.String(17, &r.LaunchID)
	w.Int(18, &r.Group)
	w.Uint(19, &r.Attempt)
	w.String(20, &r.NodeName)
	w.Time(21, &r.ScheduledAt)
	w.String(22, &r.Cluster)
	w.String(23, &r.TraceParent)
}

// ExecuteResponse is the result of an execution. Fields from 16 on are unknown to v4.
type ExecuteResponse struct {
	Output []byte
	Error  string

	ExitCode    *ExitCode
	TimedOut    bool
	LeftRunning []string
	Reason      string
	Usage       *Usage
	// Replaces is that Output replaces what was reported before, although it may be empty.
	Replaces bool
	// Unknown is that the work has ended, but its result can't be known.
	Unknown bool
	// Short is that the node lacks what the work needs, and nothing was started.
	Short bool
}

// Fields describes the wire form.
func (r *ExecuteResponse) Fields(w *codec.Wire) {
	w.Bytes(1, &r.Output)
	w.String(2, &r.Error)
	codec.Optional(w, 16, &r.ExitCode)
	w.Bool(17, &r.TimedOut)
	w.Strings(18, &r.LeftRunning)
	w.String(19, &r.Reason)
	codec.Optional(w, 20, &r.Usage)
	w.Bool(21, &r.Replaces)
	w.Bool(22, &r.Unknown)
	w.Bool(23, &r.Short)
}

// ExitCode is the exit code of a process.
type ExitCode struct{ Code int64 }

// Fields describes the wire form.
func (c *ExitCode) Fields(w *codec.Wire) { w.Int(1, &c.Code) }

// Usage is what the work took of the node.
type Usage struct {
	CPU         time.Duration
	MaxRSS      int64
	MemoryLimit int64
}

// Fields describes the wire form.
func (u *Usage) Fields(w *codec.Wire) {
	w.Duration(1, &u.CPU)
	w.Int(2, &u.MaxRSS)
	w.Int(3, &u.MemoryLimit)
}

// StatusUpdate is a piece of output.
type StatusUpdate struct {
	Output  []byte
	IsError bool // of the error stream
}

// Fields describes the wire form.
func (u *StatusUpdate) Fields(w *codec.Wire) {
	w.Bytes(2, &u.Output)
	w.Bool(3, &u.IsError)
}

// StatusUpdated answers a StatusUpdate.
type StatusUpdated struct{ R int64 }

// Fields describes the wire form.
func (u *StatusUpdated) Fields(w *codec.Wire) { w.Int(1, &u.R) }
