package telemetry

import "github.com/prometheus/client_golang/prometheus"

// addresses counts what happens because nodes come back at other addresses.
type addresses struct {
	moved     prometheus.Counter
	corrected prometheus.Counter
	searches  *prometheus.CounterVec
}

// Outcomes of a search.
const (
	searchFound   = "found"
	searchNothing = "nothing"
)

func newAddresses(m *Metrics) addresses {
	a := addresses{
		moved: m.counter("dkron_raft_servers_moved_total", "Times that this server reached another one at a new address."),
		corrected: m.counter("dkron_raft_addresses_corrected_total",
			"Times that this server, as the leader, corrected the address of a server in Raft's configuration."),
		searches: m.counters("dkron_searches_total",
			"Times that this node looked for others because something was missing, by outcome.", "outcome"),
	}
	for _, o := range []string{searchFound, searchNothing} {
		a.searches.WithLabelValues(o)
	}
	return a
}

// ServerMoved counts a server that was reached at a new address.
func (a *addresses) ServerMoved() { a.moved.Inc() }

// AddressCorrected counts an address that was corrected in Raft's configuration.
func (a *addresses) AddressCorrected() { a.corrected.Inc() }

// Searched counts an attempt to find other nodes.
func (a *addresses) Searched(found bool) {
	outcome := searchNothing
	if found {
		outcome = searchFound
	}
	a.searches.WithLabelValues(outcome).Inc()
}
