package standing

import (
	"time"

	"dkron/internal/codec"
)

// Report is what a server reports of itself.
type Report struct {
	Term    uint64
	Applied uint64    // how far its state is
	Last    uint64    // the end of its log
	Reason  string    // why it is not ready; empty if it is
	Now     time.Time // by its wall clock; zero from a server that does not say
	Notices []string  // what an operator should know of it although it does its part
}

// Fields describes the wire form.
func (r *Report) Fields(w *codec.Wire) {
	w.Uint(1, &r.Term)
	w.Uint(2, &r.Applied)
	w.Uint(3, &r.Last)
	w.String(4, &r.Reason)
	w.Time(5, &r.Now)
	w.Strings(6, &r.Notices)
}
