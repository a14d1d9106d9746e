package consensus

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/raft"

	"dkron/internal/identity"
	"dkron/internal/liblog"
)

// Node is one server of the consensus.
type Node struct {
	cfg       Config
	dir       string
	lock      *os.File
	engine    engine
	logs      *logStore
	stable    *stableStore
	snapshots *snapshots
	streams   *streams
	transport *transport
	fsm       *fsm
	raft      *raft.Raft
	shutdown  func() raft.Future // raft's own would not wait when called again
	terms     *terms
	compactor *compactor

	calls   calls
	closing chan struct{} // closed when Close begins
	done    chan struct{} // closed when the node has stopped itself, or Close begins
	failure atomic.Pointer[error]
	once    struct{ fail, close, done sync.Once }
	closed  error
}

// Open starts the node from its data directory. If that is empty, the node waits for Bootstrap or to be added by a
// leader. It returns a *CorruptError for damaged data.
//
// If the machine's state is older than the start of the log, it has been lost or replaced, and Open fails. Entries that
// the state does not contain are applied once a leader confirms that they are committed.
func Open(cfg Config, m Machine) (_ *Node, err error) {
	cfg, err = cfg.withDefaults()
	if err != nil {
		if cfg.Listener != nil {
			_ = cfg.Listener.Close()
		}
		return nil, err
	}
	n := &Node{cfg: cfg, dir: filepath.Join(cfg.DataDir, "raft"), streams: newStreams(cfg),
		closing: make(chan struct{}), done: make(chan struct{})}
	defer func() {
		if err != nil {
			err = errors.Join(err, n.release())
		}
	}()
	m = measured{m, cfg.Observer}
	if err := n.openStores(m); err != nil {
		return nil, err
	}
	n.transport = newTransport(newPeers(n.streams, liblog.New(cfg.Logger, "raft").Named("net")))
	if err := n.recoverPeers(m); err != nil {
		return nil, err
	}
	if err := n.snapshots.advance(m.AppliedIndex()); err != nil {
		return nil, err
	}
	if err := n.cutLog(); err != nil {
		return nil, err
	}
	return n, n.startRaft(m)
}

func (n *Node) startRaft(m Machine) (err error) {
	n.fsm = newFSM(m, n.fail, n.logs)
	n.fsm.received = n.snapshots.installed
	n.snapshots.fsm = n.fsm
	leading := make(chan bool)
	n.terms = newTerms(n, leading)
	n.raft, err = raft.NewRaft(n.cfg.raft(leading), n.fsm, n.logs, n.stable, n.snapshots, sender{n.transport, n.logs})
	if err != nil {
		return fmt.Errorf("start raft: %w", err)
	}
	n.shutdown = sync.OnceValue(n.raft.Shutdown)
	n.compactor = n.newCompactor()
	n.compactor.start()
	n.terms.start()
	if err := n.begin(); err != nil {
		n.compactor.stop()
		n.terms.stop()
		_ = n.shutdown().Error()
		n.terms.join()
		return err
	}
	return nil
}

// begin lets the node speak to others if its data directory is its own.
func (n *Node) begin() error {
	if !n.cfg.Named {
		if err := n.checkName(); err != nil {
			return err
		}
	}
	if n.cfg.Begin != nil {
		if err := n.cfg.Begin(n.HasState()); err != nil {
			return err
		}
	}
	n.streams.open()
	return nil
}

func (n *Node) openStores(m Machine) error {
	if err := os.MkdirAll(n.dir, 0o700); err != nil {
		return err
	}
	var err error
	if n.lock, err = identity.Lock(n.dir); err != nil {
		return err
	}
	logger := liblog.New(n.cfg.Logger, "raft")
	e, path, err := openEngine(n.dir, n.cfg.LogStore, logger)
	if err != nil {
		return err
	}
	n.engine = e
	var inner raft.LogStore = e
	if n.cfg.wrapLog != nil {
		inner = n.cfg.wrapLog(inner)
	}
	n.logs = newLogStore(inner, path)
	n.stable = &stableStore{StableStore: e, log: n.cfg.Logger, closing: n.closing, path: path}
	if n.snapshots, err = openSnapshots(n.dir, n.cfg.DataDir, n.logs); err != nil {
		return fmt.Errorf("open snapshots: %w", err)
	}
	if err := n.importLegacy(m); err != nil {
		return err
	}
	applied := m.AppliedIndex()
	if err := n.snapshots.settle(applied); err != nil {
		return err
	}
	var index uint64
	if p := n.snapshots.last(); p != nil {
		index = p.Meta.Index
		n.logs.config.Store(p.Meta.ConfigurationIndex)
	}
	if err := n.logs.verify(applied, index); err != nil {
		return err
	}
	return n.reconcile(applied)
}

