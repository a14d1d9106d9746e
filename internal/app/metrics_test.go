package app

import (
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"dkron/internal/config"
	"dkron/internal/porttest"
	"dkron/internal/telemetry"
)

// startNode runs a node with the given settings and returns it, once it has been built.
func measuredNode(t *testing.T, name string, settings ...string) *Node {
	t.Helper()
	env := append([]string{
		"DKRON_NODE_NAME=" + name, "DKRON_DATA_DIR=" + t.TempDir(), "DKRON_BIND_ADDR=" + porttest.Addr(t),
		"DKRON_RPC_PORT=" + porttest.Port(t), "DKRON_HTTP_ADDR=" + porttest.Addr(t), "DKRON_ENABLE_PROMETHEUS=true",
	}, settings...)
	cfg, _, err := config.Load(nil, env, func(string) ([]byte, error) { return nil, fs.ErrNotExist })
	if err != nil {
		t.Fatal(err)
	}
	cfg.PluginDirs = []string{pluginDir(t)}
	n, err := Start(t.Context(), cfg, "1.2.3", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(n.Close)
	return n
}

// pluginDir returns a folder with a plugin, so that there is something to count.
func pluginDir(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "dkron-executor-counted"), []byte("#!/bin/sh\nexit 7\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}

func (n *Node) url() string { return "http://" + n.HTTPAddr() }

// scrape returns the lines of /metrics.
func scrape(t *testing.T, n *Node) string {
	t.Helper()
	code, text := get(n.url() + "/metrics")
	if code != http.StatusOK {
		t.Fatal("/metrics answers", code, text)
	}
	return text
}

// ranServer is a server whose job has run, by schedule and by hand, well and not, and its metrics.
func ranServer(t *testing.T) (*Node, string) {
	t.Helper()
	n := measuredNode(t, "node-under-test", "DKRON_SERVER=true", "DKRON_BOOTSTRAP_EXPECT=1")
	waitFor(t, "the server to be ready", func() bool { code, _ := get(n.url() + "/ready"); return code == http.StatusOK })
	post(n.url()+"/v1/jobs", `{"name":"good","schedule":"@every 1s","executor":"shell","executor_config":{"command":"true"}}`)
	post(n.url()+"/v1/jobs", `{"name":"bad","schedule":"@manually","executor":"shell","executor_config":{"command":"sleep 0.6; false","shell":"true"}}`)
	post(n.url()+"/v1/jobs/bad/run", "")
	get(n.url() + "/v1/jobs/bad")
	var text string
	waitFor(t, "both jobs to have run and been counted", func() bool {
		_, text = get(n.url() + "/metrics")
		return strings.Contains(text, "\ndkron_job_executions_failed_total{job_name=\"bad\"} 1\n") &&
			!strings.Contains(text, "\ndkron_job_executions_succeeded_total{job_name=\"good\"} 0\n")
	})
	return n, text
}

func TestAServerTellsAllThatItCounts(t *testing.T) {
	n, text := ranServer(t)
	for _, s := range n.metrics.Catalog() {
		if !strings.Contains(text, "# TYPE "+s.Name+" "+s.Type+"\n") {
			t.Errorf("%s %s is missing", s.Type, s.Name)
		}
	}
	for _, line := range []string{
		`dkron_job_executions_succeeded_total{job_name="bad"} 0`, `dkron_job_executions_failed_total{job_name="good"} 0`,
		`dkron_executions_total{outcome="failed"} 1`, `dkron_launches_total{cause="manual",state="failed"} 1`,
		`dkron_job_executions_total{exit_code="1",job_name="bad",outcome="failed"} 1`, `dkron_job_execution_done_count{exit_code="1",job_name="bad"} 1`,
		`dkron_job_exit_code{job_name="bad"} 1`, `dkron_job_running{job_name="bad"} 0`, `dkron_agent_attached 1`,
		`dkron_agent_executions_total{outcome="failed"} 1`, `dkron_is_leader 1`, `dkron_leader_terms_total 1`,
		`dkron_nodes_attached 1`, `dkron_members{status="alive"} 1`, `dkron_members{status="failed"} 0`, `dkron_jobs 2`,
		`dkron_scheduler_start 1`, `dkron_agent_event_received_member_join 1`,
		`dkron_grpc_set_job_count 2`, `dkron_build_info{version="1.2.3"} 1`, `dkron_missed_instants_total 0`,
		`dkron_http_requests_total{code="200",method="GET",route="/v1/jobs/{job}"} 1`,
	} {
		if !strings.Contains(text, "\n"+line+"\n") {
			name, _, _ := strings.Cut(line, " ")
			t.Errorf("want %s, have %q", line, regexp.MustCompile("(?m)^"+strings.Split(name, "{")[0]+".*$").FindAllString(text, -1))
		}
	}
	if !regexp.MustCompile(`(?m)^dkron_scheduler_job_add [234]$`).MatchString(text) { // jobs of before the scheduler's start count there again
		t.Error("the scheduler has not counted the jobs that it has")
	}
	if !regexp.MustCompile(`(?m)^dkron_agent_journal_sync_duration_seconds_count [1-9]`).MatchString(text) ||
		!regexp.MustCompile(`(?m)^dkron_state_commit_duration_seconds_count [1-9]`).MatchString(text) {
		t.Error("writes of the journal or of the state are not measured")
	}
	for _, prefix := range []string{"go_goroutines ", "process_open_fds ", "dkron_raft_apply ", "dkron_serf_", "dkron_memberlist_"} {
		if !strings.Contains(text, "\n"+prefix) {
			t.Errorf("nothing begins with %s", prefix)
		}
	}
	host, err := os.Hostname()
	if err == nil && strings.Contains(text, host) || strings.Contains(text, "node-under-test") || strings.Contains(text, "node_under_test") {
		t.Error("the name of the host or the node is in a series")
	}
	lint(t, n, text)
}

// lint reports what Prometheus' linter finds in names that are ours to choose.
func lint(t *testing.T, n *Node, text string) {
	t.Helper()
	problems, err := promlint.New(strings.NewReader(text)).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range n.metrics.Catalog() {
		for _, p := range problems {
			if p.Metric == s.Name && !s.Legacy {
				t.Errorf("%s: %s", p.Metric, p.Text)
			}
		}
	}
}

func TestTheGuideNamesEverySeries(t *testing.T) {
	page, err := os.ReadFile("../../docs/guide/metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	n := measuredNode(t, "n1", "DKRON_SERVER=true", "DKRON_BOOTSTRAP_EXPECT=1")
	known := make(map[string]bool)
	for _, s := range n.metrics.Catalog() {
		known[s.Name] = true
		if row := guideRow(s); !strings.Contains(string(page), "\n"+row+"\n") {
			t.Errorf("docs/guide/metrics.md lacks this row:\n%s", row)
		}
	}
	for _, row := range regexp.MustCompile("(?m)^\\| `(dkron_[A-Za-z_]+)`").FindAllStringSubmatch(string(page), -1) {
		if !known[row[1]] {
			t.Errorf("docs/guide/metrics.md has a row for %s, which is no series", row[1])
		}
	}
	for _, name := range regexp.MustCompile(`dkron_[a-z_]+_(total|seconds|bytes|timestamp)\b`).FindAllString(string(page), -1) {
		if !known[name] {
			t.Errorf("docs/guide/metrics.md speaks of %s, which is no series", name)
		}
	}
}

func guideRow(s telemetry.Series) string {
	labels := ""
	if len(s.Labels) > 0 {
		labels = "`" + strings.Join(s.Labels, "`, `") + "`"
	}
	return fmt.Sprintf("| `%s` | %s | %s | %s |", s.Name, s.Type, labels, s.Help)
}

func TestAnAgentTellsOfItself(t *testing.T) {
	n := measuredNode(t, "n1", "DKRON_SERVER=false")
	if text := scrape(t, n); !strings.Contains(text, "\ndkron_executions_running 0\n") || strings.Contains(text, "dkron_is_leader") {
		t.Error("an agent's metrics are not its own")
	}
	if code, body := get(n.url() + "/health"); code != http.StatusOK || !strings.Contains(body, `"leader":false,"ready":false,"reason":"no leader has a connection`) {
		t.Error("health:", code, body)
	}
	if code, body := get(n.url() + "/ready"); code != http.StatusServiceUnavailable || !strings.Contains(body, "no leader has a connection") {
		t.Error("ready:", code, body)
	}
}

func TestMetricsAreServedOnlyIfAskedFor(t *testing.T) {
	n := measuredNode(t, "n1", "DKRON_SERVER=true", "DKRON_BOOTSTRAP_EXPECT=1", "DKRON_ENABLE_PROMETHEUS=false")
	if code, _ := get(n.url() + "/metrics"); code != http.StatusNotFound {
		t.Errorf("/metrics answers %d, want 404", code)
	}
	var text strings.Builder
	if err := n.metrics.Dump(&text); err != nil || !strings.Contains(text.String(), "\ndkron_jobs 0\n") {
		t.Errorf("a dump has no metrics: %v", err)
	}
}
