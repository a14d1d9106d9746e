package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"dkron/internal/clock"
	"dkron/internal/consensus"
	"dkron/internal/gossip"
	"dkron/internal/httpapi"
	"dkron/internal/rpc"
)

// surveyTime is how long a server may take to say where it stands.
const surveyTime = 2 * time.Second

// Report is what this server says of itself to those who survey the cluster.
func (s *server) Report() rpc.ServerReport {
	r := rpc.ServerReport{
		Term: s.consensus.Term(), Applied: s.consensus.Applied(), Last: s.consensus.LastIndex(), // in this order: applied is never ahead
	}
	if err := s.ready(); err != nil {
		r.Reason = err.Error()
	}
	r.Notices = s.notices.list()
	r.Now = clock.Now() // last: what came before takes time
	return r
}

// Survey asks every server of Raft's configuration, all at once, where it stands.
func (v memberView) Survey(ctx context.Context) (*httpapi.Survey, error) {
	servers, _, err := v.consensus.Servers()
	if err != nil {
		return nil, v.ordered().kindly(err)
	}
	leader, _ := v.consensus.Leader()
	found := make([]surveyed, len(servers))
	ctx, cancel := context.WithTimeout(ctx, surveyTime)
	defer cancel()
	var asked sync.WaitGroup
	for i, sv := range servers {
		asked.Go(func() {
			report, err := v.askReport(ctx, sv)
			found[i] = surveyed{sv, report, err}
		})
	}
	asked.Wait()
	survey := newSurvey(leader, v.consensus.Term(), found, v.node.members(), v.node.cfg.Region)
	survey.Cluster = v.node.identity.Cluster()
	return survey, nil
}

func (s *server) askReport(ctx context.Context, sv consensus.Server) (*rpc.ServerReport, error) {
	if sv.ID == s.node.cfg.NodeName {
		r := s.Report()
		return &r, nil
	}
	client, err := s.node.clientOf(sv.ID, sv.Address)
	if err != nil {
		return nil, err
	}
	r, err := client.Report(ctx)
	if err != nil && ctx.Err() != nil {
		return nil, fmt.Errorf("no answer within %v", surveyTime) // gRPC's words for it are longer
	}
	return r, err
}

// surveyed is a server and what it has said.
type surveyed struct {
	consensus.Server
	report *rpc.ServerReport
	err    error // why it has said nothing
}

// newSurvey puts together what the servers have said and what gossip knows of the nodes of the region.
func newSurvey(leader string, term uint64, found []surveyed, members []gossip.Member, region string) *httpapi.Survey {
	out := &httpapi.Survey{Leader: leader, Term: term, Agents: countAgents(members, region)}
	known := make(map[string]gossip.Member, len(members))
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
		sv := newServerSurvey(f, known[f.ID], end)
		sv.Leader = f.ID == leader // as of the survey, whatever has changed while it was made
		out.Servers = append(out.Servers, sv)
	}
	slices.SortFunc(out.Servers, func(a, b httpapi.Server) int { return cmp.Compare(a.Name, b.Name) })
	return out
}

func newServerSurvey(f surveyed, m gossip.Member, end *uint64) httpapi.Server {
	out := httpapi.Server{Name: f.ID, Address: f.Address, Voter: f.Voter, Version: m.Tags["version"]}
	switch {
	case errors.Is(f.err, rpc.ErrUnserved):
		out.Reachable, out.Reason = true, "unknown: a server of this version can't be asked"
		return out
	case f.err != nil:
		out.Error = f.err.Error() + "; " + seenBy(m)
		return out
	}
	r := f.report
	out.Reachable, out.Ready, out.Reason = true, r.Reason == "", r.Reason
	out.Notices = r.Notices
	out.Term, out.LastIndex, out.AppliedIndex = r.Term, r.Last, r.Applied
	if end != nil {
		lag := *end - min(*end, r.Applied) // the leader may have answered earlier than this one
		out.Lag = &lag
	}
	return out
}

// seenBy is how gossip sees a server.
func seenBy(m gossip.Member) string {
	if m.Name == "" {
		return "gossip does not know it"
	}
	return "gossip sees it as " + m.Status.String()
}

// countAgents counts the agents of a region. One that is about to leave counts as alive until it has left.
func countAgents(members []gossip.Member, region string) (n httpapi.Agents) {
	for _, m := range members {
		if m.Tags["server"] == "true" || m.Tags["region"] != region {
			continue
		}
		switch m.Status {
		case gossip.StatusAlive, gossip.StatusLeaving:
			n.Alive++
		case gossip.StatusFailed:
			n.Failed++
		case gossip.StatusLeft:
			n.Left++
		}
	}
	return n
}
