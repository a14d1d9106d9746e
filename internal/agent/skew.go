package agent

import (
	"log/slog"
	"time"

	"dkron"
	"dkron/internal/clock"
)

const (
	// maxSkew is how far two clocks may differ before a warning.
	maxSkew = time.Second
	// skewPeriod is how long messages are compared: in that time at least one arrives without delay.
	skewPeriod = 5 * time.Second
)

// Skew returns how far this node's clock is ahead of the leader's, according to its latest messages; negative if
// behind, zero if none has come yet. It is too large by a message's travel time.
func (a *Agent) Skew() time.Duration { return time.Duration(a.skew.Load()) }

// Attached reports whether a leader has a stream to this node.
func (a *Agent) Attached() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.link != nil
}

// skewMeter compares two clocks by the messages of one stream. A message may be late but never early, so the smallest
// difference within a period is the most accurate. A clock that is set shows after a period or two.
type skewMeter struct {
	log    *slog.Logger
	began  time.Time     // of the current period
	least  time.Duration // in it
	before time.Duration // in the period before
	warned bool
}

// add evaluates a message that arrived at now: its time since sending. It returns the skew.
func (m *skewMeter) add(now time.Time, behind time.Duration) time.Duration {
	switch {
	case m.began.IsZero():
		m.began, m.least, m.before = now, behind, behind
	case now.Sub(m.began) >= skewPeriod:
		m.judge()
		m.began, m.before, m.least = now, m.least, behind
	default:
		m.least = min(m.least, behind)
	}
	return min(m.least, m.before)
}

// judge warns once when clocks differ, and logs when they agree again.
func (m *skewMeter) judge() {
	off := m.least > maxSkew || m.least < -maxSkew
	switch {
	case off && !m.warned:
		m.log.Warn("this node's clock differs from the leader's; synchronize both by NTP: until then start times and lateness are wrong", "ahead_by", m.least)
	case !off && m.warned:
		m.log.Info("this node's clock agrees with the leader's again", "ahead_by", m.least)
	}
	m.warned = off
}

// ageMeter measures how late the messages of one stream arrive. Both ends measure time since the start of the stream,
// by clocks that never step; the fastest message counts as on time.
type ageMeter struct {
	began time.Time
	least time.Duration
}

func newAgeMeter() *ageMeter { return &ageMeter{began: time.Now(), least: 1<<63 - 1} }

// add returns how late a message is that arrives now.
func (m *ageMeter) add(msg *dkron.ToNode) time.Duration {
	behind := time.Since(m.began) - msg.Elapsed
	if msg.Elapsed == 0 { // a leader of an earlier version
		behind = clock.Now().Sub(msg.SentAt)
	}
	m.least = min(m.least, behind)
	return behind - m.least
}
