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
	log    *slog.Logger
	jumped func(time.Duration) // may be nil
	last   time.Time
}

func newClock(log *slog.Logger, jumped func(time.Duration)) *clock {
	return &clock{log: log, jumped: jumped, last: time.Now()}
}

func (c *clock) now() time.Time {
	now := time.Now()
	elapsed := now.Sub(c.last) // monotonic
	wall := now.Round(0).Sub(c.last.Round(0))
	c.judge(wall - elapsed)
	c.last = now
	return now
}

// judge tells of a jump: the wall clock's way since the last reading, less the monotonic one's.
func (c *clock) judge(jump time.Duration) {
	if jump <= maxJump && jump >= -maxJump {
		return
	}
	c.log.Warn("the wall clock jumped; due times follow the new one, nothing is fired twice", "jump", jump)
	if c.jumped != nil {
		c.jumped(jump)
	}
}
