package consensus

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/hashicorp/raft"
)

// quiet is how long the commit index must be unchanged before followers are informed of it. While entries keep coming,
// each carries the commit of those before it, and nothing needs to be sent.
const quiet = 4 * time.Millisecond

// askEvery is how often a follower is sent a message on its pipeline although there is no news.
const askEvery = time.Second

// transport is raft's transport. It tracks for each follower how far its log, and its knowledge of commits, extends.
//
// Raft itself reports the last commit to followers by asking each of them every commitTimeout, for ever: 70 messages a
// second to each idle follower. Here the leader reports it once, soon after the commit. commitTimeout is then only how
// soon a lost message is made up for, and raft's own message is left out if the follower knows the commit.
type transport struct {
	carrier
	wake chan struct{} // capacity 1: a commit may be unknown to a follower

	mu        sync.Mutex // guards followers and their fields
	followers map[raft.ServerID]*follower
}

// follower is the other end of a pipeline.
type follower struct {
	addr      raft.ServerAddress
	matched   uint64 // its log equals the leader's up to here
	committed uint64 // the commit index that the follower knows
	sending   bool
	asked     time.Time // when something was last sent on the pipeline
	missed    bool      // a message to it has failed since then
}

func newTransport(inner carrier) *transport {
	return &transport{carrier: inner, wake: make(chan struct{}, 1), followers: make(map[raft.ServerID]*follower)}
}

// notify wakes announce; it is a hint.
func (t *transport) notify() {
	select {
	case t.wake <- struct{}{}:
	default:
	}
}

// AppendEntriesPipeline implements raft.Transport.
func (t *transport) AppendEntriesPipeline(id raft.ServerID, target raft.ServerAddress) (raft.AppendPipeline, error) {
	inner, err := t.carrier.AppendEntriesPipeline(id, target)
	if err != nil {
		return nil, err
	}
	p := &pipeline{
		AppendPipeline: inner, transport: t, id: id, follower: &follower{addr: target},
		out: make(chan raft.AppendFuture), done: make(chan struct{}),
	}
	t.mu.Lock()
	t.followers[id] = p.follower
	t.mu.Unlock()
	p.running.Go(p.pass)
	return p, nil
}

// due returns the followers that have the entry at commit but don't know that it is committed. The caller must call
// said for each of them.
func (t *transport) due(commit uint64) map[raft.ServerID]*follower {
	t.mu.Lock()
	defer t.mu.Unlock()
	list := make(map[raft.ServerID]*follower)
	for id, f := range t.followers {
		if f.matched >= commit && f.committed < commit && !f.sending {
			f.sending = true
			list[id] = f
		}
	}
	return list
}

// said completes what due started; commit is 0 if the follower could not be informed.
func (t *transport) said(f *follower, commit uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	f.sending = false
	f.committed = max(f.committed, commit)
}

// pipeline is one of the library's that reports the answers to its transport.
type pipeline struct {
	raft.AppendPipeline
	transport *transport
	id        raft.ServerID
	follower  *follower
	out       chan raft.AppendFuture
	done      chan struct{}
	closing   sync.Once
	running   sync.WaitGroup
}

// AppendEntries implements raft.AppendPipeline. A request without news for the follower is dropped, as if lost by the
// network; heartbeats continue. But some are sent from time to time, and all after a failed heartbeat, since raft
// detects a broken connection by these requests.
func (p *pipeline) AppendEntries(req *raft.AppendEntriesRequest, resp *raft.AppendEntriesResponse) (raft.AppendFuture, error) {
	if p.redundant(req, time.Now()) {
		return nil, nil //nolint:nilnil // raft looks at the error alone
	}
	return p.AppendPipeline.AppendEntries(req, resp)
}

func (p *pipeline) redundant(req *raft.AppendEntriesRequest, now time.Time) bool {
	p.transport.mu.Lock()
	defer p.transport.mu.Unlock()
	f := p.follower
	known := len(req.Entries) == 0 && req.PrevLogEntry <= f.matched && req.LeaderCommitIndex <= f.committed
	if known && !f.missed && now.Sub(f.asked) < askEvery {
		return true
	}
	f.asked, f.missed = now, false
	return false
}

