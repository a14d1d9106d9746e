package scheduler

import (
	"log/slog"
	"time"

	"dkron/internal/clock"
)

// maxJump is how far the wall clock may step relative to the monotonic one before it is reported.
const maxJump = time.Second

// wallClock reads the wall clock and detects steps. A step forward is caught up with like any delay; for a step back
// see rewind.go.
type wallClock struct {
	log    *slog.Logger
	jumped func(time.Duration) // may be nil
	steady time.Time           // of the last reading, monotonic
	wall   time.Time
}

func newWallClock(log *slog.Logger, jumped func(time.Duration)) *wallClock {
	return &wallClock{log: log, jumped: jumped, steady: time.Now(), wall: clock.Now()}
}

func (c *wallClock) now() time.Time {
	steady, wall := time.Now(), clock.Now()
	c.judge(wall.Sub(c.wall) - steady.Sub(c.steady))
	c.steady, c.wall = steady, wall
	return wall
}

// judge reports a jump: how far the wall clock moved since the last reading, minus the elapsed time.
func (c *wallClock) judge(jump time.Duration) {
	if jump <= maxJump && jump >= -maxJump {
		return
	}
	c.log.Warn("the wall clock jumped; due times follow it, and nothing fires twice", "jump", jump)
	if c.jumped != nil {
		c.jumped(jump)
	}
}
