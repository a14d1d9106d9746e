package app

import (
	"context"
	"errors"
	"fmt"
	"net"

	"dkron/internal/compat"
	"dkron/internal/identity"
	"dkron/internal/plugins"
	"dkron/internal/request"
	"dkron/internal/rpc"
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
	port := rpc.NewPort(l, n.shares.RPC, n.log)
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
	n.rpc = rpc.NewServer(port, answers{n}, leader, cluster, door{n.identity, n.cfg.NodeName, admit})
	n.stops.add("rpc", n.rpc.Close)
	go func() {
		if err := n.rpc.Serve(); err != nil {
			n.fail(fmt.Errorf("serve RPC: %w", err))
		}
	}()
}

// answers is what every node serves to others.
type answers struct{ *Node }

// Name is this node's name.
func (a answers) Name() string { return a.cfg.NodeName }

// Attach connects a leader's stream to the agent.
func (a answers) Attach(ctx context.Context, l rpc.NodeLink) error { return a.agent.Attach(ctx, l) }

// Leave makes this node leave the cluster and stop; it returns when the node has left.
func (a answers) Leave(ctx context.Context) (rpc.LeaveReply, error) {
	kept, err := a.departure.Ask(ctx)
	return rpc.LeaveReply{Node: a.cfg.NodeName, Kept: kept}, err
}

// RestartPlugin gives new executions of a plugin a fresh process.
func (a answers) RestartPlugin(ctx context.Context, r plugins.Restart) (*plugins.Plugin, error) {
	return a.plugins.Restart(ctx, r)
}

// Plugins returns how this node's plugins are doing.
func (a answers) Plugins() []plugins.Plugin { return a.plugins.Plugins() }

// door decides who is admitted to RPC and Raft.
type door struct {
	*identity.Guard
	name  string
	admit func(identity.ServerCheck) error
}

// Hello is this server's first message on a connection for Raft.
func (d door) Hello() rpc.RaftHello {
	return rpc.RaftHello{Node: d.name, Cluster: d.Cluster(), Speaks: compat.Own().String()}
}

// AdmitRaft admits or refuses a server that opens a connection for Raft.
func (d door) AdmitRaft(peer rpc.RaftHello, old bool) error {
	return d.admit(identity.ServerCheck{Name: peer.Node, Cluster: peer.Cluster, Old: old, Speaks: compat.Parse(peer.Speaks)})
}
