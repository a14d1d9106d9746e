package rpc

import (
	"context"
	"errors"

	"dkron"
	"dkron/internal/deliver"
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
	return list, served(err, "report its plugins")
}

// DescribePlugin asks a node what one of its plugins says of its configuration.
func (n *Nodes) DescribePlugin(ctx context.Context, node dkron.Node, s plugins.Subject) (*plugins.Description, error) {
	client, err := n.at(node)
	if err != nil {
		return nil, err
	}
	d, err := client.DescribePlugin(ctx, s)
	return d, served(err, "describe its plugins")
}

// RestartPlugin makes a node start a plugin afresh.
func (n *Nodes) RestartPlugin(ctx context.Context, node dkron.Node, r plugins.Restart) (*plugins.Plugin, error) {
	client, err := n.at(node)
	if err != nil {
		return nil, err
	}
	p, err := client.RestartPlugin(ctx, r)
	return p, served(err, "report its plugins")
}

// Process makes a node call one of its processors.
func (n *Nodes) Process(ctx context.Context, node dkron.Node, c *deliver.Call) (*deliver.Answer, error) {
	client, err := n.at(node)
	if err != nil {
		return nil, err
	}
	a, err := client.Process(ctx, c)
	return a, served(err, "run processors")
}

// DropOutput tells a node that it may remove an output.
func (n *Nodes) DropOutput(ctx context.Context, node dkron.Node, d *deliver.Drop) error {
	client, err := n.at(node)
	if err != nil {
		return err
	}
	return served(client.DropOutput(ctx, d), "run processors")
}

func (n *Nodes) at(node dkron.Node) (*Client, error) {
	if node.RPCAddr == "" {
		return nil, dkron.Error(dkron.ErrUnavailable, "node %s has not published its address yet", node.Name)
	}
	return n.pool.Node(node.Name, node.RPCAddr)
}

// served says of a call that the node does not know what to do about it. what is what its version does not do.
func served(err error, what string) error {
	if errors.Is(err, ErrUnserved) {
		return dkron.Error(dkron.ErrUnavailable, "the node's version does not %s: upgrade it", what)
	}
	return err
}
