package relay

import (
	"testing"

	"dkron/internal/codec"
	"dkron/internal/codec/codectest"
	"dkron/internal/compat"
)

func TestWireFormIsKept(t *testing.T) {
	codectest.Suite{
		Release: compat.Release,
		Holds:   "requests that agents hand to servers",
		Types:   []codec.Message{new(Field), new(Request), new(Part)},
	}.Check(t)
}
