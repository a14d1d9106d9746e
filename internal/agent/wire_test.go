package agent

import (
	"testing"

	"dkron/internal/codec"
	"dkron/internal/codec/codectest"
	"dkron/internal/compat"
)

func TestWireFormIsKept(t *testing.T) {
	codectest.Suite{
		Release: compat.Release,
		Holds:   "journals of agents",
		Types:   []codec.Message{new(record), new(started)},
	}.Check(t)
}
