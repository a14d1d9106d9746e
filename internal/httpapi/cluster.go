package httpapi

import (
	"context"
	"net/http"

	"dkron/internal/respond"
)

// Surveyor asks all servers where they stand.
type Surveyor interface {
	// Survey returns in a few seconds at most, whoever can't be reached, and needs no leader. Servers are in order of name.
	Survey(ctx context.Context) (*Survey, error)
}

// Survey is the cluster as one of its servers finds it.
type Survey struct {
	Cluster string   `json:"cluster_id"` // "" for a moment after the cluster was founded
	Leader  string   `json:"leader"`     // "" if the server that was asked knows of none
	Term    uint64   `json:"term"`       // the newest that it knows of
	Servers []Server `json:"servers"`
	Agents  Agents   `json:"agents"`
}

// Server is a server of Raft's configuration. What only it can tell is zero unless it was reached.
type Server struct {
	Name      string `json:"name"`
	Address   string `json:"address"` // of RPC, host:port
	Version   string `json:"version"` // "" if gossip does not know it
	Voter     bool   `json:"voter"`
	Leader    bool   `json:"leader"`
	Reachable bool   `json:"reachable"`
	Error     string `json:"error"` // why it was not reached

	Term         uint64  `json:"term"`
	LastIndex    uint64  `json:"last_index"`    // the end of its log
	AppliedIndex uint64  `json:"applied_index"` // how far its state is
	Lag          *uint64 `json:"lag"`           // entries that its state is behind the leader's log; nil if unknown
	Ready        bool    `json:"ready"`         // as its /ready says
	Reason       string  `json:"reason"`        // why it is not ready

	Notices []string `json:"notices"` // what an operator should know of it although it does its part; see /health
}

// Agents counts the members that are no servers.
type Agents struct {
	Alive  int `json:"alive"`
	Failed int `json:"failed"`
	Left   int `json:"left"`
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
