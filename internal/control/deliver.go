package control

import (
	"context"

	"dkron"
	"dkron/internal/clock"
	"dkron/internal/command"
)

// Deliver records the results of attempts to deliver.
func (c *Control) Deliver(ctx context.Context, results []dkron.Delivered) error {
	for _, part := range split(results) {
		if _, _, err := c.propose(ctx, &command.Deliver{Results: part, Now: clock.Now()}); err != nil {
			return err
		}
	}
	return nil
}
