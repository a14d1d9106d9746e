package telemetry

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// httpTraffic is the requests to this node's API.
type httpTraffic struct {
	requests *prometheus.CounterVec
	answered *prometheus.HistogramVec
}

func newHTTPTraffic(m *Metrics) httpTraffic {
	return httpTraffic{
		requests: m.counters("dkron_http_requests_total", "HTTP requests answered, by route pattern, method and status.",
			"route", "method", "code"),
		answered: m.histograms("dkron_http_request_duration_seconds",
			"Time until an HTTP request was fully answered, including requests that wait or stream.",
			[]float64{0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60}, "route", "method"),
	}
}

// Requested counts a request. route is a pattern and method a known method: neither is the client's text.
func (h *httpTraffic) Requested(route, method string, status int, took time.Duration) {
	h.requests.WithLabelValues(route, method, strconv.Itoa(status)).Inc()
	h.answered.WithLabelValues(route, method).Observe(took.Seconds())
}
