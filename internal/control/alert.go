package control

import (
	"context"
	"time"

	"dkron"
	"dkron/internal/clock"
	"dkron/internal/command"
	"dkron/internal/request"
)

func (c *Control) setChannel(ctx context.Context, r *request.SetChannel) (*request.Channel, uint64, error) {
	if err := dkron.CheckName("name", r.Channel.Name); err != nil {
		return nil, 0, err
	}
	if c.checkChannel != nil {
		if err := c.checkChannel(&r.Channel); err != nil {
			return nil, 0, err
		}
	}
	done, index, err := value[dkron.Channel](ctx, c, &command.SetChannel{Channel: r.Channel, Now: clock.Now(), By: dkron.Actor(ctx)})
	if err != nil {
		return nil, index, err
	}
	return &request.Channel{Channel: *done}, index, nil
}

func (c *Control) deleteChannel(ctx context.Context, r *request.DeleteChannel) (*request.Done, uint64, error) {
	return done(ctx, c, &command.DeleteChannel{Name: r.Channel, Now: clock.Now()})
}

func (c *Control) tryChannel(ctx context.Context, r *request.TryChannel) (*request.Message, uint64, error) {
	done, index, err := value[dkron.Message](ctx, c, &command.TryChannel{Channel: r.Channel, Now: clock.Now(), By: dkron.Actor(ctx)})
	if err != nil {
		return nil, index, err
	}
	return &request.Message{Message: *done}, index, nil
}

func (c *Control) setRule(ctx context.Context, r *request.SetRule) (*request.Rule, uint64, error) {
	if err := r.Rule.Validate(); err != nil {
		return nil, 0, err
	}
	done, index, err := value[dkron.Rule](ctx, c, &command.SetRule{Rule: r.Rule, Now: clock.Now(), By: dkron.Actor(ctx)})
	if err != nil {
		return nil, index, err
	}
	return &request.Rule{Rule: *done}, index, nil
}

func (c *Control) deleteRule(ctx context.Context, r *request.DeleteRule) (*request.Done, uint64, error) {
	return done(ctx, c, &command.DeleteRule{Name: r.Rule, Now: clock.Now()})
}

func (c *Control) addSilence(ctx context.Context, r *request.AddSilence) (*request.Silence, uint64, error) {
	now, s := clock.Now(), r.Silence
	if s.From.IsZero() {
		s.From = now
	}
	if r.Duration > 0 {
		s.Until = s.From.Add(r.Duration)
	}
	s.CreatedBy = dkron.Actor(ctx)
	if err := s.Validate(now); err != nil {
		return nil, 0, err
	}
	done, index, err := value[dkron.Silence](ctx, c, &command.AddSilence{Silence: s, Now: now})
	if err != nil {
		return nil, index, err
	}
	return &request.Silence{Silence: *done}, index, nil
}

func (c *Control) endSilence(ctx context.Context, r *request.EndSilence) (*request.Silence, uint64, error) {
	done, index, err := value[dkron.Silence](ctx, c, &command.EndSilence{Number: r.Number, Now: clock.Now(), By: dkron.Actor(ctx)})
	if err != nil {
		return nil, index, err
	}
	return &request.Silence{Silence: *done}, index, nil
}

func (c *Control) ackAlert(ctx context.Context, r *request.AckAlert) (*request.Alert, uint64, error) {
	if len(r.Note) > dkron.MaxNote {
		return nil, 0, dkron.Invalid("note has %d bytes; at most %d are kept", len(r.Note), dkron.MaxNote)
	}
	done, index, err := value[dkron.Alert](ctx, c, &command.Ack{Alert: r.Alert, Note: r.Note, Now: clock.Now(), By: dkron.Actor(ctx)})
	if err != nil {
		return nil, index, err
	}
	return &request.Alert{Alert: *done}, index, nil
}

func (c *Control) resendMessage(ctx context.Context, r *request.ResendMessage) (*request.Message, uint64, error) {
	done, index, err := value[dkron.Message](ctx, c, &command.Resend{Number: r.Number, Now: clock.Now(), By: dkron.Actor(ctx)})
	if err != nil {
		return nil, index, err
	}
	return &request.Message{Message: *done}, index, nil
}

// Compose makes a message of what waits for a channel, unless the channel has a newer message than the given one.
func (c *Control) Compose(ctx context.Context, channel string, after uint64, quiet []string, now time.Time) error {
	_, _, err := c.propose(ctx, &command.Compose{Channel: channel, After: after, Quiet: quiet, Now: now})
	return err
}

// Sent records what an attempt to send a message came to.
func (c *Control) Sent(ctx context.Context, a dkron.Attempt) error {
	_, _, err := c.propose(ctx, &command.Sent{Attempts: []dkron.Attempt{a}, Now: clock.Now()})
	return err
}

// Overdue has the rules look at launches that have not started or not ended in time.
func (c *Control) Overdue(ctx context.Context, launches []uint64, now time.Time) error {
	_, _, err := c.propose(ctx, &command.Overdue{Launches: launches, Now: now})
	return err
}

// Breached has the rules look at objectives that are not met.
func (c *Control) Breached(ctx context.Context, breaches []dkron.Breach, now time.Time) error {
	_, _, err := c.propose(ctx, &command.Breached{Breaches: breaches, Now: now})
	return err
}

// Remind notifies people again of open alerts.
func (c *Control) Remind(ctx context.Context, alerts []uint64, now time.Time) error {
	_, _, err := c.propose(ctx, &command.Remind{Alerts: alerts, Now: now})
	return err
}
