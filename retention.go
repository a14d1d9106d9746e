package dkron

import (
	"time"

	"dkron/internal/codec"
)

// What is kept of a history unless a job or the cluster says otherwise.
const (
	DefaultKeepExecutions = 100
	DefaultKeepTotal      = 4 << 30 // bytes of output in the cluster
	// keepLaunches is how many launches are kept for each execution that may be: those that were skipped or missed need
	// room too.
	keepLaunches = 2
)

// Retention bounds the history of a job. What exceeds any of the bounds is removed, oldest first; 0 means that the
// cluster's bound holds, or that there is none.
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

// Or returns the bounds, with those of other where there is none.
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

// Validate reports what is wrong with bounds that stand under the given name.
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

// Settings are what all servers go by.
type Settings struct {
	History    Retention // of jobs that don't say otherwise
	TotalBytes uint64    // of output of all jobs; the oldest goes first
}

// DefaultSettings are those of a cluster that was told nothing.
func DefaultSettings() Settings {
	return Settings{History: Retention{Count: DefaultKeepExecutions}, TotalBytes: DefaultKeepTotal}
}

// Fields describes the wire form.
func (s *Settings) Fields(w *codec.Wire) {
	codec.Nested(w, 1, &s.History)
	w.Uint(2, &s.TotalBytes)
}

// Validate reports what is wrong with the settings.
func (s *Settings) Validate() error {
	if s.History.Count == 0 {
		return Invalid("history.count must be at least 1")
	}
	return s.History.Validate("history")
}
