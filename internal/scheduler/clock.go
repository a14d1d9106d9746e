package scheduler

import (
	"log/slog"
	"time"
)

// maxJump is how far the wall clock may step against the monotonic one before it is worth a warning.
const maxJump = time.Second

// clock reads the wall clock and notices when it jumps. Nothing else is done about a jump: a job's cursor only moves
// forward, so a step back waits and a step forward catches up.
type clock struct {
	log  *slog.Logger
	last time.Time
}

func newClock(log *slog.Logger) *clock { return &clock{log: log, last: time.Now()} }

func (c *clock) now() time.Time {
	now := time.Now()
	elapsed := now.Sub(c.last) // monotonic
	wall := now.Round(0).Sub(c.last.Round(0))
	if jump := wall - elapsed; jump > maxJump || jump < -maxJump {
		c.log.Warn("the wall clock jumped; due times follow the new one, nothing is fired twice", "jump", jump)
	}
	c.last = now
	return now
}
