package plugin

import (
	"context"
	"errors"
	"time"
)

// ErrStopped is the cancellation cause of an Execute context when somebody asked for the execution to be stopped.
// An executor that sees its context end with another cause is being shut down with its node.
var ErrStopped = errors.New("stopped on request")

// ErrUnknownOutcome is returned by Adopt when the work has ended but nobody can tell how: the execution is then
// recorded as lost, never as failed.
var ErrUnknownOutcome = errors.New("the outcome is not known")

// ErrShortage is inside the error of an Execute that could not begin because the node lacks something for the moment:
// file descriptors, processes or memory. Nothing has been started and nothing was written to Status. The agent calls
// Execute again after a while.
var ErrShortage = errors.New("the node is short of resources")

// Executor does the work of an execution. Implementations are called concurrently, one call per execution, and keep
// no state between calls that one job could see of another.
type Executor interface {
	// Execute runs until the work is done or ctx ends. When ctx ends, Execute ends all of the work first. A failure of
	// the work is told in the response; an error means that the executor itself could not do its task, and its text
	// becomes the error line of the execution.
	Execute(ctx context.Context, req *ExecuteRequest, status Status) (*ExecuteResponse, error)
}

// Adopter is implemented by executors whose work goes on when the agent's process dies. After a restart the agent
// hands back the handle that the executor gave to Status.Started, and the executor follows the work to its end.
type Adopter interface {
	// Adopt follows the work behind handle to its end, as Execute does. It returns ErrUnknownOutcome, with whatever
	// output could still be read, when the work has ended and its result can't be known any more.
	Adopt(ctx context.Context, req *ExecuteRequest, handle []byte, status Status) (*ExecuteResponse, error)
}

// ExecuteRequest says what to run. Executors must not change it.
type ExecuteRequest struct {
	JobName string
	Config  map[string]string // the job's executor_config, as written

	LaunchID    string    // the same for every node and attempt of one firing
	ExecutionID string    // unique within the job
	Group       int64     // the number that the public API calls group
	Attempt     int       // 1 for the first try
	NodeName    string    // the node that runs this
	ScheduledAt time.Time // the nominal time of the launch, UTC
}

// Status carries what an executor has to say while it works. It is safe for concurrent use and never blocks on a slow
// reader.
type Status interface {
	// Write takes the next chunk of output; the implementation bounds what is kept. isError marks standard error.
	Write(chunk []byte, isError bool)
	// Started records a handle by which the work can be found after a restart of the agent (see Adopter). It returns
	// when the handle is written to the agent's journal.
	Started(handle []byte) error
}

// ExecuteResponse tells how the work ended.
type ExecuteResponse struct {
	// Output, if not nil, replaces what was written to Status as the output of the execution.
	Output []byte
	// Error is empty for a success, else one line that says what went wrong. It is kept apart from the output.
	Error string
	// ExitCode is the exit code of a process, nil where there is none (a signal, an HTTP call).
	ExitCode *int
	// TimedOut says that the work was ended because it took longer than its own timeout.
	TimedOut bool
	// LeftRunning names what the work left running, one name each, such as "pid 4711 (sleep)". It is empty for most.
	LeftRunning []string
}
