package request

import (
	"time"

	"dkron"
	"dkron/internal/codec"
)

// AddSilence keeps rules from noticing what happens to some jobs for a time.
//
// The reply is the silence. Errors: ErrInvalid names the field; ErrConflict if there are too many.
type AddSilence struct {
	Silence  dkron.Silence // without From it begins now
	Duration time.Duration // from From on, in place of Until
}

// Fields describes the wire form.
func (r *AddSilence) Fields(w *codec.Wire) {
	codec.Nested(w, 1, &r.Silence)
	w.Duration(2, &r.Duration)
}

// Name is the name on the wire.
func (*AddSilence) Name() string { return "AddSilence" }

// Touches is Write.
func (*AddSilence) Touches() Touch { return Write }

// Reply is the silence.
func (*AddSilence) Reply() *Silence { return new(Silence) }

// Silence is a silence.
type Silence struct{ dkron.Silence }

// Fields describes the wire form.
func (r *Silence) Fields(w *codec.Wire) { codec.Nested(w, 2, &r.Silence) }

// EndSilence ends a silence before its time.
//
// The reply is the silence. Errors: ErrNotFound.
type EndSilence struct{ Number uint64 }

// Fields describes the wire form.
func (r *EndSilence) Fields(w *codec.Wire) { w.Uint(1, &r.Number) }

// Name is the name on the wire.
func (*EndSilence) Name() string { return "EndSilence" }

// Touches is Write.
func (*EndSilence) Touches() Touch { return Write }

// Reply is the silence.
func (*EndSilence) Reply() *Silence { return new(Silence) }
