package membership

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"dkron/internal/identity"
)

const (
	// identifyFirst and identifyMost are the first and the longest pause before the leader of a cluster without an id asks
	// the other servers again, unless members change before.
	identifyFirst = 100 * time.Millisecond
	identifyMost  = 5 * time.Second
	// identifyWithout is how long it waits for servers that can't be asked.
	identifyWithout = time.Minute
)

// ClusterID is the id of the cluster in the replicated state.
type ClusterID interface {
	// Cluster returns the id, empty if the cluster has none yet.
	Cluster() (string, error)
	// Identify gives the cluster an id, unless it has one.
	Identify(ctx context.Context, id string) error
}

// Identify gives the cluster an id if it has none, while this server leads: it was just founded, or comes from a
// version before ids.
func (m *Membership) Identify(ctx context.Context, state ClusterID) error {
	began := time.Now()
	for pause := identifyFirst; ; pause = min(2*pause, identifyMost) {
		have, err := state.Cluster()
		if err != nil {
			return err
		}
		if have != "" {
			<-ctx.Done()
			return nil
		}
		if why := m.unidentifiable(ctx, time.Since(began) > identifyWithout); why == "" {
			id := m.Identity.Kept() // a state that has lost it gets it back
			if id == "" {
				id = identity.New()
			}
			if err := state.Identify(ctx, id); err != nil && ctx.Err() == nil {
				m.log.Warn("could not give the cluster an id; trying again", "error", err)
			}
		} else {
			m.log.Debug("the cluster can't be given an id yet", "why", why)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-m.seen: // a server may be back, or upgraded
			pause = identifyFirst
		case <-time.After(pause):
		}
	}
}

// unidentifiable returns why the cluster can't have an id yet: a server of an older version could not read it in the
// log. without is whether servers that can't be asked don't count.
func (m *Membership) unidentifiable(ctx context.Context, without bool) string {
	servers, err := m.Raft.Servers()
	if err != nil {
		return err.Error()
	}
	for _, sv := range servers {
		if sv.ID == m.Name {
			continue
		}
		status, err := m.Servers.Status(ctx, sv.ID, cmp.Or(m.View.Where(sv.ID, m.View.Region()), sv.Address))
		switch {
		case err != nil && !without:
			return fmt.Sprintf("%s can't be asked: %v", sv.ID, err)
		case err == nil && !status.Knows:
			return sv.ID + " runs an older version"
		}
	}
	return ""
}
