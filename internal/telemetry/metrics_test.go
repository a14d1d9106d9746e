package telemetry

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	gometrics "github.com/hashicorp/go-metrics"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"dkron"
)

// scrape returns the text of an answer.
func scrape(t testing.TB, m *Metrics) string {
	t.Helper()
	var text strings.Builder
	if err := m.Dump(&text); err != nil {
		t.Fatal(err)
	}
	return text.String()
}

func (m *Metrics) want(t *testing.T, lines ...string) {
	t.Helper()
	text := "\n" + scrape(t, m)
	for _, line := range lines {
		if !strings.Contains(text, "\n"+line+"\n") {
			name, _, _ := strings.Cut(line, " ")
			t.Errorf("no line %q; of that name there is:%s", line, grep(text, strings.Split(name, "{")[0]))
		}
	}
}

func grep(text, name string) (out string) {
	for _, line := range strings.Split(text, "\n") {
		if strings.HasPrefix(line, name) {
			out += "\n  " + line
		}
	}
	return out
}

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func ended(outcome dkron.Outcome, attempt uint64, late, took time.Duration) *dkron.Execution {
	start := noon.Add(late)
	return &dkron.Execution{Nominal: noon, StartedAt: start, FinishedAt: start.Add(took), Outcome: outcome, Attempt: attempt}
}

func TestExecutionsAreCountedByOutcomeAndMeasured(t *testing.T) {
	m := NewMetrics("devel")
	m.ExecutionsEnded([]*dkron.Execution{
		ended(dkron.Success, 1, 20*time.Millisecond, 2*time.Second),
		ended(dkron.Failed, 1, -time.Millisecond, time.Second), // the node's clock is behind
		ended(dkron.Success, 2, time.Minute, time.Second),      // a retry is late on purpose
		ended(dkron.Lost, 1, time.Hour, time.Hour),             // nobody knows when it started
	})
	m.want(t,
		`dkron_executions_total{outcome="success"} 2`, `dkron_executions_total{outcome="failed"} 1`,
		`dkron_executions_total{outcome="lost"} 1`, `dkron_executions_total{outcome="stopped"} 0`,
		`dkron_execution_lateness_seconds_count 2`, `dkron_execution_lateness_seconds_sum 0.02`,
		`dkron_execution_duration_seconds_count 3`, `dkron_execution_duration_seconds_sum 4`)
}

func TestOneMissedLaunchCoversAllItsInstants(t *testing.T) {
	m := NewMetrics("devel")
	m.LaunchesEnded([]*dkron.Launch{
		{Cause: dkron.CauseCatchup, State: dkron.LaunchMissed, Count: 599},
		{Cause: dkron.CauseSchedule, State: dkron.LaunchSkipped},
		{Cause: dkron.CauseManual, State: dkron.LaunchSuccess},
	})
	m.want(t,
		`dkron_missed_instants_total 599`, `dkron_launches_total{cause="catchup",state="missed"} 1`,
		`dkron_launches_total{cause="schedule",state="skipped"} 1`, `dkron_launches_total{cause="manual",state="success"} 1`,
		`dkron_launches_total{cause="parent",state="lost"} 0`)
}

func TestLaunchesOfRerunsAreCountedToo(t *testing.T) {
	m := NewMetrics("devel")
	m.ReadReruns(func() (RerunFigures, error) { return RerunFigures{Open: 1, Pending: 40, Gone: 2}, nil })
	m.LaunchesEnded([]*dkron.Launch{
		{Cause: dkron.CauseManual, State: dkron.LaunchFailed, Rerun: 3},
		{Cause: dkron.CauseManual, State: dkron.LaunchSkipped, Rerun: 3},
		{Cause: dkron.CauseManual, State: dkron.LaunchFailed},
	})
	m.RerunFailed()
	m.want(t,
		`dkron_launches_total{cause="manual",state="failed"} 2`, `dkron_rerun_launches_total{state="failed"} 1`,
		`dkron_rerun_launches_total{state="skipped"} 1`, `dkron_rerun_launches_total{state="success"} 0`,
		`dkron_reruns_open 1`, `dkron_rerun_launches_pending 40`, `dkron_rerun_launches_gone 2`, `dkron_rerun_failures_total 1`)
}

