package standing

import (
	"time"

	"dkron/internal/codec"
)

// Report is a server's report about itself.
type Report struct {
	Term    uint64
	Applied uint64    // the index of its state
	Last    uint64    // the end of its log
	Reason  string    // why it is not ready; empty if it is
	Now     time.Time // its wall clock; zero from a server that does not report it
	Notices []string  // what an operator should know about it although it works
	HTTP    string    // host:port of its API as others reach it; empty if they can't, or from a server that does not report it
}

// Fields describes the wire form.
func (r *Report) Fields(w *codec.Wire) {
	w.Uint(1, &r.Term)
	w.Uint(2, &r.Applied)
	w.Uint(3, &r.Last)
	w.String(4, &r.Reason)
	w.Time(5, &r.Now)
	w.Strings(6, &r.Notices)
	w.String(7, &r.HTTP)
}
