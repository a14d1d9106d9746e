package app

import (
	"context"
	"errors"
	"fmt"
	"net"

	"dkron/internal/identity"
	"dkron/internal/request"
	"dkron/internal/rpc"
	"dkron/internal/telemetry"
)

// listenRPC opens the RPC port. Connections wait until serveRPC is called.
func (n *Node) listenRPC() (*rpc.Port, error) {
	l, err := net.Listen("tcp", n.addr.RPCBind)
	if err != nil {
		return nil, fmt.Errorf("listen for RPC: %w; is another node running here? choose another --rpc-port or --bind-addr", err)
	}
	if n.cfg.FreePorts {
		host, _, _ := net.SplitHostPort(n.addr.RPCAdvertise)
		_, free, _ := net.SplitHostPort(l.Addr().String())
		n.addr.RPCAdvertise = net.JoinHostPort(host, free)
	}
	port := rpc.NewPort(l, n.shares.RPC, n.protection, n.log)
	n.stops.add("rpc port", port.Close)
	return port, nil
}

// serveRPC serves other nodes.
func (n *Node) serveRPC(port *rpc.Port, gate *identity.Gate) {
	var leader request.Doer
	var cluster *rpc.Cluster
	admit := func(identity.ServerCheck) error { return errors.New("this node is not a server") }
	if n.server != nil {
		leader, cluster, admit = n.server.control, n.server.answers(), gate.Raft
	}
	n.rpc = rpc.NewServer(port, rpc.Rooms{
		NodeName: n.cfg.NodeName, Orders: n.attach, Departure: n.departure, Node: n.here, Host: n.plugins, Ring: n.keyring,
		Level: func(level string) (before, after string, err error) { return telemetry.SetLevel(n.log, level) },
	}, leader, cluster, rpc.IdentityDoor{Guard: n.identity, Name: n.cfg.NodeName, Admit: admit})
	n.stops.add("rpc", n.rpc.Close)
	go func() {
		if err := n.rpc.Serve(); err != nil {
			n.fail(fmt.Errorf("serve RPC: %w", err))
		}
	}()
}

// attach connects a leader's stream to the agent.
func (n *Node) attach(ctx context.Context, l rpc.NodeLink) error { return n.agent.Attach(ctx, l) }
