package consensus

import (
	"context"
	"fmt"
	"slices"

	"github.com/hashicorp/raft"

	"dkron/internal/roster"
)

// Server is a member of the configuration.
type Server = roster.Server

// Servers returns the newest configuration that this node has, committed or not, and the index of its entry.
func (n *Node) Servers() ([]Server, uint64, error) {
	f := n.raft.GetConfiguration()
	if err := f.Error(); err != nil {
		return nil, 0, n.translate(err)
	}
	leader, _ := n.Leader()
	var list []Server
	for _, s := range f.Configuration().Servers {
		list = append(list, Server{ID: string(s.ID), Address: string(s.Address), Voter: s.Suffrage == raft.Voter,
			Leader: leader != "" && string(s.ID) == leader})
	}
	return list, n.logs.config.Load(), nil
}

// ServersMoved is called when Where may return other addresses than before.
func (n *Node) ServersMoved() { n.streams.leave() }

// AddServer adds a server, or changes the address or the right to vote of an existing one; no change is not an error.
// Only on the leader.
//
// No other server can still be at the same address. If addr is the new address of an existing server, or the other
// server has published another one, then servers have moved: the other one stays in the configuration, at an address
// that no one can dial, until its own new one is added. Otherwise a new server replaces the other one, which is
// removed.
func (n *Node) AddServer(ctx context.Context, id, addr string, voter bool) error {
	if n.raft.State() != raft.Leader {
		return n.notLeader()
	}
	servers, _, err := n.Servers()
	if err != nil {
		return err
	}
	known := slices.ContainsFunc(servers, func(s Server) bool { return s.ID == id })
	for _, s := range servers {
		switch {
		case s.ID == id && s.Address == addr && s.Voter == voter:
			return nil
		case s.ID != id && s.Address == addr && (known || n.cfg.Where(s.ID) != ""):
			if err := n.put(ctx, "displace", s.ID, displaced(s.ID), s.Voter); err != nil {
				return err
			}
		case s.ID != id && s.Address == addr:
			if err := n.RemoveServer(ctx, s.ID); err != nil {
				return err
			}
		case s.ID == id && s.Voter && !voter:
			if err := n.change(ctx, "take the vote of", id, func() raft.IndexFuture {
				return n.raft.DemoteVoter(raft.ServerID(id), 0, enqueueLimit(ctx))
			}); err != nil || s.Address == addr {
				return err
			}
		}
	}
	return n.put(ctx, "add", id, addr, voter)
}

// displaced is the placeholder address of a server whose own was given to another. Raft requires it to be unique.
func displaced(id string) string { return id + ".moved.invalid:0" }

func (n *Node) put(ctx context.Context, verb, id, addr string, voter bool) error {
	return n.change(ctx, verb, id, func() raft.IndexFuture {
		if voter {
			return n.raft.AddVoter(raft.ServerID(id), raft.ServerAddress(addr), 0, enqueueLimit(ctx))
		}
		return n.raft.AddNonvoter(raft.ServerID(id), raft.ServerAddress(addr), 0, enqueueLimit(ctx))
	})
}

// RemoveServer removes a server; removing an unknown one is an error. A leader that removes itself steps down. Only on
// the leader.
func (n *Node) RemoveServer(ctx context.Context, id string) error {
	if n.raft.State() != raft.Leader { // the leader's configuration may be newer
		return n.notLeader()
	}
	servers, _, err := n.Servers()
	if err != nil {
		return err
	}
	known := false
	for _, s := range servers {
		known = known || s.ID == id
	}
	if !known {
		return fmt.Errorf("id %q was not found in the Raft configuration", id)
	}
	return n.change(ctx, "remove", id, func() raft.IndexFuture {
		return n.raft.RemoveServer(raft.ServerID(id), 0, enqueueLimit(ctx))
	})
}

func (n *Node) change(ctx context.Context, verb, id string, f func() raft.IndexFuture) error {
	o := n.call(ctx, func() outcome { return outcome{err: f().Error()} })
	if o.err != nil {
		return fmt.Errorf("%s server %s: %w", verb, id, o.err)
	}
	return nil
}

// TransferLeadership makes the most up-to-date other voter the leader and returns when this node has stepped down.
func (n *Node) TransferLeadership(ctx context.Context) error {
	return n.call(ctx, func() outcome { return outcome{err: n.raft.LeadershipTransfer().Error()} }).err
}

// TransferLeadershipTo is TransferLeadership to the voter with the given id.
func (n *Node) TransferLeadershipTo(ctx context.Context, to Server) error {
	return n.call(ctx, func() outcome {
		return outcome{err: n.raft.LeadershipTransferToServer(raft.ServerID(to.ID), raft.ServerAddress(to.Address)).Error()}
	}).err
}

// Bootstrap makes servers the first configuration. It must be done on one server of a new cluster only; see
// Bootstrapper. Returns ErrHasState if the node has been part of a cluster.
func (n *Node) Bootstrap(servers []Server) error {
	return n.translate(n.raft.BootstrapCluster(configuration(servers)).Error())
}

func configuration(servers []Server) raft.Configuration {
	var c raft.Configuration
	for _, s := range servers {
		suffrage := raft.Nonvoter
		if s.Voter {
			suffrage = raft.Voter
		}
		c.Servers = append(c.Servers, raft.Server{Suffrage: suffrage, ID: raft.ServerID(s.ID),
			Address: raft.ServerAddress(s.Address)})
	}
	return c
}
