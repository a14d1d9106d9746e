package roster

import (
	"testing"

	"dkron/internal/codec"
	"dkron/internal/codec/codectest"
	"dkron/internal/compat"
)

func TestWireFormIsKept(t *testing.T) {
	codectest.Suite{
		Release: compat.Release,
		Holds:   "proposals among servers that found a cluster",
		Types:   []codec.Message{new(Proposal), new(ProposalAnswer)},
	}.Check(t)
}
