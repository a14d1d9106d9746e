package request

import (
	"context"
	"time"

	"dkron/internal/codec"
)

// Request is a use case with its arguments. Only types in table.go are requests.
type Request interface {
	codec.Message
	// Name is the same for all requests of a type: on the wire, in metrics, in logs. It never changes.
	Name() string
	// Touches says what the request does to the cluster. It is the same for all requests of a type.
	Touches() Touch
}

// Reply is the leader's reply to a request that succeeded. Field 1 on the wire is the index, so Fields begins with 2.
type Reply interface{ codec.Message }

// Aimed is a request that touches only the jobs that it names. All others concern every job.
type Aimed interface{ Jobs() []string }

// Typed is a request whose reply is an R.
type Typed[R any] interface {
	Request
	// Reply returns an empty reply, to be filled.
	Reply() *R
}

// Doer executes requests.
//
// With a nil error, the reply is a *R for a Typed[R], and index is the log entry that made the change, or 0 if nothing
// had to be written. With an error, the reply is nil. Each request lists its errors. All of them can also fail with
//
//   - ErrNoLeader: nothing was done
//   - ErrUnavailable, or the error of ctx: it may have been done, or may still be
//   - ErrInvalid: it is larger than a log entry may be
//
// ctx carries the caller's name, see dkron.WithActor.
type Doer interface {
	Do(ctx context.Context, r Request) (reply Reply, index uint64, err error)
}

// Do sends r to d and returns the reply with its type.
func Do[R any](ctx context.Context, d Doer, r Typed[R]) (*R, error) {
	reply, _, err := d.Do(ctx, r)
	if err != nil {
		return nil, err
	}
	return any(reply).(*R), nil
}

// Touch is what a request does to the cluster. Permission for one includes those before it: whoever may write a job can
// write it so that it runs.
type Touch int

// What a request may touch.
const (
	Read   Touch = iota + 1 // changes nothing
	Halt                    // ends work that runs or waits
	Run                     // starts work that is already defined
	Write                   // changes jobs or their history
	Admin                   // changes what applies to all jobs and all clients
	Manage                  // changes who may do what
)

// String returns the touch as one word.
func (t Touch) String() string {
	switch t {
	case Read:
		return "read"
	case Halt:
		return "stop"
	case Run:
		return "run"
	case Write:
		return "write"
	case Admin:
		return "admin"
	case Manage:
		return "manage"
	}
	return "unknown"
}

// usual is how long a server waits for the leader's reply, unless the request's row says otherwise.
const usual = 10 * time.Second
