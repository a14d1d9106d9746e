package app

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"dkron"
	"dkron/internal/consensus"
	"dkron/internal/gossip"
	"dkron/internal/rpc"
)

const (
	// settleTime is how long a node that stops still waits for orders that are on their way to it, and for others to
	// say that they stop, too.
	settleTime = 500 * time.Millisecond
	// settleAlone is that time where there is nobody else.
	settleAlone = 100 * time.Millisecond
	// raftLimit is how long a server tries to get out of Raft's configuration, gossipLimit how long it tells the others:
	// a little longer than gossip itself tries.
	raftLimit   = 10 * time.Second
	gossipLimit = 8 * time.Second
	// leaveRetry is how long it waits to try again.
	leaveRetry = 100 * time.Millisecond
)

// departure is a node's way out of the cluster.
type departure struct {
	ask     sync.Once
	asked   chan struct{} // closed when the node was asked to leave
	forGood atomic.Bool   // asked to leave, and not just told to stop
	begun   atomic.Bool
	gone    chan struct{} // closed when the node has left
	kept    string        // why it is still in Raft's configuration; set before gone is closed
}

// err is why the node should get no requests, nil as long as it goes nowhere.
func (d *departure) err() error {
	switch {
	case !d.begun.Load():
		return nil
	case d.forGood.Load():
		return errors.New("this node is leaving")
	}
	return errors.New("this node is stopping")
}

// askToLeave makes Run end by leaving for good. It returns when this node has left, with the reason why it is still in
// Raft's configuration if it is, or when ctx ends. Asking again joins the wait.
func (n *Node) askToLeave(ctx context.Context) (kept string, err error) {
	n.leave.forGood.Store(true)
	n.leave.ask.Do(func() { close(n.leave.asked) })
	select {
	case <-n.leave.gone:
		return n.leave.kept, nil
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// depart ends the node's part in the cluster in order: nothing new comes, what runs may end, leadership goes to another
// server, then Raft and gossip are left. All rooms still work when it returns.
func (n *Node) depart() {
	n.log.Info("this node is stopping and accepts no new work", "for_good", n.leave.forGood.Load())
	n.leave.begun.Store(true)
	n.agent.Retire()
	told := make(chan error, 1)
	go func() { told <- n.announce() }()
	settle := settleTime
	if len(n.Members()) < 2 {
		settle = settleAlone
	}
	<-time.After(settle)
	n.drain()
	if n.server != nil {
		ctx, cancel := context.WithTimeout(context.Background(), raftLimit)
		n.leave.kept = n.server.leaveRaft(ctx, <-told)
		cancel()
	}
	ctx, cancel := context.WithTimeout(context.Background(), gossipLimit)
	defer cancel()
	if err := n.gossip.Load().Leave(ctx); err != nil {
		n.log.Warn("could not tell all others that this node is leaving", "error", err)
	}
	close(n.leave.gone)
}

// announce tells the other servers that this one is about to stop.
func (n *Node) announce() error {
	if n.server == nil {
		return nil
	}
	tags := n.tags()
	tags[stoppingTag] = stoppingTerm
	if n.leave.forGood.Load() {
		tags[stoppingTag] = stoppingLeave
	}
	return n.gossip.Load().SetTags(tags)
}

// drain lets what runs end for --drain-timeout and ends it then, while the leader can still be told.
func (n *Node) drain() {
	if running := n.agent.Running(); running > 0 {
		n.log.Info("waiting for executions to end", "running", running, "at_most", n.cfg.DrainTimeout)
	}
	ctx, cancel := context.WithTimeout(context.Background(), n.cfg.DrainTimeout)
	defer cancel()
	n.agent.Drain(ctx)
	if running := n.agent.Running(); running > 0 {
		n.log.Warn("executions took longer than --drain-timeout and are ended", "running", running)
		n.agent.Stop()
		n.agent.Drain(context.Background())
	}
}

// leaveRaft hands over leadership and leaves Raft's configuration. It returns why this server stays in it if it does.
// told is what became of the announcement.
func (s *server) leaveRaft(ctx context.Context, told error) (kept string) {
	for {
		var err error
		kept, err = s.quit(ctx, told)
		if err == nil {
			break
		}
		kept = "it could not be removed: " + err.Error()
		select {
		case <-time.After(leaveRetry):
			continue
		case <-ctx.Done():
		}
		break
	}
	if kept == "" {
		s.log.Info("this server has left Raft's configuration, or was not in it")
		return ""
	}
	s.log.Info("this server stays in Raft's configuration", "why", kept)
	if s.node.leave.forGood.Load() {
		s.log.Warn("it counts as a voter until the leader removes it, which the leader does on its own while there is a majority",
			"or", "dkron raft remove-peer --peer-id "+s.node.cfg.NodeName)
		if err := s.node.announce(); err != nil { // it may have been said to come back
			s.log.Warn("could not tell the others that this server has left for good", "error", err)
		}
	}
	return kept
}

// quit is one attempt to leave Raft's configuration. An error asks for another.
func (s *server) quit(ctx context.Context, told error) (kept string, err error) {
	self := s.node.cfg.NodeName
	servers, _, err := s.consensus.Servers()
	if err != nil {
		return "", err
	}
	own, in := find(servers, self)
	if !in {
		return "", nil
	}
	forGood := s.node.leave.forGood.Load()
	others := voters(servers, s.node.members(), self)
	if own.Voter {
		kept = stays(others, forGood)
	}
	switch {
	case kept == "" && told != nil && !forGood:
		kept = fmt.Sprintf("could not tell the others that it is stopping, and they may be stopping too: %v", told)
	case kept != "" && len(others) > 0 && inFlux(others):
		return "", errors.New(kept) // another server is just leaving: look again
	}
	if s.Leads() == nil {
		s.handOver(ctx, others)
	}
	if kept != "" {
		return kept, nil
	}
	return "", s.removeSelf(ctx, self)
}

func (s *server) removeSelf(ctx context.Context, self string) error {
	var err error
	if s.Leads() == nil { // nobody would take over: a leader can take itself out
		_, err = s.remove(ctx, self) // one removal at a time: another server may be leaving through this one
	} else {
		var client *rpc.Client
		if client, err = s.leaderClient(); err == nil {
			_, err = client.RemovePeer(ctx, rpc.PeerRequest{ID: self, Direct: true})
		}
	}
	if errors.Is(err, dkron.ErrNotFound) {
		return nil // an earlier attempt was successful after all
	}
	return err
}

// inFlux reports whether one of the voters is just leaving for good.
func inFlux(others []voter) bool {
	for _, v := range others {
		if v.alive && v.stopping == stoppingLeave {
			return true
		}
	}
	return false
}

// handOver gives leadership to a server that goes on, if there is one.
func (s *server) handOver(ctx context.Context, others []voter) {
	var to []consensus.Server
	for _, v := range others {
		if v.goesOn() {
			to = append(to, v.Server)
		}
	}
	if len(to) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	var err error
	if len(to) == len(others) {
		err = s.consensus.TransferLeadership(ctx) // to the one that is up to date best
	} else {
		err = s.consensus.TransferLeadershipTo(ctx, to[0])
	}
	if err != nil {
		s.log.Warn("could not hand over leadership; the others will elect a leader", "error", err)
	}
}

// leavers returns the members that have left for good.
func leavers(members []gossip.Member) (names []string) {
	for _, m := range members {
		if m.Status == gossip.StatusLeft && m.Tags[stoppingTag] == stoppingLeave {
			names = append(names, m.Name)
		}
	}
	return names
}
