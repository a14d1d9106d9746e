package telemetry

import (
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
)

// The library's own constant metrics make and check the labels of each value anew, which is most of a scrape's work with
// thousands of jobs. All values of a job share theirs here.

// sample is a value of a counter or a gauge at a scrape, a prometheus.Metric.
type sample struct {
	desc   *prometheus.Desc
	kind   prometheus.ValueType
	value  float64
	labels []*dto.LabelPair // in order of name, and never changed
}

func (s *sample) Desc() *prometheus.Desc { return s.desc }

func (s *sample) Write(out *dto.Metric) error {
	out.Label = s.labels
	if s.kind == prometheus.CounterValue {
		out.Counter = &dto.Counter{Value: &s.value}
	} else {
		out.Gauge = &dto.Gauge{Value: &s.value}
	}
	return nil
}

// sums is the values of a summary without quantiles, a prometheus.Metric.
type sums struct {
	desc   *prometheus.Desc
	n      uint64
	sum    float64
	labels []*dto.LabelPair
}

func (s *sums) Desc() *prometheus.Desc { return s.desc }

func (s *sums) Write(out *dto.Metric) error {
	out.Label = s.labels
	out.Summary = &dto.Summary{SampleCount: &s.n, SampleSum: &s.sum}
	return nil
}

func pair(name, value string) *dto.LabelPair { return &dto.LabelPair{Name: &name, Value: &value} }
