package rpc

import (
	"context"
	"errors"
	"fmt"
	"net"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"

	"dkron"
	"dkron/internal/nodetls"
)

// callers is which roles may call a method. Only servers may call one without a row.
var callers = map[string][]nodetls.Role{
	"Certificates": {nodetls.Server, nodetls.Operator},
	"Enrol":        {nodetls.Server, nodetls.Agent}, // and a node that is joining
	"Expel":        {nodetls.Server, nodetls.Operator},
	"HTTP":         {nodetls.Server, nodetls.Agent, nodetls.Operator},
	"Keys":         {nodetls.Server, nodetls.Operator},
	"Leave":        {nodetls.Server, nodetls.Operator},
	"Peers":        {nodetls.Server, nodetls.Operator},
	"RemovePeer":   {nodetls.Server, nodetls.Operator},
	"Report":       {nodetls.Server, nodetls.Operator},
	"Secrets":      {nodetls.Server, nodetls.Agent},
	"SetLogLevel":  {nodetls.Server, nodetls.Operator},
	"Status":       {nodetls.Server, nodetls.Operator},
	"Trust":        {nodetls.Server, nodetls.Agent},
}

func mayCall(p nodetls.Peer, method string) error {
	roles, ok := callers[method]
	if !ok {
		roles = []nodetls.Role{nodetls.Server}
	}
	if p.May(roles...) || p.Role == nodetls.Joining && method == "Enrol" {
		return nil
	}
	return status.Errorf(codes.PermissionDenied, "%s may not call %s, which is for a certificate with the role %s", p, method, list(roles))
}

func list(roles []nodetls.Role) (text string) {
	for i, r := range roles {
		if i > 0 {
			text += " or "
		}
		text += string(r)
	}
	return text
}

// certified is a gate that also compares what a server says with its certificate.
type certified struct {
	Gate
	peer nodetls.Peer
}

// AdmitRaft returns why a server is refused.
func (c certified) AdmitRaft(hello RaftHello, old bool) error {
	p := c.peer
	switch own := c.Hello().Cluster; {
	case !p.May(nodetls.Server):
		return fmt.Errorf("%s takes no part in Raft, which is for a certificate with the role server", p)
	case p.Secure && !old && !p.Is(hello.Node):
		return fmt.Errorf("%s says that it is %s", p, hello.Node)
	case p.Cluster != "" && own != "" && p.Cluster != own:
		return dkron.Error(dkron.ErrForeign, "the certificate of %s is for the cluster %s", p, p.Cluster)
	}
	return c.Gate.AdmitRaft(hello, old)
}

// connect opens a connection to the node with the given name, empty for any, with TLS if this node has certificates. A node
// that has none is connected to without, unless this one requires TLS.
func (p *Pool) connect(ctx context.Context, name, addr string) (net.Conn, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", addr)
	if err != nil || p.tls == nil {
		return conn, err
	}
	secured, err := p.tls.Connect(ctx, conn, name)
	if err == nil {
		return secured, nil
	}
	conn.Close()
	switch {
	case !errors.Is(err, nodetls.ErrPlain):
		return nil, fmt.Errorf("TLS with the node at %s: %w", addr, err)
	case p.tls.Required():
		return nil, fmt.Errorf("%w at %s, and this node requires it (require-tls, or its join secret): give that node certificates, or the secret, too", err, addr)
	}
	if conn, err = d.DialContext(ctx, "tcp", addr); err != nil {
		return nil, err
	}
	return p.tls.Plain(conn), nil
}

// peerOf returns who is at the other end of a connection.
func peerOf(conn net.Conn) nodetls.Peer {
	switch c := conn.(type) {
	case *peeked:
		return peerOf(c.Conn)
	case *nodetls.Conn:
		return c.Peer
	}
	return nodetls.Peer{}
}

// handshaken tells the RPC library who is at the other end of a connection. The handshake is done before: by the port, which
// has other protocols as well, and by connect.
type handshaken struct{}

type authInfo struct {
	credentials.CommonAuthInfo
	peer nodetls.Peer
}

// AuthType is the name of the scheme.
func (authInfo) AuthType() string { return "dkron" }

func (handshaken) info(conn net.Conn) authInfo {
	level := credentials.NoSecurity
	p := peerOf(conn)
	if p.Secure {
		level = credentials.PrivacyAndIntegrity
	}
	return authInfo{credentials.CommonAuthInfo{SecurityLevel: level}, p}
}

// ClientHandshake is done by Pool.connect.
func (h handshaken) ClientHandshake(_ context.Context, _ string, conn net.Conn) (net.Conn, credentials.AuthInfo, error) {
	return conn, h.info(conn), nil
}

// ServerHandshake is done by the port.
func (h handshaken) ServerHandshake(conn net.Conn) (net.Conn, credentials.AuthInfo, error) {
	return conn, h.info(conn), nil
}

// Info describes the scheme.
func (handshaken) Info() credentials.ProtocolInfo {
	return credentials.ProtocolInfo{SecurityProtocol: "dkron"}
}

// Clone returns h.
func (h handshaken) Clone() credentials.TransportCredentials { return h }

// OverrideServerName does nothing: nodes are known by name.
func (handshaken) OverrideServerName(string) error { return nil }

// callerOf returns who calls.
func callerOf(ctx context.Context) nodetls.Peer {
	if p, ok := peer.FromContext(ctx); ok {
		return certifiedBy(p)
	}
	return nodetls.Peer{}
}

func certifiedBy(p *peer.Peer) nodetls.Peer {
	if info, ok := p.AuthInfo.(authInfo); ok {
		return info.peer
	}
	return nodetls.Peer{}
}

// isServer refuses an answer that only a server may give.
func isServer(p *peer.Peer) error {
	if who := certifiedBy(p); !who.May(nodetls.Server) {
		return dkron.Error(dkron.ErrUnavailable, "%s answers in place of a server", who)
	}
	return nil
}
