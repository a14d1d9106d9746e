package main

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"dkron/internal/porttest"
)

// watched is a node with the job backup, which checks in.
func watched(t *testing.T) *node {
	t.Helper()
	n := start(t, "s1", nil, "DKRON_SERVER=true", "DKRON_BOOTSTRAP_EXPECT=1")
	eventually(t, "a leader", n.ready)
	answer, err := http.Post("http://"+n.http+"/v1/jobs", "application/json",
		strings.NewReader(`{"name":"backup","schedule":"@manually","executor":"checkin"}`))
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	if answer.StatusCode != 201 {
		t.Fatal(answer.Status)
	}
	return n
}

// runOf is what the tests read of an execution.
type runOf struct {
	Outcome, Error, Output, NodeName string
	ExitCode                         *int      `json:"exit_code"`
	StartedAt                        time.Time `json:"started_at"`
	FinishedAt                       time.Time `json:"finished_at"`
}

func (n *node) get(t *testing.T, path string, into any) {
	t.Helper()
	answer, err := http.Get("http://" + n.http + path)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || json.Unmarshal(text, into) != nil {
		t.Fatalf("%s: %v %s", path, err, text)
	}
}

// last returns how many runs of the job backup have ended, and the last of them.
func (n *node) last(t *testing.T) (int, runOf) {
	t.Helper()
	var all []runOf
	n.get(t, "/v1/jobs/backup/executions?_sort=finished_at&_order=DESC", &all)
	if len(all) == 0 {
		return 0, runOf{}
	}
	return len(all), all[0]
}

func TestACommandIsRunAndReported(t *testing.T) {
	n := watched(t)
	checkin := func(args ...string) (int, string, string) {
		return dkron(append([]string{"checkin", "backup", "--rpc-addr=" + n.rpc}, args...)...)
	}
	marks := t.TempDir()
	script := `echo out; echo err >&2; while [ ! -e ` + marks + `/go ]; do sleep 0.01; done; exit 7`
	ended := make(chan [2]any, 1)
	go func() {
		code, out, err := checkin("--", "sh", "-c", script)
		ended <- [2]any{code, out + "|" + err}
	}()
	eventually(t, "the start", func() bool {
		var job struct {
			Checkin *struct{ From string }
		}
		n.get(t, "/v1/jobs/backup", &job)
		host, _ := os.Hostname()
		return job.Checkin != nil && job.Checkin.From == host
	})
	if err := os.WriteFile(filepath.Join(marks, "go"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if got := <-ended; got != [2]any{7, "out\n|err\n"} {
		t.Errorf("it ended with %v", got)
	}
	count, e := n.last(t)
	if count != 1 || e.Outcome != "failed" || e.ExitCode == nil || *e.ExitCode != 7 || !strings.Contains(e.Output, "out\n") || !strings.Contains(e.Output, "err\n") || !e.FinishedAt.After(e.StartedAt) {
		t.Errorf("%d: %+v", count, e)
	}
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"--", "true"}, 0, ""},
		{[]string{"--", "/no/such/command"}, 127, "/no/such/command"},
		{[]string{"--", marks}, 126, marks},
		{[]string{"--", "sh", "-c", "kill -TERM $$"}, 128 + int(syscall.SIGTERM), "signal: terminated"},
	} {
		before, _ := n.last(t)
		code, out, text := checkin(c.args...)
		after, e := n.last(t)
		if code != c.code || c.says == "" && out+text != "" || after != before+1 || !strings.Contains(e.Error+e.Output, c.says) || e.ExitCode == nil || *e.ExitCode != c.code {
			t.Errorf("%v: exit %d, %q %q, and then %d: %+v", c.args, code, out, text, after-before, e)
		}
	}
}

