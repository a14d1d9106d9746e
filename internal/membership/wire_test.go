package membership

import (
	"testing"

	"dkron/internal/codec"
	"dkron/internal/codec/codectest"
	"dkron/internal/compat"
)

func TestWireFormIsKept(t *testing.T) {
	codectest.Suite{
		Release: compat.Release,
		Holds:   "answers among servers about their configuration",
		Types:   []codec.Message{new(Status), new(Peer), new(PeerRequest), new(PeerReply)},
	}.Check(t)
}
