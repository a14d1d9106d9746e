package telemetry

import (
	"runtime"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// legacy is series under the names that dashboards for the v4 API use, each for the same thing here. Summaries are in
// milliseconds, as in v4.
type legacy struct {
	members        map[string]prometheus.Counter
	schedulerStart prometheus.Counter
	jobAdd         prometheus.Counter
	jobDelete      prometheus.Counter
	calls          map[string]prometheus.Summary
	agentRuns      prometheus.Summary
}

// Names for took: the legacy summaries, without their prefix.
const (
	tookSetJob           = "grpc_set_job"
	tookDeleteJob        = "grpc_delete_job"
	tookDeleteExecutions = "grpc_delete_executions"
	tookExecutionDone    = "grpc_execution_done"
	tookClientAgentRun   = "grpc_client_agent_run"
	tookBarrier          = "dkron_leader_barrier"
	tookEstablish        = "dkron_leader_establish_leadership"
	tookRevoke           = "dkron_leader_revoke_leadership"
	tookReconcile        = "dkron_leader_reconcile"
	tookReconcileMember  = "dkron_leader_reconcileMember"
)

var tookHelp = map[string]string{
	tookSetJob:           "Time the leader took to store a job, in ms.",
	tookDeleteJob:        "Time the leader took to delete a job, in ms.",
	tookDeleteExecutions: "Time the leader took to clear a job's history, in ms.",
	tookExecutionDone:    "Time the leader took to record a result, in ms; one observation per result.",
	tookClientAgentRun:   "How long executions ran, according to their results, in ms.",
	tookBarrier:          "Time from an election until all earlier commits are applied, in ms.",
	tookEstablish:        "Time from the start of a term until its scheduler runs, in ms.",
	tookRevoke:           "Time from the end of a term until the leader's work has ended, in ms.",
	tookReconcile:        "Time of one comparison of Raft's configuration with the live servers, in ms.",
	tookReconcileMember:  "Time to add, promote or remove one server, in ms.",
}

// memberEvents is what can happen to a member.
var memberEvents = []string{"join", "leave", "failed", "update", "reap"}

func newLegacy(m *Metrics) legacy {
	l := legacy{members: make(map[string]prometheus.Counter), calls: make(map[string]prometheus.Summary)}
	for _, e := range memberEvents {
		l.members[e] = m.legacyCounter("dkron_agent_event_received_member_"+e, "Gossip events of this kind that this node saw.")
	}
	l.schedulerStart = m.legacyCounter("dkron_scheduler_start", "Times that the scheduler started on this server.")
	l.jobAdd = m.legacyCounter("dkron_scheduler_job_add", "Jobs that this server's scheduler added, at the start of a term or on a write.")
	l.jobDelete = m.legacyCounter("dkron_scheduler_job_delete", "Jobs that were deleted while this server led.")
	for name, help := range tookHelp {
		l.calls[name] = m.summary("dkron_"+name, help)
	}
	l.agentRuns = m.summary("dkron_grpc_agent_agent_run", "How long executions ran on this node, in ms.")
	return l
}

func (m *Metrics) legacyCounter(name, help string) prometheus.Counter {
	c := prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help})
	m.register(c, Series{Name: name, Type: Counter, Help: help, Legacy: true})
	return c
}

func (m *Metrics) summary(name, help string) prometheus.Summary {
	s := prometheus.NewSummary(prometheus.SummaryOpts{
		Name: name, Help: help, MaxAge: time.Minute, Objectives: map[float64]float64{0.5: 0.05, 0.9: 0.01, 0.99: 0.001},
	})
	m.register(s, Series{Name: name, Type: Summary, Help: help, Legacy: true})
	return s
}

// MemberEvent counts an event of gossip: join, leave, failed, update or reap.
func (l *legacy) MemberEvent(kind string) {
	if c := l.members[kind]; c != nil {
		c.Inc()
	}
}

// took records n observations of a duration. name is one of the constants.
func (m *Metrics) took(name string, d time.Duration, n int) {
	for range n {
		m.calls[name].Observe(milliseconds(d))
	}
	for _, s := range m.sinks {
		for range n {
			s.send(dotted("dkron_"+name), milliseconds(d), lineTimer)
		}
	}
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// runtimeSeries are read from the runtime at each scrape.
var runtimeSeries = []Series{
	{Name: "dkron_runtime_alloc_bytes", Type: Gauge, Help: "Bytes in objects that are live or not yet collected.", Legacy: true},
	{Name: "dkron_runtime_free_count", Type: Gauge, Help: "Objects freed since the start.", Legacy: true},
	{Name: "dkron_runtime_heap_objects", Type: Gauge, Help: "Objects on the heap.", Legacy: true},
	{Name: "dkron_runtime_malloc_count", Type: Gauge, Help: "Objects allocated since the start.", Legacy: true},
	{Name: "dkron_runtime_num_goroutines", Type: Gauge, Help: "Goroutines.", Legacy: true},
	{Name: "dkron_runtime_sys_bytes", Type: Gauge, Help: "Bytes obtained from the operating system.", Legacy: true},
	{Name: "dkron_runtime_total_gc_pause_ns", Type: Gauge, Help: "Time in pauses of the garbage collector since the start, in ns.", Legacy: true},
	{Name: "dkron_runtime_total_gc_runs", Type: Gauge, Help: "Runs of the garbage collector since the start.", Legacy: true},
	{Name: "dkron_runtime_gc_pause_ns", Type: Summary, Help: "Pauses of the garbage collector, in ns.", Legacy: true},
}

type runtimeCollector struct{}

func (runtimeCollector) Describe(out chan<- *prometheus.Desc) {
	for _, s := range runtimeSeries {
		out <- s.desc()
	}
}

func (runtimeCollector) Collect(out chan<- prometheus.Metric) {
	var s runtime.MemStats
	runtime.ReadMemStats(&s)
	values := []float64{
		float64(s.Alloc), float64(s.Frees), float64(s.HeapObjects), float64(s.Mallocs),
		float64(runtime.NumGoroutine()), float64(s.Sys), float64(s.PauseTotalNs), float64(s.NumGC),
	}
	for i, v := range values {
		out <- prometheus.MustNewConstMetric(runtimeSeries[i].desc(), prometheus.GaugeValue, v)
	}
	out <- prometheus.MustNewConstSummary(runtimeSeries[len(values)].desc(), uint64(s.NumGC), float64(s.PauseTotalNs), nil)
}