// AppendEntries implements raft.Transport. Heartbeats come this way.
func (t *transport) AppendEntries(id raft.ServerID, target raft.ServerAddress, req *raft.AppendEntriesRequest,
	resp *raft.AppendEntriesResponse) error {
	err := t.carrier.AppendEntries(id, target, req, resp)
	if err != nil {
		t.mu.Lock()
		if f := t.followers[id]; f != nil {
			f.missed = true
		}
		t.mu.Unlock()
	}
	return err
}

// Consumer implements raft.AppendPipeline.
func (p *pipeline) Consumer() <-chan raft.AppendFuture { return p.out }

func (p *pipeline) pass() {
	for {
		select {
		case f := <-p.AppendPipeline.Consumer():
			p.note(f.Request(), f.Response())
			select {
			case p.out <- f:
			case <-p.done:
				return
			}
		case <-p.done:
			return
		}
	}
}

func (p *pipeline) note(req *raft.AppendEntriesRequest, resp *raft.AppendEntriesResponse) {
	if !resp.Success {
		return
	}
	matched := req.PrevLogEntry
	if n := len(req.Entries); n > 0 {
		matched = req.Entries[n-1].Index
	}
	t := p.transport
	t.mu.Lock()
	p.follower.matched = max(p.follower.matched, matched)
	p.follower.committed = max(p.follower.committed, min(req.LeaderCommitIndex, matched))
	behind := p.follower.committed < p.follower.matched
	t.mu.Unlock()
	if behind {
		t.notify()
	}
}

// Close implements raft.AppendPipeline.
func (p *pipeline) Close() error {
	p.closing.Do(func() {
		p.transport.mu.Lock()
		if p.transport.followers[p.id] == p.follower {
			delete(p.transport.followers, p.id)
		}
		p.transport.mu.Unlock()
		close(p.done)
	})
	err := p.AppendPipeline.Close()
	p.running.Wait()
	return err
}

// announce informs followers of commits while this node leads in term.
func (n *Node) announce(ctx context.Context, term uint64) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-n.transport.wake:
		}
		commit, ok := n.restingCommit(ctx)
		if !ok {
			return
		}
		var entry raft.Log
		if commit == 0 || n.logs.GetLog(commit, &entry) != nil {
			continue // the entry is only in a snapshot by now; raft's own message reports the commit
		}
		for id, f := range n.transport.due(commit) {
			n.terms.running.Go(func() { n.tell(id, f, term, &entry) })
		}
	}
}

// restingCommit returns the commit index once it has been unchanged for quiet, and false when ctx ends.
func (n *Node) restingCommit(ctx context.Context) (uint64, bool) {
	for commit := n.raft.CommitIndex(); ; {
		select {
		case <-ctx.Done():
			return 0, false
		case <-time.After(quiet):
		}
		now := n.raft.CommitIndex()
		if now == commit {
			return commit, true
		}
		commit = now
	}
}

// tell sends one follower what raft itself sends without new entries: that all up to entry is committed. That is true
// in every term, and sent in a term that this node has led: a follower of a later term refuses it.
func (n *Node) tell(id raft.ServerID, f *follower, term uint64, entry *raft.Log) {
	self := n.transport.EncodePeer(raft.ServerID(n.cfg.ID), raft.ServerAddress(n.cfg.AdvertiseAddr))
	req := &raft.AppendEntriesRequest{
		RPCHeader:    raft.RPCHeader{ProtocolVersion: raft.ProtocolVersionMax, ID: []byte(n.cfg.ID), Addr: self},
		Term:         term,
		PrevLogEntry: entry.Index, PrevLogTerm: entry.Term, LeaderCommitIndex: entry.Index,
	}
	var resp raft.AppendEntriesResponse
	err := n.transport.AppendEntries(id, f.addr, req, &resp)
	if err == nil && !resp.Success {
		err = errors.New("it refused the message")
	}
	if err != nil {
		n.cfg.Logger.Debug("could not tell a follower of a commit; the next message does", "server", id, "error", err)
		n.transport.said(f, 0)
		return
	}
	n.transport.said(f, entry.Index)
	if n.raft.CommitIndex() > entry.Index {
		n.transport.notify()
	}
}
