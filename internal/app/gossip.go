package app

import (
	"path/filepath"

	"dkron/internal/compat"
	"dkron/internal/gossip"
	"dkron/internal/keyring"
	"dkron/internal/membership"
	"dkron/internal/roster"
)

// openGossip publishes this node. Its tags carry what other nodes need to reach it.
func (n *Node) openGossip(entrance *membership.Door, members *roster.Roster) error {
	keys, err := n.cfg.EncryptKeys()
	if err != nil {
		return err
	}
	if n.keyring, err = keyring.Open(filepath.Join(n.cfg.DataDir, "serf", "keyring"), keys, n.log); err != nil {
		return err
	}
	self := roster.Self{
		Own: n.cfg.Tags, Datacenter: n.cfg.Datacenter, Region: n.cfg.Region, Version: n.version, RPCAddr: n.addr.RPCAdvertise,
		Server: n.cfg.Server, Expect: n.cfg.BootstrapExpect, Cluster: n.identity.Tag(),
		Speaks: compat.Own().String(),
	}
	n.gossip, err = gossip.Open(gossip.Config{
		NodeName: n.cfg.NodeName, BindAddr: n.addr.BindAddr, AdvertiseAddr: n.addr.AdvertiseAddr,
		Profile: n.cfg.Profile, EncryptKeys: n.keyring.Keys(), EncryptMode: n.cfg.EncryptMode, ReconnectTimeout: n.cfg.SerfReconnectTimeout,
		SnapshotPath: n.snapshotPath(), Admit: entrance.Admit,
		Tags: self.Tags(), Handler: members, Logger: n.log, Connections: n.shares.Gossip,
		OnEvent: func(e gossip.Event) { n.metrics.MemberEvent(e.Kind.Legacy()) },
	})
	if err != nil {
		return err
	}
	n.keyring.Begin(n.gossip)
	n.stops.add("gossip", func() { n.gossip.Close() })
	go func() {
		if err := <-n.gossip.Done(); err != nil {
			n.fail(err)
		}
	}()
	n.published = membership.NewPublished(self, n.gossip, n.identity, n.log)
	return nil
}

func (n *Node) snapshotPath() string { return filepath.Join(n.cfg.DataDir, "serf", "snapshot") }
