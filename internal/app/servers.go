package app

import (
	"dkron/internal/consensus"
	"dkron/internal/rpc"
)

// servers is the servers of Raft's configuration, which are called by RPC.
type servers struct {
	consensus.Log
	*rpc.Leader
}
