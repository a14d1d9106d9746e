package telemetry

import (
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/prometheus/common/expfmt"
)

// Types of series.
const (
	Gauge     = "gauge"
	Counter   = "counter"
	Histogram = "histogram"
	Summary   = "summary"
)

// Series describes the series of one name. Times are in seconds and sizes in bytes, except under the names of earlier
// versions of this API, which keep their units.
type Series struct {
	Name   string
	Type   string
	Labels []string
	Help   string
	Legacy bool // the name is given by v4 or a library
}

func (s Series) desc() *prometheus.Desc { return prometheus.NewDesc(s.Name, s.Help, s.Labels, nil) }

func (s Series) kind() prometheus.ValueType {
	if s.Type == Counter {
		return prometheus.CounterValue
	}
	return prometheus.GaugeValue
}

// Metrics is what one node counts and measures. Events are counted by its methods, which are cheap and safe for
// concurrent use; values that exist elsewhere are read at each scrape by the functions given to Read.
//
// No series has a host's name, and no label has a value that a client can invent: the number of series is bounded.
type Metrics struct {
	registry  *prometheus.Registry
	libraries *prometheus.Registry // what the libraries for Raft and gossip count
	catalog   []Series
	sinks     []*statsd

	ledger
	leading
	httpTraffic
	snapshots
	local
	auditing
	addresses
	legacy
}

// NewMetrics returns metrics with a registry of their own. Nothing is served until Handler's result is.
func NewMetrics(version string) *Metrics {
	m := &Metrics{registry: prometheus.NewRegistry(), libraries: prometheus.NewRegistry()}
	m.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.registry.MustRegister(runtimeCollector{})
	m.catalog = append(m.catalog, runtimeSeries...)
	m.ledger = newLedger(m)
	m.leading = newLeading(m)
	m.httpTraffic = newHTTPTraffic(m)
	m.snapshots = newSnapshots(m)
	m.local = newLocal(m)
	m.auditing = newAuditing(m)
	m.addresses = newAddresses(m)
	m.legacy = newLegacy(m)
	m.ReadLabelled(Series{
		Name: "dkron_build_info", Type: Gauge, Labels: []string{"version"}, Help: "Always 1; the label is the version of the binary.",
	}, func(add func(float64, ...string)) { add(1, version) })
	return m
}

// Catalog returns all series of this registry that are described here, in order of name, without those of the Go
// runtime and of the libraries for Raft and gossip.
func (m *Metrics) Catalog() []Series {
	return slices.SortedFunc(slices.Values(m.catalog), func(a, b Series) int { return strings.Compare(a.Name, b.Name) })
}

// Handler serves all series in Prometheus' text format. A series that can't be read is left out.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.all(), promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError, DisableCompression: true})
}

func (m *Metrics) all() prometheus.Gatherers { return prometheus.Gatherers{m.registry, m.libraries} }

// Dump writes all series to w in the same format.
func (m *Metrics) Dump(w io.Writer) error {
	families, err := m.all().Gather()
	if len(families) == 0 {
		return err
	}
	for _, f := range families {
		if _, err := expfmt.MetricFamilyToText(w, f); err != nil {
			return err
		}
	}
	return nil
}

// Read registers series without labels whose values are read together: read returns one value each, in the same order.
// If it fails, the series are left out of that scrape.
func (m *Metrics) Read(read func() ([]float64, error), series ...Series) {
	m.catalog = append(m.catalog, series...)
	r := &reader{read: read}
	for _, s := range series {
		r.descs = append(r.descs, s.desc())
		r.kinds = append(r.kinds, s.kind())
	}
	m.registry.MustRegister(r)
}

// ReadLabelled registers a series with labels. read calls add with each value and its labels' values.
func (m *Metrics) ReadLabelled(s Series, read func(add func(value float64, labels ...string))) {
	m.readRows([]Series{s}, func(add func([]float64, ...string)) {
		read(func(value float64, labels ...string) { add([]float64{value}, labels...) })
	})
}

// readRows registers series whose values are read together. read calls add with one value for each series, and the labels' values.
// Series may have only the first of the labels.
func (m *Metrics) readRows(series []Series, read func(add func(values []float64, labels ...string))) {
	m.catalog = append(m.catalog, series...)
	r := &rowReader{read: read}
	for _, s := range series {
		r.descs = append(r.descs, s.desc())
		r.kinds = append(r.kinds, s.kind())
		r.labels = append(r.labels, len(s.Labels))
	}
	m.registry.MustRegister(r)
}

type reader struct {
	read  func() ([]float64, error)
	descs []*prometheus.Desc
	kinds []prometheus.ValueType
}

func (r *reader) Describe(out chan<- *prometheus.Desc) {
	for _, d := range r.descs {
		out <- d
	}
}

func (r *reader) Collect(out chan<- prometheus.Metric) {
	values, err := r.read()
	for i, d := range r.descs {
		if err != nil {
			out <- prometheus.NewInvalidMetric(d, err)
			continue
		}
		out <- prometheus.MustNewConstMetric(d, r.kinds[i], values[i])
	}
}

type rowReader struct {
	read   func(add func(values []float64, labels ...string))
	descs  []*prometheus.Desc
	kinds  []prometheus.ValueType
	labels []int // how many each has
}

func (r *rowReader) Describe(out chan<- *prometheus.Desc) {
	for _, d := range r.descs {
		out <- d
	}
}

func (r *rowReader) Collect(out chan<- prometheus.Metric) {
	r.read(func(values []float64, labels ...string) {
		for i, d := range r.descs {
			out <- prometheus.MustNewConstMetric(d, r.kinds[i], values[i], labels[:r.labels[i]]...)
		}
	})
}

// What follows makes and registers the series that count events.

func (m *Metrics) counter(name, help string) prometheus.Counter {
	c := prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help})
	m.register(c, Series{Name: name, Type: Counter, Help: help})
	return c
}

func (m *Metrics) counters(name, help string, labels ...string) *prometheus.CounterVec {
	c := prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
	m.register(c, Series{Name: name, Type: Counter, Labels: labels, Help: help})
	return c
}

func (m *Metrics) gauge(name, help string) prometheus.Gauge {
	g := prometheus.NewGauge(prometheus.GaugeOpts{Name: name, Help: help})
	m.register(g, Series{Name: name, Type: Gauge, Help: help})
	return g
}

func (m *Metrics) histogram(name, help string, buckets []float64) prometheus.Histogram {
	h := prometheus.NewHistogram(prometheus.HistogramOpts{Name: name, Help: help, Buckets: buckets})
	m.register(h, Series{Name: name, Type: Histogram, Help: help})
	return h
}

func (m *Metrics) histograms(name, help string, buckets []float64, labels ...string) *prometheus.HistogramVec {
	h := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: name, Help: help, Buckets: buckets}, labels)
	m.register(h, Series{Name: name, Type: Histogram, Labels: labels, Help: help})
	return h
}

func (m *Metrics) register(c prometheus.Collector, s Series) {
	m.registry.MustRegister(c)
	m.catalog = append(m.catalog, s)
}
