// Package proxy executes a request on the leader: this server or, if it doesn't lead, the server that does, asked once.
// When it returns, this server's state contains the change.
package proxy

import (
	"context"
	"errors"
	"fmt"
	"time"

	"dkron"
	"dkron/internal/request"
)

// applyTime limits the wait for this server to apply what the leader did for it.
const applyTime = 5 * time.Second

// Cluster finds the leader and waits for the log.
type Cluster interface {
	// Remote returns the leader; ErrNoLeader if there is none or it is this server. The leader executes requests itself
	// and never forwards them.
	Remote(ctx context.Context) (request.Doer, error)
	// WaitApplied returns once this server's state contains the entry with the given index.
	WaitApplied(ctx context.Context, index uint64) error
}

// Proxy executes requests on any server of the cluster.
type Proxy struct {
	local   request.Doer
	cluster Cluster
}

// New returns a proxy; local executes requests while this server leads.
func New(local request.Doer, cluster Cluster) *Proxy { return &Proxy{local, cluster} }

// Do executes r on the leader, and returns once this server's state contains the change, so that a client reads its own
// writes. If that takes too long, it returns an ErrUnavailable that says that the change is made.
//
// If the leader returns ErrNoLeader, so does Do: a request is tried on at most two servers.
func (p *Proxy) Do(ctx context.Context, r request.Request) (request.Reply, uint64, error) {
	reply, index, forwarded, err := p.ask(ctx, r)
	if err != nil || !forwarded {
		return reply, index, err
	}
	if err := p.wait(ctx, index); err != nil {
		return nil, index, fmt.Errorf("%w: the change is made, but this server has not caught up with it: %w", dkron.ErrUnavailable, err)
	}
	return reply, index, nil
}

func (p *Proxy) wait(ctx context.Context, index uint64) error {
	ctx, cancel := context.WithTimeout(ctx, applyTime)
	defer cancel()
	return p.cluster.WaitApplied(ctx, index)
}

// ask tries this server, then the leader, and reports whether the leader answered.
func (p *Proxy) ask(ctx context.Context, r request.Request) (reply request.Reply, index uint64, forwarded bool, err error) {
	reply, index, err = p.local.Do(ctx, r)
	if !errors.Is(err, dkron.ErrNoLeader) {
		return reply, index, false, err
	}
	leader, err := p.cluster.Remote(ctx)
	if err != nil {
		return nil, 0, false, err
	}
	reply, index, err = leader.Do(ctx, r)
	return reply, index, true, err
}
