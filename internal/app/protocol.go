package app

import (
	"cmp"
	"context"
	"fmt"

	"dkron"
	"dkron/internal/compat"
)

// agreed returns the protocol that the cluster has agreed on.
func (s *server) agreed() (protocol uint64, by string) {
	a, err := s.state.Agreed()
	if err != nil {
		s.log.Error("the protocol of the cluster could not be read; servers of any version are let in until it can", "error", err)
	}
	return a.Protocol, a.By
}

// Lowest is control's: it asks all servers of Raft's configuration which protocols they speak.
func (s *server) Lowest(ctx context.Context) (protocol uint64, server string, err error) {
	servers, _, err := s.consensus.Servers()
	if err != nil {
		return 0, "", err
	}
	protocol, server = compat.Protocol, s.node.cfg.NodeName
	for _, sv := range servers {
		if sv.ID == s.node.cfg.NodeName {
			continue
		}
		status, err := s.status(ctx, sv.ID, cmp.Or(s.node.where(sv.ID), sv.Address))
		if err != nil {
			return 0, sv.ID, dkron.Error(dkron.ErrUnavailable, "%w", fmt.Errorf("server %s can't be asked which protocol it speaks: %w", sv.ID, err))
		}
		if speaks := compat.Parse(status.Speaks); speaks.Newest < protocol {
			protocol, server = speaks.Newest, sv.ID
		}
	}
	return protocol, server, nil
}
