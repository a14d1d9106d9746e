package standing

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"dkron/internal/roster"
	"dkron/plugin"
)

// Survey is the cluster as one of its servers sees it.
type Survey struct {
	Cluster string   `json:"cluster_id"` // "" for a moment after the cluster was founded
	Leader  string   `json:"leader"`     // "" if the asked server knows of none
	Term    uint64   `json:"term"`       // the newest that it knows of
	Servers []Server `json:"servers"`
	Agents  Agents   `json:"agents"`
}

// Server is a server of Raft's configuration. Fields that only it can report are zero unless it was reached.
type Server struct {
	Name      string `json:"name"`
	Address   string `json:"address"`      // of RPC, host:port
	HTTP      string `json:"http_address"` // of the API, host:port; "" unless it was reached and others can reach that
	Version   string `json:"version"`      // "" if gossip does not know it
	Voter     bool   `json:"voter"`
	Leader    bool   `json:"leader"`
	Reachable bool   `json:"reachable"`
	Error     string `json:"error"` // why it was not reached

	Term         uint64  `json:"term"`
	LastIndex    uint64  `json:"last_index"`    // the end of its log
	AppliedIndex uint64  `json:"applied_index"` // the index of its state
	Lag          *uint64 `json:"lag"`           // entries that its state lacks of the leader's log; nil if unknown
	Ready        bool    `json:"ready"`         // as its /ready reports
	Reason       string  `json:"reason"`        // why it is not ready

	Notices []string `json:"notices"` // what an operator should know about it although it works; see /health
}

// Agents counts the members that are not servers.
type Agents struct {
	Alive  int `json:"alive"`
	Failed int `json:"failed"`
	Left   int `json:"left"`
}

// Survey asks every server of Raft's configuration for its report, all at once.
func (s *Standing) Survey(ctx context.Context) (*Survey, error) {
	servers, err := s.Servers.Servers()
	if err != nil {
		return nil, err
	}
	leader, _ := s.Log.Leader()
	found := make([]surveyed, len(servers))
	ctx, cancel := context.WithTimeout(ctx, askServer)
	defer cancel()
	var asked sync.WaitGroup
	for i, sv := range servers {
		asked.Go(func() {
			report, err := s.ask(ctx, sv)
			found[i] = surveyed{sv, report, err}
		})
	}
	asked.Wait()
	survey := newSurvey(leader, s.Log.Term(), found, s.View.Members(), s.View.Region())
	survey.Cluster = s.Cluster()
	return survey, nil
}

func (s *Standing) ask(ctx context.Context, sv roster.Server) (*Report, error) {
	if sv.ID == s.Name {
		r := s.Report()
		return &r, nil
	}
	r, err := s.Servers.Report(ctx, sv)
	if err != nil && ctx.Err() != nil {
		return nil, fmt.Errorf("no answer within %s", plugin.InWords(askServer)) // gRPC's text is longer
	}
	return r, err
}

// surveyed is a server and its report.
type surveyed struct {
	roster.Server
	report *Report
	err    error // why there is no report
}

// newSurvey combines the servers' reports with what gossip knows of the region's nodes.
func newSurvey(leader string, term uint64, found []surveyed, members []roster.Member, region string) *Survey {
	out := &Survey{Leader: leader, Term: term, Agents: countAgents(members, region)}
	known := make(map[string]roster.Member, len(members))
	for _, m := range members {
		known[m.Name] = m
	}
	var end *uint64 // of the leader's log
	for _, f := range found {
		if f.ID == leader && f.err == nil {
			end = &f.report.Last
		}
	}
	for _, f := range found {
		sv := newServer(f, known[f.ID], end)
		sv.Leader = f.ID == leader // as of the survey, even if the leader has changed since
		out.Servers = append(out.Servers, sv)
	}
	slices.SortFunc(out.Servers, func(a, b Server) int { return cmp.Compare(a.Name, b.Name) })
	return out
}

func newServer(f surveyed, m roster.Member, end *uint64) Server {
	out := Server{Name: f.ID, Address: f.Address, Voter: f.Voter, Version: m.Version()}
	switch {
	case errors.Is(f.err, ErrUnserved):
		out.Reachable, out.Reason = true, "unknown: a server of this version can't be asked"
		return out
	case f.err != nil:
		out.Error = f.err.Error() + "; " + seenBy(m)
		return out
	}
	r := f.report
	out.Reachable, out.Ready, out.Reason = true, r.Reason == "", r.Reason
	out.Notices, out.HTTP = r.Notices, r.HTTP
	out.Term, out.LastIndex, out.AppliedIndex = r.Term, r.Last, r.Applied
	if end != nil {
		lag := *end - min(*end, r.Applied) // the leader may have answered earlier than this one
		out.Lag = &lag
	}
	return out
}

// seenBy describes a server as gossip sees it.
func seenBy(m roster.Member) string {
	if m.Name == "" {
		return "gossip does not know it"
	}
	return "gossip sees it as " + m.Status.String()
}

// countAgents counts the agents of a region. One that is about to leave counts as alive until it has left.
func countAgents(members []roster.Member, region string) (n Agents) {
	for _, m := range members {
		if m.IsServer() || m.Region() != region {
			continue
		}
		switch m.Status {
		case roster.Alive, roster.Leaving:
			n.Alive++
		case roster.Failed:
			n.Failed++
		case roster.Left:
			n.Left++
		}
	}
	return n
}
