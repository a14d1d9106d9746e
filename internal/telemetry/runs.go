package telemetry

import (
	"strconv"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"dkron"
)

const (
	// endingLimit is how many pairs of outcome and exit code a job has series for.
	endingLimit = 16
	// others is the label value of jobs and exit codes beyond the limits. No job has this name.
	others = "(other)"
)

// runs counts the executions of single jobs as they end. Unlike the counters of job.go it begins with the process: the
// state does not keep exit codes and durations of all that ever ran. The first JobLimit jobs have series of their own,
// and those that were deleted since lose them.
type runs struct {
	mu   sync.Mutex
	jobs map[uint64]*jobRuns // by number; 0 is all others
}

type ending struct {
	outcome dkron.Outcome
	code    string
}

type jobRuns struct {
	name  string
	ended map[ending]*uint64
	took  total
	late  total
}

type total struct {
	n   uint64
	sum float64 // seconds
}

func (t *total) add(seconds float64) {
	t.n++
	t.sum += max(0, seconds)
}

func (r *runs) of(e *dkron.Execution) *jobRuns {
	number, name := e.JobNumber, e.JobName
	j := r.jobs[number]
	if j == nil && len(r.jobs) >= JobLimit {
		number, name = 0, others
		j = r.jobs[number]
	}
	if j == nil {
		j = &jobRuns{name: name, ended: make(map[ending]*uint64, 1)}
		r.jobs[number] = j
	}
	return j
}

func (r *runs) count(list []*dkron.Execution) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, e := range list {
		r.add(e)
	}
}

func (r *runs) add(e *dkron.Execution) {
	how := ending{outcome: e.Outcome}
	if e.ExitCode != nil {
		how.code = strconv.FormatInt(e.ExitCode.Code, 10)
	}
	j := r.of(e)
	n := j.ended[how]
	if n == nil && how.code != "" && len(j.ended) >= endingLimit {
		how.code = others
		n = j.ended[how]
	}
	if n == nil {
		n = new(uint64)
		j.ended[how] = n
	}
	*n++
	if e.Outcome == dkron.Lost {
		return // its start is unknown
	}
	j.took.add(e.FinishedAt.Sub(e.StartedAt).Seconds())
	if e.Attempt <= 1 {
		j.late.add(e.StartedAt.Sub(e.Nominal).Seconds())
	}
}

var (
	jobExecutions = Series{
		Name: "dkron_job_executions_total", Type: Counter, Labels: []string{"job_name", "outcome", "exit_code"},
		Help: "Executions of the job that ended, each attempt, by outcome and exit code; the code is empty if there is none.",
	}
	jobDuration = Series{
		Name: "dkron_job_duration_seconds", Type: Summary, Labels: []string{"job_name"},
		Help: "How long executions of the job ran; without lost ones.",
	}
	jobDelay = Series{
		Name: "dkron_job_schedule_delay_seconds", Type: Summary, Labels: []string{"job_name"},
		Help: "Start minus due time of the job's first attempts; without lost ones.",
	}
	runSeries                           = []Series{jobExecutions, jobDuration, jobDelay}
	descExecutions, descTook, descDelay = jobExecutions.desc(), jobDuration.desc(), jobDelay.desc()
)

// runsCollector shows runs of the jobs that exist.
type runsCollector struct {
	*runs
	each func(func(Job) bool)
}

func (c runsCollector) Describe(out chan<- *prometheus.Desc) {
	for _, s := range runSeries {
		out <- s.desc()
	}
}

func (c runsCollector) Collect(out chan<- prometheus.Metric) {
	exist := map[uint64]bool{0: true}
	c.each(func(j Job) bool {
		exist[j.Number] = true
		return true
	})
	c.mu.Lock()
	defer c.mu.Unlock()
	for number, j := range c.jobs {
		if !exist[number] {
			delete(c.jobs, number)
			continue
		}
		name := pair("job_name", j.name)
		for how, n := range j.ended {
			labels := []*dto.LabelPair{pair("exit_code", how.code), name, pair("outcome", string(how.outcome))}
			out <- &sample{descExecutions, prometheus.CounterValue, float64(*n), labels}
		}
		labels := []*dto.LabelPair{name}
		out <- &sums{descTook, j.took.n, j.took.sum, labels}
		out <- &sums{descDelay, j.late.n, j.late.sum, labels}
	}
}
