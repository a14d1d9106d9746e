package consensus

import (
	"errors"
	"log/slog"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/raft"
)

// limits bound the log. The disk holds more: one segment that is being written and one that is only partly dropped.
type limits struct {
	snapshotBytes int64         // bytes since the last snapshot that trigger another
	keepBytes     int64         // bytes kept before a snapshot for slow followers, at most
	heldBytes     int64         // the same while a follower takes over a copy of the state
	restBytes     int64         // how many of them may remain after keepFor
	keepFor       time.Duration // how long more than that is kept
	cutBytes      int64         // a snapshot that gains less is not worth it, unless snapshotBytes triggers one
}

var defaultLimits = limits{
	snapshotBytes: 64 << 20, keepBytes: 128 << 20, heldBytes: 288 << 20, restBytes: 16 << 20, keepFor: 20 * time.Second,
	cutBytes: segmentSize,
}

const (
	retrySnapshot    = time.Second
	retrySnapshotMax = 30 * time.Second
)

// compactor makes raft take snapshots, which are points (see there) and cheap, and drop the log before them. It sleeps
// while nothing is appended and nothing is left to drop.
type compactor struct {
	limits    limits
	threshold uint64 // entries since the last snapshot that trigger another
	trailing  uint64 // entries kept before a snapshot, at most
	raft      *raft.Raft
	logs      *logStore
	snapshots *snapshots
	log       *slog.Logger

	wake    chan struct{} // capacity 1
	quit    chan struct{}
	running sync.WaitGroup
	timed   atomic.Bool   // run checks again by itself
	failing time.Duration // between tries; 0 after a success
}

func (n *Node) newCompactor() *compactor {
	return &compactor{limits: n.cfg.limits, threshold: n.cfg.SnapshotThreshold, trailing: n.cfg.TrailingLogs, raft: n.raft,
		logs: n.logs, snapshots: n.snapshots, log: n.cfg.Logger, wake: make(chan struct{}, 1), quit: make(chan struct{})}
}

func (c *compactor) start() {
	grown := c.grown
	c.logs.grown.Store(&grown)
	c.running.Go(c.run)
}

// stop is called once, when raft has shut down.
func (c *compactor) stop() {
	close(c.quit)
	c.running.Wait()
}

// grown is called after each write to the log, and wakes run if there may be something to do.
func (c *compactor) grown() {
	bytes, entries := c.since()
	if bytes < c.limits.snapshotBytes && entries < c.threshold && (c.timed.Load() || c.logs.meter.total() < c.limits.rest()) {
		return
	}
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// rest is the size of a log that needs no further check.
func (l limits) rest() int64 { return l.restBytes + l.cutBytes }

// since is how much the log holds after the last snapshot.
func (c *compactor) since() (bytes int64, entries uint64) {
	index := uint64(0)
	if p := c.snapshots.last(); p != nil {
		index = p.Meta.Index
	}
	return c.logs.meter.after(index)
}

func (c *compactor) run() {
	for {
		c.timed.Store(false)
		wait := c.look(time.Now())
		c.timed.Store(wait > 0)
		var timer <-chan time.Time
		wake := c.wake
		if wait > 0 {
			timer = time.After(wait)
		}
		if c.failing > 0 {
			wake = nil
		}
		select {
		case <-wake:
		case <-timer:
		case <-c.quit:
			return
		}
	}
}

// look takes a snapshot if one is due, and returns when to check again; 0: when the log has grown.
func (c *compactor) look(now time.Time) time.Duration {
	bytes, entries := c.since()
	first, before := c.keep(now)
	if bytes < c.limits.snapshotBytes && entries < c.threshold && before < c.limits.cutBytes {
		if c.logs.meter.total() < c.limits.rest() {
			return 0
		}
		return c.limits.keepFor
	}
	err := c.snapshot(first)
	if after, more := c.since(); err == nil && after < c.limits.snapshotBytes && more < c.threshold {
		c.failing = 0
		return c.limits.keepFor
	}
	c.failing = min(max(2*c.failing, retrySnapshot), retrySnapshotMax)
	if err != nil && c.failing == retrySnapshotMax {
		c.log.Warn("the raft log grows: no snapshot could be taken", "error", err, "bytes", bytes, "retry_in", c.failing)
	}
	return c.failing
}

// keep returns the first entry to keep, and how many bytes are before it.
func (c *compactor) keep(now time.Time) (first uint64, before int64) {
	first, before = c.logs.meter.keep(c.limits.restBytes, c.limits.keepBytes, now.Add(-c.limits.keepFor), c.trailing)
	held, ok := c.snapshots.held(now)
	if !ok || held >= first {
		return first, before
	}
	first, before = c.logs.meter.keep(c.limits.heldBytes, c.limits.heldBytes, now, math.MaxUint64)
	if first < held {
		first = held
	}
	return first, before
}

// snapshot makes raft take one and drop the log before first, as far as the snapshot covers it.
func (c *compactor) snapshot(first uint64) error {
	last, err := c.logs.LastIndex()
	if err != nil {
		return err
	}
	conf := c.raft.ReloadableConfig()
	conf.TrailingLogs = last - min(first, last) + 1
	if err := c.raft.ReloadConfig(conf); err != nil {
		return err
	}
	err = c.raft.Snapshot().Error()
	if errors.Is(err, raft.ErrRaftShutdown) {
		return nil
	}
	return err
}

// cutLog drops the unneeded log before a point. It is called before raft starts, so that a long log of an older
// version, or after a crash, is not kept.
func (n *Node) cutLog() error {
	p := n.snapshots.last()
	if p == nil {
		return nil
	}
	l := n.cfg.limits
	keep, before := n.logs.meter.keep(l.restBytes, l.keepBytes, time.Time{}, n.cfg.TrailingLogs)
	first, err := n.logs.FirstIndex()
	if err != nil || before < l.cutBytes || keep <= first {
		return err
	}
	return n.logs.DeleteRange(first, min(keep-1, p.Meta.Index))
}
