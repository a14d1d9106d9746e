package app

import (
	"net/http"
	"os"

	"dkron/internal/figures"
	"dkron/internal/limit"
	"dkron/internal/telemetry"
	"dkron/internal/trace"
)

// metricsHandler returns the handler of /metrics, nil if it is off.
func (n *Node) metricsHandler() http.Handler {
	if !n.cfg.EnablePrometheus {
		return nil
	}
	return n.metrics.Handler()
}

// openTelemetry prepares for what the settings send metrics and traces to. Nothing is counted before.
func (n *Node) openTelemetry() error {
	n.stops.add("metrics dump", n.metrics.DumpOnSignal(os.Stderr, n.log))
	var to []telemetry.StatsdConfig
	if n.cfg.StatsdAddr != "" {
		to = append(to, telemetry.StatsdConfig{Addr: n.cfg.StatsdAddr, Logger: n.log})
	}
	if n.cfg.DogStatsdAddr != "" {
		to = append(to, telemetry.StatsdConfig{Addr: n.cfg.DogStatsdAddr, Dog: true, Tags: n.cfg.DogStatsdTags, Logger: n.log})
	}
	n.stops.add("statsd", n.metrics.SendTo(to...))
	if err := n.metrics.TakeLibraries(); err != nil {
		return err
	}
	return n.openTracer()
}

// openTracer makes what exports traces, if the settings ask for it.
func (n *Node) openTracer() (err error) {
	n.tracer, err = trace.New(trace.Settings{
		Endpoint: n.cfg.OtelEndpoint, Environ: os.Environ(), Version: n.version, Node: n.cfg.NodeName, Page: n.cfg.OtelTraceURL,
		Cluster: func() string { return n.identity.Cluster() }, Logger: n.log,
	})
	if err != nil {
		return n.cfg.Problem("otel-endpoint", err.Error())
	}
	n.metrics.ReadSpans(n.tracer.Counts)
	n.stops.add("traces", n.tracer.Close)
	return nil
}

// exposeMetrics registers the metrics that are read from the rooms at each scrape.
func (n *Node) exposeMetrics() {
	node := figures.Node{
		Agent: n.agent, OutputBytes: n.outputs.Bytes, Load: n.meter.Load, Members: n.view.Count, Plugins: n.plugins.Plugins, RateRefused: n.rates.Refused,
		BodyBytes: n.guard.BodyBytes, Ports: map[string]func() limit.Usage{"http": n.guard.Connections, "rpc": n.rpc.Connections, "gossip": n.gossip.Connections},
	}
	node.Show(n.metrics)
	if n.server != nil {
		server := figures.Server{Log: n.server.raft, Live: n.server.fleet.Live, State: n.server.state}
		server.Show(n.metrics)
	}
	n.stops.add("metrics push", n.metrics.Push(n.leads))
}

// leads reports whether this node is a server that leads.
func (n *Node) leads() bool { return n.server != nil && n.server.raft.Leads() == nil }
