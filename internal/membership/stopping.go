package membership

import (
	"cmp"
	"context"
	"sync"
	"time"

	"dkron/internal/roster"
)

// askStopping is how long a stopping server waits for the others' answers.
const askStopping = 2 * time.Second

// isStopping returns how this server is about to stop, empty if it is not.
func (m *Membership) isStopping() roster.Stopping {
	if how := m.stopping.Load(); how != nil {
		return *how
	}
	return ""
}

// askWhoStops asks the voters that seem to stay whether they are stopping, because gossip may be late. One that does
// not answer counts as not alive: then this server is more likely to stay in Raft's configuration, which is the safer
// mistake. An older version answers without saying it, and counts as gossip shows it.
func (m *Membership) askWhoStops(ctx context.Context, others []voter) {
	ctx, cancel := context.WithTimeout(ctx, askStopping)
	defer cancel()
	var asking sync.WaitGroup
	for i := range others {
		v := &others[i]
		if !v.goesOn() {
			continue
		}
		asking.Go(func() {
			status, err := m.Servers.Status(ctx, v.ID, cmp.Or(m.View.Where(v.ID, m.View.Region()), v.Address))
			if err != nil {
				m.log.Warn("this server is stopping and could not ask another server whether it is stopping too; that one counts as absent",
					"server", v.ID, "error", err)
				v.alive = false
				return
			}
			v.stopping = roster.Stopping(status.Stopping)
		})
	}
	asking.Wait()
}
