package app

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"dkron/internal/telemetry"
)

// noticeFor is how long a notice of something that has happened is shown.
const noticeFor = time.Hour

// maxNotices bounds how many are kept.
const maxNotices = 20

// notices is what an operator should know of this server although it does its part: shown by /health and on the page.
type notices struct {
	metrics  *telemetry.Metrics
	skew     func() time.Duration // of this node's clock against the leader's
	standing func() []string      // what holds now of the node's identity

	mu       sync.Mutex // guards the fields below
	past     []notice
	doubtful bool
}

type notice struct {
	text string
	at   time.Time
}

// list returns the notices, newest last.
func (n *notices) list() (out []string) {
	out = n.standing()
	n.mu.Lock()
	defer n.mu.Unlock()
	n.past = slices.DeleteFunc(n.past, func(p notice) bool { return time.Since(p.at) > noticeFor })
	for _, p := range n.past {
		out = append(out, p.text)
	}
	if n.doubtful {
		out = append(out, "clock: recorded due times lie in this server's future, and most servers' clocks differ from its own; synchronize them by NTP")
	}
	if skew := n.skew(); skew > time.Second || skew < -time.Second {
		out = append(out, fmt.Sprintf("clock: this node's clock differs from the leader's by %s; synchronize both by NTP", skew.Round(100*time.Millisecond)))
	}
	return out
}

func (n *notices) add(format string, args ...any) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.past = append(n.past, notice{fmt.Sprintf(format, args...), time.Now()})
	n.past = n.past[max(0, len(n.past)-maxNotices):]
}

// The scheduler reports what follows.

// ClockJumped notes a step of the wall clock.
func (n *notices) ClockJumped(by time.Duration) {
	n.metrics.ClockJumped()
	n.add("clock: at %s the wall clock jumped by %s while this server led", time.Now().UTC().Format(time.RFC3339), by.Round(time.Millisecond))
}

// ClockDoubtful notes whether this server's clock is behind the due times that are recorded while most servers' differ.
func (n *notices) ClockDoubtful(doubtful bool) {
	n.metrics.ClockDoubtful(doubtful)
	n.mu.Lock()
	defer n.mu.Unlock()
	n.doubtful = doubtful
}

// CursorsBroughtBack notes that jobs whose schedule had come too far go on from now.
func (n *notices) CursorsBroughtBack(jobs int, ahead time.Duration) {
	n.metrics.CursorsBroughtBack(jobs)
	n.add("clock: at %s due times up to %s ahead were moved back for %d jobs; a clock had been ahead",
		time.Now().UTC().Format(time.RFC3339), ahead.Round(time.Millisecond), jobs)
}

// Stalled notes jobs whose due instant stays due.
func (n *notices) Stalled(jobs int) { n.metrics.SchedulerStalled(jobs) }
