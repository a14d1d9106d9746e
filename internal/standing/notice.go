package standing

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"dkron"
	"dkron/plugin"
)

// noticeFor is how long a notice of an event is shown.
const noticeFor = time.Hour

// maxNotices bounds how many are kept.
const maxNotices = 20

// Counts counts what the scheduler reports, noticed or not.
type Counts interface {
	Fired(due []dkron.Due)
	ClockJumped()
	ClockDoubtful(doubtful bool)
	CursorsBroughtBack(jobs int)
	SchedulerStalled(jobs int)
}

// Notices is what an operator should know about this server although it works: shown by /health and on the page.
type Notices struct {
	counts   Counts
	skew     func() time.Duration // of this node's clock against the leader's
	identity func() []string      // current notices about the node's identity

	mu       sync.Mutex // guards the fields below
	past     []notice
	doubtful bool
}

// NewNotices returns the notices of a server. skew returns how far its clock is ahead of the leader's, and identity the
// notices about its identity.
func NewNotices(counts Counts, skew func() time.Duration, identity func() []string) *Notices {
	return &Notices{counts: counts, skew: skew, identity: identity}
}

type notice struct {
	text string
	at   time.Time
}

// List returns the notices, newest last.
func (n *Notices) List() (out []string) {
	out = n.identity()
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
		out = append(out, fmt.Sprintf("clock: this node's clock differs from the leader's by %s; synchronize both by NTP", plugin.InWords(skew.Round(100*time.Millisecond))))
	}
	return out
}

func (n *Notices) add(format string, args ...any) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.past = append(n.past, notice{fmt.Sprintf(format, args...), time.Now()})
	n.past = n.past[max(0, len(n.past)-maxNotices):]
}

// Reports of the scheduler.

// Fired counts launches.
func (n *Notices) Fired(due []dkron.Due) { n.counts.Fired(due) }

// ClockJumped notes a step of the wall clock.
func (n *Notices) ClockJumped(by time.Duration) {
	n.counts.ClockJumped()
	n.add("clock: at %s the wall clock jumped by %s while this server led", time.Now().UTC().Format(time.RFC3339), plugin.InWords(by))
}

// ClockDoubtful notes whether this server's clock is behind the recorded due times while most servers' clocks differ
// from it.
func (n *Notices) ClockDoubtful(doubtful bool) {
	n.counts.ClockDoubtful(doubtful)
	n.mu.Lock()
	defer n.mu.Unlock()
	n.doubtful = doubtful
}

// CursorsBroughtBack notes that jobs whose schedule was too far ahead continue from now.
func (n *Notices) CursorsBroughtBack(jobs int, ahead time.Duration) {
	n.counts.CursorsBroughtBack(jobs)
	n.add("clock: at %s due times up to %s ahead were moved back for %d jobs; a clock had been ahead",
		time.Now().UTC().Format(time.RFC3339), plugin.InWords(ahead), jobs)
}

// Stalled notes jobs that stay due without a launch.
func (n *Notices) Stalled(jobs int) { n.counts.SchedulerStalled(jobs) }
