package app

import (
	"context"
	"errors"
	"net/http"
	"time"

	"dkron"
	"dkron/internal/control"
	"dkron/internal/index"
	"dkron/internal/limit"
	"dkron/internal/request"
	"dkron/internal/roster"
	"dkron/internal/telemetry"
)

// metricsHandler returns the handler of /metrics, nil if it is off.
func (n *Node) metricsHandler() http.Handler {
	if !n.cfg.EnablePrometheus {
		return nil
	}
	return n.metrics.Handler()
}

// exposeMetrics registers the metrics that are read from the rooms at each scrape.
func (n *Node) exposeMetrics() {
	n.metrics.ReadNode(func() telemetry.NodeFigures {
		_, bodies := n.guard.Usage()
		load, _ := n.meter.Load()
		return telemetry.NodeFigures{
			Running: n.agent.Running(), SkewSeconds: n.agent.Skew().Seconds(), BodyBytes: bodies,
			CPUs: float64(load.CPUs) / 1000, CPU: float64(load.CPU) / 1000, MemoryTotal: load.MemoryTotal, MemoryUsed: load.MemoryUsed,
		}
	})
	n.metrics.ReadMembers(func(add func(string, int)) {
		count := n.view.Count()
		for s := roster.Alive; s <= roster.Failed; s++ {
			add(s.String(), count[s])
		}
	})
	n.metrics.ReadPorts(func(add func(string, telemetry.PortFigures)) {
		http, _ := n.guard.Usage()
		for port, u := range map[string]limit.Usage{"http": http, "rpc": n.rpc.Connections(), "gossip": n.gossip.Connections()} {
			add(port, telemetry.PortFigures(u))
		}
	})
	if n.server != nil {
		n.metrics.ReadLog(n.server.logFigures)
		n.metrics.ReadState(n.server.stateFigures)
		n.metrics.ReadJobs(n.server.jobFigures)
	}
}

func (s *server) logFigures() telemetry.LogFigures {
	id, _ := s.raft.Leader()
	f := telemetry.LogFigures{
		Leads: s.raft.Leads() == nil, HasLeader: id != "", Term: s.raft.Term(), Applied: s.raft.Applied(), Commit: s.raft.CommitIndex(),
		Last: s.raft.LastIndex(), Attached: len(s.fleet.Live()),
	}
	f.Bytes, f.SinceSnapshot = s.raft.LogBytes()
	return f
}

func (s *server) stateFigures() (telemetry.StateFigures, error) {
	size, err := s.state.Size()
	agreed, _ := s.state.Agreed() // shown when it can be read
	return telemetry.StateFigures{
		Jobs: s.state.Index().Len(), OpenLaunches: size.OpenLaunches, OpenExecutions: size.OpenExecutions, Launches: size.Launches,
		Executions: size.Executions, Disk: size.Disk, Free: size.Free, Output: size.Output, OutputLimit: size.OutputLimit,
		Compactions: size.Compactions, Protocol: agreed.Protocol,
	}, err
}

func (s *server) jobFigures(add func(telemetry.Job) bool) {
	s.state.Index().Each(func(e *index.Entry) bool {
		return add(telemetry.Job{
			Name: e.Name, Number: e.Number, Succeeded: e.SuccessCount, Failed: e.ErrorCount, LastSuccess: e.LastSuccess,
		})
	})
}

// schedulerStarts counts a start of the scheduler and its time.
func (s *server) schedulerStarts(took time.Duration) {
	jobs := 0
	s.state.Index().Each(func(e *index.Entry) bool {
		if !e.Due().IsZero() {
			jobs++
		}
		return true
	})
	s.node.metrics.SchedulerStarted(jobs)
	s.node.metrics.Took(telemetry.TookEstablish, took, 1)
}

// fate classifies the result of a proposal.
func fate(result any, err error) string {
	_, refused := result.(error)
	switch {
	case errors.Is(err, dkron.ErrNoLeader):
		return telemetry.ProposalNoLeader
	case err != nil:
		return telemetry.ProposalUnavailable
	case refused:
		return telemetry.ProposalRefused
	}
	return telemetry.ProposalApplied
}

// firing counts the scheduler's launches.
type firing struct {
	*control.Control
	metrics *telemetry.Metrics
}

func (f firing) Fire(ctx context.Context, due []dkron.Due, now time.Time) error {
	err := f.Control.Fire(ctx, due, now)
	if err == nil {
		f.metrics.Fired(due)
	}
	return err
}

// gathering counts results that dispatch has recorded.
type gathering struct {
	*control.Control
	metrics *telemetry.Metrics
}

func (g gathering) Finish(ctx context.Context, results []dkron.Result) error {
	began := time.Now()
	err := g.Control.Finish(ctx, results)
	if err != nil {
		return err
	}
	g.metrics.Gathered(len(results))
	g.metrics.Took(telemetry.TookExecutionDone, time.Since(began), len(results))
	for i := range results {
		if r := &results[i]; r.Outcome != dkron.Lost {
			g.metrics.Took(telemetry.TookClientAgentRun, r.FinishedAt.Sub(r.StartedAt), 1)
		}
	}
	return nil
}

// requests returns control, with metrics: it executes requests while this server leads.
func (s *server) requests() request.Doer { return measured{s.control, s.node.metrics} }

// measured measures and counts requests, except those that this server refuses because it does not lead.
type measured struct {
	request.Doer
	metrics *telemetry.Metrics
}

func (m measured) Do(ctx context.Context, r request.Request) (request.Reply, uint64, error) {
	began := time.Now()
	reply, index, err := m.Doer.Do(ctx, r)
	if !errors.Is(err, dkron.ErrNoLeader) {
		m.metrics.RequestDone(r.Name(), time.Since(began), err == nil)
	}
	return reply, index, err
}
