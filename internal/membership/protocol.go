package membership

import (
	"cmp"
	"context"

	"dkron"
	"dkron/internal/compat"
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
		status, err := m.Servers.Status(ctx, sv.ID, cmp.Or(m.View.Where(sv.ID, m.View.Region()), sv.Address))
		if err != nil {
			return 0, sv.ID, dkron.Error(dkron.ErrUnavailable, "server %s can't be asked which protocol it speaks: %w", sv.ID, err)
		}
		if speaks := compat.Parse(status.Speaks); speaks.Newest < protocol {
			protocol, server = speaks.Newest, sv.ID
		}
	}
	return protocol, server, nil
}
