package httpapi

import (
	"context"
	"net/http"

	"dkron/internal/respond"
	"dkron/internal/standing"
)

// Surveyor asks all servers for their progress.
type Surveyor interface {
	// Survey returns within seconds, even if servers can't be reached, and needs no leader. Servers are ordered by
	// name.
	Survey(ctx context.Context) (*Survey, error)
	// Nodes returns the members and how busy they are, within seconds. It needs no leader.
	Nodes(ctx context.Context) []standing.Node
}

// The answers of a Surveyor; see package standing.
type (
	// Survey is what all servers report.
	Survey = standing.Survey
	// Server is what one of them reports.
	Server = standing.Server
	// Agents is how many agents there are, by status.
	Agents = standing.Agents
)

func (a *api) getNodes(w http.ResponseWriter, r *http.Request) error {
	nodes := a.Surveyor.Nodes(r.Context())
	return respond.List(w, r, len(nodes), nodes)
}

func (a *api) getCluster(w http.ResponseWriter, r *http.Request) error {
	s, err := a.Surveyor.Survey(r.Context())
	if err != nil {
		return err
	}
	if s.Servers == nil {
		s.Servers = []Server{}
	}
	for i := range s.Servers {
		if s.Servers[i].Notices == nil {
			s.Servers[i].Notices = []string{}
		}
	}
	return respond.JSON(w, r, http.StatusOK, s)
}
