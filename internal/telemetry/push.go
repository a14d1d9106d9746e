package telemetry

import (
	"context"
	"math"
	"slices"
	"strings"
	"sync"
	"time"

	dto "github.com/prometheus/client_model/go"
)

// pushEvery is how often what is counted here is sent. Counting itself sends nothing, so it costs nothing more.
const pushEvery = 10 * time.Second

// SendTo prepares for statsd servers. Times under the names of earlier versions, and all that the libraries measure, are
// sent as they happen; Push sends the rest. It must be called before anything is counted, and before TakeLibraries. The
// caller calls stop, which sends what is queued.
func (m *Metrics) SendTo(servers ...StatsdConfig) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	for _, cfg := range servers {
		s := newStatsd(cfg)
		m.sinks = append(m.sinks, s)
		running.Go(func() { s.run(ctx) })
	}
	m.Read(func() ([]float64, error) {
		n := uint64(0)
		for _, s := range m.sinks {
			n += s.dropped.Load()
		}
		return []float64{float64(n)}, nil
	}, Series{
		Name: "dkron_statsd_dropped_total", Type: Counter,
		Help: "Values that this node did not send to statsd servers, because these could not be reached or were too slow.",
	})
	return func() {
		cancel()
		running.Wait()
	}
}

// Push sends what is counted and measured here to the servers of SendTo: counters as increases, gauges as they are, and
// histograms as the increases of their count and sum, with three quantiles of what came since the last time. What every
// server counts for the whole cluster is sent only while leads returns true: receivers add up what nodes send. The
// caller calls stop, which pushes once more.
func (m *Metrics) Push(leads func() bool) (stop func()) {
	if len(m.sinks) == 0 {
		return func() {}
	}
	p := newPusher(m, leads)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(pushEvery)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				p.push()
			case <-ctx.Done():
				p.push()
				return
			}
		}
	}()
	return func() {
		cancel()
		<-ended
	}
}

// ofCluster is how names of what every server counts for the whole cluster begin.
var ofCluster = []string{
	"dkron_job", "dkron_launch", "dkron_executions_total", "dkron_executions_open", "dkron_execution_", "dkron_missed_", "dkron_rerun_launches_",
	"dkron_reruns_", "dkron_history_", "dkron_deliveries_pending", "dkron_notifications_pending",
}

// isOfCluster reports whether every server counts the series of a name. Those of commands have the names of v4, and are of one node.
func isOfCluster(name string) bool {
	return slices.ContainsFunc(ofCluster, func(prefix string) bool { return strings.HasPrefix(name, prefix) }) &&
		!slices.ContainsFunc(commandSeries, func(s Series) bool { return s.Name == name })
}

// pusher knows what was sent last.
type pusher struct {
	m        *Metrics
	leads    func() bool
	last     map[string]float64
	lastHist map[string][]uint64
}

// emitter is given a value to send.
type emitter func(name string, value float64, k kind, labels []label)

func newPusher(m *Metrics, leads func() bool) *pusher {
	p := &pusher{m: m, leads: leads, last: make(map[string]float64), lastHist: make(map[string][]uint64)}
	p.read(func(string, float64, kind, []label) {}) // counters that are read from the state do not begin at 0
	return p
}

func (p *pusher) push() {
	p.read(func(name string, value float64, k kind, labels []label) {
		for _, s := range p.m.sinks {
			s.send(name, value, k, labels...)
		}
	})
}