// reconcile brings snapshot and log to where raft expects them: the machine at least at the newest snapshot, and the
// log empty or reaching up to it. A crash while a snapshot was installed leaves a log that doesn't.
func (n *Node) reconcile(applied uint64) error {
	p := n.snapshots.last()
	if p == nil {
		return nil
	}
	first, err := n.logs.FirstIndex()
	if err != nil {
		return err
	}
	last, err := n.logs.LastIndex()
	if err != nil {
		return err
	}
	if applied < p.Applied {
		return n.snapshots.rewind(applied, first, last)
	}
	if last > 0 && last < p.Meta.Index {
		return n.logs.DeleteRange(first, last)
	}
	return nil
}

// HasState reports whether the node has ever been part of a cluster.
func (n *Node) HasState() bool {
	has, err := raft.HasExistingState(n.logs, n.engine, n.snapshots)
	return has || err != nil // when in doubt, never start a second cluster
}

// Leader returns the leader as far as this node knows, and its address in the configuration; both are empty if unknown.
func (n *Node) Leader() (id, addr string) {
	_, i := n.raft.LeaderWithID()
	if i == "" {
		return "", ""
	}
	for _, s := range n.raft.GetConfiguration().Configuration().Servers {
		if s.ID == i {
			return string(i), string(s.Address)
		}
	}
	return string(i), ""
}

// Term is the newest term that this node knows of.
func (n *Node) Term() uint64 { return n.raft.CurrentTerm() }

// LastIndex is the index of the last entry in this node's log, committed or not.
func (n *Node) LastIndex() uint64 { return n.raft.LastIndex() }

// CommitIndex is the index up to which this node knows the log to be committed.
func (n *Node) CommitIndex() uint64 { return n.raft.CommitIndex() }

// LastContact is when a leader was last heard of; on the leader itself, now. Zero if never.
func (n *Node) LastContact() time.Time {
	if n.raft.State() == raft.Leader {
		return time.Now()
	}
	return n.raft.LastContact()
}

// Health is nil if the node works: it runs, and its log can be written. A node without a leader is healthy.
func (n *Node) Health() error {
	if err := n.Err(); err != nil {
		return err
	}
	if e := n.stable.failed.Load(); e != nil {
		return e
	}
	return n.logs.health()
}

// Stats are figures for people, under raft's names and a few of our own. They are not stable.
func (n *Node) Stats() map[string]string {
	s := n.raft.Stats()
	s["machine_index"] = strconv.FormatUint(n.Applied(), 10)
	s["log_store"] = n.cfg.LogStore
	s["healthy"] = strconv.FormatBool(n.Health() == nil)
	total, since := n.LogBytes()
	s["log_bytes"] = strconv.FormatInt(total, 10)
	s["log_bytes_since_snapshot"] = strconv.FormatInt(since, 10)
	return s
}

// LogBytes returns how many bytes of entries the log holds, and how many of these came after the last snapshot. The
// disk holds more: up to two segments.
func (n *Node) LogBytes() (total, sinceSnapshot int64) {
	sinceSnapshot, _ = n.compactor.since()
	return n.logs.meter.total(), sinceSnapshot
}

// Done is closed when the node has stopped by itself, for the reason in Err, or is being closed.
func (n *Node) Done() <-chan struct{} { return n.done }

// Err is why the node has stopped by itself: a *FatalError of the machine. It is nil while the node runs or if it was
// just closed.
func (n *Node) Err() error {
	if e := n.failure.Load(); e != nil {
		return *e
	}
	return nil
}

// fail stops the node from within. It does not wait, as it is called by raft.
func (n *Node) fail(err error) {
	n.once.fail.Do(func() {
		n.failure.Store(&err)
		n.once.done.Do(func() { close(n.done) })
		n.terms.stop()
		go func() {
			n.calls.drain(time.Second)
			_ = n.shutdown()
		}()
	})
}

// Close stops the node; the leader should TransferLeadership first. Pending calls end with ErrClosed, which for
// proposals means that their outcome is unknown. The machine is not used any more when Close returns.
func (n *Node) Close() error {
	n.once.close.Do(func() {
		close(n.closing)
		n.once.done.Do(func() { close(n.done) })
		n.terms.stop()
		// Raft drops pending futures when it is shut down: let it answer them first. That takes no longer than a leader
		// without followers needs to notice.
		n.calls.drain(2 * baseElection * time.Duration(n.cfg.Multiplier))
		err := n.shutdown().Error()
		n.compactor.stop()
		n.terms.join()
		n.closed = errors.Join(err, n.release())
	})
	return n.closed
}

// release closes whatever Open has opened.
func (n *Node) release() error {
	var errs []error
	if n.transport != nil {
		errs = append(errs, n.transport.Close()) // closes streams and listener
	} else {
		errs = append(errs, n.streams.Close())
	}
	if n.engine != nil {
		errs = append(errs, n.engine.Close())
	}
	if n.lock != nil {
		errs = append(errs, n.lock.Close())
	}
	return errors.Join(errs...)
}
