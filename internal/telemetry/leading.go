package telemetry

import (
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"dkron"
)

// leading counts what a server does while it leads. Sums over all servers are the cluster's.
type leading struct {
	terms       prometheus.Counter
	due         *prometheus.CounterVec
	dueBatch    prometheus.Histogram
	results     prometheus.Counter
	resultBatch prometheus.Histogram
	proposals   *prometheus.CounterVec
	proposing   prometheus.Histogram
	requesting  *prometheus.HistogramVec
	jumps       prometheus.Counter
	rewound     prometheus.Counter
	doubtful    prometheus.Gauge
	stalls      prometheus.Counter
	reruns      prometheus.Counter
	deliveries  *prometheus.CounterVec

	notifications *prometheus.CounterVec
	messages      *prometheus.CounterVec
}

// Fates of a proposal.
const (
	proposalApplied     = "applied"     // in the state
	proposalRefused     = "refused"     // in the log, but declined by its own rules
	proposalNoLeader    = "no_leader"   // this server does not lead; nothing was done
	proposalUnavailable = "unavailable" // the outcome is not known, or the log could not be written
)

var proposalFates = []string{proposalApplied, proposalRefused, proposalNoLeader, proposalUnavailable}

func newLeading(m *Metrics) leading {
	l := leading{
		terms:    m.counter("dkron_leader_terms_total", "Terms that this server began as the leader."),
		due:      m.counters("dkron_scheduler_due_total", "Due instants that this server fired or recorded as missed, by cause.", "cause"),
		dueBatch: m.histogram("dkron_scheduler_batch_jobs", "Due instants in one proposal.", sizes(1024)),
		results:  m.counter("dkron_dispatch_results_total", "Results of nodes that this server had recorded, including repetitions."),
		resultBatch: m.histogram("dkron_dispatch_batch_results",
			"Results in one proposal.", sizes(2048)),
		proposals: m.counters("dkron_proposals_total", "Proposals of this server to the log, by outcome.", "fate"),
		proposing: m.histogram("dkron_proposal_duration_seconds",
			"Time from a proposal until a majority has it on disk and it is in this server's state.",
			waits),
		requesting: m.histograms("dkron_request_duration_seconds",
			"Time that this server took, as the leader, to do a request of a client, by the request's name; refused ones count too.",
			waits, "request"),
		jumps: m.counter("dkron_clock_jumps_total", "Times that the wall clock stepped by more than a second while this server led."),
		rewound: m.counter("dkron_cursors_brought_back_total",
			"Jobs whose cursor was moved back because a clock had been ahead."),
		doubtful: m.gauge("dkron_clock_doubtful",
			"1 while this server leads, recorded due times lie in its future, and most servers' clocks differ from its own; else 0."),
		reruns: m.counter("dkron_rerun_failures_total", "Times that this server, as the leader, could not make launches of a rerun; it tries again."),
		deliveries: m.counters("dkron_deliveries_total",
			"Calls of processors by this server, as the leader, by what they came to: delivered, retry, failed (given up), dropped (nothing to deliver any more).",
			"processor", "result"),
		notifications: m.counters("dkron_notifications_total",
			"Attempts of this server, as the leader, to send a notice, by result: delivered, retry, failed (given up), dropped (no recipient, or too many waited).",
			"channel", "result"),
		messages: m.counters("dkron_messages_total",
			"Attempts of this server, as the leader, to send a message of rules, by the type of its channel and by result: sent, retry, failed (kept as a dead letter).",
			"type", "result"),
		stalls: m.counter("dkron_scheduler_stalls_total", "Due instants that were still due after their proposal. Above 0 only if this program has a bug."),
	}
	for _, c := range []dkron.Cause{dkron.CauseSchedule, dkron.CauseCatchup} {
		l.due.WithLabelValues(string(c))
	}
	for _, result := range []dkron.DeliveryState{dkron.Undelivered, dkron.DeliveryDone, dkron.DeliveryFailed, dkron.DeliveryDropped} {
		l.deliveries.WithLabelValues("unknown", resultOf(result))
		for _, channel := range []string{dkron.ChannelMail, dkron.ChannelWebhook, dkron.ChannelPreWebhook, dkron.ChannelCronitor} {
			l.notifications.WithLabelValues(channel, resultOf(result))
		}
	}
	for _, state := range []dkron.MessageState{dkron.MessageSent, dkron.MessageWaiting, dkron.MessageFailed} {
		l.messages.WithLabelValues("unknown", resultOfMessage(state))
	}
	for _, f := range proposalFates {
		l.proposals.WithLabelValues(f)
	}
	return l
}