// read calls emit with what is to be sent now. What can't be read is left out, as from a scrape.
func (p *pusher) read(emit emitter) {
	leads := p.leads()
	families, _ := p.m.registry.Gather()
	seen := make(map[string]bool, len(p.last))
	for _, f := range families {
		name := f.GetName()
		if !strings.HasPrefix(name, "dkron_") { // of the Go runtime: they say nothing of jobs
			continue
		}
		to := emit
		if !leads && isOfCluster(name) {
			to = func(string, float64, kind, []label) {}
		}
		for _, x := range f.Metric {
			labels, key := labelled(name, x)
			seen[key] = true
			switch {
			case x.Counter != nil:
				p.increase(key, dotted(name), x.Counter.GetValue(), labels, to)
			case x.Gauge != nil:
				to(dotted(name), x.Gauge.GetValue(), lineGauge, labels)
			case x.Histogram != nil:
				p.histogram(key, dotted(name), x.Histogram, labels, to)
			case strings.HasPrefix(name, "dkron_job_"): // other summaries are sent as they happen
				p.sums(key, dotted(name), x.Summary.GetSampleCount(), x.Summary.GetSampleSum(), labels, to)
			}
		}
	}
	for key := range p.last { // of jobs that are gone
		if base, _, _ := strings.Cut(key, "\x01"); !seen[base] {
			delete(p.last, key)
			delete(p.lastHist, base)
		}
	}
}

func (p *pusher) increase(key, name string, now float64, labels []label, emit emitter) {
	by := now - p.last[key]
	if by < 0 { // it began again
		by = now
	}
	p.last[key] = now
	if by > 0 {
		emit(name, by, lineCounter, labels)
	}
}

func (p *pusher) sums(key, name string, count uint64, sum float64, labels []label, emit emitter) {
	p.increase(key+"\x01count", name+".count", float64(count), labels, emit)
	p.increase(key+"\x01sum", name+".sum", sum, labels, emit)
}

func (p *pusher) histogram(key, name string, h *dto.Histogram, labels []label, emit emitter) {
	p.sums(key, name, h.GetSampleCount(), h.GetSampleSum(), labels, emit)
	before := p.lastHist[key]
	counts, bounds := make([]uint64, 0, len(h.Bucket)+1), make([]float64, 0, len(h.Bucket))
	for _, b := range h.Bucket {
		if math.IsInf(b.GetUpperBound(), 1) {
			continue
		}
		counts, bounds = append(counts, b.GetCumulativeCount()), append(bounds, b.GetUpperBound())
	}
	counts = append(counts, h.GetSampleCount())
	p.lastHist[key] = counts
	news := make([]uint64, len(counts))
	for i := range counts {
		news[i] = counts[i]
		if len(before) == len(counts) && before[len(before)-1] <= counts[len(counts)-1] {
			news[i] -= before[i]
		}
	}
	if news[len(news)-1] == 0 {
		return
	}
	for _, q := range []struct {
		name string
		at   float64
	}{{".p50", 0.5}, {".p90", 0.9}, {".p99", 0.99}} {
		emit(name+q.name, quantile(q.at, bounds, news), lineGauge, labels)
	}
}

// quantile estimates a quantile from cumulative counts, linearly within a bucket, as Prometheus does. Beyond the last
// bound it is that bound.
func quantile(q float64, bounds []float64, counts []uint64) float64 {
	rank := q * float64(counts[len(counts)-1])
	below, low := 0.0, 0.0
	for i, bound := range bounds {
		if n := float64(counts[i]); n >= rank {
			if n == below {
				return bound
			}
			return low + (bound-low)*(rank-below)/(n-below)
		}
		below, low = float64(counts[i]), bound
	}
	return low
}

func labelled(name string, x *dto.Metric) (labels []label, key string) {
	var b strings.Builder
	b.WriteString(name)
	for _, l := range x.Label {
		labels = append(labels, label{l.GetName(), l.GetValue()})
		b.WriteByte(0)
		b.WriteString(l.GetValue())
	}
	return labels, b.String()
}

// rooms is the first parts of names that statsd has with a dot after them, the longest first.
var rooms = []string{"agent_event_received_", "dkron_leader_", "agent_", "grpc_", "scheduler_", "runtime_", "job_", "raft_", "execution_", "http_"}

// dotted returns the name of a series as statsd has it.
func dotted(name string) string {
	rest, ours := strings.CutPrefix(name, "dkron_")
	if !ours {
		return name
	}
	for _, r := range rooms {
		if tail, ok := strings.CutPrefix(rest, r); ok {
			head := strings.TrimSuffix(r, "_")
			if first, second, two := strings.Cut(head, "_"); two {
				head = first + "." + second
			}
			return "dkron." + head + "." + tail
		}
	}
	return "dkron." + rest
}
