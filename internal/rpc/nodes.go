package rpc

import (
	"context"
	"errors"

	"dkron"
	"dkron/internal/plugins"
)

// Nodes calls the nodes of a region, servers and agents.
type Nodes struct{ pool *Pool }

// NewNodes returns the nodes that a pool reaches.
func NewNodes(pool *Pool) *Nodes { return &Nodes{pool} }

// Plugins asks a node how its plugins are doing.
func (n *Nodes) Plugins(ctx context.Context, node dkron.Node) ([]plugins.Plugin, error) {
	client, err := n.at(node)
	if err != nil {
		return nil, err
	}
	list, err := client.Plugins(ctx)
	return list, served(err)
}

// RestartPlugin makes a node start a plugin afresh.
func (n *Nodes) RestartPlugin(ctx context.Context, node dkron.Node, r plugins.Restart) (*plugins.Plugin, error) {
	client, err := n.at(node)
	if err != nil {
		return nil, err
	}
	p, err := client.RestartPlugin(ctx, r)
	return p, served(err)
}

func (n *Nodes) at(node dkron.Node) (*Client, error) {
	if node.RPCAddr == "" {
		return nil, dkron.Error(dkron.ErrUnavailable, "node %s has not published its address yet", node.Name)
	}
	return n.pool.Node(node.Name, node.RPCAddr)
}

// served says of a call that the node does not know what to do about it.
func served(err error) error {
	if errors.Is(err, ErrUnserved) {
		return dkron.Error(dkron.ErrUnavailable, "the node's version does not report its plugins: upgrade it")
	}
	return err
}
