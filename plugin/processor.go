package plugin

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strconv"
	"time"
)

// ErrUndeliverable is wrapped by the error of a Process that no later attempt can fix with the same result and the same
// configuration. The processor is not given that result again.
var ErrUndeliverable = errors.New("no later attempt can succeed")

// Processor is given the result of each execution of the jobs that name it: on the server that leads or, if the job's key
// on is node, on the node that ran the execution. Implementations are called concurrently, with one result of a job at a
// time, and keep no state between calls that one job could see of another. After an error, or when another server takes
// over, they may be given the same result again. Describer and Checker are of ProcessRequest.Config.
type Processor interface {
	// Process does something with a result. It returns when ctx ends, at the latest: that is after 30 s, or when the server
	// no longer leads. After an error the output stays as it is, and Process is called again later.
	Process(ctx context.Context, req *ProcessRequest) (*ProcessResponse, error)
}

// ProcessRequest is the result of an execution. Processors must not change it.
type ProcessRequest struct {
	JobName string
	// Config is what the job has under the processor's name, and reporting_node.
	Config        map[string]string
	ReportingNode string // the node that calls the processor

	LaunchID    string // the same for every node and attempt of one launch
	ExecutionID string // unique within the job
	Group       int64  // the launch's number, as the public API shows it
	Attempt     int    // 1 for the first try
	NodeName    string // the node that ran it
	ScheduledAt time.Time
	StartedAt   time.Time
	FinishedAt  time.Time

	Success bool
	Outcome string // success, failed, timed_out, stopped or lost
	Error   string // one line that says what went wrong; Output begins with it
	Output  []byte // as the public API shows it: of a long one, head and tail

	// Open opens the whole output, anew with each call. It is nil where Output is all that there is: on the server that leads.
	// Use Whole, which works in both places.
	Open func() (io.ReadCloser, error)
	// Size is how many bytes the reader of Open has.
	Size int64
}

// Whole opens the whole output where the processor runs on the node that ran the execution, and Output elsewhere. It can
// be much longer than what fits in memory. Reading fails once ctx has ended. The caller closes it.
func (r *ProcessRequest) Whole(ctx context.Context) (io.ReadCloser, error) {
	if r.Open == nil {
		return io.NopCloser(bytes.NewReader(r.Output)), nil
	}
	in, err := r.Open()
	if err != nil {
		return nil, err
	}
	return &limited{ctx, in}, nil
}

// limited is a reader that ends with a context.
type limited struct {
	ctx context.Context //nolint:containedctx // of the one call that reads
	io.ReadCloser
}

func (l *limited) Read(p []byte) (int, error) {
	if err := l.ctx.Err(); err != nil {
		return 0, err
	}
	return l.ReadCloser.Read(p)
}

// ProcessResponse says whether the output is replaced.
type ProcessResponse struct {
	// Output, if not nil, replaces the output of the execution.
	Output []byte
}

// Replace returns the response of a processor that has put the output somewhere else: what says where replaces the output,
// unless the job's forward is true.
func (r *ProcessRequest) Replace(where string) *ProcessResponse {
	if forward, err := strconv.ParseBool(r.Config[Forward]); err == nil && forward {
		return new(ProcessResponse)
	}
	return &ProcessResponse{Output: []byte(where)}
}

// Copied returns the response of a processor that has sent a copy of the output: the output stays, unless the job's forward is
// false. Then what says where the copy went replaces it.
func (r *ProcessRequest) Copied(where string) *ProcessResponse {
	if forward, err := strconv.ParseBool(r.Config[Forward]); err == nil && !forward {
		return r.Replace(where)
	}
	return new(ProcessResponse)
}

// Keys that mean the same to all processors.
const (
	Forward       = "forward"
	On            = "on"
	Order         = "order"
	ReportingNode = "reporting_node"
)

// ForwardProperty describes the key forward.
func ForwardProperty() Property {
	return Property{
		Name: Forward, Title: "Keep the output", Default: "false", Format: Boolean,
		Description: "Whether the output of the execution stays as it is. Otherwise a text that says where it went replaces it.",
	}
}

// OnProperty describes the key on.
func OnProperty() Property {
	return Property{
		Name: On, Title: "Where it runs", Default: "leader", Enum: []string{"leader", "node"},
		Description: "The server that leads (leader) has head and tail of a long output; the node that ran the execution (node) has the whole output.",
	}
}

// OrderProperty describes the key order.
func OrderProperty() Property {
	return Property{
		Name: Order, Title: "Order", Default: "0", Format: Integer, Advanced: true, Examples: []string{"10"},
		Description: "Place among the job's processors: lower ones are called first, equal ones in the order of their names. The replacement by the last one stays.",
	}
}

// CheckForward returns the problem of a key forward that is not a boolean, if it is one.
func CheckForward(config map[string]string) []Problem {
	text, there := config[Forward]
	if _, err := strconv.ParseBool(text); !there || err == nil {
		return nil
	}
	return []Problem{{Key: Forward, Text: "is " + Shown(text) + ", which is not a boolean, so it counts as false; write \"true\" or \"false\""}}
}
