package consensus

import (
	"context"
	"errors"

	"dkron"
	"dkron/internal/roster"
)

// Log is a node whose errors have the kinds of the vocabulary.
type Log struct{ *Node }

// Propose is Node.Propose.
func (l Log) Propose(ctx context.Context, data []byte) (any, uint64, error) {
	result, index, err := l.Node.Propose(ctx, data)
	return result, index, l.kind(err)
}

// ReadIndex is Node.ReadIndex.
func (l Log) ReadIndex(ctx context.Context) (uint64, error) {
	index, err := l.Node.ReadIndex(ctx)
	switch {
	case err == nil, ctx.Err() != nil:
	case errors.Is(err, ErrNotLeader):
		err = l.leaderless()
	default:
		err = dkron.Error(dkron.ErrUnavailable, "%w", err)
	}
	return index, err
}

// Leads returns nil if this server believes that it leads.
func (l Log) Leads() error {
	if id, _ := l.Leader(); id == l.cfg.ID {
		return nil
	}
	return l.leaderless()
}

// Servers is Node.Servers without the index.
func (l Log) Servers() ([]Server, error) {
	servers, _, err := l.Node.Servers()
	return servers, l.kind(err)
}

// Has reports whether a server is in the configuration.
func (l Log) Has(id string) bool {
	servers, err := l.Servers()
	_, ok := roster.Find(servers, id)
	return ok && err == nil
}

// RemoveServer is Node.RemoveServer.
func (l Log) RemoveServer(ctx context.Context, id string) error {
	return l.kind(l.Node.RemoveServer(ctx, id))
}

// kind gives an error its kind.
func (l Log) kind(err error) error {
	switch {
	case errors.Is(err, ErrNotLeader):
		return l.leaderless()
	case errors.Is(err, ErrTooLarge):
		return dkron.Error(dkron.ErrInvalid, "%w", err)
	case errors.Is(err, ErrOutcomeUnknown), errors.Is(err, ErrStorage), errors.Is(err, ErrClosed):
		return dkron.Error(dkron.ErrUnavailable, "%w", err)
	}
	return err
}

// leaderless returns why a request can't be done here: because another server leads, or, where none is known, because of
// what ails this one.
func (l Log) leaderless() error {
	id, _ := l.Leader()
	if sick := l.Health(); id == "" && sick != nil {
		return dkron.Error(dkron.ErrUnavailable, "%w", sick)
	}
	return dkron.ErrNoLeader
}
