package agent

import (
	"log/slog"
	"time"

	"dkron"
	"dkron/internal/clock"
)

const (
	// maxSkew is how far two clocks may differ before it is worth a warning.
	maxSkew = time.Second
	// skewPeriod is how long messages are compared: in that time at least one is not late.
	skewPeriod = 5 * time.Second
)

// Skew returns how far this node's clock is ahead of the leader's, as the leader's messages showed it last; negative if
// it is behind, zero if none has come yet. It is too large by the time of a message on its way.
func (a *Agent) Skew() time.Duration { return time.Duration(a.skew.Load()) }

// Attached reports whether a leader has a stream to this node.
func (a *Agent) Attached() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.link != nil
}

// skewMeter compares two clocks by messages of one stream. A message may come late but never early, so the least
// difference within a while is nearest to the truth. A clock that is set shows after a period or two.
type skewMeter struct {
	log    *slog.Logger
	began  time.Time     // of the current period
	least  time.Duration // in it
	before time.Duration // in the period before
	warned bool
}

// add takes what a message that came at now shows: the time since it was sent. It returns the skew.
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

// judge warns once of clocks that differ, and says when they agree again.
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

// ageMeter finds how late the messages of one stream come. Both ends measure by clocks that never step, from the stream's
// beginning; the message that took the least time is taken for one that was not late.
type ageMeter struct {
	began time.Time
	least time.Duration
}

func newAgeMeter() *ageMeter { return &ageMeter{began: time.Now(), least: 1<<63 - 1} }

// add returns how late a message is that has come now.
func (m *ageMeter) add(msg *dkron.ToNode) time.Duration {
	behind := time.Since(m.began) - msg.Elapsed
	if msg.Elapsed == 0 { // a leader of an earlier version
		behind = clock.Now().Sub(msg.SentAt)
	}
	m.least = min(m.least, behind)
	return behind - m.least
}
