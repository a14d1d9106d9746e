package app

import (
	"context"
	"errors"
	"net/http"
	"time"

	"dkron"
	"dkron/internal/control"
	"dkron/internal/gossip"
	"dkron/internal/index"
	"dkron/internal/request"
	"dkron/internal/state"
	"dkron/internal/telemetry"
)

// metricsHandler returns what /metrics answers with, nil if it is off.
func (n *Node) metricsHandler() http.Handler {
	if !n.cfg.EnablePrometheus {
		return nil
	}
	return n.metrics.Handler()
}

// exposeMetrics registers what is read from the rooms when somebody asks.
func (n *Node) exposeMetrics() {
	m := n.metrics
	m.Read(func() ([]float64, error) {
		return []float64{float64(n.agent.Running()), n.agent.Skew().Seconds()}, nil
	},
		telemetry.Series{Name: "dkron_executions_running", Type: telemetry.Gauge, Help: "Executions running on this node."},
		telemetry.Series{Name: "dkron_clock_skew_seconds", Type: telemetry.Gauge,
			Help: "How far this node's clock is ahead of the leader's, measured by the leader's messages; negative if behind."})
	m.ReadLabelled(telemetry.Series{
		Name: "dkron_members", Type: telemetry.Gauge, Labels: []string{"status"}, Help: "Members of all regions known to gossip, by status.",
	}, n.countMembers)
	n.exposePorts()
	if n.server != nil {
		n.server.exposeLog(m)
		n.server.exposeState(m)
	}
}

func (n *Node) countMembers(add func(float64, ...string)) {
	count := map[gossip.Status]int{}
	for _, m := range n.members() {
		count[m.Status]++
	}
	for s := gossip.StatusAlive; s <= gossip.StatusFailed; s++ {
		add(float64(count[s]), s.String())
	}
}

func (s *server) exposeLog(m *telemetry.Metrics) {
	m.Read(func() ([]float64, error) {
		leads, known := 0.0, 0.0
		if s.Leads() == nil {
			leads = 1
		}
		if id, _ := s.consensus.Leader(); id != "" {
			known = 1
		}
		c := s.consensus
		total, since := c.LogBytes()
		return []float64{
			leads, known, float64(c.Term()), float64(c.Applied()), float64(c.CommitIndex()), float64(c.LastIndex()),
			float64(len(s.fleet.Live())), float64(total), float64(since),
		}, nil
	},
		telemetry.Series{Name: "dkron_is_leader", Type: telemetry.Gauge, Help: "1 if this server leads, else 0."},
		telemetry.Series{Name: "dkron_has_leader", Type: telemetry.Gauge, Help: "1 if this server knows a leader, else 0."},
		telemetry.Series{Name: "dkron_raft_term", Type: telemetry.Gauge, Help: "Newest term that this server knows."},
		telemetry.Series{Name: "dkron_raft_applied_index", Type: telemetry.Gauge, Help: "Index of the last log entry in this server's state."},
		telemetry.Series{Name: "dkron_raft_commit_index", Type: telemetry.Gauge, Help: "Index up to which this server knows the log to be committed."},
		telemetry.Series{Name: "dkron_raft_last_index", Type: telemetry.Gauge, Help: "Index of the last entry in this server's log."},
		telemetry.Series{Name: "dkron_nodes_attached", Type: telemetry.Gauge, Help: "Nodes that the leader can give orders to; 0 on other servers."},
		telemetry.Series{Name: "dkron_raft_log_bytes", Type: telemetry.Gauge, Help: "Bytes of entries in this server's log, compressed as on disk."},
		telemetry.Series{Name: "dkron_raft_log_since_snapshot_bytes", Type: telemetry.Gauge,
			Help: "Part of these bytes written after the last snapshot, which can't be dropped yet."})
}

func (s *server) exposeState(m *telemetry.Metrics) {
	m.Read(func() ([]float64, error) {
		size, err := s.state.Size()
		agreed, _ := s.agreed()
		return []float64{
			float64(s.state.Index().Len()), float64(size.OpenLaunches), float64(size.OpenExecutions),
			float64(size.Launches), float64(size.Executions), float64(size.Disk), float64(size.Free),
			float64(size.Output), float64(size.OutputLimit), float64(size.Compactions), float64(agreed),
		}, err
	},
		telemetry.Series{Name: "dkron_jobs", Type: telemetry.Gauge, Help: "Jobs in the state."},
		telemetry.Series{Name: "dkron_launches_open", Type: telemetry.Gauge, Help: "Launches in the cluster that have not ended."},
		telemetry.Series{Name: "dkron_executions_open", Type: telemetry.Gauge,
			Help: "Executions in the cluster that have not ended: running, or waiting for their node or for a retry."},
		telemetry.Series{Name: "dkron_history_launches_total", Type: telemetry.Counter, Help: "Launches ever added to the history."},
		telemetry.Series{Name: "dkron_history_executions_total", Type: telemetry.Counter, Help: "Executions ever added to the history."},
		telemetry.Series{Name: "dkron_state_size_bytes", Type: telemetry.Gauge, Help: "Size of the state's database on disk."},
		telemetry.Series{Name: "dkron_state_free_bytes", Type: telemetry.Gauge, Help: "Free space inside the database."},
		telemetry.Series{Name: "dkron_history_output_bytes", Type: telemetry.Gauge, Help: "Bytes of output in the histories of all jobs."},
		telemetry.Series{Name: "dkron_history_output_limit_bytes", Type: telemetry.Gauge,
			Help: "Limit of that output, history.total_bytes; 0 if there is none."},
		telemetry.Series{Name: "dkron_state_compactions_total", Type: telemetry.Counter,
			Help: "Times that this process compacted the state's database because much of it was free."},
		telemetry.Series{Name: "dkron_protocol", Type: telemetry.Gauge,
			Help: "Protocol on which the cluster has agreed; a server that knows only older ones is refused."})
	m.ReadJobs(func(add func(telemetry.Job) bool) {
		s.state.Index().Each(func(e *index.Entry) bool {
			return add(telemetry.Job{
				Name: e.Name, Number: e.Number, Succeeded: e.SuccessCount, Failed: e.ErrorCount, LastSuccess: e.LastSuccess,
			})
		})
	})
}

// count is told what ended, behind the commit. What this server learns before it has caught up is not news: a restart,
// or a server that joins, would show as a burst of runs.
func (s *server) count(e state.Ended) {
	if !s.progress.caughtUp.Load() {
		return
	}
	s.node.metrics.ExecutionsEnded(e.Executions)
	s.node.metrics.LaunchesEnded(e.Launches)
}

// schedulerStarts counts a start of the scheduler and what it takes up.
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

// fate says what became of a proposal.
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

// firing counts what the scheduler fires.
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

// gathering counts the results that dispatch has recorded.
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

// requests is control, measured: what this server does as the leader.
func (s *server) requests() request.Doer { return measured{s.control, s.node.metrics} }

// measured measures and counts requests. Those that this server refuses because it does not lead are the leader's.
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
