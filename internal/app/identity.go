package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"time"

	"dkron"
	"dkron/internal/compat"
	"dkron/internal/consensus"
	"dkron/internal/gossip"
	"dkron/internal/identity"
	"dkron/internal/rpc"
)

// clusterTag is the tag by which a node says to which cluster it belongs; see package identity. It is absent in versions
// from before clusters had ids.
const clusterTag = "dkron_cluster"

// speaksTag is the tag by which a node says which protocols it speaks; see package compat.
const speaksTag = "dkron_speaks"

const (
	// identifyEvery is how often the leader of a cluster without an id looks whether all servers know ids.
	identifyEvery = 100 * time.Millisecond
	// identifyWithout is how long it waits for servers that can't be asked.
	identifyWithout = time.Minute
	// identityLimit is how long a server whose cluster has no id yet waits for it before it joins others, and so how long
	// the first start after an upgrade may take longer.
	identityLimit = 5 * time.Second
)

// openIdentity finds out to which node and cluster the data directory belongs.
func (n *Node) openIdentity() error {
	id, err := identity.Open(n.cfg.DataDir, n.cfg.NodeName)
	if err != nil {
		return err
	}
	n.named = id.Recorded()
	n.identity = identity.NewGuard(id, n.cfg.Server, n.log, n.metrics.Refused)
	n.identity.Member = func(name string) bool {
		names := n.names.Load()
		return names != nil && (*names)[name]
	}
	if n.cfg.Server {
		return nil // what is in the log and the state comes first; see begin
	}
	left, err := id.Keep(n.cfg.AcceptCluster)
	if err != nil {
		return err
	}
	if left != "" {
		n.log.Warn("this agent has left its cluster because of --accept-cluster; it joins the first that it finds, and does not report there what "+
			"it ran before. From now on, start it without --accept-cluster", "left", left)
		return gossip.Forget(n.snapshotPath())
	}
	if n.cfg.AcceptCluster {
		n.log.Warn("--accept-cluster was used at an earlier start and has no effect now; start this agent without it")
	}
	return nil
}

// begin tells the identity what this server's data says.
func (s *server) begin() error {
	id, err := s.state.Cluster()
	if err != nil {
		return err
	}
	defer close(s.identified)
	s.node.identity.Known, s.node.identity.Agreed = s.configured, s.agreed
	return s.node.identity.Begin(s.consensus.HasState(), id)
}

// settled is told by the state that the cluster has its id.
func (s *server) settled(id string) {
	if err := s.node.identity.Settle(id); err != nil {
		s.log.Error("could not write the cluster's id to the data directory; the state has it too; trying again at the next start", "error", err)
	}
	s.log.Info("this server's cluster", "id", id)
}

