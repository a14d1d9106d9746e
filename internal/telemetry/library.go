package telemetry

import (
	"fmt"
	"time"

	gometrics "github.com/hashicorp/go-metrics"
	sink "github.com/hashicorp/go-metrics/prometheus"
)

// TakeLibraries adds the series of the libraries for Raft and gossip, as dkron_raft_…, dkron_serf_…
// and dkron_memberlist_…. The libraries know one sink per process, so the last caller has them. Host names are left
// out, and nothing expires: a counter that vanishes when nothing happens can't be watched.
func (m *Metrics) TakeLibraries() error {
	s, err := sink.NewPrometheusSinkFrom(sink.PrometheusOpts{Registerer: m.libraries, Name: "dkron_libraries"})
	if err != nil {
		return fmt.Errorf("metrics of libraries: %w", err)
	}
	sinks := gometrics.FanoutSink{s}
	for _, to := range m.sinks {
		sinks = append(sinks, to)
	}
	_, err = gometrics.NewGlobal(&gometrics.Config{
		ServiceName: "dkron", FilterDefault: true, TimerGranularity: time.Millisecond,
	}, sinks)
	if err != nil {
		return fmt.Errorf("metrics of libraries: %w", err)
	}
	return nil
}
