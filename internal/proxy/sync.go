package proxy

import (
	"context"
	"errors"

	"dkron"
)

// Sync returns when the state of this server holds every change that was acknowledged anywhere before the call. The
// leader is asked up to where that is.
func (p *Proxy) Sync(ctx context.Context) error {
	index, err := p.local.ReadIndex(ctx)
	if errors.Is(err, dkron.ErrNoLeader) {
		var leader Controller
		if leader, err = p.cluster.Remote(ctx); err == nil {
			index, err = leader.ReadIndex(ctx)
		}
	}
	if err != nil {
		return err
	}
	if err := p.cluster.WaitApplied(ctx, index); err != nil {
		return dkron.Error(dkron.ErrUnavailable, "this server has not caught up with the leader; try again: %w", err)
	}
	return nil
}
