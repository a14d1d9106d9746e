package rpc

import (
	"testing"

	"dkron/internal/codec"
	"dkron/internal/codec/codectest"
	"dkron/internal/compat"
)

func TestWireFormIsKept(t *testing.T) {
	codectest.Suite{
		Release: compat.Release,
		Holds:   "messages of nodes",
		Types: []codec.Message{
			new(RaftHello), &answer{Reply: &Empty{}}, new(Empty),
			new(OutputRequest), new(OutputReply), new(LoadsReply), new(LeaveReply), new(PeersReply), new(LogLevel),
		},
	}.Check(t)
}
