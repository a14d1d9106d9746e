package app

import (
	"context"
	"net"
	"path/filepath"

	"dkron/internal/authority"
	"dkron/internal/command"
	"dkron/internal/consensus"
	"dkron/internal/identity"
	"dkron/internal/roster"
	"dkron/internal/rpc"
	"dkron/internal/standing"
	"dkron/internal/state"
	"dkron/internal/telemetry"
)

// ledger is a server's log, and the state built from it.
type ledger struct {
	state    *state.Store
	machine  *command.Machine
	raft     consensus.Log
	progress *standing.Progress
}

// openState opens a server's state, and the guard that knows what is agreed there. id is what the state settles.
func (n *Node) openState(id *identity.Identity) (*ledger, error) {
	l := &ledger{progress: new(standing.Progress)}
	launches := telemetry.NewLaunchLog(n.log)
	go launches.Run(n.living)
	ended := func(e state.Ended) {
		// Entries replayed before this server has caught up are not news: after a restart they would look like a burst
		// of runs.
		if l.progress.CaughtUp() {
			n.metrics.ExecutionsEnded(e.Executions)
			n.metrics.LaunchesEnded(e.Launches)
			if n.leads() { // one line in the cluster
				launches.Ended(e.Launches)
				n.tracer.Executions(e.Executions)
				n.tracer.Launches(e.Launches)
			}
		}
	}
	named := func(cluster string) {
		if err := id.Settle(cluster); err != nil {
			n.log.Error("could not write the cluster's id to the data directory; the state has it too; trying again at the next start", "error", err)
		}
		n.log.Info("this server's cluster", "id", cluster)
	}
	st, err := state.Open(filepath.Join(n.cfg.DataDir, "state", "state.db"), state.Observer{Ended: ended, Named: named, Trusted: authority.Learn(n.protection, n.log)})
	if err != nil {
		return nil, err
	}
	n.stops.add("state", func() { st.Close() })
	l.state = st
	n.identity = identity.NewGuard(id, true, n.log, n.metrics.Refused, func() (uint64, string) {
		a, err := st.Agreed()
		if err != nil {
			n.log.Error("could not read the cluster's protocol; until that works, servers of older versions are let in", "error", err)
		}
		return a.Protocol, a.By
	})
	return l, nil
}

// openLog opens the log. port brings Raft's connections; named means that the data directory is known to be this node's.
func (n *Node) openLog(l *ledger, port net.Listener, members *roster.Roster, named bool) error {
	st := l.state
	m := command.NewMachine(st, n.log, func(err error) { panic(err) })
	outgoing := rpc.IdentityDoor{Guard: n.identity, Name: n.cfg.NodeName, Admit: n.identity.Dialled}
	node, err := consensus.Open(consensus.Config{
		ID: n.cfg.NodeName, AdvertiseAddr: n.addr.RPCAdvertise, DataDir: n.cfg.DataDir,
		LogStore: n.cfg.RaftLog, Multiplier: n.cfg.RaftMultiplier, Listener: port, Logger: n.log, Named: named,
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
	}, machine{m, n.metrics.Committed})
	if err != nil {
		return err
	}
	n.stops.add("consensus", func() { node.Close() })
	l.machine, l.raft = m, consensus.Log{Node: node}
	return n.openAudit(st)
}
