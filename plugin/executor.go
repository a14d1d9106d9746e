package plugin

import (
	"context"
	"errors"
	"time"
)

// ErrStopped is the cancellation cause of an Execute context when someone requested the stop. An executor whose context
// ends with another cause is being shut down with its node.
var ErrStopped = errors.New("stopped on request")

// ErrAgentGone is the cancellation cause of an executor in a plugin whose agent has died. Only executors that implement
// Adopter get it, after Status.Started: they leave the work running and return, since the agent has it adopted after its
// restart. Other executors end the work, as at a shutdown.
var ErrAgentGone = errors.New("the agent is gone")

// ErrUnknownOutcome is returned by Adopt when the work has ended but its result can't be known: the execution is then
// recorded as lost, never as failed.
var ErrUnknownOutcome = errors.New("the outcome is not known")

// ErrShortage is wrapped by the error of an Execute that could not start because the node temporarily lacks file
// descriptors, processes or memory. Nothing has been started and nothing was written to Status. The agent calls Execute
// again later.
var ErrShortage = errors.New("the node is short of resources")

// Executor does the work of an execution. Implementations are called concurrently, one call per execution, and keep
// no state between calls that one job could see of another.
type Executor interface {
	// Execute runs until the work is done or ctx ends. When ctx ends, Execute ends all of the work before it returns. A
	// failure of the work is reported in the response; an error means that the executor itself failed, and its text
	// becomes the error line of the execution.
	Execute(ctx context.Context, req *ExecuteRequest, status Status) (*ExecuteResponse, error)
}

// Adopter is implemented by executors whose work continues when the agent's process dies. After a restart the agent
// passes the handle that the executor gave to Status.Started, and the executor follows the work to its end. So it does
// after the end of a plugin's process.
type Adopter interface {
	// Adopt follows the work of handle to its end, as Execute does. If the work has ended and its result can't be
	// known, it returns ErrUnknownOutcome, with whatever output could still be read.
	Adopt(ctx context.Context, req *ExecuteRequest, handle []byte, status Status) (*ExecuteResponse, error)
}

// Closer is implemented by executors and processors that have something to end with their process, such as messages that
// are still to be sent: the process of a plugin, or the agent.
type Closer interface {
	// Close is called once, after the last call has returned. It may take a second.
	Close()
}

// ExecuteRequest says what to run. Executors must not change it.
type ExecuteRequest struct {
	JobName string
	Config  map[string]string // the job's executor_config, as written

	LaunchID    string    // the same for every node and attempt of one launch
	ExecutionID string    // unique within the job
	Group       int64     // the launch's number, as the public API shows it
	Attempt     int       // 1 for the first try
	NodeName    string    // the node that runs this
	ScheduledAt time.Time // the nominal time of the launch, UTC
	// Cluster is the id of dkron's cluster: two clusters may have jobs, and even nodes, of one name. It is empty if the agent does
	// not tell it.
	Cluster string
	// TraceParent is the execution's span as W3C Trace Context writes it, for what the executor calls; empty if this node
	// does not trace.
	TraceParent string

	// Reported is, for Adopt, how many bytes of this execution's output the agent has already. It is 0 after a restart of
	// the agent.
	Reported int64
}

// Status receives what an executor reports while it works. It is safe for concurrent use and never blocks on a slow
// reader.
type Status interface {
	// Write adds a chunk of output; the implementation limits what is kept. isError marks standard error.
	Write(chunk []byte, isError bool)
	// Started records a handle by which the work can be found after a restart of the agent (see Adopter). It returns
	// once the handle is in the agent's journal.
	Started(handle []byte) error
}

// ExecuteResponse is the result of the work.
type ExecuteResponse struct {
	// Output, if not nil, replaces what was written to Status as the output of the execution.
	Output []byte
	// Error is empty on success; otherwise one line that says what went wrong. It is kept apart from the output.
	Error string
	// ExitCode is the exit code of a process, nil where there is none (a signal, an HTTP call).
	ExitCode *int
	// TimedOut says that the work was ended because it took longer than its own timeout.
	TimedOut bool
	// LeftRunning names the processes that the work left running, such as "pid 4711 (sleep)". It is usually empty.
	LeftRunning []string
	// Reason says in one line for people why the work failed, if it says more than Error: "answered 404, expected 2xx". It
	// does not name the node.
	Reason string
	// Usage is what the work took of the node; nil where that is not known.
	Usage *Usage
}

// Usage is what the work took of the node.
type Usage struct {
	// CPU is the user and system time of the work's processes, as far as they were waited for.
	CPU time.Duration
	// MaxRSS is the most resident memory that the work was seen to use at once, in bytes; 0 if it is not known.
	MaxRSS int64
	// MemoryLimit is the limit that applied, in bytes; 0 is none.
	MemoryLimit int64
}
