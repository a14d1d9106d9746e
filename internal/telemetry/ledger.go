package telemetry

import (
	"github.com/prometheus/client_golang/prometheus"

	"dkron"
)

// ledger counts launches and executions as they enter the history of this server's state. Every server counts all of
// the cluster, so that the figures survive a leader: look at one server, not at the sum.
type ledger struct {
	lateness   prometheus.Histogram
	duration   prometheus.Histogram
	executions ready[dkron.Outcome]
	launches   ready[launchEnd]
	rerun      *prometheus.CounterVec
	missed     prometheus.Counter
	waited     prometheus.Histogram
	runs       *runs // of single jobs
}

type launchEnd struct {
	cause dkron.Cause
	state dkron.LaunchState
}

// ready is a vector whose usual counters are at hand: a thousand ends at once are counted in less time than finding
// their counters in the vector takes.
type ready[K comparable] struct {
	*prometheus.CounterVec
	usual map[K]prometheus.Counter // does not change
	label func(K) []string
}

// newReady makes the usual counters, which exist from the start, so that the first event shows as an increase.
func newReady[K comparable](v *prometheus.CounterVec, label func(K) []string, usual ...K) ready[K] {
	r := ready[K]{v, make(map[K]prometheus.Counter, len(usual)), label}
	for _, k := range usual {
		r.usual[k] = v.WithLabelValues(label(k)...)
	}
	return r
}

func (r *ready[K]) count(k K) {
	if c := r.usual[k]; c != nil {
		c.Inc()
	} else {
		r.WithLabelValues(r.label(k)...).Inc()
	}
}

// Buckets in seconds.
var (
	latenessBuckets = []float64{0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300}
	durationBuckets = []float64{0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 900, 3600, 14400}
)

func newLedger(m *Metrics) ledger {
	outcomes := []dkron.Outcome{dkron.Success, dkron.Failed, dkron.TimedOut, dkron.Stopped, dkron.Lost}
	causes := []dkron.Cause{dkron.CauseSchedule, dkron.CauseCatchup, dkron.CauseManual, dkron.CauseCreate, dkron.CauseParent, dkron.CauseCheckIn}
	states := []dkron.LaunchState{
		dkron.LaunchSuccess, dkron.LaunchFailed, dkron.LaunchTimedOut, dkron.LaunchStopped, dkron.LaunchLost,
		dkron.LaunchSkipped, dkron.LaunchMissed, dkron.LaunchNoTarget,
	}
	ends := make([]launchEnd, 0, len(causes)*len(states))
	for _, c := range causes {
		for _, s := range states {
			ends = append(ends, launchEnd{c, s})
		}
	}
	l := ledger{
		lateness: m.histogram("dkron_execution_lateness_seconds",
			"Start minus due time of first attempts, over all jobs; without lost executions.", latenessBuckets),
		duration: m.histogram("dkron_execution_duration_seconds",
			"How long executions ran, over all jobs and attempts; without lost executions.", durationBuckets),
		executions: newReady(m.counters("dkron_executions_total", "Executions that ended, each attempt, by outcome.", "outcome"),
			func(o dkron.Outcome) []string { return []string{string(o)} }, outcomes...),
		launches: newReady(m.counters("dkron_launches_total", "Launches that ended, by cause and final state.", "cause", "state"),
			func(e launchEnd) []string { return []string{string(e.cause), string(e.state)} }, ends...),
		rerun: m.counters("dkron_rerun_launches_total",
			"Part of dkron_launches_total: launches that ended and were made by a request to run many again, by final state.", "state"),
		missed: m.counter("dkron_missed_instants_total", "Due instants recorded as missed; one launch record may cover many."),
		waited: m.histogram("dkron_launch_wait_seconds",
			"Time that launches waited for the job's launches before them, or for a node, until they could start; over all jobs.", latenessBuckets),
		runs: &runs{jobs: make(map[uint64]*jobRuns)},
	}
	for _, s := range states {
		l.rerun.WithLabelValues(string(s))
	}
	return l
}

// ExecutionsEnded counts executions that ended.
func (l *ledger) ExecutionsEnded(list []*dkron.Execution) {
	l.runs.count(list)
	for _, e := range list {
		l.executions.count(e.Outcome)
		if e.Outcome == dkron.Lost {
			continue // its start is unknown
		}
		l.duration.Observe(max(0, e.FinishedAt.Sub(e.StartedAt).Seconds()))
		if e.Attempt <= 1 {
			l.lateness.Observe(max(0, e.StartedAt.Sub(e.Nominal).Seconds()))
		}
	}
}

// LaunchesEnded counts launches that ended.
func (l *ledger) LaunchesEnded(list []*dkron.Launch) {
	for _, x := range list {
		l.launches.count(launchEnd{x.Cause, x.State})
		if x.Rerun != 0 {
			l.rerun.WithLabelValues(string(x.State)).Inc()
		}
		if began := x.Began(); !began.IsZero() {
			l.waited.Observe(max(0, began.Sub(x.CreatedAt).Seconds()))
		}
		if x.State == dkron.LaunchMissed {
			l.missed.Add(float64(max(1, x.Count)))
		}
	}
}
