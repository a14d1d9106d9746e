package deliver

import (
	"testing"

	"dkron/internal/codec"
	"dkron/internal/codec/codectest"
	"dkron/internal/compat"
)

func TestWireFormIsKept(t *testing.T) {
	codectest.Suite{
		Release: compat.Release,
		Holds:   "calls of processors on nodes",
		Types:   []codec.Message{new(Call), new(Answer), new(Drop)},
	}.Check(t)
}
