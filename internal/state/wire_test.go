package state

import (
	"testing"

	"dkron/internal/codec"
	"dkron/internal/codec/codectest"
	"dkron/internal/compat"
)

func TestWireFormIsKept(t *testing.T) {
	codectest.Suite{
		Release: compat.Release,
		Holds:   "states (state.db) and snapshots",
		Types:   []codec.Message{new(meta), new(Stat), new(Minute), new(Histogram), new(waste), new(sketch), new(Trust), new(share)},
	}.Check(t)
}