// waits is buckets for what waits for a majority.
var waits = []float64{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10}

// sizes returns buckets for batches of up to limit.
func sizes(limit int) (buckets []float64) {
	for n := 1; n < limit; n *= 4 {
		buckets = append(buckets, float64(n))
	}
	return append(buckets, float64(limit))
}

// Fired counts the due instants recorded by one proposal.
func (l *leading) Fired(due []dkron.Due) {
	for i := range due {
		l.due.WithLabelValues(string(due[i].Cause)).Inc()
	}
	l.dueBatch.Observe(float64(len(due)))
}

// Proposed counts a proposal. took is the time until its fate was known.
func (l *leading) Proposed(refused bool, err error, took time.Duration) {
	fate := proposalApplied
	switch {
	case errors.Is(err, dkron.ErrNoLeader):
		fate = proposalNoLeader
	case err != nil:
		fate = proposalUnavailable
	case refused:
		fate = proposalRefused
	}
	l.proposals.WithLabelValues(fate).Inc()
	if err == nil {
		l.proposing.Observe(took.Seconds())
	}
}

// ClockJumped counts a step of the wall clock.
func (l *leading) ClockJumped() { l.jumps.Inc() }

// ClockDoubtful sets whether this server's clock is behind recorded times and differs from most servers'.
func (l *leading) ClockDoubtful(doubtful bool) {
	l.doubtful.Set(0)
	if doubtful {
		l.doubtful.Set(1)
	}
}

// CursorsBroughtBack counts jobs whose cursors were in the future.
func (l *leading) CursorsBroughtBack(jobs int) { l.rewound.Add(float64(jobs)) }

// RerunFailed counts a step of the reruns that failed.
func (l *leading) RerunFailed() { l.reruns.Inc() }

// Delivered counts what a call of a processor came to.
func (l *leading) Delivered(processor string, state dkron.DeliveryState) {
	l.deliveries.WithLabelValues(processor, resultOf(state)).Inc()
}

// Notified counts what an attempt to notify people came to.
func (l *leading) Notified(channel string, state dkron.DeliveryState) {
	l.notifications.WithLabelValues(channel, resultOf(state)).Inc()
}

// Messaged counts what an attempt to send a message of rules came to.
func (l *leading) Messaged(kind string, state dkron.MessageState) {
	if kind == "" {
		kind = "unknown"
	}
	l.messages.WithLabelValues(kind, resultOfMessage(state)).Inc()
}

func resultOfMessage(state dkron.MessageState) string {
	if state == dkron.MessageWaiting {
		return "retry"
	}
	return string(state)
}

func resultOf(state dkron.DeliveryState) string {
	if state == dkron.Undelivered {
		return "retry"
	}
	return string(state)
}

// SchedulerStalled counts due instants that stay due.
func (l *leading) SchedulerStalled(jobs int) { l.stalls.Add(float64(jobs)) }

// What follows is kept under names of v4 too.

// TermBegan counts a term of this server as the leader, which took so long to have all earlier commits applied.
func (m *Metrics) TermBegan(settled time.Duration) {
	m.terms.Inc()
	m.took(tookBarrier, settled, 1)
}

// TermEnded records how long the work of the leader took to end with its term.
func (m *Metrics) TermEnded(took time.Duration) { m.took(tookRevoke, took, 1) }

// Gathered counts the results recorded by one proposal, which took so long.
func (m *Metrics) Gathered(results []dkron.Result, took time.Duration) {
	m.leading.results.Add(float64(len(results)))
	m.leading.resultBatch.Observe(float64(len(results)))
	m.took(tookExecutionDone, took, len(results))
	for i := range results {
		if r := &results[i]; r.Outcome != dkron.Lost {
			m.took(tookClientAgentRun, r.FinishedAt.Sub(r.StartedAt), 1)
		}
	}
}

// SchedulerStarted counts a start of the scheduler with the given number of jobs, so long after the start of its term.
func (m *Metrics) SchedulerStarted(jobs int, took time.Duration) {
	m.schedulerStart.Inc()
	m.jobAdd.Add(float64(jobs))
	m.took(tookEstablish, took, 1)
}
