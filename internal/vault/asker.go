package vault

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"dkron"
)

// Servers is the cluster's servers, as a node knows them.
type Servers interface {
	// Names returns the names of the live servers.
	Names() []string
	// Secrets asks one of them.
	Secrets(ctx context.Context, server string, q *dkron.SecretQuestion) (*dkron.SecretAnswer, error)
}

const (
	// patience is how long a node asks for secrets before the execution fails: longer than an election.
	patience = 30 * time.Second
	pause    = 250 * time.Millisecond
)

// Asker gets the secrets of executions on a node. What it is asked before Begin waits for that.
type Asker struct {
	node    string
	own     *Vault // nil on an agent
	servers Servers
	begun   chan struct{}
}

// NewAsker returns the asker of the node with that name.
func NewAsker(node string) *Asker { return &Asker{node: node, begun: make(chan struct{})} }

// Begin says whom to ask: first the node's own vault, nil if it is no server. It is called once.
func (a *Asker) Begin(own *Vault, servers Servers) {
	a.own, a.servers = own, servers
	close(a.begun)
}

// Values returns the values that an order refers to. What a server refuses is final unless another server may know better.
func (a *Asker) Values(ctx context.Context, o *dkron.Order, names []string) (map[string]dkron.SecretValue, error) {
	select {
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	case <-a.begun:
	}
	q := &dkron.SecretQuestion{Node: a.node, Execution: o.Ref(), Key: o.Key, Names: names}
	limit := time.NewTimer(patience)
	defer limit.Stop()
	for {
		answer, again, err := a.round(ctx, q)
		if err == nil && len(answer.Values) != len(names) {
			err = fmt.Errorf("a server gave %d secrets in place of %d", len(answer.Values), len(names))
		}
		if err == nil {
			values := make(map[string]dkron.SecretValue, len(names))
			for i, name := range names {
				values[name] = answer.Values[i]
			}
			return values, nil
		}
		if !again {
			return nil, err
		}
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-limit.C:
			return nil, fmt.Errorf("no server gave the value of %s in %s: %w", strings.Join(names, ", "), patience, err)
		case <-time.After(pause):
		}
	}
}

// round asks each server once. again reports whether asking again may help: not if one of them has decided, or if all lack a key.
func (a *Asker) round(ctx context.Context, q *dkron.SecretQuestion) (answer *dkron.SecretAnswer, again bool, err error) {
	asks := []func() (*dkron.SecretAnswer, error){}
	if a.own != nil {
		asks = append(asks, func() (*dkron.SecretAnswer, error) { return a.own.decide(ctx, q) })
	}
	for _, server := range a.servers.Names() {
		if server != a.node {
			asks = append(asks, func() (*dkron.SecretAnswer, error) { return a.servers.Secrets(ctx, server, q) })
		}
	}
	err = errors.New("this node knows no server")
	again = len(asks) == 0
	for _, ask := range asks {
		answer, err = ask()
		if err == nil || errors.Is(err, dkron.ErrNotFound) || errors.Is(err, dkron.ErrForbidden) {
			return answer, false, err
		}
		again = again || !errors.Is(err, dkron.ErrConflict)
	}
	return nil, again, err
}
