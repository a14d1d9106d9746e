package telemetry

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"dkron"
)

func ranJob(number uint64, outcome dkron.Outcome, code int64) *dkron.Execution {
	e := ended(outcome, 1, 20*time.Millisecond, 2*time.Second)
	e.JobName, e.JobNumber, e.ExitCode = fmt.Sprintf("job-%d", number), number, &dkron.ExitCode{Code: code}
	return e
}

func TestAJobsOutcomesExitCodesAndTimesAreCountedUntilItIsDeleted(t *testing.T) {
	m, f := NewMetrics("devel"), &fleet{{Name: "job-1", Number: 1, Running: 2}, {Name: "job-2", Number: 2}}
	m.ReadJobs(f.each)
	lost := ranJob(1, dkron.Lost, 0)
	lost.ExitCode = nil
	m.ExecutionsEnded([]*dkron.Execution{ranJob(1, dkron.Success, 0), ranJob(1, dkron.Failed, 3), ranJob(1, dkron.Failed, 3), lost, ranJob(2, dkron.Failed, 3)})
	m.want(t,
		`dkron_job_executions_total{exit_code="0",job_name="job-1",outcome="success"} 1`, `dkron_job_executions_total{exit_code="3",job_name="job-1",outcome="failed"} 2`,
		`dkron_job_executions_total{exit_code="",job_name="job-1",outcome="lost"} 1`, `dkron_job_duration_seconds_sum{job_name="job-1"} 6`,
		`dkron_job_duration_seconds_count{job_name="job-1"} 3`, `dkron_job_schedule_delay_seconds_sum{job_name="job-1"} 0.06`,
		`dkron_job_running{job_name="job-1"} 2`)
	*f = fleet{{Name: "job-1", Number: 3}} // deleted, and created again
	if text := scrape(t, m); strings.Contains(text, `outcome="failed"} 2`) || strings.Contains(text, "job-2") {
		t.Error("a deleted job has series")
	}
}

func TestWhatJobsDoHasABoundedNumberOfSeries(t *testing.T) {
	m, f := NewMetrics("devel"), new(fleet)
	m.ReadJobs(f.each)
	for i := range uint64(JobLimit + 50) {
		*f = append(*f, Job{Name: fmt.Sprintf("job-%d", i+1), Number: i + 1})
		m.ExecutionsEnded([]*dkron.Execution{ranJob(i+1, dkron.Success, 0)})
	}
	for code := range int64(300) {
		m.ExecutionsEnded([]*dkron.Execution{ranJob(1, dkron.Failed, code)})
	}
	text := scrape(t, m)
	if n := strings.Count(text, "\ndkron_job_executions_total{"); n > JobLimit+1+endingLimit+1 {
		t.Errorf("%d series", n)
	}
	m.want(t, `dkron_job_executions_total{exit_code="0",job_name="(other)",outcome="success"} 50`, `dkron_job_duration_seconds_count{job_name="(other)"} 50`,
		`dkron_job_executions_total{exit_code="(other)",job_name="job-1",outcome="failed"} 285`)
}

func TestLaunchesThatWaitedAreMeasured(t *testing.T) {
	m := NewMetrics("devel")
	m.LaunchesEnded([]*dkron.Launch{
		{State: dkron.LaunchSuccess, Nodes: 1, CreatedAt: noon, ReadyAt: noon.Add(3 * time.Second)},
		{State: dkron.LaunchSkipped, CreatedAt: noon},
	})
	m.want(t, `dkron_launch_wait_seconds_count 1`, `dkron_launch_wait_seconds_sum 3`)
}

func BenchmarkExecutionsEnded(b *testing.B) {
	m := NewMetrics("devel")
	list := []*dkron.Execution{ranJob(1, dkron.Success, 0)}
	b.ReportAllocs()
	for b.Loop() {
		m.ExecutionsEnded(list)
	}
}
