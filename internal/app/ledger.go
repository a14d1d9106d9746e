package app

import (
	"context"
	"net"
	"path/filepath"

	"dkron/internal/command"
	"dkron/internal/consensus"
	"dkron/internal/roster"
	"dkron/internal/standing"
	"dkron/internal/state"
)

// ledger is a server's log, and the state built from it.
type ledger struct {
	state    *state.Store
	machine  *command.Machine
	raft     consensus.Log
	progress *standing.Progress
}

// openLedger opens the state and the log. l brings Raft's connections; named means that the data directory is known to
// be this node's.
func (n *Node) openLedger(l net.Listener, members *roster.Roster, named bool) (*ledger, error) {
	st, err := state.Open(filepath.Join(n.cfg.DataDir, "state", "state.db"))
	if err != nil {
		return nil, err
	}
	n.stops.add("state", func() { st.Close() })
	progress := new(standing.Progress)
	st.OnEnded(func(e state.Ended) {
		// Entries replayed before this server has caught up are not news: after a restart they would look like a burst
		// of runs.
		if progress.CaughtUp() {
			n.metrics.ExecutionsEnded(e.Executions)
			n.metrics.LaunchesEnded(e.Launches)
		}
	})
	st.OnCluster(n.settled)
	n.identity.Agreed = func() (uint64, string) {
		a, err := st.Agreed()
		if err != nil {
			n.log.Error("could not read the cluster's protocol; until that works, servers of older versions are let in", "error", err)
		}
		return a.Protocol, a.By
	}
	m := command.NewMachine(st, n.log, func(err error) { panic(err) })
	outgoing := door{n.identity, n.cfg.NodeName, n.identity.Dialled}
	node, err := consensus.Open(consensus.Config{
		ID: n.cfg.NodeName, AdvertiseAddr: n.addr.RPCAdvertise, DataDir: n.cfg.DataDir,
		LogStore: n.cfg.RaftLog, Multiplier: n.cfg.RaftMultiplier, Listener: l, Logger: n.log, Named: named,
		Begin: func(hasState bool) error {
			id, err := st.Cluster()
			if err != nil {
				return err
			}
			return n.identity.Begin(hasState, id)
		},
		Dial: func(ctx context.Context, id, addr string) (net.Conn, error) {
			return n.pool.DialServer(ctx, id, addr, outgoing)
		},
		Where:    func(id string) string { return members.Where(id, n.cfg.Region) },
		Observer: n.metrics,
	}, machine{m})
	if err != nil {
		return nil, err
	}
	n.stops.add("consensus", func() { node.Close() })
	return &ledger{st, m, consensus.Log{Node: node}, progress}, nil
}

// settled is called by the state once the cluster has its id.
func (n *Node) settled(id string) {
	if err := n.identity.Settle(id); err != nil {
		n.log.Error("could not write the cluster's id to the data directory; the state has it too; trying again at the next start", "error", err)
	}
	n.log.Info("this server's cluster", "id", id)
}
