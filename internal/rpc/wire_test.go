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
			new(RaftHello), new(jobRequest), new(nameRequest), new(revisionRequest), new(restoreRequest), new(restoreReply),
			new(stopRequest), new(stopReply), new(pauseRequest), new(recordReply), new(launchedReply), new(indexReply), new(Empty),
			new(ServerStatus), new(ServerReport), new(Proposal), new(ProposalAnswer), new(HTTPField), new(HTTPRequest), new(HTTPPart),
			new(OutputRequest), new(OutputReply), new(LeaveReply), new(Peer), new(PeersReply), new(PeerRequest), new(PeerReply),
		},
	}.Check(t)
}
