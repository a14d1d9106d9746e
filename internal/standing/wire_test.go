package standing

import (
	"testing"

	"dkron/internal/codec"
	"dkron/internal/codec/codectest"
	"dkron/internal/compat"
)

func TestWireFormIsKept(t *testing.T) {
	codectest.Suite{
		Release: compat.Release,
		Holds:   "answers among servers about where they stand",
		Types:   []codec.Message{new(Report)},
	}.Check(t)
}