func TestPluginsOfANodeAreReadTogether(t *testing.T) {
	m, reads := NewMetrics("devel"), 0
	m.ReadPlugins(func(add func(string, string, PluginFigures)) {
		reads++
		add("executor", "hello", PluginFigures{Up: true, Restarts: 2, Executions: 3, Memory: 4096, Version: "1.2.3", State: "running"})
		add("executor", "broken", PluginFigures{Restarts: 1})
	})
	m.want(t,
		`dkron_plugin_up{kind="executor",plugin="hello"} 1`, `dkron_plugin_up{kind="executor",plugin="broken"} 0`,
		`dkron_plugin_restarts_total{kind="executor",plugin="hello"} 2`, `dkron_plugin_executions{kind="executor",plugin="hello"} 3`,
		`dkron_plugin_memory_bytes{kind="executor",plugin="hello"} 4096`, `dkron_plugin_info{kind="executor",plugin="hello",state="running",version="1.2.3"} 1`)
	if reads != 1 {
		t.Errorf("one scrape read the plugins %d times", reads)
	}
}

func TestAProposalThatWasNotMadeHasNoLatency(t *testing.T) {
	m := NewMetrics("devel")
	m.Proposed(false, nil, 2*time.Second)
	m.Proposed(true, nil, time.Second)
	m.Proposed(false, dkron.ErrNoLeader, time.Hour)
	m.want(t,
		`dkron_proposals_total{fate="applied"} 1`, `dkron_proposals_total{fate="no_leader"} 1`,
		`dkron_proposal_duration_seconds_count 2`, `dkron_proposal_duration_seconds_sum 3`)
}

func TestBatchesAreMeasuredOnceAndTheirContentsCounted(t *testing.T) {
	m := NewMetrics("devel")
	m.Fired([]dkron.Due{{Cause: dkron.CauseSchedule}, {Cause: dkron.CauseSchedule}, {Cause: dkron.CauseCatchup, Missed: 5}})
	results := make([]dkron.Result, 2048)
	results[0] = dkron.Result{Outcome: dkron.Lost, FinishedAt: noon}
	m.Gathered(results, time.Second)
	m.want(t,
		`dkron_scheduler_due_total{cause="schedule"} 2`, `dkron_scheduler_due_total{cause="catchup"} 1`,
		`dkron_scheduler_batch_jobs_bucket{le="1"} 0`, `dkron_scheduler_batch_jobs_bucket{le="4"} 1`,
		`dkron_dispatch_results_total 2048`, `dkron_dispatch_batch_results_bucket{le="2048"} 1`,
		`dkron_grpc_execution_done_count 2048`, `dkron_grpc_client_agent_run_count 2047`) // nobody knows how long a lost one ran
}

// fleet is jobs of a state.
type fleet []Job

func (f *fleet) each(add func(Job) bool) {
	for _, j := range *f {
		if !add(j) {
			return
		}
	}
}

func TestJobCountersAreWhatTheStateSays(t *testing.T) {
	m, f := NewMetrics("devel"), &fleet{{Name: "a", Number: 1, Succeeded: 3, Failed: 1, LastSuccess: noon}, {Name: "b", Number: 2}}
	m.ReadJobs(f.each)
	m.want(t,
		`dkron_job_executions_succeeded_total{job_name="a"} 3`, `dkron_job_executions_failed_total{job_name="a"} 1`,
		`dkron_job_last_success_timestamp_seconds{job_name="a"} 1.7954352e+09`,
		`dkron_job_executions_failed_total{job_name="b"} 0`, `dkron_jobs_without_series 0`)
	*f = (*f)[1:]
	if text := scrape(t, m); strings.Contains(text, `job_name="a"`) || strings.Contains(text, `last_success_timestamp_seconds{job_name="b"`) {
		t.Error("a deleted job, or a success that never was, has a series")
	}
}

func TestALargeFleetHasABoundedNumberOfSeriesAndTheyStay(t *testing.T) {
	m, f := NewMetrics("devel"), new(fleet)
	for i := range 100_000 { // in order of name, which is not that of creation
		*f = append(*f, Job{Name: fmt.Sprintf("job-%06d", i), Number: uint64(100_000 - i), Succeeded: 1})
	}
	m.ReadJobs(f.each)
	text := scrape(t, m)
	if n := strings.Count(text, "\ndkron_job_executions_succeeded_total{"); n != JobLimit {
		t.Errorf("%d jobs have series, want %d", n, JobLimit)
	}
	if n := strings.Count(text, "\n"); n > 5*JobLimit {
		t.Errorf("the answer has %d lines", n)
	}
	m.want(t, `dkron_jobs_without_series 95000`, `dkron_job_executions_succeeded_total{job_name="job-099999"} 1`)
	*f = append(*f, Job{Name: "newer", Number: 200_000, Succeeded: 1})
	m.want(t, `dkron_job_executions_succeeded_total{job_name="job-095000"} 1`, `dkron_jobs_without_series 95001`)
}

