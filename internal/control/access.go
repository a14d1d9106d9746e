package control

import (
	"context"
	"crypto/sha256"

	"dkron"
	"dkron/internal/clock"
	"dkron/internal/command"
	"dkron/internal/request"
)

func (c *Control) setPolicy(ctx context.Context, r *request.SetPolicy) (*request.Done, uint64, error) {
	p := dkron.Policy{Name: r.Policy.Name, Rules: r.Policy.Rules, UpdatedAt: clock.Now(), UpdatedBy: dkron.Actor(ctx)}
	if err := p.Validate(); err != nil {
		return nil, 0, err
	}
	return done(ctx, c, &command.SetPolicy{Policy: p})
}

func (c *Control) deletePolicy(ctx context.Context, r *request.DeletePolicy) (*request.Done, uint64, error) {
	return done(ctx, c, &command.DeletePolicy{Name: r.Policy})
}

func (c *Control) createToken(ctx context.Context, r *request.CreateToken) (*request.Done, uint64, error) {
	t := r.Token
	t.CreatedAt, t.CreatedBy = clock.Now(), dkron.Actor(ctx)
	if err := t.Validate(); err != nil {
		return nil, 0, err
	}
	if t.Expired(t.CreatedAt) {
		return nil, 0, dkron.Invalid("the token would have expired already, at %s by the leader's clock", t.CreatedAt.UTC().Format("2006-01-02T15:04:05Z"))
	}
	return done(ctx, c, &command.CreateToken{Token: t, First: r.First, Again: r.Again})
}

func (c *Control) deleteToken(ctx context.Context, r *request.DeleteToken) (*request.Done, uint64, error) {
	return done(ctx, c, &command.DeleteToken{Accessor: r.Accessor})
}

func (c *Control) openSession(ctx context.Context, r *request.OpenSession) (*request.Done, uint64, error) {
	if len(r.Hash) != sha256.Size {
		return nil, 0, dkron.Invalid("a session has the SHA-256 of its secret")
	}
	if r.Person != nil {
		if err := r.Person.Validate(); err != nil {
			return nil, 0, err
		}
		if r.Age <= 0 || r.Age > dkron.MaxSessionAge {
			return nil, 0, dkron.Invalid("a session ends after at most %s, not %s", dkron.MaxSessionAge, r.Age)
		}
	}
	return done(ctx, c, &command.OpenSession{Accessor: r.Accessor, Hash: r.Hash, At: clock.Now(), Person: r.Person, Age: r.Age})
}

func (c *Control) endSession(ctx context.Context, r *request.EndSession) (*request.Done, uint64, error) {
	return done(ctx, c, &command.EndSession{Accessor: r.Accessor, Hash: r.Hash, Person: r.Person})
}
