package request

import "dkron/internal/codec"

// StopLaunches asks to end many launches, as Stop does for one. Those that have ended meanwhile are not counted.
//
// The reply is the number of launches that were asked to end; if it is 0, so is index.
type StopLaunches struct {
	Launches []uint64 // by number
	Reason   string
}

// Fields describes the wire form.
func (r *StopLaunches) Fields(w *codec.Wire) {
	w.Uints(1, &r.Launches)
	w.String(2, &r.Reason)
}

// Name is the name on the wire.
func (*StopLaunches) Name() string { return "StopLaunches" }

// Touches is Halt.
func (*StopLaunches) Touches() Touch { return Halt }

// Reply is the number of launches.
func (*StopLaunches) Reply() *Stopped { return new(Stopped) }
