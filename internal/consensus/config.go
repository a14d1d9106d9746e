package consensus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net"
	"time"

	"github.com/hashicorp/raft"

	"dkron/internal/liblog"
)

// Names of the log engines.
const (
	LogWAL  = "wal"
	LogBolt = "bolt"
)

// MaxEntry is the largest entry that Propose accepts, in bytes. One entry beyond the log engine's limit would cost the
// leader its leadership, so this limit is far below that.
const MaxEntry = 4 << 20

const (
	baseElection = 500 * time.Millisecond // heartbeat and election timeout, times Multiplier
	// baseLease is how long a leader stays leader without an answer from a majority, times Multiplier. It is as long as
	// the library allows, the heartbeat timeout: see leadingElection.
	baseLease = baseElection
	// leadingElection is the heartbeat timeout of a leader, times Multiplier. Raft sends a heartbeat to each follower
	// every tenth to fifth of it, 100 to 200 ms, and needs it for nothing else while it leads. Followers go by
	// baseElection, so that a failover is as fast as before, with half of the messages of an idle cluster.
	leadingElection = 2 * baseElection
	// commitTimeout: a follower that announce does not reach learns of a commit after at most twice this time.
	commitTimeout = 250 * time.Millisecond
	appendEntries = 512
	rpcTimeout    = 10 * time.Second
	dialTimeout   = 2 * time.Second // a host that is gone may not answer at all, and the server may be elsewhere by then
	never         = 24 * time.Hour  // between raft's own checks for a snapshot; see compactor
)

// Config configures a Node. The node owns Listener from Open on, even if Open fails.
type Config struct {
	ID            string // the node's name in the configuration; must stay the same over restarts
	AdvertiseAddr string // host:port at which the others reach Listener
	DataDir       string // the node's; everything is kept in its subdirectory raft
	LogStore      string // LogWAL (default) or LogBolt
	Multiplier    int    // of the base timing, 1 (default) to 10

	// Named says that the data directory is known to belong to a node called ID. Otherwise Open looks for that name in
	// the log.
	Named bool

	// Begin is called once by Open, when the data directory is known to be this node's, and before the node speaks to
	// others: hasState says whether the node has ever been part of a cluster. Its error is Open's. May be nil.
	Begin func(hasState bool) error

	// Dial connects to the raft listener of the server with the given id, and to no other server that may now be at
	// addr. nil: plain TCP, for tests.
	Dial func(ctx context.Context, id, addr string) (net.Conn, error)
	// Where returns the host:port that a server last published, "" if unknown. It is called often. nil: servers are
	// where the configuration says.
	Where    func(id string) string
	Observer Observer // may be nil
	// Listener accepts connections that are known to speak raft.
	Listener net.Listener

	SnapshotThreshold uint64 // entries since the last snapshot that trigger another; default 65536
	TrailingLogs      uint64 // entries kept before a snapshot for slow followers, at most; default 10240

	Logger *slog.Logger // nil: none

	// wrapLog lets a test put a faulty disk under the log.
	wrapLog func(raft.LogStore) raft.LogStore
	// commitTimeout lets a benchmark compare; 0: the constant.
	commitTimeout time.Duration
	// limits lets a test set small ones; the zero value: the default.
	limits limits
}

// withDefaults returns the complete configuration, or an error if it is invalid.
func (c Config) withDefaults() (Config, error) {
	if c.LogStore == "" {
		c.LogStore = LogWAL
	}
	if c.Multiplier == 0 {
		c.Multiplier = 1
	}
	if c.SnapshotThreshold == 0 {
		c.SnapshotThreshold = 65536
	}
	if c.TrailingLogs == 0 {
		c.TrailingLogs = 10240
	}
	if c.limits == (limits{}) {
		c.limits = defaultLimits
	}
	if c.commitTimeout == 0 {
		c.commitTimeout = commitTimeout
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Dial == nil {
		c.Dial = func(ctx context.Context, _, addr string) (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, "tcp", addr)
		}
	}
	if c.Where == nil {
		c.Where = func(string) string { return "" }
	}
	if c.Observer == nil {
		c.Observer = nobody{}
	}
	switch {
	case c.ID == "" || c.AdvertiseAddr == "" || c.DataDir == "":
		return c, errors.New("consensus needs ID, AdvertiseAddr and DataDir")
	case c.Listener == nil:
		return c, errors.New("consensus needs a Listener")
	case c.Multiplier < 1 || c.Multiplier > 10:
		return c, fmt.Errorf("raft multiplier is %d, must be 1 to 10", c.Multiplier)
	case c.LogStore != LogWAL && c.LogStore != LogBolt:
		return c, fmt.Errorf("raft log store is %q, must be %q or %q", c.LogStore, LogWAL, LogBolt)
	}
	return c, nil
}

// raft returns the library's configuration. terms receives every gain and loss of leadership, in order: raft waits
// until each has been read.
func (c Config) raft(terms chan<- bool) *raft.Config {
	rc := raft.DefaultConfig()
	rc.LocalID = raft.ServerID(c.ID)
	rc.HeartbeatTimeout = baseElection * time.Duration(c.Multiplier)
	rc.ElectionTimeout = baseElection * time.Duration(c.Multiplier)
	rc.LeaderLeaseTimeout = baseLease * time.Duration(c.Multiplier)
	rc.CommitTimeout = c.commitTimeout
	rc.MaxAppendEntries = appendEntries
	rc.BatchApplyCh = true
	rc.ShutdownOnRemove = false
	rc.SnapshotInterval = never
	rc.SnapshotThreshold = math.MaxUint64
	rc.TrailingLogs = c.TrailingLogs
	rc.NoSnapshotRestoreOnStart = true // the machine's state is durable; see point
	rc.NoLegacyTelemetry = true
	rc.NotifyCh = terms
	rc.Logger = liblog.New(c.Logger, "raft")
	return rc
}
