package control

import (
	"context"
	"time"

	"dkron/internal/command"
	"dkron/internal/state"
)

const (
	// cleanPause is the pause between two steps. It allows 80 MiB a second, and leaves room for other entries.
	cleanPause = 100 * time.Millisecond
	// cleanRetry is the pause after a step that failed or found nothing to do.
	cleanRetry = 5 * time.Second
)

// KeepClean removes history that is no longer kept, even if no executions end: after a job is deleted, a history
// cleared, or a limit lowered. It proposes nothing if there is nothing to remove. The leader runs it.
func (c *Control) KeepClean(ctx context.Context) error {
	for {
		dirty, err := c.dirty()
		if err != nil {
			return err
		}
		if !dirty {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-c.state.Unswept():
			}
			continue
		}
		result, _, err := c.propose(ctx, new(command.Clean))
		pause := cleanPause
		if looks, _ := result.(uint64); err != nil || looks == 0 {
			pause = cleanRetry
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
}

func (c *Control) dirty() (dirty bool, err error) {
	err = c.state.View(func(tx *state.Tx) error {
		dirty = tx.Unswept()
		return nil
	})
	return dirty, err
}
