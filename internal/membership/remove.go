package membership

import (
	"context"
	"fmt"
	"sync"
	"time"

	"dkron"
	"dkron/internal/roster"
)

const (
	// expelFor is how long a removed server that is still alive is not added again: enough time to stop it.
	expelFor = time.Minute
	// electTime is how long a removal waits for another server to take over.
	electTime = 3 * time.Second
)

// expelled is the servers removed while this one led, until gossip sees them gone. A new leader does not know of them
// and may add one again earlier.
type expelled struct {
	mu    sync.Mutex // guards until
	until map[string]time.Time
}

func (e *expelled) add(id string) {
	e.mu.Lock()
	defer e.mu.Unlock()
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
func (m *Membership) Peers() ([]Peer, error) {
	servers, err := m.Raft.Servers()
	if err != nil {
		return nil, err
	}
	peers := make([]Peer, 0, len(servers))
	for _, sv := range servers {
		other, _ := m.View.Member(sv.ID) // a server's id is its node's name
		peers = append(peers, Peer{Node: other.Name, ID: sv.ID, Address: sv.Address, Leader: sv.Leader, Voter: sv.Voter})
	}
	return peers, nil
}

// RemovePeer removes a server from Raft's configuration and returns when that is committed. A server that does not lead
// asks the leader, unless the request was forwarded. A leader that should remove itself hands over first.
func (m *Membership) RemovePeer(ctx context.Context, r PeerRequest) (PeerReply, error) {
	servers, err := m.Raft.Servers()
	if err != nil {
		return PeerReply{}, err
	}
	others := voters(servers, m.View.Members(), r.ID)
	switch {
	case m.Log.Leads() == nil && r.ID == m.Name && len(others) > 0:
		if why := uncommittable(others); why != "" {
			return PeerReply{}, refuseRemoval(r.ID, why)
		}
		m.handOver(ctx, others)
		if err := m.awaitLeader(ctx); err != nil {
			return PeerReply{}, err
		}
		if m.Log.Leads() == nil {
			return PeerReply{}, refuseRemoval(r.ID, "it leads, and no other server could take over")
		}
	case m.Log.Leads() == nil:
		return m.remove(ctx, r.ID)
	case r.Direct:
		return PeerReply{}, m.Log.Leads()
	}
	r.Direct = true
	return m.ask(ctx, r)
}

// ask asks the leader.
func (m *Membership) ask(ctx context.Context, r PeerRequest) (PeerReply, error) {
	reply, err := m.Servers.RemovePeer(ctx, r)
	if err != nil {
		return PeerReply{}, err
	}
	return *reply, nil
}

// awaitLeader waits up to electTime until there is a leader again.
func (m *Membership) awaitLeader(ctx context.Context) error {
	wait, cancel := context.WithTimeout(ctx, electTime)
	defer cancel()
	err := m.Log.AwaitLeader(wait)
	if err != nil && wait.Err() != nil && ctx.Err() == nil {
		return dkron.ErrNoLeader
	}
	return err
}

// remove is RemovePeer on the leader.
func (m *Membership) remove(ctx context.Context, id string) (PeerReply, error) {
	m.changing.Lock()
	defer m.changing.Unlock()
	servers, err := m.Raft.Servers()
	if err != nil {
		return PeerReply{}, err
	}
	if err := removable(servers, id, voters(servers, m.View.Members(), id)); err != nil {
		return PeerReply{}, err
	}
	m.expelled.add(id)
	if err := m.Raft.RemoveServer(ctx, id); err != nil {
		m.expelled.forget(id)
		return PeerReply{}, err
	}
	m.log.Info("removed server from Raft's configuration", "server", id)
	var note string
	if other, ok := m.View.Member(id); ok && other.Status == roster.Alive && other.IsServer() {
		note = fmt.Sprintf("%s still runs; unless it is stopped within %s, it joins again", id, expelFor)
	}
	return PeerReply{Note: note}, nil
}

// removable returns why a server can't be removed; others is the remaining voters.
func removable(servers []roster.Server, id string, others []voter) error {
	sv, ok := roster.Find(servers, id)
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

// handOver gives leadership to a server that is not stopping, if there is one.
func (m *Membership) handOver(ctx context.Context, others []voter) {
	var to []roster.Server
	for _, v := range others {
		if v.goesOn() {
			to = append(to, v.Server)
		}
	}
	if len(to) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, electTime)
	defer cancel()
	var err error
	if len(to) == len(others) {
		err = m.Raft.TransferLeadership(ctx) // to the most up-to-date one
	} else {
		err = m.Raft.TransferLeadershipTo(ctx, to[0])
	}
	if err != nil {
		m.log.Warn("could not hand over leadership; the others will elect a leader", "error", err)
	}
}
