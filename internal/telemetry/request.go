package telemetry

import "time"

// legacyRequests is the legacy summary of each request that has one, by the request's name.
var legacyRequests = map[string]string{
	"SetJob":          tookSetJob,
	"ToggleJob":       tookSetJob,
	"DeleteJob":       tookDeleteJob,
	"ClearExecutions": tookDeleteExecutions,
}

// RequestDone counts a request that this server did or refused as the leader, by the request's name, and how long that
// took.
func (m *Metrics) RequestDone(name string, took time.Duration, ok bool) {
	m.requesting.WithLabelValues(name).Observe(took.Seconds())
	summary := legacyRequests[name]
	if summary == "" {
		return
	}
	m.took(summary, took, 1)
	switch {
	case ok && summary == tookSetJob:
		m.jobAdd.Inc()
	case ok && summary == tookDeleteJob:
		m.jobDelete.Inc()
	}
}
