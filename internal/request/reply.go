package request

import (
	"dkron"
	"dkron/internal/codec"
)

// Replies that several requests share. Field 1 belongs to the index, see Reply.

// Stored is a job with its progress.
type Stored struct{ dkron.Record }

// Fields describes the wire form.
func (r *Stored) Fields(w *codec.Wire) { codec.Nested(w, 2, &r.Record) }

// Done is an empty reply.
type Done struct{}

// Fields describes the wire form.
func (*Done) Fields(*codec.Wire) {}
