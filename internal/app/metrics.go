package app

import (
	"net/http"

	"dkron/internal/clock"
	"dkron/internal/index"
	"dkron/internal/limit"
	"dkron/internal/rerun"
	"dkron/internal/roster"
	"dkron/internal/state"
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
	n.metrics.ReadPlugins(func(add func(string, string, telemetry.PluginFigures)) {
		for _, p := range n.plugins.Plugins() {
			add(p.Kind, p.Name, telemetry.PluginFigures{Up: p.State.Up(), Restarts: p.Restarts, Executions: p.Executions, Memory: p.Memory})
		}
	})
	if n.server != nil {
		n.metrics.ReadLog(n.server.logFigures)
		n.metrics.ReadState(n.server.stateFigures)
		n.metrics.ReadJobs(n.server.jobFigures)
		n.metrics.ReadReruns(func() (telemetry.RerunFigures, error) {
			f, err := rerun.Count(n.server.state)
			return telemetry.RerunFigures(f), err
		})
		n.metrics.ReadDeliveries(n.server.undelivered)
		n.metrics.ReadHealth(func(add func(string, int)) {
			for word, jobs := range n.server.state.Index().Healths(clock.Now()) {
				add(word, jobs)
			}
		})
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
			Name: e.Name, Number: e.Number, Succeeded: e.SuccessCount, Failed: e.ErrorCount, Stopped: e.StoppedCount, LastSuccess: e.LastSuccess,
		})
	})
}

// undelivered returns how many deliveries are pending.
func (s *server) undelivered() (n float64, err error) {
	err = s.state.View(func(tx *state.Tx) error {
		n = float64(tx.Undelivered())
		return nil
	})
	return n, err
}
