package telemetry

import (
	"container/list"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"dkron"
)

// commandLimit is how many jobs have series of their commands on one node. The job that has not run for the longest time goes first.
const commandLimit = 1000

// noCode is the exit code in the series of a command that has none: it was ended by a signal. Go's is the same.
const noCode = -1

// The series that v4 documents of the executor shell, and does not show. Each node has those of what ran there.
var (
	commandCPU = Series{
		Name: "dkron_job_cpu_usage", Type: Gauge, Labels: []string{"job_name"}, Legacy: true,
		Help: "CPU time of the last command of the job that ended on this node, in seconds; absent if its executor does not measure it.",
	}
	commandMemory = Series{
		Name: "dkron_job_mem_usage_bytes", Type: Gauge, Labels: []string{"job_name"}, Legacy: true,
		Help: "Most resident memory of the last command of the job that ended on this node; absent if it was over before it could be measured.",
	}
	commandTime = Series{
		Name: "dkron_job_execution_time_seconds", Type: Gauge, Labels: []string{"job_name"}, Legacy: true,
		Help: "How long the last command of the job that ended on this node ran.",
	}
	commandCode = Series{
		Name: "dkron_job_exit_code", Type: Gauge, Labels: []string{"job_name"}, Legacy: true,
		Help: "Exit code of the last command of the job that ended on this node; -1 if a signal ended it.",
	}
	commandsDone = Series{
		Name: "dkron_job_execution_done_count", Type: Counter, Labels: []string{"job_name", "exit_code"}, Legacy: true,
		Help: "Commands of the job that ended on this node, by exit code; -1 if a signal ended them.",
	}
	commandSeries                                             = []Series{commandCPU, commandMemory, commandTime, commandCode, commandsDone}
	descCPU, descMemory, descTime, descCode, descCommandsDone = commandCPU.desc(), commandMemory.desc(), commandTime.desc(), commandCode.desc(), commandsDone.desc()
)

// commands is how the commands that ended on this node ended, and what they took as far as their executors measure that.
type commands struct {
	mu   sync.Mutex // guards the rest
	jobs map[string]*list.Element
	used *list.List // of *command; the job that ran last is in front
}

// command is the last one of a job, and how often each exit code came.
type command struct {
	job   string
	usage dkron.Usage
	took  time.Duration
	code  int64
	done  map[string]uint64
}

func newCommands(m *Metrics) *commands {
	c := &commands{jobs: make(map[string]*list.Element), used: list.New()}
	m.registry.MustRegister(c)
	m.catalog = append(m.catalog, commandSeries...)
	return c
}

// ended takes in a result. One without exit code and usage is of no command, or of one that did not start.
func (c *commands) ended(r *dkron.Result, took time.Duration) {
	if r.ExitCode == nil && r.Usage == nil || r.Outcome == dkron.Lost {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	at := c.jobs[r.JobName]
	if at == nil {
		if len(c.jobs) >= commandLimit {
			oldest := c.used.Remove(c.used.Back()).(*command)
			delete(c.jobs, oldest.job)
		}
		at = c.used.PushFront(&command{job: r.JobName, done: make(map[string]uint64, 1)})
		c.jobs[r.JobName] = at
	}
	c.used.MoveToFront(at)
	j := at.Value.(*command)
	j.usage, j.took, j.code = dkron.Usage{}, took, noCode
	if r.Usage != nil {
		j.usage = *r.Usage
	}
	if r.ExitCode != nil {
		j.code = r.ExitCode.Code
	}
	code := strconv.FormatInt(j.code, 10)
	if _, known := j.done[code]; !known && len(j.done) >= endingLimit {
		code = others
	}
	j.done[code]++
}

// Describe is for the registry.
func (c *commands) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{descCPU, descMemory, descTime, descCode, descCommandsDone} {
		out <- d
	}
}

// Collect is for the registry.
func (c *commands) Collect(out chan<- prometheus.Metric) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for name, at := range c.jobs {
		j := at.Value.(*command)
		gauge := func(d *prometheus.Desc, value float64) {
			out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, name)
		}
		if j.usage.CPU > 0 || j.usage.MaxRSS > 0 {
			gauge(descCPU, j.usage.CPU.Seconds())
		}
		if j.usage.MaxRSS > 0 {
			gauge(descMemory, float64(j.usage.MaxRSS))
		}
		gauge(descTime, j.took.Seconds())
		gauge(descCode, float64(j.code))
		for code, n := range j.done {
			out <- prometheus.MustNewConstMetric(descCommandsDone, prometheus.CounterValue, float64(n), name, code)
		}
	}
}
