package rpc

import (
	"context"
	"fmt"
	"net"
	"time"

	"dkron"
	"dkron/internal/authority"
	"dkron/internal/nodetls"
)

// Authority is the certificate authority of a cluster.
type Authority interface {
	// Enrol signs the certificate of the node that calls.
	Enrol(caller nodetls.Peer, r *authority.EnrolRequest) (*authority.EnrolReply, error)
	TrustSince(r *authority.TrustRequest) (*authority.Trust, error)
	ExpelNode(ctx context.Context, r *authority.ExpelRequest) (*authority.ExpelReply, error)
	List(ctx context.Context) (*authority.Certificates, error)
}

// Enrol asks a server for a certificate, on a connection of its own: one that was made before the node has its certificate is of
// no use afterwards. The server must have shown a certificate.
func (n *Nodes) Enrol(ctx context.Context, server dkron.Node, r *authority.EnrolRequest) (*authority.EnrolReply, error) {
	conn, err := n.pool.dialBy(server.Name, server.RPCAddr, func(ctx context.Context, addr string) (net.Conn, error) {
		conn, err := n.pool.connect(ctx, server.Name, addr)
		if err == nil && !peerOf(conn).Secure {
			conn.Close()
			return nil, fmt.Errorf("%w at %s: give that server the join secret too", nodetls.ErrPlain, addr)
		}
		return conn, err
	})
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	return (&Client{conn, server.RPCAddr, n.pool.id}).Enrol(ctx, r)
}

// Trust asks a server whom nodes should trust.
func (n *Nodes) Trust(ctx context.Context, server dkron.Node, r *authority.TrustRequest) (*authority.Trust, error) {
	client, err := n.at(server)
	if err != nil {
		return nil, err
	}
	return client.Trust(ctx, r)
}

// Probe connects to a node, and returns whom its certificate describes, and until when.
func (n *Nodes) Probe(ctx context.Context, node dkron.Node) (who nodetls.Peer, ends time.Time, err error) {
	if node.RPCAddr == "" {
		return who, ends, dkron.Error(dkron.ErrUnavailable, "its address is not known yet")
	}
	conn, err := n.pool.connect(ctx, node.Name, node.RPCAddr)
	if err != nil {
		return who, ends, err
	}
	defer conn.Close()
	if c, ok := conn.(*nodetls.Conn); ok {
		return c.Peer, c.Ends(), nil
	}
	return who, ends, nil
}

// Expel asks the leader to expel a node, or to let it in again.
func (l *Leader) Expel(ctx context.Context, r *authority.ExpelRequest) (*authority.ExpelReply, error) {
	client, err := l.client()
	if err != nil {
		return nil, err
	}
	return client.Expel(ctx, r)
}

// Enrol asks a server for a certificate.
func (c *Client) Enrol(ctx context.Context, r *authority.EnrolRequest) (*authority.EnrolReply, error) {
	return ask[authority.EnrolReply](ctx, c, "Enrol", r)
}

// Trust asks a server whom nodes should trust.
func (c *Client) Trust(ctx context.Context, r *authority.TrustRequest) (*authority.Trust, error) {
	return ask[authority.Trust](ctx, c, "Trust", r)
}

// Expel asks a server to expel a node, or to let it in again.
func (c *Client) Expel(ctx context.Context, r *authority.ExpelRequest) (*authority.ExpelReply, error) {
	return ask[authority.ExpelReply](ctx, c, "Expel", r)
}

// Certificates asks a server how the certificates of the nodes are.
func (c *Client) Certificates(ctx context.Context) (*authority.Certificates, error) {
	return ask[authority.Certificates](ctx, c, "Certificates", &Empty{})
}
