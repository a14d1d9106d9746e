package membership

import (
	"context"
	"fmt"
	"slices"

	"dkron"
	"dkron/internal/compat"
	"dkron/internal/identity"
	"dkron/internal/roster"
)

// admissible returns why a server must not become part of the cluster own, whose configuration is servers.
func admissible(own string, status *Status, servers []roster.Server, name string) error {
	_, known := roster.Find(servers, name)
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

// shared reports whether a configuration contains one of a server's peers: the server was in that configuration, left to be
// upgraded, and comes back after the cluster got its id.
func shared(servers []roster.Server, peers []string) bool {
	for _, sv := range servers {
		if slices.Contains(peers, peerText(sv)) {
			return true
		}
	}
	return false
}

func peerText(sv roster.Server) string { return sv.ID + " " + sv.Address }

// refuse reports a server that is not admitted. One that was added before it said where it belongs is removed again if it
// has no vote.
func (m *Membership) refuse(ctx context.Context, have roster.Server, other roster.Member, why error) error {
	m.Identity.Refused(identity.ViaRaft, fmt.Sprintf("server %s at %s", other.Name, other.RPCAddr()), peer(other).Cluster, why)
	if have.ID == "" || have.Voter {
		return nil
	}
	_, err := m.remove(ctx, other.Name)
	return err
}

// Status is what this server answers to others that want to know whether it may be admitted.
func (m *Membership) Status() Status {
	id, _ := m.Log.Leader()
	status := Status{Applied: m.Log.Applied(), Leader: id, Cluster: m.Identity.Cluster(), Founded: m.Log.HasState(), Knows: true,
		Speaks: compat.Own().String(), Stopping: string(m.isStopping())}
	if status.Cluster == "" {
		servers, _ := m.Raft.Servers() // without them the others do not know it
		for _, sv := range servers {
			status.Peers = append(status.Peers, peerText(sv))
		}
	}
	return status
}
