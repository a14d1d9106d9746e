package telemetry

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"dkron"
)

func ranCommand(job string, outcome dkron.Outcome, code *dkron.ExitCode, usage *dkron.Usage) *dkron.Result {
	return &dkron.Result{JobName: job, Outcome: outcome, ExitCode: code, Usage: usage, StartedAt: noon, FinishedAt: noon.Add(1500 * time.Millisecond)}
}

func TestTheLastCommandOfAJobAndItsExitCodesAreShown(t *testing.T) {
	m := NewMetrics("devel")
	used := &dkron.Usage{CPU: 250 * time.Millisecond, MaxRSS: 4096}
	m.RanHere(ranCommand("backup", dkron.Success, &dkron.ExitCode{}, used))
	m.RanHere(ranCommand("backup", dkron.Failed, &dkron.ExitCode{Code: 3}, used))
	m.RanHere(ranCommand("killed", dkron.TimedOut, nil, &dkron.Usage{CPU: time.Second}))
	m.RanHere(ranCommand("contained", dkron.Failed, &dkron.ExitCode{Code: 4}, &dkron.Usage{MemoryLimit: 1 << 30}))
	m.RanHere(ranCommand("call", dkron.Failed, nil, nil))                         // no command
	m.RanHere(ranCommand("gone", dkron.Lost, nil, &dkron.Usage{MaxRSS: 1 << 20})) // nobody saw its end
	m.want(t,
		`dkron_job_cpu_usage{job_name="backup"} 0.25`, `dkron_job_mem_usage_bytes{job_name="backup"} 4096`, `dkron_job_execution_time_seconds{job_name="backup"} 1.5`,
		`dkron_job_exit_code{job_name="backup"} 3`, `dkron_job_execution_done_count{exit_code="0",job_name="backup"} 1`,
		`dkron_job_execution_done_count{exit_code="3",job_name="backup"} 1`, `dkron_job_exit_code{job_name="killed"} -1`, `dkron_job_exit_code{job_name="contained"} 4`,
		`dkron_job_execution_done_count{exit_code="-1",job_name="killed"} 1`)
	for _, not := range []string{`dkron_job_mem_usage_bytes{job_name="killed"}`, `dkron_job_cpu_usage{job_name="contained"}`, `"call"`, `"gone"`} {
		if strings.Contains(scrape(t, m), not) {
			t.Errorf("%s is shown", not)
		}
	}
}

func TestCommandsHaveABoundedNumberOfSeries(t *testing.T) {
	m := NewMetrics("devel")
	for i := range int64(commandLimit + 50) {
		m.RanHere(ranCommand(fmt.Sprintf("job-%d", i), dkron.Success, &dkron.ExitCode{}, new(dkron.Usage)))
		m.RanHere(ranCommand("often", dkron.Failed, &dkron.ExitCode{Code: i}, new(dkron.Usage)))
	}
	text := scrape(t, m)
	if n := strings.Count(text, "\ndkron_job_exit_code{"); n != commandLimit {
		t.Errorf("%d jobs have series, want %d", n, commandLimit)
	}
	if n := strings.Count(text, `,job_name="often"}`); n != endingLimit+1 || strings.Contains(text, `job_name="job-0"`) {
		t.Errorf("%d series of exit codes; the job that has not run for the longest time is shown: %t", n, strings.Contains(text, `job_name="job-0"`))
	}
}
