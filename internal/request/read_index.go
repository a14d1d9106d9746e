package request

import "dkron/internal/codec"

// ReadIndex returns the index that a state must reach for a consistent read. The leader confirms that it still leads.
//
// The reply is empty. Every change acknowledged before the call is at or before the returned index. Nothing is written.
type ReadIndex struct{}

// Fields describes the wire form.
func (*ReadIndex) Fields(*codec.Wire) {}

// Name is the name on the wire.
func (*ReadIndex) Name() string { return "ReadIndex" }

// Touches is Read.
func (*ReadIndex) Touches() Touch { return Read }

// Reply is empty.
func (*ReadIndex) Reply() *Done { return new(Done) }
