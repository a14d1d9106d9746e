package rpc

import (
	"context"

	"dkron"
	"dkron/internal/keyring"
)

// ChangeKeys has a node change its keys of gossip.
func (n *Nodes) ChangeKeys(ctx context.Context, node dkron.Node, c *keyring.Change) (*keyring.Keys, error) {
	client, err := n.at(node)
	if err != nil {
		return nil, err
	}
	keys, err := client.ChangeKeys(ctx, c)
	return keys, served(err, "change its keys of gossip")
}

// ChangeKeys has the node change its keys of gossip.
func (c *Client) ChangeKeys(ctx context.Context, change *keyring.Change) (*keyring.Keys, error) {
	keys := new(keyring.Keys)
	return keys, c.askNode(ctx, "ChangeKeys", change, keys)
}

// Keys asks a server to have all nodes change their keys of gossip.
func (c *Client) Keys(ctx context.Context, r *keyring.Request) (*keyring.Report, error) {
	return ask[keyring.Report](ctx, c, "Keys", r)
}
