package request

import "dkron/internal/codec"

// ReadIndex asks how far a state must have come for a consistent read. The leader makes sure that it still leads.
//
// The reply is empty. The index is what was asked for: every change that was acknowledged before is at or before that
// log entry. Nothing is written.
type ReadIndex struct{}

// Fields describes the wire form.
func (*ReadIndex) Fields(*codec.Wire) {}

// Name is the name on the wire.
func (*ReadIndex) Name() string { return "ReadIndex" }

// Touches is Read.
func (*ReadIndex) Touches() Touch { return Read }

// Reply is empty.
func (*ReadIndex) Reply() *Done { return new(Done) }
