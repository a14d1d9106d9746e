package dkron

import (
	"time"

	"dkron/internal/codec"
)

// Defaults of retention.
const (
	DefaultKeepExecutions = 100
	DefaultKeepTotal      = 4 << 30 // bytes of output in the cluster
	// keepLaunches is how many launches are kept per execution, since skipped and missed ones need room too.
	keepLaunches = 2
)

// Retention bounds the history of a job. Whatever exceeds one of the bounds is removed, oldest first; 0 means the
// cluster's bound, or none.
type Retention struct {
	Count uint64        // executions
	Age   time.Duration // since they ended
	Bytes uint64        // of output
}

// Fields describes the wire form.
func (r *Retention) Fields(w *codec.Wire) {
	w.Uint(1, &r.Count)
	w.Duration(2, &r.Age)
	w.Uint(3, &r.Bytes)
}

// Or returns the bounds, with other's where r has none.
func (r Retention) Or(other Retention) Retention {
	if r.Count == 0 {
		r.Count = other.Count
	}
	if r.Age == 0 {
		r.Age = other.Age
	}
	if r.Bytes == 0 {
		r.Bytes = other.Bytes
	}
	return r
}

// Launches returns how many launches are kept.
func (r Retention) Launches() uint64 { return keepLaunches * r.Count }

// Validate returns an error if the bounds are invalid; name is the field that has them.
func (r Retention) Validate(name string) error {
	const most = 1_000_000
	if r.Count > most {
		return Invalid("invalid %s.count %d, use at most %d", name, r.Count, most)
	}
	if r.Age < 0 {
		return Invalid("invalid %s.age %s, must not be negative", name, r.Age)
	}
	return nil
}

// Settings apply to the whole cluster.
type Settings struct {
	History    Retention // of jobs without their own
	TotalBytes uint64    // of output of all jobs; the oldest goes first
}

// DefaultSettings returns the settings of a new cluster.
func DefaultSettings() Settings {
	return Settings{History: Retention{Count: DefaultKeepExecutions}, TotalBytes: DefaultKeepTotal}
}

// Fields describes the wire form.
func (s *Settings) Fields(w *codec.Wire) {
	codec.Nested(w, 1, &s.History)
	w.Uint(2, &s.TotalBytes)
}

// Validate returns an error if the settings are invalid.
func (s *Settings) Validate() error {
	if s.History.Count == 0 {
		return Invalid("history.count must be at least 1")
	}
	return s.History.Validate("history")
}
