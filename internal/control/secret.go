package control

import (
	"context"

	"dkron"
	"dkron/internal/clock"
	"dkron/internal/command"
	"dkron/internal/request"
	"dkron/internal/secret"
)

func (c *Control) setSecret(ctx context.Context, r *request.SetSecret) (*request.Secret, uint64, error) {
	s := dkron.Secret{Name: r.Secret.Name, Sealed: r.Secret.Sealed, Jobs: r.Secret.Jobs}
	if err := secret.CheckName(s.Name); err != nil {
		return nil, 0, dkron.Invalid("%w", err)
	}
	if _, err := secret.KeyID(s.Sealed); err != nil && (len(s.Sealed) > 0 || r.Reseal > 0) {
		return nil, 0, dkron.Invalid("secret %s: %w", s.Name, err)
	}
	if err := s.CheckJobs(); err != nil {
		return nil, 0, err
	}
	done, index, err := value[dkron.Secret](ctx, c, &command.SetSecret{Secret: s, Reseal: r.Reseal, KeepJobs: r.KeepJobs, Now: clock.Now(), By: dkron.Actor(ctx)})
	if err != nil {
		return nil, index, err
	}
	return &request.Secret{Secret: *done}, index, nil
}

func (c *Control) deleteSecret(ctx context.Context, r *request.DeleteSecret) (*request.Done, uint64, error) {
	return done(ctx, c, &command.DeleteSecret{Name: r.Secret, Force: r.Force, Now: clock.Now()})
}
