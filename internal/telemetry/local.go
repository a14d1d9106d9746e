package telemetry

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"dkron"
)

// local counts what runs on this node.
type local struct {
	results  *prometheus.CounterVec
	duration prometheus.Histogram
	shortage prometheus.Counter
	journal  prometheus.Histogram
	refused  *prometheus.CounterVec
	commands *commands
}

func newLocal(m *Metrics) local {
	l := local{
		results: m.counters("dkron_agent_executions_total", "Executions that ended on this node, by outcome.", "outcome"),
		duration: m.histogram("dkron_agent_execution_duration_seconds",
			"How long executions ran on this node.", durationBuckets),
		shortage: m.counter("dkron_agent_shortages_total",
			"Times that an execution could not start because this node lacked file descriptors, processes or memory; the start is tried again."),
		journal: m.histogram("dkron_agent_journal_sync_duration_seconds",
			"Time that this node's journal took to have new orders and results on disk.", waits),
		refused: m.counters("dkron_foreign_nodes_refused_total",
			"Times that this node refused a node of another cluster or of a version too far away, by the way it came.", "via"),
		commands: newCommands(m),
	}
	for _, o := range []dkron.Outcome{dkron.Success, dkron.Failed, dkron.TimedOut, dkron.Stopped, dkron.Lost} {
		l.results.WithLabelValues(string(o))
	}
	for _, via := range refusedVias {
		l.refused.WithLabelValues(via)
	}
	return l
}

// refusedVias is the ways by which a node of another cluster is met.
var refusedVias = []string{"gossip", "raft", "rpc"}

// Refused counts a refused node of another cluster.
func (l *local) Refused(via string) { l.refused.WithLabelValues(via).Inc() }

// RanHere counts an execution that ended on this node.
func (m *Metrics) RanHere(r *dkron.Result) {
	took := max(0, r.FinishedAt.Sub(r.StartedAt))
	m.local.results.WithLabelValues(string(r.Outcome)).Inc()
	if r.Outcome != dkron.Lost {
		m.local.duration.Observe(took.Seconds())
	}
	m.local.commands.ended(r, took)
	m.agentRuns.Observe(milliseconds(took))
	for _, s := range m.sinks {
		s.send("dkron.grpc.agent_agent_run", milliseconds(took), lineTimer)
	}
}

// JournalSynced records a write of this node's journal.
func (m *Metrics) JournalSynced(took time.Duration) { m.journal.Observe(took.Seconds()) }

// ShortageHere counts an execution that could not start for lack of resources.
func (m *Metrics) ShortageHere() { m.local.shortage.Inc() }
