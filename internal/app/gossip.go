package app

import (
	"net"
	"path/filepath"
	"slices"
	"strconv"

	"dkron"
	"dkron/internal/compat"
	"dkron/internal/consensus"
	"dkron/internal/gossip"
)

// startGossip publishes this node. What other nodes need to reach it stands in its tags.
func (n *Node) startGossip() (err error) {
	keys, err := n.cfg.EncryptKeys()
	if err != nil {
		return err
	}
	pool, err := gossip.Open(gossip.Config{
		NodeName: n.cfg.NodeName, BindAddr: n.addr.BindAddr, AdvertiseAddr: n.addr.AdvertiseAddr,
		Profile: n.cfg.Profile, EncryptKeys: keys, ReconnectTimeout: n.cfg.SerfReconnectTimeout,
		SnapshotPath: n.snapshotPath(), Admit: n.admitMembers,
		Tags: n.tags(), Handler: n, Logger: n.log, Connections: n.shares.Gossip,
		OnEvent: func(e gossip.Event) { n.metrics.MemberEvent(memberEvents[e.Kind]) },
	})
	if err != nil {
		return err
	}
	n.gossip.Store(pool)
	n.MembersChanged() // what came before has told nobody
	n.stops.add("gossip", func() { pool.Close() })
	go func() {
		if err := <-pool.Done(); err != nil {
			n.fail(err)
		}
	}()
	return nil
}

func (n *Node) snapshotPath() string { return filepath.Join(n.cfg.DataDir, "serf", "snapshot") }

// memberEvents is gossip's events by the names that the metrics give them.
var memberEvents = map[gossip.Kind]string{
	gossip.MemberJoined: "join", gossip.MemberUpdated: "update", gossip.MemberLeft: "leave",
	gossip.MemberFailed: "failed", gossip.MemberReaped: "reap",
}

func (n *Node) tags() map[string]string {
	tags := map[string]string{"role": "dkron"}
	for k, v := range n.cfg.Tags {
		tags[k] = v
	}
	_, port, _ := net.SplitHostPort(n.addr.RPCAdvertise)
	tags[clusterTag], tags[speaksTag] = n.identity.Tag(), compat.Own().String()
	tags["dc"], tags["region"] = n.cfg.Datacenter, n.cfg.Region
	tags["version"], tags["rpc_addr"], tags["port"] = n.version, n.addr.RPCAdvertise, port
	if n.cfg.Server {
		tags["server"] = "true"
		if n.cfg.BootstrapExpect > 0 {
			tags["expect"] = strconv.Itoa(n.cfg.BootstrapExpect)
		}
	}
	return tags
}

// MembersChanged is called by gossip when members came, went or changed.
func (n *Node) MembersChanged() {
	names := make(map[string]bool)
	for _, m := range n.members() {
		names[m.Name] = true
	}
	n.names.Store(&names)
	if n.server != nil {
		n.server.membersChanged()
	}
}

// Members returns the live members of this node's region.
func (n *Node) Members() []dkron.Node {
	return slices.DeleteFunc(n.nodes(), func(m dkron.Node) bool { return !m.Alive })
}

// nodes returns the members of this node's region that are alive, or failed and may come back.
func (n *Node) nodes() (out []dkron.Node) {
	for _, m := range n.members() {
		alive := m.Status == gossip.StatusAlive
		if (alive || m.Status == gossip.StatusFailed) && m.Tags["region"] == n.cfg.Region {
			delete(m.Tags, stoppingTag) // no job is to be aimed at them
			delete(m.Tags, clusterTag)
			delete(m.Tags, speaksTag)
			out = append(out, dkron.Node{
				Name: m.Name, Region: m.Tags["region"], RPCAddr: m.Tags["rpc_addr"],
				Tags: m.Tags, Server: m.Tags["server"] == "true", Alive: alive,
			})
		}
	}
	return out
}

// members returns every known member of the cluster, also those that failed or left, and not those of other clusters.
func (n *Node) members() []gossip.Member {
	pool := n.gossip.Load()
	if pool == nil {
		return nil
	}
	return slices.DeleteFunc(pool.Members(), n.stranger)
}

// reachable is the members that the leader keeps dialling: a node that gossip takes for failed is tried too, so that it
// is back as soon as the network is, and not when gossip has noticed.
type reachable struct{ node *Node }

func (r reachable) Members() []dkron.Node { return r.node.nodes() }

func (r reachable) Cluster() string { return r.node.identity.Cluster() }

// Peers returns the live servers that expect as many servers as this one.
func (n *Node) Peers() []consensus.Server {
	var out []consensus.Server
	for _, m := range n.Members() {
		if m.Server && m.RPCAddr != "" && m.Tags["expect"] == strconv.Itoa(n.cfg.BootstrapExpect) {
			out = append(out, consensus.Server{ID: m.Name, Address: m.RPCAddr, Voter: true})
		}
	}
	return out
}
