package telemetry

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// snapshots measures writing the whole state out and reading it back.
type snapshots struct {
	written  prometheus.Histogram
	restored prometheus.Histogram
	size     prometheus.Gauge

	commits prometheus.Histogram
	entries prometheus.Histogram
}

var snapshotBuckets = []float64{0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300}

func newSnapshots(m *Metrics) snapshots {
	return snapshots{
		commits: m.histogram("dkron_state_commit_duration_seconds",
			"Time to apply a batch of log entries to the state, until they are on disk.", waits),
		entries:  m.histogram("dkron_state_commit_entries", "Log entries in one commit of the state.", sizes(1024)),
		written:  m.histogram("dkron_snapshot_duration_seconds", "Time to copy the state for another server.", snapshotBuckets),
		restored: m.histogram("dkron_snapshot_restore_duration_seconds", "Time to replace the state with a copy from another server.", snapshotBuckets),
		size:     m.gauge("dkron_snapshot_size_bytes", "Size of the last copy that this process made; 0 before the first."),
	}
}

// Committed records a commit of the state.
func (s *snapshots) Committed(entries int, took time.Duration) {
	s.commits.Observe(took.Seconds())
	s.entries.Observe(float64(entries))
}

// SnapshotWritten records a snapshot of the given size.
func (s *snapshots) SnapshotWritten(bytes int64, took time.Duration) {
	s.size.Set(float64(bytes))
	s.written.Observe(took.Seconds())
}

// SnapshotRestored records that a snapshot has replaced the state.
func (s *snapshots) SnapshotRestored(took time.Duration) { s.restored.Observe(took.Seconds()) }
