package dkron

import (
	"path"
	"time"

	"dkron/internal/codec"
)

// MaxSecrets is how many secrets may be stored.
const MaxSecrets = 1000

// Secret is a stored value that jobs and channels refer to by its name, ${secret:NAME}. The state has it sealed only, with a key that is
// not in the state.
type Secret struct {
	Name   string
	Sealed []byte   // see package secret
	Jobs   []string // patterns of the names of the jobs that may use it; empty: all

	Revision  uint64
	CreatedAt time.Time
	UpdatedAt time.Time
	UpdatedBy string
	ValueAt   time.Time // when the value was set; sealing it with another key does not change it
}

// Fields describes the wire form.
func (s *Secret) Fields(w *codec.Wire) {
	w.Since(2)
	w.String(1, &s.Name)
	w.Bytes(2, &s.Sealed)
	w.Uint(3, &s.Revision)
	w.Time(4, &s.CreatedAt)
	w.Time(5, &s.UpdatedAt)
	w.String(6, &s.UpdatedBy)
	w.Strings(7, &s.Jobs)
	w.Time(8, &s.ValueAt)
}

// ServesJob reports whether the job of that name may use the secret.
func (s *Secret) ServesJob(name string) bool {
	m := Match{Jobs: s.Jobs}
	return m.Named(name)
}

// SecretQuestion asks a server for the values of secrets, for an execution that a node was given.
type SecretQuestion struct {
	Node      string
	Execution ExecutionRef
	Key       ExecutionKey
	Names     []string
}

// Fields describes the wire form.
func (q *SecretQuestion) Fields(w *codec.Wire) {
	w.Since(2)
	w.String(1, &q.Node)
	codec.Nested(w, 2, &q.Execution)
	codec.Nested(w, 3, &q.Key)
	w.Strings(4, &q.Names)
}

// SecretAnswer is the values, in the order of the question. It is never written to a disk.
type SecretAnswer struct{ Values []SecretValue }

// Fields describes the wire form.
func (a *SecretAnswer) Fields(w *codec.Wire) {
	w.Since(2)
	codec.List(w, 1, &a.Values)
}

// SecretValue is the value of a secret, and when it was set.
type SecretValue struct {
	Text string
	At   time.Time
}

// Fields describes the wire form.
func (v *SecretValue) Fields(w *codec.Wire) {
	w.Since(2)
	w.String(1, &v.Text)
	w.Time(2, &v.At)
}

// CheckJobs refuses patterns that can't match.
func (s *Secret) CheckJobs() error {
	const most = 100
	if len(s.Jobs) > most {
		return Invalid("jobs has %d patterns; at most %d are allowed", len(s.Jobs), most)
	}
	for i, pattern := range s.Jobs {
		if _, err := path.Match(pattern, ""); err != nil || pattern == "" || len(pattern) > 256 {
			return Invalid("jobs[%d] %q is not a pattern of names; write one such as backup-*", i, shortened(pattern))
		}
	}
	return nil
}
