package plugins

import (
	"testing"

	"dkron/internal/codec"
	"dkron/internal/codec/codectest"
	"dkron/internal/compat"
)

func TestWireFormIsKept(t *testing.T) {
	codectest.Suite{
		Release: compat.Release,
		Holds:   "answers among nodes about their plugins",
		Types:   []codec.Message{new(Plugin), new(List), new(Restart), new(Subject), new(Description)},
	}.Check(t)
}
