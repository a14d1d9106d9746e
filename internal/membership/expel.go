package membership

import (
	"cmp"
	"context"

	"dkron/internal/roster"
)

// Expel removes a node from Raft's configuration before it is expelled, if it is there. Gossip may not have noticed yet that other
// servers are gone, and an expelled server can't come back to help, so these are asked first.
func (m *Membership) Expel(ctx context.Context, node string) error {
	servers, err := m.Raft.Servers()
	if err != nil {
		return err
	}
	sv, ok := roster.Find(servers, node)
	if !ok {
		return nil
	}
	others := voters(servers, m.View.Members(), node)
	for i := range others {
		if v := &others[i]; v.alive && v.ID != m.Name {
			_, err := m.Servers.Status(ctx, v.ID, cmp.Or(m.View.Where(v.ID, m.View.Region()), v.Address))
			v.alive = err == nil
		}
	}
	if why := uncommittable(others); sv.Voter && len(others) > 0 && why != "" {
		return refuseRemoval(node, why+"; start them, or remove those first")
	}
	_, err = m.RemovePeer(ctx, PeerRequest{ID: node})
	return err
}
