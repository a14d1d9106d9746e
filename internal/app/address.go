package app

import (
	"context"
	"fmt"
	"net"

	"dkron/internal/gossip"
	"dkron/internal/rpc"
)

// A node is known by its name; its addresses may change. What a node says of itself in gossip is newer than what is in
// Raft's configuration, and nobody is spoken to at an address before it has shown its name.

// member returns what gossip knows of a node.
func (n *Node) member(name string) (gossip.Member, bool) {
	pool := n.gossip.Load()
	if pool == nil {
		return gossip.Member{}, false
	}
	return pool.Member(name)
}

// where returns the address for RPC that a server published last, "" if it is not known.
func (n *Node) where(name string) string {
	m, _ := n.member(name)
	if m.Tags["region"] != n.cfg.Region || m.Tags["server"] != "true" {
		return ""
	}
	return m.Tags["rpc_addr"]
}

// clientOf returns a client of a server, wherever it is by now; configured is its address in Raft's configuration.
func (n *Node) clientOf(name, configured string) (*rpc.Client, error) {
	if addr := n.where(name); addr != "" {
		return n.pool.Node(name, addr)
	}
	return n.pool.Node(name, configured)
}

// dialRaft connects to the listener for Raft of a server. What Raft sends says from whom it is but not for whom, so that
// a server that has taken over the address of another would answer in its place, and be counted twice.
func (s *server) dialRaft(ctx context.Context, id, addr string) (net.Conn, error) {
	select {
	case <-s.identified:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return rpc.DialRaft(ctx, addr, only{door{s.node}, ctx, id, addr})
}

// only is a door for the server that is dialled.
type only struct {
	door
	ctx      context.Context // of the dial
	id, addr string
}

// AdmitRaft returns why the server that answers is refused. An old one does not say its name: it is asked for it.
func (o only) AdmitRaft(peer rpc.RaftHello, old bool) error {
	if !old && peer.Node != o.id {
		return fmt.Errorf("server %s answers there instead of %s", peer.Node, o.id)
	}
	if old {
		if err := o.pool.Verify(o.ctx, o.id, o.addr); err != nil {
			return err
		}
	}
	return o.door.AdmitRaft(peer, old)
}
