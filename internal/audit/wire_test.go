package audit

import (
	"testing"

	"dkron/internal/codec"
	"dkron/internal/codec/codectest"
	"dkron/internal/compat"
)

func TestWireFormIsKept(t *testing.T) {
	codectest.Suite{
		Release: compat.Release,
		Holds:   "calls between servers",
		Types:   []codec.Message{new(Query), new(Question), new(Answer)},
	}.Check(t)
}