func TestWithoutACommandTheFlagsAreReported(t *testing.T) {
	n := watched(t)
	file := filepath.Join(t.TempDir(), "log")
	if err := os.WriteFile(file, []byte("3 files\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args    string
		code    int
		says    string
		outcome string // of the run that it reports, if any
	}{
		{"backup --output=" + file, 0, "", "success"},
		{"backup --exit-code=2 --from=db1", 0, "", "failed"},
		{"backup --state=fail --id=x", 0, "", "failed"},
		{"backup --state=success --id=x", 0, "", ""}, // the same report
		{"backup --state=start", 0, "", ""},
		{"backup --state=done", 1, "state must be", ""},
		{"backup --exit-code=many", 1, "exit_code must be", ""},
		{"backup --output=/no/such/file", 1, "--output: ", ""},
		{"none", 1, "there is no job none; create it first", ""},
		{"backup true", 1, "dkron checkin NAME -- COMMAND", ""},
		{"backup --", 1, "dkron checkin NAME -- COMMAND", ""},
		{"-- true", 1, "dkron checkin NAME -- COMMAND", ""},
		{"backup --state=start -- true", 1, "--state is what the command says", ""},
	} {
		before, _ := n.last(t)
		code, out, text := dkron(append([]string{"checkin", "--rpc-addr=" + n.rpc}, strings.Fields(c.args)...)...)
		if code != c.code || out != "" || !strings.Contains(text, c.says) || c.says == "" && text != "" {
			t.Errorf("%s: exit %d, %q %q", c.args, code, out, text)
		}
		after, e := n.last(t)
		if c.outcome == "" && after != before || c.outcome != "" && (after != before+1 || e.Outcome != c.outcome) {
			t.Errorf("%s: %d runs more, %+v", c.args, after-before, e)
		}
	}
	if _, e := n.last(t); e.Outcome != "failed" {
		t.Errorf("%+v", e)
	}
}

func TestASignalIsPassedOnToTheCommand(t *testing.T) {
	n := watched(t)
	up := filepath.Join(t.TempDir(), "up")
	ended := make(chan int, 1)
	go func() {
		code, _, _ := dkron("checkin", "backup", "--rpc-addr="+n.rpc, "--", "sh", "-c", "trap 'echo stopping; exit 9' TERM; touch "+up+"; while :; do sleep 0.01; done")
		ended <- code
	}()
	eventually(t, "the command", func() bool {
		_, err := os.Stat(up)
		return err == nil
	})
	self, err := os.FindProcess(os.Getpid())
	if err == nil {
		err = self.Signal(syscall.SIGTERM)
	}
	if err != nil {
		t.Fatal(err)
	}
	if code := <-ended; code != 9 {
		t.Errorf("exit %d", code)
	}
	if _, e := n.last(t); !strings.Contains(e.Output, "stopping") || e.ExitCode == nil || *e.ExitCode != 9 {
		t.Errorf("%+v", e)
	}
}

// The cluster may just have lost its leader.
func TestAReportWaitsForALeader(t *testing.T) {
	n := start(t, "s1", nil, "DKRON_SERVER=true", "DKRON_BOOTSTRAP_EXPECT=1")
	if code, _, text := dkron("checkin", "backup", "--rpc-addr="+n.rpc); code != 1 || !strings.Contains(text, "there is no job backup") {
		t.Errorf("exit %d, %q", code, text)
	}
}

// The job must run although its watcher is away, and its exit code must be its own.
func TestACommandRunsAlthoughNoServerIsThere(t *testing.T) {
	nobody := "--rpc-addr=" + porttest.Addr(t)
	code, out, text := dkron("checkin", "backup", nobody, "--try-for=100ms", "--", "sh", "-c", "echo ran; exit 3")
	if code != 3 || out != "ran\n" || !strings.Contains(text, "how sh ended is not reported") || !strings.Contains(text, "no node answers") {
		t.Errorf("exit %d, %q %q", code, out, text)
	}
	if code, _, text := dkron("checkin", "backup", nobody, "--try-for=100ms"); code != 1 || !strings.Contains(text, "no node answers") {
		t.Errorf("exit %d, %q", code, text)
	}
}
