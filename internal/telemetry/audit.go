package telemetry

import "github.com/prometheus/client_golang/prometheus"

// auditing counts what becomes of records of the audit.
type auditing struct {
	refused prometheus.Counter
	lost    prometheus.Counter
	written *prometheus.CounterVec
	failed  *prometheus.CounterVec
	dropped *prometheus.CounterVec
}

func newAuditing(m *Metrics) auditing {
	a := auditing{
		refused: m.counter("dkron_audit_refusals_total",
			"Requests that this server refused because a secret was wrong or the client may not make them. Those that are alike share a record of the audit."),
		lost: m.counter("dkron_audit_lost_total", "Records of the audit that only this server had and that it could not write to its disk."),
		written: m.counters("dkron_audit_written_total",
			"Records of the audit that this server wrote to a target of its settings: file, syslog.", "target"),
		failed: m.counters("dkron_audit_write_failures_total", "Times that this server could not write records of the audit to a target; it tries again.", "target"),
		dropped: m.counters("dkron_audit_dropped_total",
			"Records of the audit that a target never got: they made way for newer ones before it took them.", "target"),
	}
	for _, target := range []string{"file", "syslog"} {
		a.written.WithLabelValues(target)
		a.failed.WithLabelValues(target)
		a.dropped.WithLabelValues(target)
	}
	return a
}

// AuditRefused counts a request that was refused.
func (a *auditing) AuditRefused() { a.refused.Inc() }

// AuditLost counts a record that could not be written to this server's disk.
func (a *auditing) AuditLost() { a.lost.Inc() }

// AuditWritten counts records that a target has.
func (a *auditing) AuditWritten(target string, records int) {
	a.written.WithLabelValues(target).Add(float64(records))
}

// AuditFailed counts a failed attempt to write to a target.
func (a *auditing) AuditFailed(target string) { a.failed.WithLabelValues(target).Inc() }

// AuditDropped counts records that a target never gets.
func (a *auditing) AuditDropped(target string, records int) {
	a.dropped.WithLabelValues(target).Add(float64(records))
}
