package proxy

import (
	"context"

	"dkron"
	"dkron/internal/request"
)

// Sync returns once this server's state contains every change that was acknowledged anywhere before the call. It asks
// the leader for the index. Errors: ErrNoLeader; ErrUnavailable if this server does not catch up in time.
func (p *Proxy) Sync(ctx context.Context) error {
	_, index, _, err := p.ask(ctx, new(request.ReadIndex))
	if err != nil {
		return err
	}
	if err := p.wait(ctx, index); err != nil {
		return dkron.Error(dkron.ErrUnavailable, "this server has not caught up with the leader; try again: %w", err)
	}
	return nil
}
