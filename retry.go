package dkron

import (
	"hash/fnv"
	"time"

	"dkron/internal/codec"
)

// RetryOn says where a failed execution is tried again.
type RetryOn string

// The choices; the empty one means SameNode.
const (
	SameNode  RetryOn = "same-node"
	OtherNode RetryOn = "other-node" // one that the launch did not choose; the same one if there is none for a while
	AnyNode   RetryOn = "any"        // any that matches, except other targets of the launch
)

// Backoff is the pause before a retry: Initial before the first, then Factor times the one before, at most Max. Up to a
// quarter is added so that executions that failed together are not retried together.
type Backoff struct {
	Initial time.Duration // 0 means the default unless NoPause
	Max     time.Duration // 0 means the default
	Factor  uint64        // in thousandths; 0 means the default
	NoPause bool          // no pause at all
}

// Defaults of the back-off.
const (
	DefaultBackoffInitial = 500 * time.Millisecond
	DefaultBackoffMax     = time.Minute
	DefaultBackoffFactor  = 2000
	maxBackoff            = 24 * time.Hour
)

// Fields describes the wire form.
func (b *Backoff) Fields(w *codec.Wire) {
	w.Duration(1, &b.Initial)
	w.Duration(2, &b.Max)
	w.Uint(3, &b.Factor)
	w.Bool(4, &b.NoPause)
}

// Filled returns the back-off with its defaults written out.
func (b Backoff) Filled() Backoff {
	if b.Initial == 0 && !b.NoPause {
		b.Initial = DefaultBackoffInitial
	}
	if b.Max == 0 {
		b.Max = max(DefaultBackoffMax, b.Initial)
	}
	if b.Factor == 0 {
		b.Factor = DefaultBackoffFactor
	}
	return b
}

// Pause returns the pause after an attempt of an execution. It is a function of the execution alone, in integers, so
// that it is the same on every server.
func (b Backoff) Pause(e *Execution) time.Duration {
	b = b.Filled()
	pause := b.Initial
	for n := uint64(1); n < e.Attempt && pause > 0 && pause < b.Max && b.Factor > 1000; n++ {
		pause = time.Duration(uint64(pause) * b.Factor / 1000)
	}
	pause = min(pause, b.Max)
	h := fnv.New32a()
	_, _ = h.Write([]byte(e.JobName))
	_, _ = h.Write([]byte(e.ID()))
	return pause + time.Duration(h.Sum32()%256)*(pause/1024)
}

func (j *Job) validateRetryOn() error {
	switch j.RetryOn {
	case "", SameNode, OtherNode, AnyNode:
		return nil
	}
	return Invalid(`invalid retry_on %q, use "same-node", "other-node" or "any"`, j.RetryOn)
}

func (j *Job) validateBackoff() error {
	b := j.Backoff
	switch f := b.Filled(); {
	case b.Initial < 0 || b.Initial > maxBackoff:
		return Invalid("invalid retry_backoff.initial %s, use 0s to 24h", b.Initial)
	case b.Max < 0 || b.Max > maxBackoff:
		return Invalid("invalid retry_backoff.max %s, use 0s to 24h", b.Max)
	case f.Max < f.Initial:
		return Invalid("invalid retry_backoff.max %s, must not be less than retry_backoff.initial, %s", f.Max, f.Initial)
	case f.Factor < 1000 || f.Factor > 10000:
		return Invalid("invalid retry_backoff.factor %g, use 1 to 10", float64(b.Factor)/1000)
	}
	return nil
}
