package app

import (
	"context"
	"fmt"
	"sync"
	"time"

	"dkron"
	"dkron/internal/consensus"
	"dkron/internal/rpc"
)

// expelFor is how long a server that was removed is not added again although it is alive: time enough to stop it.
const expelFor = time.Minute

// expelled is the servers that were removed while this one led, until they are seen to be gone. A new leader does not
// know of them; it may add one again earlier.
type expelled struct {
	changing sync.Mutex // held while a server is removed, so that each removal looks at what the one before has left

	mu    sync.Mutex // guards until
	until map[string]time.Time
}

func (e *expelled) add(id string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.until == nil {
		e.until = make(map[string]time.Time)
	}
	e.until[id] = time.Now().Add(expelFor)
}

func (e *expelled) has(id string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	until, ok := e.until[id]
	if ok && time.Now().After(until) {
		delete(e.until, id)
		return false
	}
	return ok
}

// forget lets a server be added again.
func (e *expelled) forget(id string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.until, id)
}

// Peers returns Raft's configuration as this server knows it.
func (s *server) Peers() ([]rpc.Peer, error) {
	servers, _, err := s.consensus.Servers()
	if err != nil {
		return nil, s.ordered().kindly(err)
	}
	peers := make([]rpc.Peer, 0, len(servers))
	for _, sv := range servers {
		m, _ := s.node.member(sv.ID) // a server's id is its node's name
		peers = append(peers, rpc.Peer{Node: m.Name, ID: sv.ID, Address: sv.Address, Leader: sv.Leader, Voter: sv.Voter})
	}
	return peers, nil
}

// RemovePeer takes a server out of Raft's configuration. A leader that is to remove itself hands over first.
func (s *server) RemovePeer(ctx context.Context, r rpc.PeerRequest) (rpc.PeerReply, error) {
	servers, _, err := s.consensus.Servers()
	if err != nil {
		return rpc.PeerReply{}, s.ordered().kindly(err)
	}
	others := voters(servers, s.node.members(), r.ID)
	switch {
	case s.Leads() == nil && r.ID == s.node.cfg.NodeName && len(others) > 0:
		if why := uncommittable(others); why != "" {
			return rpc.PeerReply{}, refuseRemoval(r.ID, why)
		}
		s.handOver(ctx, others)
		if err := s.awaitLeader(ctx); err != nil {
			return rpc.PeerReply{}, err
		}
		if s.Leads() == nil {
			return rpc.PeerReply{}, refuseRemoval(r.ID, "it leads, and no other server could take over")
		}
	case s.Leads() == nil:
		return s.remove(ctx, r.ID)
	case r.Direct:
		return rpc.PeerReply{}, s.Leads()
	}
	client, err := s.leaderClient()
	if err != nil {
		return rpc.PeerReply{}, err
	}
	r.Direct = true
	reply, err := client.RemovePeer(ctx, r)
	return *reply, err
}

// awaitLeader waits, not long, until there is a leader again.
func (s *server) awaitLeader(ctx context.Context) error {
	limit := time.After(3 * time.Second)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		if id, _ := s.consensus.Leader(); id != "" {
			return nil
		}
		select {
		case <-tick.C:
		case <-limit:
			return dkron.ErrNoLeader
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// remove is RemovePeer on the leader.
func (s *server) remove(ctx context.Context, id string) (rpc.PeerReply, error) {
	s.expelled.changing.Lock()
	defer s.expelled.changing.Unlock()
	servers, _, err := s.consensus.Servers()
	if err != nil {
		return rpc.PeerReply{}, s.ordered().kindly(err)
	}
	members := s.node.members()
	if err := removable(servers, id, voters(servers, members, id)); err != nil {
		return rpc.PeerReply{}, err
	}
	s.expelled.add(id)
	if err := s.consensus.RemoveServer(ctx, id); err != nil {
		s.expelled.forget(id)
		return rpc.PeerReply{}, s.ordered().kindly(err)
	}
	s.log.Info("removing server from Raft's configuration", "server", id)
	var note string
	for _, m := range s.node.Members() {
		if m.Name == id && m.Server {
			note = fmt.Sprintf("%s still runs; unless it is stopped within %s, it joins again", id, expelFor)
		}
	}
	return rpc.PeerReply{Note: note}, nil
}

// removable returns why a server can't be removed; others is the voters that would be left.
func removable(servers []consensus.Server, id string, others []voter) error {
	sv, ok := find(servers, id)
	if !ok {
		var known []string
		for _, sv := range servers {
			known = append(known, sv.ID)
		}
		return dkron.Error(dkron.ErrNotFound, "id %q was not found in the Raft configuration, which has %s", id, list(known))
	}
	if !sv.Voter {
		return nil
	}
	if len(others) == 0 {
		return refuseRemoval(id, "need at least one voter in configuration, and it is the last")
	}
	if why := uncommittable(others); why != "" {
		return refuseRemoval(id, why+"; start them, or remove those first")
	}
	return nil
}

func refuseRemoval(id, why string) error { return dkron.Conflict("can't remove %s: %s", id, why) }

func find(servers []consensus.Server, id string) (consensus.Server, bool) {
	for _, sv := range servers {
		if sv.ID == id {
			return sv, true
		}
	}
	return consensus.Server{}, false
}
