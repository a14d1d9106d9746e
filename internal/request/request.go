package request

import (
	"context"
	"time"

	"dkron/internal/codec"
)

// Request is a use case with its arguments. Only types that are listed in table.go are requests.
type Request interface {
	codec.Message
	// Name is the same for all requests of a type: on the wire, in metrics, in logs. It never changes.
	Name() string
	// Touches says what the request does to the cluster. It is the same for all requests of a type.
	Touches() Touch
}

// Reply is what the leader says to a request that succeeded. Field 1 belongs to the index that goes with it on the wire,
// so Fields begins with 2.
type Reply interface{ codec.Message }

// Typed is a request whose reply is an R.
type Typed[R any] interface {
	Request
	// Reply returns an empty reply, to be filled.
	Reply() *R
}

// Doer does what requests ask.
//
// With a nil error, the reply is a *R for a Typed[R], and index is the log entry that made the change, or 0 if nothing
// had to be written. With an error, the reply is nil. Each request lists its errors. All of them can also fail with
//
//   - ErrNoLeader: nothing was done
//   - ErrUnavailable, or the error of ctx: it may have been done, or still be done
//   - ErrInvalid: it is larger than an entry of the log may be
//
// The name of who asks is in ctx, see dkron.WithActor.
type Doer interface {
	Do(ctx context.Context, r Request) (reply Reply, index uint64, err error)
}

// Do has d do what r asks, and returns the reply as what it is.
func Do[R any](ctx context.Context, d Doer, r Typed[R]) (*R, error) {
	reply, _, err := d.Do(ctx, r)
	if err != nil {
		return nil, err
	}
	return any(reply).(*R), nil
}

// Touch is what a request does to the cluster. Whoever may do one may also do those before it: a job that somebody may
// write can be written so that it runs.
type Touch int

// What a request may touch.
const (
	Read  Touch = iota + 1 // changes nothing
	Run                    // starts or ends work that is defined already
	Write                  // changes jobs, or what is kept of them
	Admin                  // changes what applies to all jobs and all clients
)

// String returns the touch in one word.
func (t Touch) String() string {
	switch t {
	case Read:
		return "read"
	case Run:
		return "run"
	case Write:
		return "write"
	case Admin:
		return "admin"
	}
	return "unknown"
}

// usual is how long a server waits for the leader's reply, unless the request's row says otherwise.
const usual = 10 * time.Second