// identify gives the cluster an id if it has none: it was just founded, or comes from a version before ids.
func (s *server) identify(ctx context.Context, _ uint64) error {
	began := time.Now()
	tick := time.NewTicker(identifyEvery)
	defer tick.Stop()
	for {
		have, err := s.state.Cluster()
		if err != nil {
			return err
		}
		if have != "" {
			<-ctx.Done()
			return nil
		}
		if why := s.unidentifiable(ctx, time.Since(began) > identifyWithout); why == "" {
			id := s.node.identity.Kept() // a state that has lost it gets it back
			if id == "" {
				id = identity.New()
			}
			if err := s.control.Identify(ctx, id); err != nil && ctx.Err() == nil {
				s.log.Warn("could not give the cluster an id; trying again", "error", err)
			}
		} else {
			s.log.Debug("the cluster can't be given an id yet", "why", why)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// unidentifiable returns why the cluster can't have an id yet: a server of an older version could not read it in the log.
// without is whether servers that can't be asked don't count.
func (s *server) unidentifiable(ctx context.Context, without bool) string {
	servers, _, err := s.consensus.Servers()
	if err != nil {
		return err.Error()
	}
	for _, sv := range servers {
		if sv.ID == s.node.cfg.NodeName {
			continue
		}
		status, err := s.status(ctx, sv.ID, cmp.Or(s.node.where(sv.ID), sv.Address))
		switch {
		case err != nil && !without:
			return fmt.Sprintf("%s can't be asked: %v", sv.ID, err)
		case err == nil && !status.Knows:
			return sv.ID + " runs an older version"
		}
	}
	return ""
}

// awaitIdentity waits, not long, for the id of a cluster that has none yet, before this server meets others by their
// addresses: without an id it could not tell its own cluster from another.
func (n *Node) awaitIdentity(ctx context.Context) {
	limit := time.After(identityLimit)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for n.identity.Founded() {
		select {
		case <-ctx.Done():
			return
		case <-limit:
			return
		case <-tick.C:
		}
	}
}

// keepTags publishes the cluster whenever it changes.
func (n *Node) keepTags(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-n.identity.Changed():
		}
		if n.leave.begun.Load() { // announce has the last word
			return
		}
		if err := n.gossip.Load().SetTags(n.tags()); err != nil {
			n.log.Error("could not publish this node's cluster", "error", err)
		}
		if n.leave.begun.Load() { // it began meanwhile, and its tag may have been overwritten
			if err := n.announce(); err != nil {
				n.log.Warn("could not publish that this node is about to stop", "error", err)
			}
			return
		}
	}
}

// admitMembers decides on members that gossip brings. Regions have clusters of their own, which share the gossip.
func (n *Node) admitMembers(members []gossip.Member) error {
	peers := make([]identity.Peer, 0, len(members))
	for _, m := range members {
		if m.Tags["region"] == n.cfg.Region {
			peers = append(peers, asPeer(m))
		}
	}
	return n.identity.Merge(peers)
}

func asPeer(m gossip.Member) identity.Peer {
	p := identity.Peer{Name: m.Name, Addr: net.JoinHostPort(m.Addr, strconv.Itoa(m.Port)), Server: m.Tags["server"] == "true"}
	p.Speaks = compat.Parse(m.Tags[speaksTag])
	tag, ok := m.Tags[clusterTag]
	return p.Tagged(tag, ok)
}

// stranger reports whether a member belongs to another cluster: it became known before this node had an id.
func (n *Node) stranger(m gossip.Member) bool {
	return m.Name != n.cfg.NodeName && m.Tags["region"] == n.cfg.Region && n.identity.Stranger(asPeer(m))
}

// door is who is let in by RPC.
type door struct{ *Node }

func (d door) Cluster() string                     { return d.identity.Cluster() }
func (d door) Meet(via, who, cluster string) error { return d.identity.Meet(via, who, cluster) }

// Speak decides on a node by its version.
func (d door) Speak(via, who string, w compat.Window) error { return d.identity.Speak(via, who, w) }

// Hello is what this server says when it begins to speak Raft.
func (d door) Hello() rpc.RaftHello {
	return rpc.RaftHello{Node: d.cfg.NodeName, Cluster: d.identity.Cluster(), Speaks: compat.Own().String()}
}

// AdmitRaft decides on a server that begins to speak Raft.
func (d door) AdmitRaft(peer rpc.RaftHello, old bool) error {
	if d.server == nil {
		return errors.New("this node is not a server")
	}
	return d.identity.Raft(identity.ServerCheck{Name: peer.Node, Cluster: peer.Cluster, Old: old, Speaks: compat.Parse(peer.Speaks)})
}

// configured reports whether a server is in Raft's configuration, as this server knows it.
func (s *server) configured(name string) bool {
	servers, _, err := s.consensus.Servers()
	_, ok := find(servers, name)
	return ok && err == nil
}

// admissible returns why a server must not become part of this cluster, whose configuration is servers.
func (s *server) admissible(status *rpc.ServerStatus, servers []consensus.Server, name string) error {
	own := s.node.identity.Cluster()
	_, known := find(servers, name)
	switch {
	case own != "" && status.Cluster == own:
		return nil
	case status.Cluster != "":
		return dkron.Error(dkron.ErrForeign, "it belongs to cluster %s", status.Cluster)
	case known:
		return nil
	case status.Founded && !shared(servers, status.Peers):
		return dkron.Error(dkron.ErrForeign, "it belongs to a cluster whose id it does not know yet, and which has other servers than this one")
	case own != "" && !status.Knows:
		return dkron.Error(dkron.ErrForeign, "its version does not know cluster ids; upgrade it")
	}
	return nil
}

// shared reports whether a configuration has one of the peers of a server: it was in that configuration, has left to be
// upgraded, and comes back when the cluster has got its id.
func shared(servers []consensus.Server, peers []string) bool {
	for _, sv := range servers {
		if slices.Contains(peers, peerText(sv)) {
			return true
		}
	}
	return false
}

func peerText(sv consensus.Server) string { return sv.ID + " " + sv.Address }

// refuseServer reports a server that is not admitted. One that was added before it said where it belongs, and has no
// vote, is taken out again.
func (s *server) refuseServer(ctx context.Context, have consensus.Server, m gossip.Member, why error) error {
	s.node.identity.Refused(identity.ViaRaft, fmt.Sprintf("server %s at %s", m.Name, m.Tags["rpc_addr"]), asPeer(m).Cluster, why)
	if have.ID == "" || have.Voter {
		return nil
	}
	_, err := s.remove(ctx, m.Name)
	return err
}

// notices is what people should look at, although this node works.
func (n *Node) notices() []string {
	if text := n.identity.Notice(); text != "" {
		return []string{text}
	}
	return nil
}
