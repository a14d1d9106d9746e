package app

import (
	"context"
	"time"

	"dkron"
	"dkron/internal/command"
	"dkron/internal/consensus"
	"dkron/internal/control"
	"dkron/internal/dispatch"
	"dkron/internal/identity"
	"dkron/internal/membership"
	"dkron/internal/roster"
	"dkron/internal/rpc"
	"dkron/internal/state"
)

// Adapters between rooms: each serves what one room needs of another.

// reachable is the members that the leader keeps dialling. Nodes that gossip takes for failed are included, so that
// they are back as soon as the network is, not once gossip notices.
type reachable struct {
	view     *roster.View
	identity *identity.Guard
}

func (r reachable) Members() []dkron.Node { return r.view.Nodes() }

func (r reachable) Cluster() string { return r.identity.Cluster() }

// connector opens the leader's streams.
type connector struct{ node *Node }

func (c connector) Connect(ctx context.Context, n dkron.Node) (dispatch.Stream, error) {
	if n.Name == c.node.cfg.NodeName {
		return dispatch.NewLoop(ctx, func(ctx context.Context, end dispatch.NodeEnd) error { return c.node.agent.Attach(ctx, end) }), nil
	}
	return c.node.pool.Attach(ctx, n.Name, n.RPCAddr)
}

// clusterID is the cluster's id: read from the state, set through control.
type clusterID struct {
	*state.Store
	control *control.Control
}

func (c clusterID) Identify(ctx context.Context, id string) error { return c.control.Identify(ctx, id) }

// proposals is the log as control needs it, which also asks the servers.
type proposals struct {
	consensus.Log
	membership *membership.Membership
}

// Lowest returns the lowest protocol of all servers.
func (p proposals) Lowest(ctx context.Context) (protocol uint64, server string, err error) {
	return p.membership.Lowest(ctx)
}

// servers is the servers of Raft's configuration, which are called by RPC.
type servers struct {
	consensus.Log
	*rpc.Leader
}

// machine is the state machine as consensus uses it.
type machine struct {
	*command.Machine
	committed func(entries int, took time.Duration)
}

func (m machine) Apply(entries []consensus.Entry) []any {
	list := make([]command.Entry, len(entries))
	for i, e := range entries {
		list[i] = command.Entry{Index: e.Index, Data: e.Data}
	}
	began := time.Now()
	defer func() { m.committed(len(list), time.Since(began)) }()
	return m.Machine.Apply(list)
}

func (m machine) Snapshot() (consensus.Snapshot, error) {
	s, err := m.Machine.Snapshot()
	if err != nil {
		return nil, err
	}
	return s, nil
}
