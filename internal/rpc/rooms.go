package rpc

import (
	"context"
	"encoding/json"

	"dkron"
	"dkron/internal/compat"
	"dkron/internal/deliver"
	"dkron/internal/identity"
	"dkron/internal/keyring"
	"dkron/internal/membership"
	"dkron/internal/plugins"
)

// Rooms is the Node whose parts are these rooms.
type Rooms struct {
	NodeName      string
	Orders        func(ctx context.Context, link NodeLink) error       // the agent's end of a leader's stream
	Level         func(level string) (before, after string, err error) // of the log; "" changes nothing
	*deliver.Node                                                      // the processors
	Departure     *membership.Departure
	Ring          *keyring.Ring
	Host
}

// Host is the node's plugins.
type Host interface {
	Plugins() []plugins.Plugin
	Schema(s plugins.Subject) (json.RawMessage, error)
	Restart(ctx context.Context, r plugins.Restart) (*plugins.Plugin, error)
}

// Name is the node's name.
func (r Rooms) Name() string { return r.NodeName }

// Attach connects a leader's stream to the agent.
func (r Rooms) Attach(ctx context.Context, l NodeLink) error { return r.Orders(ctx, l) }

// Leave makes the node leave the cluster and stop; it returns when the node has left.
func (r Rooms) Leave(ctx context.Context) (LeaveReply, error) {
	kept, err := r.Departure.Ask(ctx)
	return LeaveReply{Node: r.NodeName, Kept: kept}, err
}

// SetLogLevel changes the level of the node's log.
func (r Rooms) SetLogLevel(l LogLevel) (*LogLevel, error) {
	before, after, err := r.Level(l.Level)
	if err != nil {
		return nil, dkron.Invalid("%s", err)
	}
	return &LogLevel{Level: after, Node: r.NodeName, Before: before}, nil
}

// DescribePlugin returns what a plugin says of its configuration.
func (r Rooms) DescribePlugin(s plugins.Subject) (*plugins.Description, error) {
	schema, err := r.Schema(s)
	return &plugins.Description{Schema: schema}, err
}

// RestartPlugin gives new executions of a plugin a fresh process.
func (r Rooms) RestartPlugin(ctx context.Context, p plugins.Restart) (*plugins.Plugin, error) {
	return r.Restart(ctx, p)
}

// ChangeKeys changes the node's keys of gossip.
func (r Rooms) ChangeKeys(c *keyring.Change) (*keyring.Keys, error) { return r.Ring.Change(c) }

// DropOutput removes an output that no processor here needs any more.
func (r Rooms) DropOutput(d *deliver.Drop) error { return r.Drop(d) }

// IdentityDoor is the Door that goes by the identity of nodes.
type IdentityDoor struct {
	*identity.Guard
	Name  string // of this node
	Admit func(identity.ServerCheck) error
}

// Hello is this server's first message on a connection for Raft.
func (d IdentityDoor) Hello() RaftHello {
	return RaftHello{Node: d.Name, Cluster: d.Cluster(), Speaks: compat.Own().String()}
}

// AdmitRaft admits or refuses a server that opens a connection for Raft.
func (d IdentityDoor) AdmitRaft(peer RaftHello, old bool) error {
	return d.Admit(identity.ServerCheck{Name: peer.Node, Cluster: peer.Cluster, Old: old, Speaks: compat.Parse(peer.Speaks)})
}