func TestOurNamesAndHelpTextsAreAsPrometheusWantsThem(t *testing.T) {
	m := NewMetrics("devel")
	m.ReadJobs(new(fleet).each)
	m.Requested("/v1/jobs", "GET", 200, time.Second)
	problems, err := promlint.New(strings.NewReader(scrape(t, m))).Lint()
	if err != nil {
		t.Fatal(err)
	}
	ours := make(map[string]bool)
	for _, s := range m.Catalog() {
		if ours[s.Name] = !s.Legacy; s.Help == "" || s.Type == "" {
			t.Errorf("%s has no help or no type", s.Name)
		}
	}
	for _, p := range problems {
		if ours[p.Metric] {
			t.Errorf("%s: %s", p.Metric, p.Text)
		}
	}
}

// gauges that a real node reads are checked in package app, where they are made.
func TestEverySeriesOfTheCatalogIsThere(t *testing.T) {
	m, f := NewMetrics("devel"), &fleet{{Name: "a", LastSuccess: noon}}
	(*f)[0].Number = 1
	m.ReadJobs(f.each)
	m.SendTo()()
	m.ExecutionsEnded([]*dkron.Execution{{JobName: "a", JobNumber: 1, Outcome: dkron.Success}})
	m.Requested("/v1/jobs", "GET", 200, time.Second)
	m.RequestDone("SetJob", time.Second, true)
	m.RanHere(ranCommand("a", dkron.Success, nil, &dkron.Usage{MaxRSS: 1}))
	text, names := scrape(t, m), []string(nil)
	for _, s := range m.Catalog() {
		names = append(names, s.Name)
		if !strings.Contains(text, "# TYPE "+s.Name+" "+s.Type+"\n") {
			t.Errorf("%s %s is missing", s.Type, s.Name)
		}
	}
	for _, line := range strings.Split(text, "\n") {
		name, ok := strings.CutPrefix(line, "# TYPE dkron_")
		if name = "dkron_" + strings.Split(name, " ")[0]; ok && !slices.Contains(names, name) {
			t.Errorf("%s is not in the catalog", name)
		}
	}
}

func TestNoSeriesOfTheLibrariesHasAHostName(t *testing.T) {
	m := NewMetrics("devel")
	if err := m.TakeLibraries(); err != nil {
		t.Fatal(err)
	}
	gometrics.IncrCounter([]string{"raft", "apply"}, 1)
	gometrics.SetGauge([]string{"raft", "peers"}, 3)
	m.want(t, "dkron_raft_apply 1", "dkron_raft_peers 3")
	if host, err := os.Hostname(); err == nil && strings.Contains(scrape(t, m), host) {
		t.Error("the host's name is in a series")
	}
}

func TestAnErrorLeavesOutOneReadingOnly(t *testing.T) {
	m := NewMetrics("devel")
	m.Read(func() ([]float64, error) { return []float64{0}, os.ErrClosed }, Series{Name: "dkron_broken", Type: Gauge, Help: "It."})
	m.Read(func() ([]float64, error) { return []float64{7}, nil }, Series{Name: "dkron_whole", Type: Gauge, Help: "It."})
	m.want(t, "dkron_whole 7")
	if strings.Contains(scrape(t, m), "dkron_broken") {
		t.Error("what can't be read has a value")
	}
}

func BenchmarkScrape(b *testing.B) {
	for _, jobs := range []int{100, 5000, 100_000} {
		b.Run(fmt.Sprint(jobs), func(b *testing.B) {
			m, f := NewMetrics("devel"), new(fleet)
			for i := range jobs {
				*f = append(*f, Job{Name: fmt.Sprintf("job-%06d", i), Number: uint64(i), LastSuccess: noon})
			}
			m.ReadJobs(f.each)
			for b.Loop() {
				scrape(b, m)
			}
		})
	}
}

// BenchmarkEnded is what counting adds to recording a batch of 1,000 results, after the commit.
func BenchmarkEnded(b *testing.B) {
	m := NewMetrics("devel")
	executions, launches := make([]*dkron.Execution, 1000), make([]*dkron.Launch, 1000)
	for i := range executions {
		executions[i] = ended(dkron.Success, 1, time.Duration(i)*time.Millisecond, time.Second)
		launches[i] = &dkron.Launch{Cause: dkron.CauseSchedule, State: dkron.LaunchSuccess}
	}
	b.ReportAllocs()
	for b.Loop() {
		m.ExecutionsEnded(executions)
		m.LaunchesEnded(launches)
	}
}

// BenchmarkGathered is what counting adds on the leader to a batch of 1,000 results.
func BenchmarkGathered(b *testing.B) {
	m := NewMetrics("devel")
	b.ReportAllocs()
	results := make([]dkron.Result, 1000)
	for i := 0; b.Loop(); i++ {
		for j := range results {
			results[j].FinishedAt = results[j].StartedAt.Add(time.Duration(i * 7919 % 1000 * j))
		}
		m.Gathered(results, time.Duration(i))
	}
}
