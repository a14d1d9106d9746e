package membership

import (
	"cmp"
	"context"
	"errors"
	"time"

	"dkron"
	"dkron/internal/compat"
	"dkron/internal/roster"
)

// Lowest asks all servers of Raft's configuration which protocols they speak, and returns the lowest of the newest, and
// which server it is of.
func (m *Membership) Lowest(ctx context.Context) (protocol uint64, server string, err error) {
	servers, err := m.Raft.Servers()
	if err != nil {
		return 0, "", err
	}
	protocol, server = compat.Protocol, m.Name
	for _, sv := range servers {
		if sv.ID == m.Name {
			continue
		}
		status, err := m.statusOnceNamed(ctx, sv)
		if err != nil {
			return 0, sv.ID, dkron.Error(dkron.ErrUnavailable, "server %s can't be asked which protocol it speaks: %w", sv.ID, err)
		}
		if speaks := compat.Parse(status.Speaks); speaks.Newest < protocol {
			protocol, server = speaks.Newest, sv.ID
		}
	}
	return protocol, server, nil
}

const (
	// namedWithin is how long the leader may take to learn the new cluster's id after another server has learned it.
	namedWithin = time.Second
	// namedAgain is the pause before that server is asked again.
	namedAgain = 10 * time.Millisecond
)

// statusOnceNamed asks a server. When a new cluster gets its id, a server may have it before the leader has: it then refuses
// the leader, which does not name its cluster. So the leader asks again until it has the id too.
func (m *Membership) statusOnceNamed(ctx context.Context, sv roster.Server) (*Status, error) {
	for began := time.Now(); ; {
		before := m.Identity.Cluster()
		status, err := m.Servers.Status(ctx, sv.ID, cmp.Or(m.View.Where(sv.ID, m.View.Region()), sv.Address))
		if err == nil || before != "" || !errors.Is(err, dkron.ErrForeign) || time.Since(began) > namedWithin {
			return status, err
		}
		select {
		case <-ctx.Done():
			return nil, err
		case <-time.After(namedAgain):
		}
	}
}
