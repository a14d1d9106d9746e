package app

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// metrics returns what /metrics answers with, nil if it is off.
func (n *Node) metrics() http.Handler {
	if !n.cfg.EnablePrometheus {
		return nil
	}
	r := prometheus.NewRegistry()
	r.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	if s := n.server; s != nil {
		gauge := func(name, help string, value func() float64) {
			r.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Namespace: "dkron", Name: name, Help: help}, value))
		}
		gauge("jobs", "Jobs in the state.", func() float64 { return float64(s.state.Index().Len()) })
		gauge("raft_applied_index", "Index of the last log entry in the state.", func() float64 { return float64(s.consensus.Applied()) })
		gauge("raft_last_index", "Index of the last log entry.", func() float64 { return float64(s.consensus.LastIndex()) })
		gauge("leader", "1 if this server leads, else 0.", func() float64 {
			if s.Leads() == nil {
				return 1
			}
			return 0
		})
		gauge("nodes_attached", "Nodes that the leader has a stream to; 0 on other servers.", func() float64 { return float64(len(s.fleet.Live())) })
	}
	gauge := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Namespace: "dkron", Name: "executions_running", Help: "Executions that run on this node.",
	}, func() float64 { return float64(n.agent.Running()) })
	r.MustRegister(gauge)
	return promhttp.HandlerFor(r, promhttp.HandlerOpts{})
}
