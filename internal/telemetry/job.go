package telemetry

import (
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
)

// JobLimit is how many jobs have series of their own. More would make each scrape slow and fill the scraper's database.
// The same jobs must be chosen at every scrape, so it is the oldest ones.
const JobLimit = 5000

// Job is the data for a job's own series.
type Job struct {
	Name        string
	Number      uint64 // in order of creation
	Succeeded   uint64
	Failed      uint64
	Stopped     uint64 // part of Failed
	Running     uint64 // launches that have not ended
	LastSuccess time.Time
}

// The counters show the state, not what this process saw. So a restart neither loses nor repeats anything, a deleted
// job leaves nothing, and applying the log counts nothing.
var (
	jobSucceeded = Series{
		Name: "dkron_job_executions_succeeded_total", Type: Counter, Labels: []string{"job_name"},
		Help: "Executions of the job that succeeded since it was created or its history was cleared.",
	}
	jobFailed = Series{
		Name: "dkron_job_executions_failed_total", Type: Counter, Labels: []string{"job_name"},
		Help: "Executions of the job that did not succeed, each attempt, since it was created or its history was cleared.",
	}
	jobStopped = Series{
		Name: "dkron_job_executions_stopped_total", Type: Counter, Labels: []string{"job_name"},
		Help: "Part of dkron_job_executions_failed_total: executions that were stopped on request or replaced by a newer launch.",
	}
	jobLastSuccess = Series{
		Name: "dkron_job_last_success_timestamp_seconds", Type: Gauge, Labels: []string{"job_name"},
		Help: "Unix time of the job's last successful execution; absent if there is none.",
	}
	jobRunning = Series{
		Name: "dkron_job_running", Type: Gauge, Labels: []string{"job_name"},
		Help: "Launches of the job that have not ended: running, queued, or waiting for a node or a retry.",
	}
	jobsOmitted = Series{
		Name: "dkron_jobs_without_series", Type: Gauge,
		Help: "Jobs without series of their own: all but the oldest 5000.",
	}
)

// ReadJobs registers the series of each job. each calls its argument for all jobs until it returns false.
func (m *Metrics) ReadJobs(each func(func(Job) bool)) {
	m.register(&jobs{each: each, limit: JobLimit}, jobSucceeded)
	m.catalog = append(m.catalog, jobFailed, jobStopped, jobLastSuccess, jobRunning, jobsOmitted)
	m.registry.MustRegister(runsCollector{m.runs, each})
	m.catalog = append(m.catalog, runSeries...)
}

type jobs struct {
	each  func(func(Job) bool)
	limit int
}

var (
	descSucceeded   = jobSucceeded.desc()
	descFailed      = jobFailed.desc()
	descStopped     = jobStopped.desc()
	descLastSuccess = jobLastSuccess.desc()
	descRunning     = jobRunning.desc()
	descOmitted     = jobsOmitted.desc()
)

func (c *jobs) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{descSucceeded, descFailed, descStopped, descLastSuccess, descRunning, descOmitted} {
		out <- d
	}
}

func (c *jobs) Collect(out chan<- prometheus.Metric) {
	list, omitted := c.choose()
	for i := range list {
		j := &list[i]
		labels := []*dto.LabelPair{pair("job_name", j.Name)}
		samples := [...]sample{
			{descSucceeded, prometheus.CounterValue, float64(j.Succeeded), labels},
			{descFailed, prometheus.CounterValue, float64(j.Failed), labels},
			{descStopped, prometheus.CounterValue, float64(j.Stopped), labels},
			{descRunning, prometheus.GaugeValue, float64(j.Running), labels},
			{descLastSuccess, prometheus.GaugeValue, float64(j.LastSuccess.UnixMilli()) / 1000, labels},
		}
		shown := len(samples)
		if j.LastSuccess.IsZero() {
			shown--
		}
		for i := range shown {
			out <- &samples[i]
		}
	}
	out <- prometheus.MustNewConstMetric(descOmitted, prometheus.GaugeValue, float64(omitted))
}

// choose returns the jobs that have series, and how many have none. It sends nothing on the way: the caller of each
// holds a lock.
func (c *jobs) choose() (chosen []Job, omitted int) {
	var numbers []uint64
	c.each(func(j Job) bool {
		numbers = append(numbers, j.Number)
		return true
	})
	last := ^uint64(0)
	if len(numbers) > c.limit {
		omitted = len(numbers) - c.limit
		slices.Sort(numbers)
		last = numbers[c.limit-1]
	}
	chosen = make([]Job, 0, len(numbers)-omitted)
	c.each(func(j Job) bool {
		if j.Number <= last {
			chosen = append(chosen, j)
		}
		return true
	})
	return chosen, omitted
}
